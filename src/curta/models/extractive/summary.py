"""A summary: one sentence that can be read alone for each stretch of a text, or each theme of a discussion.

The text is cut into stretches of about equal length, at headings where it has them, by dynamic programming; of each
stretch the sentence nearest to all its others is taken. Better on texts with headings than on speeches.
"""

import re
from collections import Counter
from functools import cache
from itertools import groupby, pairwise
from math import fsum, sqrt
from typing import NamedTuple

from curta.models.extractive.legible import clarity, is_question, stands_alone
from curta.models.extractive.question import Pick, whole_picks
from curta.models.extractive.reading import Reading, Sentence, is_thread
from curta.models.extractive.speech import OPENING, inside
from curta.models.extractive.weights import Vector, Weights, similarity

MOST_ATOMS = 160
NO_HEADING = 0.5
WIDEST = 3  # no stretch is longer than so many times the mean
TO_HEADING = 0.8
SUBSTANTIAL = 7  # terms; a sentence of fewer is near to the middle by chance
EARLY = 0.15
PREFER_OPENING = 0.3
# A text is a story where this share of its sentences is speech: there speech counts less, and names count.
STORY = 0.15
SPOKEN = 0.4
QUOTING = 0.6  # for what is told around somebody's speech
NAMED = 0.2
MOST_NAMES = 2
OFTEN = 3  # sentences of a stretch


class Atom(NamedTuple):
    """What is never cut: a sentence, or a run of paragraphs in a long text. `sentences[start:end]`, `weight` terms."""

    start: int
    end: int
    weight: int
    opens: bool


def summary(reading: Reading, count: int) -> list[Pick]:
    """At most `count` sentences, in the order of the sources. None where there is nothing to choose from."""
    discussions = [source for source, document in enumerate(reading.documents) if is_thread(document)]
    texts = [sentence for sentence in reading.sentences if sentence.source not in discussions]
    shares = _shares(reading, discussions, len(texts), count)
    picks = _of_stretches(reading, texts, shares[-1])
    if discussions:
        from curta.models.extractive.themes import themes

        for source in discussions:
            said = [sentence for sentence in reading.sentences if sentence.source == source]
            picks += themes(reading, said, shares[source])
    return sorted(picks, key=lambda pick: (pick.sentence.source, pick.sentence.start))


def _shares(reading: Reading, discussions: list[int], rest: int, count: int) -> dict[int, int]:
    """How many of `count` sentences each discussion gets, and all other texts (-1): by length, at least one."""
    lengths = Counter(sentence.source for sentence in reading.sentences)
    sizes = {source: lengths[source] for source in discussions} | {-1: rest}
    total = sum(sizes.values())
    return {source: max(1, round(count * size / total)) if size else 0 for source, size in sizes.items()}


def _of_stretches(reading: Reading, sentences: list[Sentence], count: int) -> list[Pick]:
    if not any(sentence.terms for sentence in sentences) or not count:
        return []
    weights = Weights(sentence.terms for sentence in sentences)
    vectors = [weights.vector(sentence.terms) for sentence in sentences]
    picks: list[Pick] = []
    clear = [stands_alone(reading, sentence) for sentence in sentences]
    spoken = inside(reading, sentences)
    story = sum(spoken) >= STORY * len(spoken)
    for start, end in _stretches(_atoms(sentences), count):
        pool = [i for i in range(start, end) if clear[i]] if any(clear) else _readable(reading, sentences, start, end)
        told = _Story(reading, sentences[start:end], spoken[start:end]) if story else None
        best = _central(reading, sentences, vectors, (start, end), _fresh(sentences, pool, picks), told)
        if best is not None:
            picks.append(Pick(sentences[best], 1.0))
    return whole_picks(reading, picks)


# Cutting


def _atoms(sentences: list[Sentence]) -> list[Atom]:
    """Sentences; paragraphs where there are many; runs of paragraphs where there are many of those."""
    most = len(sentences) // MOST_ATOMS + 1
    atoms: list[Atom] = []
    start = 0
    for _, group in groupby(enumerate(sentences), key=lambda item: item[1].block if most > 1 else item[0]):
        run = [i for i, _ in group]
        opens = sentences[run[0]].kind == "heading" or (run[0] > 0 and _new_source(sentences, run[0]))
        size = sum(1 + len(sentences[i].terms) for i in run)
        held = atoms[-1].end - atoms[-1].start if atoms else most
        if held < (most // 2 if opens else most) and most > 1:
            atoms[-1] = Atom(start, run[-1] + 1, atoms[-1].weight + size, atoms[-1].opens)
        else:
            start = run[0]
            atoms.append(Atom(start, run[-1] + 1, size, opens))
    return atoms


def _new_source(sentences: list[Sentence], i: int) -> bool:
    return sentences[i].source != sentences[i - 1].source


def _stretches(atoms: list[Atom], count: int) -> list[tuple[int, int]]:
    """The cut into at most `count` stretches that costs least: unequal length costs, and so does no heading."""
    count = min(count, len(atoms))
    total = [0]
    for atom in atoms:
        total.append(total[-1] + atom.weight)
    ideal = total[-1] / count
    best = [0.0] + [float("inf")] * len(atoms)
    back: list[list[int]] = []
    for _ in range(count):
        best, origins = _one_more(atoms, total, ideal, best)
        back.append(origins)
    cuts = [len(atoms)]
    for origins in reversed(back):
        cuts.append(origins[cuts[-1]])
    cuts.reverse()
    return [(atoms[a].start, atoms[b - 1].end) for a, b in pairwise(cuts)]


def _one_more(atoms: list[Atom], total: list[int], ideal: float, best: list[float]) -> tuple[list[float], list[int]]:
    """The least cost of each beginning of the text with one stretch more, and where that stretch begins."""
    costs, origins = [float("inf")] * (len(atoms) + 1), [0] * (len(atoms) + 1)
    for j in range(1, len(atoms) + 1):
        for i in range(j - 1, -1, -1):
            size = total[j] - total[i]
            if size > WIDEST * ideal and i < j - 1:
                break
            cost = best[i] + (size / ideal - 1) ** 2 + (0.0 if i == 0 or atoms[i].opens else NO_HEADING)
            if cost < costs[j]:
                costs[j], origins[j] = cost, i
    return costs, origins


# Choosing


def _readable(reading: Reading, sentences: list[Sentence], start: int, end: int) -> list[int]:
    """Where no sentence of the text can be read alone (notes, tables): whatever is neither heading nor question."""
    scraps = [i for i in range(start, end) if sentences[i].kind != "heading"]
    return [i for i in scraps if not is_question(reading.text(sentences[i]))] or scraps or list(range(start, end))


def _fresh(sentences: list[Sentence], pool: list[int], picks: list[Pick]) -> list[int]:
    taken = [pick.sentence.terms for pick in picks]
    return [i for i in pool if sentences[i].terms and sentences[i].terms not in taken]


def _central(
    reading: Reading,
    sentences: list[Sentence],
    vectors: list[Vector],
    stretch: tuple[int, int],
    pool: list[int],
    story: "_Story | None",
) -> int | None:
    """The sentence among `pool` that says most of its stretch."""
    start, end = stretch
    middle = _sum([vectors[i] for i in range(start, end)])
    headings = _headings(sentences, start, end)
    opening = {sentences[i].block: i for i in range(end - 1, start - 1, -1)}

    def score(i: int) -> float:
        central = (similarity(vectors[i], middle) - 1) / sqrt(end - start)
        heading = similarity(vectors[i], vectors[headings[i]]) if i in headings else 0.0
        early = 0.0 if story else EARLY * (1 - (i - start) / (end - start))
        first = PREFER_OPENING * early if opening[sentences[i].block] == i else 0.0
        substance = min(1.0, len(set(sentences[i].terms)) / SUBSTANTIAL)
        clear = clarity(reading.text(sentences[i]), reading.languages[sentences[i].source])
        told = story.fitness(reading, sentences[i], i - start) if story else 1.0
        return round((central + TO_HEADING * heading + early + first) * substance * clear * told, 9)

    return max(pool, key=lambda i: (score(i), -i), default=None)


class _Story:
    """A stretch of a story: what people say in it tells less than what is told, above all of those it is about."""

    def __init__(self, reading: Reading, sentences: list[Sentence], spoken: list[bool]) -> None:
        self.spoken = spoken
        counts = Counter(name for sentence in sentences for name in set(_names(reading, sentence)))
        self.frequent = frozenset(name for name, count in counts.items() if count >= OFTEN)

    def fitness(self, reading: Reading, sentence: Sentence, place: int) -> float:
        """place: the number of the sentence in the stretch."""
        names = len(self.frequent.intersection(_names(reading, sentence)))
        quoting = any(mark in reading.text(sentence) for mark in OPENING)
        spoken = SPOKEN if self.spoken[place] else QUOTING if quoting else 1.0
        return spoken * (1 + NAMED * min(MOST_NAMES, names))


def _names(reading: Reading, sentence: Sentence) -> list[str]:
    """Capitalised words within a sentence, which are names in most languages that have capitals."""
    if reading.languages[sentence.source] == "de":
        return []
    return _name().findall(reading.text(sentence))


@cache
def _name() -> re.Pattern[str]:
    return re.compile(r"(?<=[a-zà-ÿ,;.—] )[A-ZÀ-Þ][a-zà-ÿ]{2,}")


def _sum(vectors: list[Vector]) -> Vector:
    """The sum of vectors, exact to the last bit whatever the order."""
    parts: dict[str, list[float]] = {}
    for vector in vectors:
        for term, value in vector.items():
            parts.setdefault(term, []).append(value)
    return {term: fsum(values) for term, values in parts.items()}


def _headings(sentences: list[Sentence], start: int, end: int) -> dict[int, int]:
    """The heading that each sentence of a stretch stands under."""
    found: dict[int, int] = {}
    last: int | None = None
    for i in range(start, end):
        if sentences[i].kind == "heading":
            last = i
        elif last is not None:
            found[i] = last
    return found
