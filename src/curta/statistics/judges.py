"""Imperfect judges: a model's verdicts corrected by people's labels, and how far two sets of verdicts agree."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from statistics import fmean, variance
from typing import NamedTuple

from curta.statistics.intervals import Estimate, Interval, estimate, wilson


class Agreement(NamedTuple):
    """share: of the same verdicts, with its interval. kappa: beyond what chance gives; None when only one was given."""

    share: float
    interval: Interval
    kappa: float | None
    n: int


def prediction_powered(
    judged: Sequence[float], labelled: Sequence[tuple[float, float]], alpha: float = 0.05
) -> Estimate:
    """The mean that people would give, from a judge on many units and people on some.

    judged: what the judge says of units that nobody labelled. labelled: (judge, person) of a random sample, two up.
    mean(person) + w (mean(judged) - mean(judge)), over the labelled ones but for `judged`. The weight w is the one of
    least variance, within [0, 1]: a judge who is of no use does no harm. With w = 1 it is the estimator of 2023.
    Source: Angelopoulos, Bates, Fannjiang, Jordan and Zrnic, Science 382 (2023); Angelopoulos, Duchi and Zrnic,
    "PPI++", arXiv 2311.01453 (2023), for the weight
    """
    if len(labelled) < 2:
        raise ValueError("two labels at least")
    judge, person = ([pair[i] for pair in labelled] for i in (0, 1))
    m, many = len(labelled), len(judged)
    if many < 2:
        return estimate(fmean(person), math.sqrt(variance(person) / m), m, alpha)
    spread = variance([*judged, *judge])
    weight = _covariance(judge, person) / (spread * (1 + m / many)) if spread else 0.0
    weight = min(max(weight, 0.0), 1.0)
    rest = [b - weight * a for a, b in labelled]
    error = math.sqrt(variance(rest) / m + weight**2 * variance(judged) / many)
    return estimate(fmean(rest) + weight * fmean(judged), error, m, alpha)


def agreement(pairs: Sequence[tuple[Hashable, Hashable]], alpha: float = 0.05) -> Agreement:
    """How often two verdicts on the same thing are equal: of a judge asked twice, of a judge and a person.

    Source of kappa: Cohen, Educational and Psychological Measurement 20 (1960)
    """
    n, same = len(pairs), sum(a == b for a, b in pairs)
    if not n:
        raise ValueError("no verdicts to compare")
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(first[each] * second[each] for each in first) / (n * n)
    kappa = (same / n - chance) / (1 - chance) if chance < 1 else None
    return Agreement(same / n, wilson(same, n, alpha), kappa, n)


def _covariance(a: Sequence[float], b: Sequence[float]) -> float:
    middle_a, middle_b = fmean(a), fmean(b)
    return math.fsum((x - middle_a) * (y - middle_b) for x, y in zip(a, b, strict=True)) / (len(a) - 1)
