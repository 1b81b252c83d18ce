"""Size or price against score: who is worth its size, and who is within the margin of the best."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from curta.evals.report.markup import Markup, tag
from curta.evals.report.plots.drawing import (
    LINE,
    Box,
    Label,
    Scale,
    fitted,
    picture,
    points,
    text_width,
    ticks,
    x_axis,
    y_axis,
)

_LEFT, _RIGHT, _TOP = 44, 16, 16


class Point(NamedTuple):
    """A model. x: its size or price, above 0; score, low, high: in [0, 1]. dominated: something smaller is as good."""

    name: str
    x: float
    score: float
    low: float
    high: float
    dominated: bool = False


def pareto(
    models: Sequence[Point],
    *,
    margin: float,
    axis: str,
    told: Callable[[float], str] = "{:g}".format,
    width: float = 720,
    height: float = 380,
    title: str = "Score against size",
) -> Markup:
    """Score, with whiskers, against the logarithm of x. The staircase goes through the models that are not dominated.

    margin: a grey band from the best score to so much below. axis, told: what x is, and how a value of it is written.
    """
    x, y = _scales(models, margin, width, height)
    best = max(each.score for each in models)
    drawn = sorted(models, key=lambda each: (each.x, each.name))
    labels, leaders = _labels(drawn, x, y)
    return picture(
        width,
        height,
        title,
        "; ".join(f"{each.name}: {told(each.x)}, {_told(each)}" for each in drawn),
        tag("rect", class_="band", x=x.start, width=x.end - x.start, y=y(best), height=y(best - margin) - y(best)),
        y_axis(y, x.start, x.end, ticks(y.low, y.high, 6), lambda each: points(each, signed=False)),
        x_axis(x, y.end, y.start, _decades(x), lambda each: told(10**each)),
        tag("line", class_="axis", x1=x.start, x2=x.end, y1=y.start, y2=y.start),
        Label((x.start + x.end) / 2, height - 4, fitted(axis, x.end - x.start), "middle", "faint").svg(),
        _staircase([each for each in drawn if not each.dominated], x, y),
        *(tag("line", class_="leader", x1=a, y1=b, x2=c, y2=d) for a, b, c, d in leaders),
        *(_model(each, x(math.log10(each.x)), y) for each in drawn),
        *(each.svg() for each in labels),
    )


def _scales(models: Sequence[Point], margin: float, width: float, height: float) -> tuple[Scale, Scale]:
    logs = [math.log10(each.x) for each in models]
    room = max(0.12 * (max(logs) - min(logs)), 0.15)
    low = min(*(each.low for each in models), max(each.score for each in models) - margin)
    high = max(each.high for each in models)
    beside = max(0.05 * (high - low), 0.01)
    return (
        Scale(min(logs) - room, max(logs) + room, _LEFT, width - _RIGHT),
        Scale(max(low - beside, 0), min(high + beside, 1), height - 2 * LINE - 8, _TOP),
    )


def _decades(scale: Scale) -> list[float]:
    """The logarithms of round values on a logarithmic scale: 1, 2, 5, or powers of ten alone when there are many."""
    first, last = math.floor(scale.low), math.ceil(scale.high)
    steps = (1, 2, 5) if last - first <= 4 else (1,)
    found = [math.log10(step) + power for power in range(first, last + 1) for step in steps]
    return [each for each in found if scale.low <= each <= scale.high]


def _model(model: Point, x: float, y: Scale) -> Markup:
    return tag(
        "g",
        tag("title", f"{model.name}: {_told(model)}"),
        tag("line", class_="whisker", x1=x, x2=x, y1=y(model.low), y2=y(model.high)),
        tag("circle", class_="mark hollow" if model.dominated else "mark", cx=x, cy=y(model.score), r=5),
        class_="open" if model.dominated else "better",
    )


def _told(model: Point) -> str:
    low, score, high = (points(each, signed=False) for each in (model.low, model.score, model.high))
    return f"{score} [{low}, {high}]" + (", dominated" if model.dominated else "")


def _staircase(models: Sequence[Point], x: Scale, y: Scale) -> Markup | None:
    """From the smallest to the largest, each step up where a better one begins."""
    steps, best = list[Point](), -1.0
    for each in models:
        if each.score > best:
            steps.append(each)
            best = each.score
    if not steps:
        return None
    across = "".join(f"H{x(math.log10(each.x)):.1f}V{y(each.score):.1f}" for each in steps[1:])
    first = f"M{x(math.log10(steps[0].x)):.1f} {y(steps[0].score):.1f}"
    return tag("path", class_="step", d=f"{first}{across}H{x.end:.1f}")


def _labels(models: Sequence[Point], x: Scale, y: Scale) -> tuple[list[Label], list[tuple[float, float, float, float]]]:
    """A label for each model where nothing else is, and lines to those that could not stay near."""
    at = [(x(math.log10(each.x)), y(each.score)) for each in models]
    taken = [Box(a - 7, b - 7, a + 7, b + 7) for a, b in at]
    taken += [Box(a - 2, y(each.high), a + 2, y(each.low)) for (a, _), each in zip(at, models, strict=True)]
    around = Box(x.start, 0, x.end, y.start)
    labels, leaders = list[Label](), list[tuple[float, float, float, float]]()
    for (a, b), each in zip(at, models, strict=True):
        name = fitted(each.name, min(200, (x.end - x.start) / 2))
        for label, near in _places(name, a, b, around):
            if label.box.within(around) and not any(label.box.overlaps(box) for box in taken):
                labels.append(label)
                taken.append(label.box)
                if not near:
                    box = label.box
                    leaders.append((a, b, min(max(a, box.left), box.right), box.bottom if box.bottom < b else box.top))
                break
    return labels, leaders


def _places(name: str, x: float, y: float, around: Box) -> Iterator[tuple[Label, bool]]:
    """Where a name may stand, the best first, and whether that is near enough to do without a line."""
    for up in (-6.0, 14.0, 4.0, -10.0, 18.0):
        for across, anchor in ((9.0, "start"), (-9.0, "end")):
            yield Label(x + across, y + up, name, anchor), True
    for start, row in _free(text_width(name), x, y, around):
        yield Label(start, row, name), False


def _free(wide: float, x: float, y: float, around: Box) -> list[tuple[float, float]]:
    """Where a text that is `wide` may begin in the whole of `around`, the nearest to (x, y) first."""
    rows = [around.top + LINE * row for row in range(1, int((around.bottom - around.top) // LINE))]
    starts = [around.left + 12 * step for step in range(int((around.right - around.left - wide) // 12))]
    places = [(start, row) for row in rows for start in starts]
    return sorted(places, key=lambda place: math.hypot(max(place[0] - x, x - place[0] - wide, 0), place[1] - 4 - y))
