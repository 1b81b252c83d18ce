"""Where each difference lies: an interval for each contrast, the margin, and zero."""

from collections.abc import Sequence
from typing import NamedTuple

from curta.evals.report.markup import Markup, join, tag
from curta.evals.report.plots.drawing import (
    KINDS,
    LINE,
    Label,
    Scale,
    fitted,
    mark,
    picture,
    points,
    ticks,
    x_axis,
)

_EDGE = 2
_ROOM = 10


class Row(NamedTuple):
    """A contrast: the mean of its differences and their interval, in [-1, 1]; outcome: a key of `drawing.KINDS`."""

    name: str
    mean: float
    low: float
    high: float
    outcome: str


class _Layout(NamedTuple):
    """Where things are: the words from `left`, the intervals from `start`, one row every `step`, words first."""

    words: float
    start: float
    step: float
    middle: float


def intervals(
    rows: Sequence[Row],
    *,
    margin: float,
    width: float = 720,
    title: str = "Where each difference lies",
    ends: tuple[str, str] = ("base better", "variant better"),
) -> Markup:
    """The interval of each row, the margin of practical equivalence as a grey band, and a line at zero.

    width: in pixels; below 560 words stand above their interval instead of beside it. ends: what lies on either side of
    zero.
    """
    layout = _Layout(330, 346, 48, 24) if width >= 560 else _Layout(width - 2 * _EDGE, _ROOM, 64, 50)
    low, high = domain(rows, margin)
    scale = Scale(low, high, layout.start, width - _ROOM)
    bottom = 8 + layout.step * len(rows)
    description = "; ".join(f"{each.name}: {each.outcome}, {_told(each)}" for each in rows)
    return picture(
        width,
        bottom + 3 * LINE,
        title,
        f"{description}. No practical difference lies between −{points(margin, signed=False)} and "
        f"+{points(margin, signed=False)} points.",
        tag("rect", class_="band", x=scale(-margin), y=4, width=scale(margin) - scale(-margin), height=bottom - 4),
        x_axis(scale, 4, bottom, ticks(low, high, int((scale.end - scale.start) // 56)), points),
        tag("line", class_="axis", x1=scale(0), x2=scale(0), y1=4, y2=bottom),
        *(_row(each, layout, scale, 8 + layout.step * place) for place, each in enumerate(rows)),
        _ends(scale, bottom + 2 * LINE + 4, ends),
    )


def _row(row: Row, layout: _Layout, scale: Scale, top: float) -> Markup:
    y, kind = top + layout.middle, KINDS[row.outcome]
    said = Label(_EDGE, top + 34, fitted(f"{row.outcome}, {_told(row)}", layout.words), kind=kind)
    return tag(
        "g",
        Label(_EDGE, top + 17, fitted(row.name, layout.words, bold=True), kind="name").svg(),
        said.svg(),
        tag("line", class_="whisker", x1=scale(row.low), x2=scale(row.high), y1=y, y2=y),
        *(tag("line", class_="line", x1=scale(x), x2=scale(x), y1=y - 5, y2=y + 5) for x in (row.low, row.high)),
        mark(scale(row.mean), y, row.outcome),
        class_=kind,
    )


def _told(row: Row) -> str:
    return f"{points(row.mean)} [{points(row.low)}, {points(row.high)}]"


def _ends(scale: Scale, y: float, ends: tuple[str, str]) -> Markup:
    room = (scale.end - scale.start) / 2 - 8
    left, right = fitted(f"← {ends[0]}", room), fitted(f"{ends[1]} →", room)
    return join(
        Label(scale.start, y, left, kind="faint").svg(), Label(scale.end, y, right, anchor="end", kind="faint").svg()
    )


def domain(rows: Sequence[Row], margin: float) -> tuple[float, float]:
    """From where to where: all intervals and the margin, with room beside them."""
    low = min(-1.5 * margin, *(each.low for each in rows), -0.01)
    high = max(1.5 * margin, *(each.high for each in rows), 0.01)
    room = 0.06 * (high - low)
    return low - room, high + room
