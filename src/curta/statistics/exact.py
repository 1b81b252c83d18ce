"""Exact tests for a number of inputs that was fixed before the first look, however small it is."""

import math

import numpy as np
from numpy.typing import ArrayLike

from curta.statistics.betting import checked

EXACT_UP_TO = 20
"""So many inputs that differ are flipped in every way there is (half a million by symmetry)."""


def sign_flip(differences: ArrayLike, resamples: int = 20_000, seed: int = 0) -> float:
    """The two-sided p-value of "the mean is 0", when each difference could as well have had the other sign.

    The share of all flips whose sum is at least as far from 0. Exact up to EXACT_UP_TO differences that are not 0;
    above, by `resamples` random flips with the observed one among them, so that it is never 0.
    Source: Fisher, The Design of Experiments (1935), section 21; Phipson and Smyth, SAGMB 9 (2010), for the + 1
    """
    values = checked(differences)
    values = values[values != 0]
    if values.size == 0:
        return 1.0
    observed = abs(math.fsum(values)) - 1e-12 * values.size
    if values.size > EXACT_UP_TO:
        chance, far = np.random.default_rng(seed), 0
        for _ in range(0, resamples, 1000):
            flips = 2.0 * chance.integers(0, 2, (min(1000, resamples), values.size)) - 1
            far += int(np.sum(np.abs(flips @ values) >= observed))
        return (1 + far) / (1 + resamples)
    sums = values[:1]
    for value in values[1:]:
        sums = np.concatenate([sums + value, sums - value])
    return float(np.mean(np.abs(sums) >= observed))


def mcnemar(better: int, worse: int) -> float:
    """The exact two-sided p-value of McNemar's test: of the inputs that differ, are as many better as worse?

    min(1, 2 sum_{k <= min(b, c)} C(b + c, k) / 2^(b + c)), in whole numbers.
    Source: McNemar, Psychometrika 12 (1947); in its exact form a sign test (Arbuthnot, 1710)
    """
    differing = better + worse
    term = total = 1
    for k in range(1, min(better, worse) + 1):
        term = term * (differing - k + 1) // k
        total += term
    return min(1.0, 2 * total / (1 << differing))


def smallest_unanimous(alpha: float = 0.05) -> int:
    """How many inputs have to differ, all in one direction, to be significant at a fixed n: 6 at 5 %."""
    return next(n for n in range(1, 2000) if mcnemar(n, 0) <= alpha)
