"""What pictures of an experiment show: where a difference lies, and how the evidence for it grew with the inputs."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from curta.evals.report.plots import Path, Row
from curta.statistics.betting import Array, Tally, checked, interval, log_e_path

if TYPE_CHECKING:
    from curta.evals.reporting import Result

_DRAWN = 160
"""So many numbers of inputs are drawn, at most."""
_LOOKS = 48
_AFFORDED = 25_000
"""Distinct differences at all looks together: an interval takes some tens of microseconds for each."""


def row(result: "Result") -> Row:
    """A verdict and its interval."""
    look = result.verdict.look
    return Row(result.contrast, look.mean, look.low, look.high, result.outcome)


def path(result: "Result", differences: Sequence[float]) -> Path:
    """The way of a contrast that was looked at all the time, from its differences in their order.

    Thinned, but the verdict's input and the last one are there.
    """
    values, look, rope = checked(differences), result.verdict.look, result.verdict.rope
    last = look.decided_at or values.size
    drawn = _places(values.size, _DRAWN, last)
    looks = _places(values.size, max(min(_LOOKS, _AFFORDED // np.unique(values).size), 8), last)
    equal = np.minimum(log_e_path(values, rope, -1), log_e_path(values, -rope, 1)) if rope else np.empty(0)
    return Path(
        name=result.contrast,
        outcome=result.outcome,
        n=[place + 1 for place in drawn],
        mean=(np.cumsum(values) / np.arange(1, values.size + 1))[drawn].tolist(),
        differs=_log10(log_e_path(values)[drawn]),
        equal=_log10(equal[drawn]) if rope else (),
        looks=[place + 1 for place in looks],
        bands=[interval(Tally(values[: place + 1]), result.verdict.alpha) for place in looks],
        decided_at=look.decided_at,
    )


def _places(size: int, most: int, decided_at: int) -> list[int]:
    """At most so many places of `size`, evenly, with the last and the one at which all was known."""
    return sorted({*np.linspace(0, size - 1, min(most, size)).round().astype(int).tolist(), decided_at - 1})


def _log10(natural: Array) -> list[float]:
    return list((natural / math.log(10)).tolist())
