"""The sentences that answer a question, or none.

An answer often stands next to the sentence that holds the question's words, so a sentence is scored by BM25, by its
neighbours, and by how much of the question is found around it (the coverage of its window). Where no window covers
`need` of the question, the text does not speak of it, and nothing is quoted.
"""

import re
from bisect import bisect_left
from collections import Counter
from itertools import pairwise
from math import fsum
from typing import NamedTuple

from curta.models.extractive.kinds import Kind, of_the_asking, wanted
from curta.models.extractive.legible import is_question, is_whole, speaks_for_another
from curta.models.extractive.reading import Reading, Sentence
from curta.models.extractive.speech import torn, whole
from curta.models.extractive.weights import Weights, similarity
from curta.text.stopwords import STOP_WORDS
from curta.text.terms import is_unspaced, language, length, terms, words

# BM25 (Robertson and Zaragoza 2009), and what words add that stand together in the question and in a sentence.
K1, B = 1.2, 0.75
ADJACENT = 1.5
# What a sentence gets of the score of the one beside it, of the second before it, of the heading above it.
NEIGHBOUR = 0.35
BEFORE_LAST = 0.7
UNDER_HEADING = 0.35
# What a sentence of the wanted kind gets, as a share of the best score.
OF_THE_KIND = 0.6
# A word that the text does not hold counts less than one it might have held; a bigram of letters tells hardly anything.
UNKNOWN = 0.7
UNKNOWN_BIGRAM = 0.25
# An unknown word of PREFIX letters or more is taken for one that differs in at most ENDING letters at the end.
PREFIX = 5
ENDING = 3
# Languages that write compounds as one word, and the least letters of a part that is recognised.
COMPOUNDING = ("de", "nl")
PART = 5
# What an everyday verb counts, and a word that only sets the kind of the answer: that one adds to a score, no more.
EVERYDAY_VERB = 0.4
ADVERB = 6  # letters of an English word in -ly that is taken for one
AFTER_A_PRONOUN = 0.9
HINT = 0.3
# What a sentence counts that holds half of a long quotation.
TORN = 0.9
# Where the wanted kind stands in a sentence with words of the question, this share of `need` will do.
RELAXED = 0.85
# A sentence of at most so many words, beside the best one, is quoted when only it holds the wanted kind.
SHORT = 30
# How fast a word counts less, the more sentences away it stands; and the least it counts.
FADING = 0.2
FAINTEST = 0.2
# Sentences under this share of the best score are left out.
CUT = 0.3
# Where one sentence holds this share of the question, sentences without any word of it are no help.
COMPLETE = 0.7
# How much a new quotation has to differ from those chosen, and among how many it is chosen.
NOVELTY = 0.2
CONSIDERED = 40
# An author's name in more sentences than this is a word of the texts.
MENTIONS = 3


# Verbs and adjectives that say little of what a question is about.
EVERYDAY = frozenset(
    """
    make made makes making get gets got getting take takes took taken give gives gave given put puts use used uses go
    goes went gone come comes came keep kept have having receive received need needs needed want wants wanted stop live
    lives lived do does done work works leave left find found happen happened become became
    last lasts lasted new old neu neue neuen neuer neues alte alten alter nouveau nouvelle nouveaux
    machen macht gemacht bekommen bekommt bekam nehmen nimmt geben gibt gehen geht kommen kommt brauchen braucht
    lassen lässt findet finden stattfinden
    faire prendre prend donner donne mettre met aller venir avoir recevoir lieu faut
    """.split()
)
HEADING_WORDS = frozenset(
    "chapter chapters heading headings title titles titled section sections kapitel überschrift titel abschnitt "
    "chapitre titre título capítulo titolo capitolo hoofdstuk".split()
)
PRONOUNS = frozenset("i you we they he she one ich du wir sie man je tu nous vous on ils elles".split())


class Pick(NamedTuple):
    """A sentence chosen, and how well it fits (1 is the best of the answer)."""

    sentence: Sentence
    score: float


class Answer(NamedTuple):
    """coverage: the greatest share of the question's weight found in one place, 0 to 1.

    asked: whether the question names anything at all.
    """

    picks: list[Pick]
    coverage: float
    asked: bool = True


# Words of a question that speak of the text or of the asking, and name no topic.
GENERIC = frozenset(
    """
    text document article passage author chapter thread discussion comment comments according mention mentioned mentions
    describe described tell told find quote quotes show list give given explain state stated discuss discussed happen
    happened happens think thinks thought people somebody anyone opinion opinions
    dokument artikel autor kapitel laut erwähnt beschreibt passiert passierte leute meinung finde zeige
    texte auteur chapitre selon gens avis trouve cite
    texto autor documento capítulo según gente opinión testo autore capitolo secondo tekst volgens
    """.split()
)


def answer(reading: Reading, question: str, *, quotes: int, need: float, window: int) -> Answer:
    """The sentences of `reading` that answer `question`, at most `quotes`, in the order of the text.

    need: the share of the question's weight that has to be found in one window, 0 to 1.
    window: how many sentences before and after belong to a sentence's window.
    """
    weights = Weights(sentence.terms for sentence in reading.sentences)
    asked = {code: _asked(question, code, weights) for code in dict.fromkeys(reading.languages)}
    if not any(found.topic for found in asked.values()):
        return Answer([], 0.0, asked=False)
    search = _Search(reading, weights, asked, window)
    kind = wanted(question)
    best = max(search.coverage.values(), default=0.0)
    if best < need and not (kind and kind.told and search.is_told(kind, RELAXED * need)):
        return Answer([], best)
    scores = search.scores(kind)
    if not _asks_for_headings(question):
        scores = _without_headings(reading, scores)
    picks = _pick(search, scores, quotes)
    if kind and kind.told:
        picks = _with_the_kind(search, picks, kind, quotes)
    return Answer(whole_picks(reading, picks), best)


def names_a_topic(question: str) -> bool:
    """Whether a question names more than the text, its authors and the asking."""
    code = language(question)
    return any(word not in GENERIC and terms(word, code) for word in words(question))


def authors_named(reading: Reading, question: str) -> dict[str, str]:
    """The authors whose names stand in the question, each with the name as it stands there.

    A name that is also a word of the texts names nobody.
    """
    known = {s.span.author: reading.languages[s.source] for s in reading.sentences if s.span and s.span.author}
    found: dict[str, str] = {}
    folded = question.casefold()
    for author, code in known.items():
        if author.casefold() not in folded:
            continue
        named = re.search(rf"(?<!\w){re.escape(author)}(?!\w)", question, re.IGNORECASE)
        if named and sum(set(terms(author, code)) <= set(s.terms) for s in reading.sentences) <= MENTIONS:
            found[author] = named.group()
    return found


class _Asked(NamedTuple):
    """What a question asks about, as terms of a text in one language.

    topic: the terms that name it, in order. share: of each term of the question, how much of its weight it counts;
    the terms that only set the kind of the answer are here alone.
    """

    topic: list[str]
    share: dict[str, float]


def _asked(question: str, code: str | None, weights: Weights) -> _Asked:
    own = language(question)
    ignored = frozenset(STOP_WORDS.get(own or "", "").split()) if own != code else frozenset[str]()
    said = words(question)
    before = dict(zip(said[1:], said, strict=False))
    found = [(word, term) for word in said if word not in ignored for term in terms(word, code)]
    aside = of_the_asking(question)
    named = [(word, term) for word, term in found if word not in GENERIC] or found
    topic = [(word, term) for word, term in named if word not in aside] or named
    share: dict[str, float] = {}
    for word, term in named:
        known = _in_text(term, code, weights)
        hint = (word, term) not in topic
        share.setdefault(known, HINT if hint else _verb_share(word, before.get(word, "")))
    return _Asked([_in_text(term, code, weights) for _, term in topic], share)


def _verb_share(word: str, before: str) -> float:
    """How much a word counts, by what its place tells: little for everyday verbs, less for verbs than for nouns."""
    if word in EVERYDAY or (word.endswith("ly") and len(word) >= ADVERB):
        return EVERYDAY_VERB
    return AFTER_A_PRONOUN if before in PRONOUNS else 1.0


def _in_text(term: str, code: str | None, weights: Weights) -> str:
    """The term, or a longer or shorter word of the text that begins like it ("kingship", "king"), or a compound."""
    if weights.frequency[term] or len(term) < PREFIX or not term.isalpha():
        return term
    head = term[: max(PREFIX, len(term) - ENDING)]
    alike = [other for other in weights.frequency if other.startswith(head) and len(other) <= len(term) + ENDING]
    best = min(alike, key=lambda other: (abs(len(other) - len(term)), -weights.frequency[other], other), default=term)
    return _compound(term, weights) if best == term and code in COMPOUNDING else best


def _compound(term: str, weights: Weights) -> str:
    """The commonest compound of the text that ends or else begins with `term`, or is the end or beginning of it."""

    def rank(other: str) -> tuple[bool, bool, int, str]:
        longer, shorter = (other, term) if len(other) > len(term) else (term, other)
        return longer is term, not longer.endswith(shorter), -weights.frequency[other], other

    parts = [other for other in weights.frequency if len(other) >= PART and _is_part(other, term)]
    return min(parts, key=rank, default=term)


def _is_part(one: str, other: str) -> bool:
    return one.startswith(other) or one.endswith(other) or other.startswith(one) or other.endswith(one)


def _weight(term: str, weights: Weights) -> float:
    if weights.frequency[term]:
        return weights.idf(term)
    return weights.idf(term) * (UNKNOWN_BIGRAM if is_unspaced(term) else UNKNOWN)


class _Search:
    """One question put to one reading. Only sentences at or near one of its words are looked at."""

    def __init__(self, reading: Reading, weights: Weights, asked: dict[str | None, _Asked], window: int) -> None:
        self.reading = reading
        self.weights = weights
        self.asked = {code: found.topic for code, found in asked.items()}
        self.weight = {
            code: {term: _weight(term, weights) * share for term, share in found.share.items()}
            for code, found in asked.items()
        }
        self.topic = {code: frozenset(found) for code, found in self.asked.items()}
        self.total = {code: fsum(self.weight[code][term] for term in found) for code, found in self.topic.items()}
        self.authors = frozenset(s.span.author.casefold() for s in reading.sentences if s.span and s.span.author)
        self.hits = self._hits()
        self.coverage = self._coverage(window)
        self.headings = self._headings(window)

    def language(self, i: int) -> str | None:
        return self.reading.languages[self.reading.sentences[i].source]

    def _hits(self) -> dict[int, frozenset[str]]:
        wanted_terms = {code: frozenset(found) for code, found in self.weight.items()}
        codes = [wanted_terms[code] for code in self.reading.languages]
        return {
            i: codes[sentence.source].intersection(sentence.terms)
            for i, sentence in enumerate(self.reading.sentences)
            if not codes[sentence.source].isdisjoint(sentence.terms)
        }

    def _coverage(self, window: int) -> dict[int, float]:
        """For each sentence near a hit, the share of the question's weight within its window."""
        near = sorted({j for i in self.hits for j in range(i - window, i + window + 1)})
        return {i: self._covered(i, window) for i in near if 0 <= i < len(self.reading.sentences)}

    def _covered(self, i: int, window: int) -> float:
        """Each word of the question counts once: in full at or beside sentence `i`, less towards the window's ends."""
        sentences = self.reading.sentences
        code = self.language(i)
        seen: dict[str, float] = {}
        for distance in range(window + 1):
            if len(seen) == len(self.topic[code]):
                break
            nearness = max(FAINTEST, 1 - FADING * max(0, distance - 1))
            for j in {i - distance, i + distance}:
                if j in self.hits and sentences[j].source == sentences[i].source:
                    for term in self.hits[j] & self.topic[code]:
                        seen.setdefault(term, nearness)
        return fsum(self.weight[code][term] * nearness for term, nearness in seen.items()) / (self.total[code] or 1.0)

    def _headings(self, window: int) -> dict[int, int]:
        """The heading that a sentence near it stands under, where the heading holds a word of the question."""
        found: dict[int, int] = {}
        sentences = self.reading.sentences
        for i in self.hits:
            if sentences[i].kind == "heading":
                for j in range(i + 1, min(i + window + 1, len(sentences))):
                    if sentences[j].kind == "heading" or sentences[j].source != sentences[i].source:
                        break
                    found[j] = i
        return found

    def _relevance(self, i: int) -> float:
        """BM25, and more for words that stand together in the question and in the sentence."""
        found = self.hits.get(i)
        if not found:
            return 0.0
        terms_here = self.reading.sentences[i].terms
        counts = Counter(terms_here)
        damping = K1 * (1 - B + B * len(terms_here) / self.weights.mean_length)
        weight = self.weight[self.language(i)]
        score = fsum(weight[term] * counts[term] * (K1 + 1) / (counts[term] + damping) for term in found)
        return score + self._together(i, terms_here)

    def _together(self, i: int, terms_here: list[str]) -> float:
        code = self.language(i)
        asked = self.asked[code]
        if len(asked) < 2:
            return 0.0
        pairs = set(pairwise(asked))
        adjacent = sum(pair in pairs for pair in pairwise(terms_here))
        return ADJACENT * adjacent * self.total[code] / len(asked)

    def scores(self, kind: Kind | None) -> dict[int, float]:
        """How well each sentence fits, best 1; those far below the best are left out."""
        relevance = {i: self._relevance(i) for i in self.coverage}
        scores = {i: self._with_neighbours(i, relevance) * self._square(i) for i in relevance}
        best = max(scores.values(), default=0.0) or 1.0
        scores = {i: score / best for i, score in scores.items() if score > 0}
        of_kind = {i for i in scores if kind and kind.is_in(self.reading.text(self.reading.sentences[i]))}
        for i in of_kind:
            scores[i] += (kind.weight if kind else 0.0) * OF_THE_KIND * self._square(i)
        if max(map(self._own_share, self.hits), default=0.0) >= COMPLETE:
            scores = {i: score for i, score in scores.items() if i in self.hits or i in of_kind}
        scores = {i: round(score * self._fitness(i), 9) for i, score in scores.items()}
        best = max(scores.values(), default=1.0)
        return {i: score / best for i, score in scores.items() if score >= CUT * best and score > 0}

    def is_told(self, kind: Kind, need: float) -> bool:
        """Whether one sentence holds `need` of the question and an answer of the wanted kind."""
        return any(
            self._own_share(i) >= need and kind.is_in(self.reading.text(self.reading.sentences[i])) for i in self.hits
        )

    def _square(self, i: int) -> float:
        return self.coverage[i] * self.coverage[i]

    def _own_share(self, i: int) -> float:
        """The share of the question's weight that a sentence holds by itself."""
        code = self.language(i)
        return fsum(self.weight[code][term] for term in self.hits[i] & self.topic[code]) / (self.total[code] or 1.0)

    def _with_neighbours(self, i: int, relevance: dict[int, float]) -> float:
        source = self.reading.sentences[i].source

        def beside(j: int) -> float:
            return relevance.get(j, 0.0) if j in relevance and self.reading.sentences[j].source == source else 0.0

        around = max(beside(i - 1), beside(i + 1), BEFORE_LAST * beside(i - 2))
        heading = self.headings.get(i)
        above = beside(heading) if heading is not None else 0.0
        return relevance[i] + max(NEIGHBOUR * around, UNDER_HEADING * above)

    def _fitness(self, i: int) -> float:
        """Questions, headings and scraps answer less often than statements; words of others are not an author's own."""
        sentence = self.reading.sentences[i]
        text = self.reading.text(sentence)
        authored = sentence.span is not None and sentence.span.author
        if authored and (sentence.kind == "quoted" or speaks_for_another(text, self.authors)):
            return 0.0
        if is_question(text) or text.endswith(":"):
            return 0.4
        if sentence.kind == "heading":
            return 0.3
        if length(text) < 4:
            return 0.2
        return 1.0 if is_whole(text) or sentence.kind in ("row", "item", "code") else 0.8


def _pick(search: _Search, scores: dict[int, float], quotes: int) -> list[Pick]:
    """The best sentences that do not repeat each other (maximal marginal relevance, Carbonell and Goldstein 1998)."""
    sentences = search.reading.sentences
    left = sorted(scores, key=lambda i: (-scores[i], i))[:CONSIDERED]
    scores = {i: scores[i] * (TORN if _stays_torn(search.reading, sentences[i]) else 1.0) for i in left}
    vectors = {i: search.weights.vector(sentences[i].terms) for i in left}
    chosen: list[int] = []
    nearest = dict.fromkeys(left, 0.0)
    while left and len(chosen) < quotes:
        best = max(left, key=lambda i: ((1 - NOVELTY) * scores[i] - NOVELTY * nearest[i], -i))
        chosen.append(best)
        said = _words_of(search.reading, sentences[best])
        left = [i for i in left if i != best and _words_of(search.reading, sentences[i]) != said]
        for i in left:
            nearest[i] = max(nearest[i], similarity(vectors[i], vectors[best]))
    return [Pick(sentences[i], round(scores[i], 4)) for i in sorted(chosen)]


def _stays_torn(reading: Reading, sentence: Sentence) -> bool:
    """Whether it holds half of a quotation that is too long to be quoted whole."""
    return torn(reading.text(sentence)) != (0, 0) and whole(reading, sentence) is sentence


def _with_the_kind(search: _Search, picks: list[Pick], kind: Kind, quotes: int) -> list[Pick]:
    """`picks` with the short sentence next to the best one, where that lacks the wanted kind and the other has it."""
    reading = search.reading
    best = max(picks, key=lambda pick: pick.score)
    beside = _beside_with(reading, best.sentence, kind)
    if beside is None or kind.is_in(reading.text(best.sentence)) or any(pick.sentence == beside for pick in picks):
        return picks
    kept = sorted(picks, key=lambda pick: -pick.score)[: max(1, quotes - 1)] if quotes > 1 else []
    found = [*kept, Pick(beside, best.score)]
    return sorted(found, key=lambda pick: (pick.sentence.source, pick.sentence.start))


def _beside_with(reading: Reading, sentence: Sentence, kind: Kind) -> Sentence | None:
    """The next or else the last sentence, when it is short, by the same author, and holds the kind."""
    sentences = reading.sentences
    place = bisect_left(sentences, (sentence.source, sentence.start), key=lambda other: (other.source, other.start))
    for j in (place + 1, place - 1):
        if (
            0 <= j < len(sentences)
            and (other := sentences[j]).source == sentence.source
            and other.span == sentence.span
        ):
            text = reading.text(other)
            if other.kind not in ("heading", "quoted") and length(text) <= SHORT and kind.is_in(text):
                return other
    return None


def _asks_for_headings(question: str) -> bool:
    return not HEADING_WORDS.isdisjoint(words(question))


def _without_headings(reading: Reading, scores: dict[int, float]) -> dict[int, float]:
    """Headings answer only where nothing else does."""
    rest = {i: score for i, score in scores.items() if reading.sentences[i].kind != "heading"}
    return rest or scores


def whole_picks(reading: Reading, picks: list[Pick]) -> list[Pick]:
    """`picks` with their quotation marks complete, those left out that lie within the one before."""
    found: list[Pick] = []
    for pick in picks:
        grown = pick._replace(sentence=whole(reading, pick.sentence))
        last = found[-1].sentence if found else None
        if last is None or last.source != grown.sentence.source or last.end <= grown.sentence.start:
            found.append(grown)
        elif last.end <= pick.sentence.start:
            found.append(pick)
        else:
            found[-1] = found[-1]._replace(score=max(found[-1].score, pick.score))
    return found


def _words_of(reading: Reading, sentence: Sentence) -> list[str]:
    return words(reading.text(sentence))
