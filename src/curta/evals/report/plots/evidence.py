"""How evidence grew with the inputs: e-values against their threshold, and the confidence sequence."""

import math
from collections.abc import Callable, Sequence
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
    spread,
    ticks,
    x_axis,
    y_axis,
)
from curta.statistics.intervals import Interval

_LEFT, _TOP, _RIGHT = 38, 26, 10
_FLOOR = -2.0
"""Evidence of less than a hundredth is drawn as a hundredth."""


class Path(NamedTuple):
    """What was known of a contrast after each of the numbers of inputs `n`, which grow.

    mean: of the differences. differs: log10 of the e-value against "no difference"; equal: of the smaller of those
    against either end of the margin, () without one. looks, bands: after how many inputs which interval was known.
    decided_at: after how many the outcome was.
    """

    name: str
    outcome: str
    n: Sequence[int]
    mean: Sequence[float]
    differs: Sequence[float]
    equal: Sequence[float]
    looks: Sequence[int]
    bands: Sequence[Interval]
    decided_at: int | None = None


def evidence(path: Path, *, alpha: float = 0.05, width: float = 340, height: float = 200) -> Markup:
    """The evidence that there is a difference, and that it is within the margin, and where either is enough."""
    enough = -math.log10(alpha)
    lines = [("differs", path.differs, "path line"), ("within margin", path.equal, "path line second")]
    shown = [(name, values, kind) for name, values, kind in lines if len(values)]
    high = max(enough * 1.25, *(max(values) for _, values, _ in shown)) * 1.05
    x, y = _scales(path, width, height, (_FLOOR, high), right=112)
    ends = spread([y(values[-1]) + 4 for _, values, _ in shown], _TOP + 8, height - 2 * LINE)
    labels = [Label(x.end + 6, at, fitted(name, 106)) for at, (name, _, _) in zip(ends, shown, strict=True)]
    return picture(
        width,
        height,
        f"Evidence: {path.name}",
        _described(path, f"Evidence is enough at {1 / alpha:g} to 1."),
        _frame(path, x, y, ticks(_FLOOR, high, 5), _odds, width, height),
        tag("line", class_="limit", x1=x.start, x2=x.end, y1=y(enough), y2=y(enough)),
        tag(
            "g",
            *(tag("path", class_=kind, d=_line(x, y, path.n, values)) for _, values, kind in shown),
            _decided(path, x, y(enough)),
            class_=KINDS[path.outcome],
        ),
        *(each.svg() for each in labels),
    )


def sequence(path: Path, *, margin: float, width: float = 340, height: float = 200) -> Markup:
    """The mean of the differences and its interval after each number of inputs; the margin as a grey band."""
    low = min(-2 * margin, *(each.low for each in _settled(path)))
    high = max(2 * margin, *(each.high for each in _settled(path)))
    x, y = _scales(path, width, height, (max(low, -1), min(high, 1)), right=_RIGHT)
    upper = [(n, each.high) for n, each in zip(path.looks, path.bands, strict=True)]
    lower = [(n, each.low) for n, each in zip(path.looks, path.bands, strict=True)]
    return picture(
        width,
        height,
        f"Interval: {path.name}",
        _described(path, f"At the end between {points(path.bands[-1].low)} and {points(path.bands[-1].high)} points."),
        tag("rect", class_="band", x=x.start, width=x.end - x.start, y=y(margin), height=y(-margin) - y(margin)),
        _frame(path, x, y, ticks(y.low, y.high, 5), points, width, height),
        tag("line", class_="axis", x1=x.start, x2=x.end, y1=y(0), y2=y(0)),
        tag(
            "g",
            tag("path", class_="area", d=f"{_line(x, y, *zip(*upper, *reversed(lower), strict=True))}Z"),
            tag("path", class_="path line", d=_line(x, y, path.n, path.mean)),
            _decided(path, x, y(_at(path, path.mean))),
            class_=KINDS[path.outcome],
        ),
    )


def _scales(
    path: Path, width: float, height: float, values: tuple[float, float], *, right: float
) -> tuple[Scale, Scale]:
    across = Scale(0, max(path.n[-1], 1), _LEFT, width - right)
    return across, Scale(*values, height - 2 * LINE - 6, _TOP)


def _frame(
    path: Path, x: Scale, y: Scale, values: list[float], told: Callable[[float], str], width: float, height: float
) -> Markup:
    """The name, the axes and what the horizontal one counts."""
    numbers = [each for each in ticks(0, x.high, 5) if each == round(each)]
    return join(
        Label(2, 14, fitted(path.name, width - 4, bold=True), kind="name").svg(),
        y_axis(y, x.start, x.end, values, told),
        x_axis(x, y.start, y.start, numbers, lambda each: f"{each:,.0f}"),
        tag("line", class_="axis", x1=x.start, x2=x.end, y1=y.start, y2=y.start),
        Label((x.start + x.end) / 2, height - 3, "inputs", "middle", "faint").svg(),
    )


def _decided(path: Path, x: Scale, y: float) -> Markup | None:
    return None if path.decided_at is None else mark(x(path.decided_at), y, path.outcome)


def _at(path: Path, values: Sequence[float]) -> float:
    """What a path was when it was decided."""
    places = [place for place, n in enumerate(path.n) if n >= (path.decided_at or path.n[-1])]
    return values[places[0] if places else -1]


def _settled(path: Path) -> Sequence[Interval]:
    """The later half of the intervals: the first ones are as wide as can be, and would make all else small."""
    return path.bands[len(path.bands) // 3 :]


def _line(x: Scale, y: Scale, across: Sequence[float], up: Sequence[float]) -> str:
    return "M" + "L".join(f"{x(n):.1f} {y(value):.1f}" for n, value in zip(across, up, strict=True))


def _odds(log10: float) -> str:
    """`20:1` for log10 of 20; the ticks of an axis are powers of ten."""
    if log10 != round(log10):
        return ""
    return "1" if log10 == 0 else f"10{_superscript(int(log10))}" if abs(log10) > 3 else f"{10**log10:,g}"


def _superscript(number: int) -> str:
    return str(number).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _described(path: Path, rest: str) -> str:
    inputs = f"{path.n[-1]:,} inputs"
    when = f"{path.outcome}, known after {path.decided_at:,} of {inputs}" if path.decided_at else path.outcome
    return f"{path.name}: {when}. {rest}"
