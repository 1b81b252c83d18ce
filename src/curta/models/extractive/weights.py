"""How much a term says, and how alike two sentences are.

Inverse document frequency as in BM25 (Robertson and Zaragoza, 2009), over sentences; similarity is the cosine of
(1 + ln tf) x idf vectors. Logarithms are rounded so that no difference of a C library can change an order.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

Vector = dict[str, float]


class Weights:
    """The weights of the terms of one collection of sentences."""

    def __init__(self, sentences: Iterable[Sequence[str]]) -> None:
        self.count = 0
        self.length = 0
        self.frequency: Counter[str] = Counter()
        self._known: dict[str, float] = {}
        for terms in sentences:
            self.count += 1
            self.length += len(terms)
            self.frequency.update(set(terms))

    @property
    def mean_length(self) -> float:
        return self.length / max(1, self.count)

    def idf(self, term: str) -> float:
        """The weight of a term; of one that occurs nowhere, the greatest there is."""
        if term not in self._known:
            found = self.frequency.get(term, 0)
            self._known[term] = _log(1 + (self.count - found + 0.5) / (found + 0.5))
        return self._known[term]

    def vector(self, terms: Sequence[str]) -> Vector:
        """The unit vector of a sentence. Empty for a sentence without terms."""
        counts = Counter(terms)
        raw = {term: (1 + _log(tf)) * self.idf(term) for term, tf in counts.items()}
        norm = math.sqrt(math.fsum(value * value for value in raw.values()))
        return {term: value / norm for term, value in raw.items()} if norm else {}


def similarity(one: Vector, other: Vector) -> float:
    """The cosine of two unit vectors."""
    if len(one) > len(other):
        one, other = other, one
    return math.fsum(value * other[term] for term, value in one.items() if term in other)


def _log(value: float) -> float:
    return round(math.log(value), 6)
