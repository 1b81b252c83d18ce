"""What `curta eval report` shows: verdicts with their intervals drawn, and the inputs on which answers differ most."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from curta.cli import output
from curta.cli.eval_shown import name_of, show_means, show_results, sign_of
from curta.evals.report.characters import drawn
from curta.evals.report.plots.drawing import points
from curta.evals.report.values import row
from curta.text.terminal import shorten, width

if TYPE_CHECKING:
    from curta.evals.report.items import Item, Said
    from curta.evals.reporting import Report, Result

_NARROWEST, _WIDEST = 24, 60
"""Columns of a drawing."""
_NAMES = 30
_TEXT = 600
"""Characters that are shown of an answer."""


def show(found: "Report") -> None:
    """The verdicts, and how each way of asking did; drawn where a person looks and there is room, else as sentences."""
    tables = [_Table(list(results)) for _, results in groupby(found.results, key=lambda each: each.scorer)]
    if not (output.is_terminal() and all(each.room >= _NARROWEST for each in tables) and found.units):
        show_results(found.results, found.ways)
        return
    for each in tables:
        each.show(heading=len(tables) > 1)
    show_means(found.results, found.ways)


def show_items(found: "Report", most: int) -> None:
    """For each contrast the inputs with the largest differences, with the texts."""
    from curta.evals.report.items import disagreements

    study = found.study
    for each in study.comparisons:
        items = disagreements(study, each, most)
        name = name_of(each.result, found.results)
        output.line()
        output.line((name, "bold"), "" if items else ": no input differs")
        for item in items:
            _show_item(item)


class _Table:
    """The contrasts of a scorer: name, verdict, drawing, figures; room: the columns that are left for drawings."""

    def __init__(self, results: "Sequence[Result]") -> None:
        self.results, self.figures = results, [_figures(each) for each in results]
        self.names = min(max(width(each.contrast) for each in results), _NAMES)
        self.outcomes = max(len(each.outcome) for each in results)
        self.room = min(output.columns() - self.names - self.outcomes - max(map(len, self.figures)) - 6, _WIDEST)

    def show(self, *, heading: bool) -> None:
        if heading:
            output.line((self.results[0].scorer, "bold"))
        drawing = drawn([row(each) for each in self.results], self.results[0].verdict.rope, self.room)
        for each, line, figures in zip(self.results, drawing.lines, self.figures, strict=True):
            name = shorten(each.contrast, self.names)
            verdict = f"{each.outcome:<{self.outcomes}}"
            output.line(f"{name}{' ' * (self.names - width(name))}  ", (verdict, sign_of(each)), f"  {line}  {figures}")
            for note in filter(None, [*each.notes, each.hidden, each.within]):
                output.line((f"  {note}", "faint"))
        output.line((f"{'':{self.names + self.outcomes + 4}}{drawing.axis}  points", "faint"))


def _figures(result: "Result") -> str:
    """`+27 [+13, +43]`, with how much more it may take."""
    look, further = result.verdict.look, result.verdict.further
    low, mean, high = (points(each) for each in (look.low, look.mean, look.high))
    return f"{mean} [{low}, {high}]{f'; {further}' if further else ''}"


def _show_item(item: "Item") -> None:
    output.line(f"input {item.unit}: {points(item.difference)} points")
    for said in (each for pair in item.pairs for each in pair if each):
        output.line((f"  {said.cell} ({said.score})", "faint"))
        for line in _told(said).splitlines():
            output.prose(f"    {line}")


def _told(said: "Said") -> str:
    if said.text is None:
        return "(no longer in the log)" if said.call else "(nothing could be asked)"
    left = said.text.left_out + max(len(said.text.text) - _TEXT, 0)
    return (said.text.text[:_TEXT].strip() or "(nothing)") + (
        f" … {left:,} more characters: curta logs show {said.call}" if left else ""
    )
