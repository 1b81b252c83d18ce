"""Intervals for a fixed number of inputs: of a rate, of a mean whose inputs come in clusters, of paired differences."""

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from statistics import NormalDist
from typing import NamedTuple

from curta.statistics.student import t_quantile


class Interval(NamedTuple):
    """From where to where."""

    low: float
    high: float


class Estimate(NamedTuple):
    """A mean with its interval. error: the standard error. clusters: what the degrees of freedom come from."""

    mean: float
    low: float
    high: float
    error: float
    clusters: int


def wilson(successes: int, n: int, alpha: float = 0.05) -> Interval:
    """The score interval of one rate: 20 of 20 is [.839, 1], never "1 +- 0". Of nothing it is [0, 1].

    Source: Wilson, JASA 22 (1927); Agresti and Coull, The American Statistician 52 (1998)
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no rate")
    if n == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf(1 - alpha / 2)
    rate, scale = successes / n, 1 + z * z / n
    middle = (rate + z * z / (2 * n)) / scale
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / scale
    return Interval(0.0 if successes == 0 else middle - half, 1.0 if successes == n else middle + half)


def clustered(values: Sequence[float], clusters: Sequence[Hashable], alpha: float = 0.05) -> Estimate:
    """The mean of `values`, and where it lies when inputs of one cluster (document, author) are alike.

    se^2 = G/(G-1) sum_g (sum_{i in g} (y_i - mean))^2 / n^2, with Student's t of G - 1 degrees of freedom. With every
    input a cluster of its own it is the usual interval of a mean. One cluster says nothing of others: the interval is
    infinite.
    Source: Liang and Zeger, Biometrika 73 (1986); Miller, "Adding error bars to evals", arXiv 2411.00640 (2024)
    """
    n = len(values)
    if n == 0:
        raise ValueError("the mean of nothing")
    mean = math.fsum(values) / n
    off: dict[Hashable, float] = defaultdict(float)
    for value, cluster in zip(values, clusters, strict=True):
        off[cluster] += value - mean
    groups = len(off)
    if groups == 1:
        return Estimate(mean, -math.inf, math.inf, math.inf, 1)
    error = math.sqrt(groups / (groups - 1) * math.fsum(each * each for each in off.values())) / n
    return estimate(mean, error, groups, alpha)


def of_differences(differences: Sequence[float], alpha: float = 0.05) -> Interval:
    """Where the mean of paired differences in [-1, 1] lies, at an n that was fixed beforehand.

    Student's t; where all differences are wins, losses and ties (-1, 1, 0), or all alike, so that t would be too sure
    or infinite, the adjusted Wald interval: one more win and one more loss, and 1/n for the steps between counts.
    Source: Bonett and Price, Journal of Educational and Behavioral Statistics 37 (2012); Fleiss, Statistical Methods
    for Rates and Proportions (1981), for 1/n
    """
    n = len(differences)
    if n < 2:
        return Interval(-1.0, 1.0)
    if len(distinct := set(differences)) > 1 and not distinct <= {-1.0, 0.0, 1.0}:
        found = clustered(differences, range(n), alpha)
        return Interval(max(found.low, -1.0), min(found.high, 1.0))
    mean = math.fsum(differences) / (n + 2)
    spread = (math.fsum(each * each for each in differences) + 2) / (n + 2) - mean * mean
    half = NormalDist().inv_cdf(1 - alpha / 2) * math.sqrt(spread / (n + 2)) + 1 / n
    return Interval(max(mean - half, -1.0), min(mean + half, 1.0))


def estimate(mean: float, error: float, groups: int, alpha: float) -> Estimate:
    """`mean` with the interval of Student's t for `groups` independent groups."""
    half = t_quantile(1 - alpha / 2, groups - 1) * error
    return Estimate(mean, mean - half, mean + half, error, groups)
