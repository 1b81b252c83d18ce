"""Where a quotation that is not in the sources comes from: the closest stretch of one author's text, compared by words.

Rare words of the quotation vote for the place; the best windows are aligned word by word with free ends. The score only
says whether the place is shown. It never accepts a quotation.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from curta.quotes.languages import is_critical
from curta.quotes.source import Match, Sources, fold_author
from curta.quotes.tokens import token_pattern, word_pattern

LOCATED = 0.45
_CERTAIN = 0.8  # no better place is looked for
_BUCKET = 48  # characters
_VOTES = 1000
_WINDOWS = 4
_LONGEST = 400  # tokens compared

Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aligned:
    """The stretch a quotation resembles. diff: (quoted words, source words) where they differ, in order."""

    match: Match
    diff: tuple[tuple[Words, Words], ...]
    score: float


class _Token(NamedTuple):
    text: str
    start: int
    end: int


class _Edit(NamedTuple):
    """`quoted[a:b]` stands for `source[c:d]`."""

    equal: bool
    a: int
    b: int
    c: int
    d: int


def align(words: str, sources: Sources, author: str | None) -> Aligned | None:
    """The best stretch for a quotation's normalised words, of the claimed author's among equals; None below LOCATED."""
    quoted = [token for token, _ in zip(_tokens(words, 0, len(words)), range(_LONGEST), strict=False)]
    best: Aligned | None = None
    for low, high in dict.fromkeys(_windows(words, sources)):
        found = _compare(quoted, sources, low, high)
        if found and (best is None or _rank(found, sources, author) > _rank(best, sources, author)):
            best = found
        if best and best.score > _CERTAIN and (author is None or _is_by(best, sources, author)):
            break
    return best


def _rank(aligned: Aligned, sources: Sources, author: str | None) -> tuple[float, bool]:
    return aligned.score, _is_by(aligned, sources, author)


def _is_by(aligned: Aligned, sources: Sources, author: str | None) -> bool:
    name = sources.piece_at(aligned.match.start).span.author
    return bool(author and name) and fold_author(name or "") == fold_author(author or "")


def _tokens(text: str, low: int, high: int) -> Iterator[_Token]:
    return (_Token(match[0], match.start(), match.end()) for match in token_pattern().finditer(text, low, high))


def _windows(words: str, sources: Sources) -> Iterator[tuple[int, int]]:
    """The stretches of the sources' text that most words of the quotation point to, each inside one piece."""
    votes = _votes(words, sources)
    most = [bucket for bucket, _ in votes.most_common(4 * _WINDOWS)]
    most.sort(key=lambda bucket: (-votes[bucket] - votes.get(bucket + 1, 0), bucket))
    for bucket in most[:_WINDOWS]:
        start = bucket * _BUCKET
        low, high = start - 64, start + _BUCKET + len(words) + len(words) // 4 + 100
        for piece in sources.pieces_between(start, start + _BUCKET + len(words))[:_WINDOWS]:
            yield max(piece.begin, low), min(piece.end, high)


def _votes(words: str, sources: Sources) -> Counter[int]:
    """How many words point to each start, counted in buckets; rare words first, until _VOTES are cast."""
    votes: Counter[int] = Counter()
    left = _VOTES
    places = [(sources.words.get(match[0], []), match.start()) for match in word_pattern().finditer(words)]
    for found, offset in sorted(places, key=lambda place: len(place[0])):
        if left <= 0:
            break
        votes.update([(position - offset) // _BUCKET for position in found[:left]])
        left -= len(found)
    return votes


def _compare(quoted: list[_Token], sources: Sources, low: int, high: int) -> Aligned | None:
    source = list(_tokens(sources.text, low, high))
    edits = _edits([token.text for token in quoted], [token.text for token in source])
    if not edits:
        return None
    same = sum(edit.b - edit.a for edit in edits if edit.equal)
    score = 2 * same / (len(quoted) + edits[-1].d - edits[0].c)
    if score < LOCATED or edits[0].c >= edits[-1].d:
        return None
    match = Match(source[edits[0].c].start, source[edits[-1].d - 1].end)
    diff = [(_texts(quoted[e.a : e.b]), _texts(source[e.c : e.d])) for e in edits if not e.equal]
    return _whole(Aligned(match, tuple(diff), score), sources)


def _texts(tokens: list[_Token]) -> Words:
    return tuple(token.text for token in tokens)


def _edits(quoted: list[str], source: list[str]) -> list[_Edit]:
    """The alignment of two lists of words, without the source words before and after the quotation."""
    from difflib import SequenceMatcher

    codes = SequenceMatcher(None, quoted, source, autojunk=False).get_opcodes()
    edits = [_Edit(tag == "equal", a, b, c, d) for tag, a, b, c, d in codes]
    while edits and edits[0].a == edits[0].b:
        edits.pop(0)
    while edits and edits[-1].a == edits[-1].b:
        edits.pop()
    if edits and not edits[0].equal:
        edits[0] = edits[0]._replace(c=max(edits[0].c, edits[0].d - (edits[0].b - edits[0].a)))
    if edits and not edits[-1].equal:
        edits[-1] = edits[-1]._replace(d=min(edits[-1].d, edits[-1].c + (edits[-1].b - edits[-1].a)))
    return edits


def _whole(aligned: Aligned, sources: Sources) -> Aligned:
    """With ends that cut nothing: `toxic` of `non-toxic` becomes the whole word, and a difference."""
    start, end = aligned.match
    piece = sources.piece_at(start)
    while start > piece.begin and (sources.cuts(start, begins=True) or sources.text[start] == "-"):
        start -= 1
    while end < piece.end and sources.cuts(end, begins=False):
        end += 1
    before, after = sources.text[start : aligned.match.start], sources.text[aligned.match.end : end]
    diff = [*([((), (before,))] if before else []), *aligned.diff, *([((), (after,))] if after else [])]
    return Aligned(Match(start, end), tuple(diff), aligned.score)


def is_misspelt(quoted: Words, source: Words) -> bool:
    """Whether one letter is wrong in one word of five letters or more: no number, no negation, no mere plural."""
    if len(quoted) != 1 or len(source) != 1 or is_critical(quoted[0]) or is_critical(source[0]):
        return False
    short, long = sorted((quoted[0], source[0]), key=len)
    if len(short) < 5 or len(long) - len(short) > 1 or long == short + "s":
        return False
    i = next((k for k in range(len(short)) if short[k] != long[k]), len(short))
    return short[i + (len(short) == len(long)) :] == long[i + 1 :]
