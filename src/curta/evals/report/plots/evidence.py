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

_LEFT, _TOP, _RIGHT = 46, 26, 10
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
    ends = {f"{1 / alpha:g} to 1": enough, **{name: values[-1] for name, values, _ in shown}}
    heights = spread([y(value) + 4 for value in ends.values()], _TOP + 8, y.start)
    return picture(
        width,
        height,
        f"Evidence: {path.name}",
        _described(path, f"Evidence is enough at {1 / alpha:g} to 1."),
        _frame(path, "odds", x, y, _powers(high), _odds, width),
        tag("line", class_="limit", x1=x.start, x2=x.end, y1=y(enough), y2=y(enough)),
        tag(
            "g",
            *(tag("path", class_=kind, d=_line(x, y, path.n, values)) for _, values, kind in shown),
            _decided(path, x, y(enough)),
            class_=KINDS[path.outcome],
        ),
        *(Label(x.end + 6, at, name).svg() for at, name in zip(heights, ends, strict=True)),
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
        _frame(path, "difference in points", x, y, ticks(y.low, y.high, 5), points, width),
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
    return across, Scale(*values, height - 2 * LINE - 8, _TOP)


def _frame(
    path: Path, what: str, x: Scale, y: Scale, values: list[float], told: Callable[[float], str], width: float
) -> Markup:
    """The name, what is drawn, the axes and what the horizontal one counts."""
    numbers = [each for each in ticks(0, x.high, 5) if each == round(each)]
    drawn = Label(width - 2, 14, what, "end", "faint")
    return join(
        Label(2, 14, fitted(path.name, drawn.box.left - 12, bold=True), kind="name").svg(),
        drawn.svg(),
        y_axis(y, x.start, x.end, values, told),
        x_axis(x, y.start, y.start, numbers, lambda each: f"{each:,.0f}"),
        tag("line", class_="axis", x1=x.start, x2=x.end, y1=y.start, y2=y.start),
        Label((x.start + x.end) / 2, y.start + 2 * LINE + 2, "inputs", "middle", "faint").svg(),
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


def _powers(high: float) -> list[float]:
    """The whole powers of ten that an axis of odds shows, six at most."""
    step = math.ceil((high - _FLOOR) / 5)
    return [float(each) for each in range(math.floor(high), int(_FLOOR) - 1, -1) if each % step == 0]


def _odds(log10: float) -> str:
    """What a power of ten is called: `100`, `0.01`, `10⁵`."""
    return f"{10**log10:,g}" if abs(log10) <= 3 else f"10{_superscript(int(log10))}"


def _superscript(number: int) -> str:
    return str(number).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _described(path: Path, rest: str) -> str:
    inputs = f"{path.n[-1]:,} inputs"
    when = f"{path.outcome}, known after {path.decided_at:,} of {inputs}" if path.decided_at else path.outcome
    return f"{path.name}: {when}. {rest}"
