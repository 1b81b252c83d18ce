"""How good a ranking is, and whether one is better than another: figures with intervals over questions.

nDCG@10 with relevance as it was judged (Järvelin and Kekäläinen, 2002); recall@100; the reciprocal rank of the first
hit. Intervals are percentile bootstraps over questions (Efron, 1979): questions, not documents, are what was sampled.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

RESAMPLES = 2000
_SEED = 0


class Scores(NamedTuple):
    """The figures of one question."""

    ndcg: float
    recall: float
    mrr: float


class Interval(NamedTuple):
    """A mean, and where 95 % of the resampled ones lie."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


def score(ranked: Sequence[str], relevant: Mapping[str, float]) -> Scores:
    """The figures of one ranking (best first) against the documents that are relevant, with how much."""
    gains = [relevant.get(each, 0.0) for each in ranked]
    best = sorted(relevant.values(), reverse=True)
    first = next((place for place, gain in enumerate(gains[:100], 1) if gain > 0), None)
    found = sum(1 for gain in gains[:100] if gain > 0)
    return Scores(_dcg(gains[:10]) / _dcg(best[:10]), found / len(relevant), 1 / first if first else 0.0)


def interval(values: Sequence[float]) -> Interval:
    """The mean of `values`, one for each question, and its interval. The same values always give the same."""
    import numpy as np

    chance, drawn = np.random.default_rng(_SEED), np.asarray(values, "f8")
    means = [drawn[chance.integers(0, len(drawn), len(drawn))].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(fmean(values), float(low), float(high))


def difference(new: Sequence[float], old: Sequence[float]) -> Interval:
    """By how much `new` is better, question by question."""
    return interval([a - b for a, b in zip(new, old, strict=True)])


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))
