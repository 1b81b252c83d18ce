"""The pictures of a page, each with what it shows in words; wide and narrow, since a picture cannot reflow."""

from collections.abc import Iterable, Sequence

from curta.evals.report.arms import Arm
from curta.evals.report.markup import Child, Markup, tag
from curta.evals.report.plots import evidence, intervals, sequence
from curta.evals.report.plots.drawing import STYLE, Scale, mark
from curta.evals.report.study import Comparison, Study
from curta.evals.report.values import path, row

_WIDE, _NARROW, _PANEL = 920, 330, 400


def of_intervals(study: Study, scorer: int, comparisons: Sequence[Comparison]) -> Markup:
    """Where each difference by a scorer lies."""
    relative, rope = study.spec.score[scorer].relative, study.spec.rope
    rows = [row(each.result) for each in comparisons]
    title = f"Where each difference in {study.scorers[scorer]} lies"
    ends = ("shorter", "longer") if relative else ("worse", "better")
    drawn = (
        tag("div", _bare(intervals(rows, margin=rope, width=width, title=title, ends=ends)), class_=kind)
        for width, kind in ((_WIDE, "wide"), (_NARROW, "narrow"))
    )
    unit = "in points of a hundred of both lengths together" if relative else "in points of a hundred"
    caption = f"Mean difference from the base, {unit}, with its interval. Grey: the margin, ±{100 * rope:g} points."
    return tag("figure", *drawn, tag("figcaption", caption))


def of_evidence(study: Study, comparisons: Iterable[Comparison]) -> Markup | None:
    """How the evidence of each contrast grew, and its interval with it."""
    panels = list[Child]()
    for each in comparisons:
        differences = [value for _, value in each.differences]
        if differences and each.result.verdict.decide == "anytime":
            way = path(each.result, differences)
            panels += [_bare(evidence(way, alpha=study.spec.alpha, width=_PANEL))]
            panels += [_bare(sequence(way, margin=study.spec.rope, width=_PANEL))]
    return tag("div", *(tag("div", each) for each in panels), class_="panels") if panels else None


def of_arm(arm: Arm) -> Markup:
    """The mean of an arm and its interval, from 0 to 1."""
    x = Scale(0, 1, 2, 138)
    mean = () if arm.way.mean is None else (tag("circle", class_="mark", cx=x(arm.way.mean), cy=7, r=3.5),)
    return tag(
        "svg",
        tag("line", class_="grid", x1=x(0), x2=x(1), y1=7, y2=7),
        *(tag("line", class_="grid", x1=x(each), x2=x(each), y1=3, y2=11) for each in (0, 0.5, 1)),
        tag("line", class_="whisker", x1=x(arm.interval.low), x2=x(arm.interval.high), y1=7, y2=7),
        *mean,
        class_="plot same",
        viewBox="0 0 140 14",
        width=140,
        height=14,
        aria_hidden="true",
    )


def of_outcome(outcome: str, kind: str) -> Markup:
    """The sign that pictures have for an outcome."""
    return tag(
        "svg",
        tag("g", mark(8, 8, outcome), class_=kind),
        class_="plot",
        viewBox="0 0 16 16",
        width=16,
        height=16,
        aria_hidden="true",
    )


def _bare(picture: Markup) -> Markup:
    """A picture without the style that the whole page has once."""
    return Markup(picture.replace(str(tag("style", STYLE)), "", 1))
