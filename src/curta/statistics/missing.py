"""Answers that failed: what they could have hidden, whichever way they are counted."""

from collections.abc import Sequence
from statistics import fmean

from curta.statistics.intervals import Interval


def worst_case(variant: Sequence[float | None], base: Sequence[float | None]) -> Interval:
    """The mean paired difference, if each answer that failed (None) had been worth nothing or everything.

    Low: failures of the variant count 0 and those of the base 1; high: the other way round. Whatever a failure would
    have scored, the mean lies between.
    Source: Manski, American Economic Review 80 (1990)
    """
    pairs = list(zip(variant, base, strict=True))
    return Interval(
        fmean((0.0 if a is None else a) - (1.0 if b is None else b) for a, b in pairs),
        fmean((1.0 if a is None else a) - (0.0 if b is None else b) for a, b in pairs),
    )
