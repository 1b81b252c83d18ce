"""The themes of a discussion: a few comments' sentences that between them speak for most of the others.

Each sentence that can be read alone is a candidate; it covers a comment as far as they share words that several people
use. Candidates are added one by one, each time the one that covers most of what is not covered yet (facility location,
solved greedily; Nemhauser, Wolsey and Fisher 1978, with lazy evaluation after Minoux 1978). New authors and new
branches are preferred. The text of a comment never tells who wrote it: the span does.
"""

import re
from collections import Counter
from functools import cache
from heapq import heapify, heappop, heappush
from math import fsum, sqrt
from typing import NamedTuple

from curta.messages import Span
from curta.models.extractive.legible import clarity, is_question, is_whole, speaks_for_another, stands_alone
from curta.models.extractive.question import Pick
from curta.models.extractive.reading import Reading, Sentence
from curta.models.extractive.weights import Vector, Weights
from curta.text.terms import length

OF_PARENT = 0.5
OF_BRANCH = 0.25
MOST_COMMENTS = 100  # and no theme needs a term of more
SUBJECT = 25  # terms that tell what a comment is about
COMMONEST = 4  # a term in more than a quarter of the comments tells no themes apart
AUTHOR_AGAIN = 0.4
BRANCH_AGAIN = 0.7
NEARER = 0.08  # what less than this is shared is chance
OPINION = 1.25
OPENING = 1.1
TECHNICAL = 0.7  # for names of commands and files
# A discussion has a lead when so many comments, and so great a share of all, hang under one at the top.
LEAD_REPLIES = 3
LEAD_SHARE = 0.08
LATER = 0.05  # for each comment at the top before it
# What each doubling of the replies to a comment adds to it.
REPLIES = 0.05
SUBSTANTIAL = 8  # terms; a sentence of fewer is near to many comments by chance


class Comment(NamedTuple):
    """What one person wrote at one place of the discussion. branch: the number of the top comment it hangs under."""

    span: Span
    sentences: list[Sentence]
    parent: int | None
    branch: int

    @property
    def terms(self) -> list[str]:
        return [
            term for sentence in self.sentences if sentence.kind not in ("quoted", "code") for term in sentence.terms
        ]


class Candidate(NamedTuple):
    """A sentence that may stand for a theme. covers: by how much it covers each comment."""

    sentence: Sentence
    comment: Comment
    covers: dict[int, float]
    fitness: float


def themes(reading: Reading, sentences: list[Sentence], count: int) -> list[Pick]:
    """At most `count` sentences of one discussion."""
    comments = _comments(sentences)
    contexts = _contexts(comments)
    candidates = _candidates(reading, comments, contexts)
    lead = _lead(comments, candidates, _replies(comments))
    return [Pick(candidate.sentence, 1.0) for candidate in _cover(candidates, _voices(comments), count, lead)]


def _comments(sentences: list[Sentence]) -> list[Comment]:
    """The comments in order; a reply finds its parent by locator, or else by depth."""
    found: list[Comment] = []
    by_locator: dict[str, int] = {}
    open_at: dict[int, int] = {}
    for sentence in sentences:
        span = sentence.span
        if span is None or not span.author:
            continue
        if found and found[-1].span == span:
            found[-1].sentences.append(sentence)
            continue
        parent = by_locator.get(span.parent or "", open_at.get(span.depth - 1) if not span.parent else None)
        branch = found[parent].branch if parent is not None else len(found)
        open_at[span.depth] = len(found)
        if span.locator:
            by_locator[span.locator] = len(found)
        found.append(Comment(span, [sentence], parent, branch))
    return found


# What a comment is about


def _contexts(comments: list[Comment]) -> list[Vector]:
    """The subject of each comment: its words that several people use, and some of those it replies to."""
    words = [comment.terms for comment in comments]
    shared = _shared(comments, words)
    weights = Weights(words)
    own = [weights.vector([term for term in said if term in shared]) for said in words]
    return [_context(comment, i, own) for i, comment in enumerate(comments)]


def _shared(comments: list[Comment], words: list[list[str]]) -> set[str]:
    """Terms of at least two authors that are not in every other comment."""
    pairs = {(term, comment.span.author) for comment, said in zip(comments, words, strict=True) for term in said}
    authors = Counter(term for term, _ in pairs)
    often = Counter(term for said in words for term in set(said))
    most = max(2, min(len(comments) // COMMONEST, MOST_COMMENTS))
    return {term for term, count in authors.items() if count > 1 and often[term] <= most}


def _context(comment: Comment, i: int, own: list[Vector]) -> Vector:
    parts = [(1.0, own[i])]
    if comment.parent is not None:
        parts.append((OF_PARENT, own[comment.parent]))
        parts.append((OF_BRANCH, own[comment.branch]))
    mixed: Vector = {}
    for weight, vector in parts:
        for term, value in vector.items():
            mixed[term] = mixed.get(term, 0.0) + weight * value
    subject = sorted(mixed.items(), key=lambda item: (-item[1], item[0]))[:SUBJECT]
    norm = sqrt(fsum(value * value for _, value in subject))
    return {term: value / norm for term, value in subject} if norm else {}


def _voices(comments: list[Comment]) -> list[float]:
    """How much each comment counts: somebody who writes often does not outvote the others."""
    often = Counter(comment.span.author for comment in comments)
    return [1 / sqrt(often[comment.span.author]) for comment in comments]


def _replies(comments: list[Comment]) -> list[int]:
    """How many comments hang under each, at any depth."""
    below = [0] * len(comments)
    for i in range(len(comments) - 1, -1, -1):
        parent = comments[i].parent
        if parent is not None:
            below[parent] += 1 + below[i]
    return below


def _lead(comments: list[Comment], candidates: list[Candidate], replies: list[int]) -> Candidate | None:
    """What begins the comment at the top that most replies hang under, the earlier ones counting for more.

    None where no such comment is answered by a good part of the discussion.
    """
    openings: dict[int, Candidate] = {}
    for candidate in candidates:
        if len(set(candidate.sentence.terms)) >= SUBSTANTIAL:
            openings.setdefault(candidate.comment.span.start, candidate)
    tops = [i for i, comment in enumerate(comments) if comment.parent is None]
    enough = max(LEAD_REPLIES, LEAD_SHARE * len(comments))
    weight = {
        i: replies[i] / (1 + LATER * place)
        for place, i in enumerate(tops)
        if replies[i] >= enough and comments[i].span.start in openings
    }
    first = max(weight, key=lambda i: (weight[i], -i), default=None)
    return None if first is None else openings[comments[first].span.start]


# What can stand for a theme


def _candidates(reading: Reading, comments: list[Comment], contexts: list[Vector]) -> list[Candidate]:
    authors = frozenset((comment.span.author or "").casefold() for comment in comments)
    postings: dict[str, list[tuple[int, float]]] = {}
    for i, context in enumerate(contexts):
        for term, value in context.items():
            postings.setdefault(term, []).append((i, value))
    weights = Weights(comment.terms for comment in comments)
    strict = [(comment, s) for comment in comments for s in comment.sentences if _is_candidate(reading, s, authors)]
    pool = strict or [
        (comment, s) for comment in comments for s in comment.sentences if _is_fallback(reading, s, authors)
    ]
    replies = _replies(comments)
    standing = {
        c.span.start: 1 + REPLIES * (1 + below).bit_length() for c, below in zip(comments, replies, strict=True)
    }
    return [
        Candidate(
            sentence,
            comment,
            _covers(weights.vector(sentence.terms), postings),
            _fitness(reading, comment, sentence) * standing[comment.span.start],
        )
        for comment, sentence in pool
    ]


def _is_candidate(reading: Reading, sentence: Sentence, authors: frozenset[str]) -> bool:
    text = reading.text(sentence)
    return (
        stands_alone(reading, sentence)
        and not _patterns().pasted.search(text)
        and not speaks_for_another(text, authors)
    )


def _is_fallback(reading: Reading, sentence: Sentence, authors: frozenset[str]) -> bool:
    """Where nobody writes whole sentences: whatever is theirs and says something."""
    text = reading.text(sentence)
    own = sentence.kind not in ("quoted", "code") and not is_question(text) and not speaks_for_another(text, authors)
    return own and bool(sentence.terms) and (is_whole(text) or length(text) > 2)


def _covers(vector: Vector, postings: dict[str, list[tuple[int, float]]]) -> dict[int, float]:
    found: dict[int, float] = {}
    for term, value in vector.items():
        for i, other in postings.get(term, ()):
            found[i] = found.get(i, 0.0) + value * other
    return {i: round(value - NEARER, 9) for i, value in found.items() if value > NEARER}


def _fitness(reading: Reading, comment: Comment, sentence: Sentence) -> float:
    text = reading.text(sentence)
    fitness = OPINION if _patterns().opinion.search(text) else 1.0
    fitness *= clarity(text, reading.languages[sentence.source]) * min(1.0, len(set(sentence.terms)) / SUBSTANTIAL)
    if "`" in text:
        fitness *= TECHNICAL
    return fitness * OPENING if sentence is comment.sentences[0] else fitness


class _Patterns(NamedTuple):
    pasted: re.Pattern[str]
    opinion: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    return _Patterns(
        pasted=re.compile(r"https?://|www\.|\bwrote:|^\s*(?:edit|update|ps|source|disclaimer)\b", re.IGNORECASE),
        opinion=re.compile(
            r"\b(?:should|shouldn.t|must|never|always|better|worse|best|worst|problem|matters?|wrong|right|agree"
            r"|disagree"
            r"|prefer|need|think|believe|because|rather|instead|only|too|than|cannot|can.t|don.t|won.t|useful"
            r"|useless|easier"
            r"|harder|risk|cheap|expensive|trust|mistake)\b",
            re.IGNORECASE,
        ),
    )


# Choosing


def _cover(candidates: list[Candidate], voices: list[float], count: int, lead: Candidate | None) -> list[Candidate]:
    """The candidates that together cover most, chosen one by one, `lead` first."""
    covered: dict[int, float] = {}
    chosen: list[Candidate] = []

    def gain(candidate: Candidate) -> float:
        new = fsum(voices[i] * max(0.0, value - covered.get(i, 0.0)) for i, value in candidate.covers.items())
        again = [other.comment for other in chosen]
        author = AUTHOR_AGAIN ** sum(other.span.author == candidate.comment.span.author for other in again)
        branch = BRANCH_AGAIN ** sum(other.branch == candidate.comment.branch for other in again)
        return round(new * candidate.fitness * author * branch, 9)

    if lead:
        chosen.append(lead)
        covered.update(lead.covers)
    heap = [(-gain(candidate), i) for i, candidate in enumerate(candidates)]
    heapify(heap)
    while heap and len(chosen) < count:
        _, i = heappop(heap)
        now = -gain(candidates[i])
        if heap and (now, i) > heap[0]:
            heappush(heap, (now, i))
            continue
        if candidates[i] is lead:
            continue
        chosen.append(candidates[i])
        for comment, value in candidates[i].covers.items():
            covered[comment] = max(covered.get(comment, 0.0), value)
    return chosen
