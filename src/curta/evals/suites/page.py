"""What is known of a suite as one HTML file: for each family its sentence, the Pareto line, a table."""

from typing import TYPE_CHECKING

from curta.evals.report.markup import Child, Markup, tag
from curta.evals.report.page import whole
from curta.evals.report.plots import Point, pareto
from curta.evals.suites import table

if TYPE_CHECKING:
    from curta.evals.suites.known import Known, Mark, Standing

_HEADS = ("model", "score", "lies in", "seconds an answer", "cost", "")


def to_html(known: "Known") -> str:
    """The whole file."""
    title = f"{known.suite}: how small can a model be, and still be useful?"
    about = (
        f"Scores in points of 100, with intervals that hold however often one looks. Models in the order of"
        f" {known.axis.name or 'the command'}, the smallest first. Families are never averaged."
    )
    body = tag(
        "body",
        tag("header", tag("h1", title), tag("p", about)),
        tag("main", *(_family(each, known) for each in known.families)),
        tag("footer", f"Suite {known.suite}, seed {known.seed}. Computed from the log; made by Curta."),
    )
    return whole(title, body)


def _family(standing: "Standing", known: "Known") -> Markup:
    notes = [*filter(None, (table.use(standing), *standing.chosen_late))]
    return tag(
        "section",
        tag("h2", standing.family),
        tag("p", standing.measures, class_="faint") if standing.measures else None,
        tag("p", tag("strong", table.verdict(standing, known)), *(f"; {note}" for note in notes)),
        _plot(standing, known),
        _table(standing, known),
        tag("p", f"curta eval report {standing.id}", class_="faint small") if standing.id else None,
    )


def _plot(standing: "Standing", known: "Known") -> Markup | None:
    """Size or price against score; none where that is not known of all, or nothing."""
    sizes = {each.name: known.axis.of(each) for each in known.models}
    points = [
        Point(each.model, size, each.score, each.low, each.high, each.dominated)
        for each in standing.marks
        if (size := sizes[each.model])
    ]
    if len(points) < 2 or len(points) < len(standing.marks):
        return None
    drawn = pareto(
        points, margin=known.margin, axis=known.axis.name, told=known.axis.told, title=f"{standing.family}: score"
    )
    return tag("figure", drawn)


def _table(standing: "Standing", known: "Known") -> Markup | None:
    if not standing.marks:
        return None
    heads = tag("tr", *(tag("th", each) for each in _HEADS))
    rows = (tag("tr", *(tag("td", each) for each in _cells(mark, known))) for mark in standing.marks)
    return tag("div", tag("table", tag("thead", heads), tag("tbody", *rows)), class_="scroll")


def _cells(mark: "Mark", known: "Known") -> list[Child]:
    from curta.text.money import dollars

    model = next(each for each in known.models if each.name == mark.model)
    failed = f"{mark.failed:,} of {mark.answers:,} failed: {mark.why}" if mark.failed else ""
    beside = [f"{name} {100 * value:.0f}" for name, value in mark.beside]
    return [
        table.head(model, known),
        f"{100 * mark.score:.0f}",
        f"{100 * mark.low:.0f} to {100 * mark.high:.0f}",
        "" if mark.seconds is None else table.seconds(mark.seconds),
        "" if mark.cost is None else dollars(mark.cost),
        "; ".join(filter(None, (*beside, failed))),
    ]
