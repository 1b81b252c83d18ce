"""Intervals drawn with characters, for a terminal."""

from collections.abc import Sequence
from typing import NamedTuple

from curta.evals.report.plots import Row
from curta.evals.report.plots.drawing import points
from curta.evals.report.plots.intervals import domain

_MARKS = {"better": "▲", "more": "▲", "worse": "▼", "less": "▼", "no practical difference": "■", "undecided": "○"}


class Drawing(NamedTuple):
    """A line for each row, all equally wide, and one beneath them that says where they are."""

    lines: list[str]
    axis: str


def drawn(rows: Sequence[Row], margin: float, width: int) -> Drawing:
    """Each interval from `├` to `┤` with the sign of its outcome at the mean; `│` is zero, `░` the margin."""
    low, high = domain(rows, margin)

    def column(value: float) -> int:
        return round((value - low) / (high - low) * (width - 1))

    ground = ["░" if column(-margin) <= place <= column(margin) else " " for place in range(width)]
    ground[column(0)] = "│"
    lines = []
    for row in rows:
        line, start, end = ground.copy(), column(max(row.low, low)), column(min(row.high, high))
        line[start : end + 1] = ["├", *["─"] * (end - start - 1), "┤"][: end - start + 1]
        line[column(row.mean)] = _MARKS[row.outcome]
        lines.append("".join(line))
    return Drawing(lines, _axis(points(low), points(high), column(0), width))


def _axis(low: str, high: str, zero: int, width: int) -> str:
    """The values at both ends, and zero where it has room."""
    line = f"{low}{high:>{width - len(low)}}"
    free = len(low) < zero < width - len(high) - 1 and line[zero - 1 : zero + 2].isspace()
    return f"{line[:zero]}0{line[zero + 1 :]}" if free else line
