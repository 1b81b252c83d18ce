"""Answers that failed: what they could have hidden, whichever way they are counted."""

from collections.abc import Sequence
from statistics import fmean

from curta.statistics.intervals import Interval


def worst_case(variant: Sequence[float | None], base: Sequence[float | None]) -> Interval:
    """The difference of the means, if each answer that failed (None) had been worth nothing or everything.

    Low: failures of the variant count 0 and those of the base 1; high: the other way round. Whatever a failure would
    have scored, the difference lies between.
    Source: Manski, American Economic Review 80 (1990)
    """
    return Interval(_mean(variant, 0.0) - _mean(base, 1.0), _mean(variant, 1.0) - _mean(base, 0.0))


def _mean(scores: Sequence[float | None], failed: float) -> float:
    return fmean(failed if each is None else each for each in scores)
