"""What a report tells of an experiment, read from the log: its answers, and how they differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, product
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from curta.evals import spec
from curta.evals.design import Cell, Contrast, cells, contrasts, places_within
from curta.evals.reporting import Report, Result
from curta.evals.spec import Spec

if TYPE_CHECKING:
    from curta.store import Log
    from curta.store.experiments import CallRecord, ScoreRecord


class Answer(NamedTuple):
    """An answer, at its place in the order.

    block: the place of its unit in the order. input: the place of its input in the unit, and repeat: for the
    how-manieth time it was asked, both from 1; None where the log cannot tell any more. call: its id, None where
    nothing could be asked. values: by scorer, None where it could not be scored; then `failures` says why.
    """

    number: int
    block: int
    unit: str
    input: int | None
    cell: int
    repeat: int | None
    call: str | None
    values: tuple[float | None, ...]
    failures: tuple[str, ...]


class Comparison(NamedTuple):
    """A contrast by a scorer, as it came out. differences: by block, in the order assigned, those that count."""

    contrast: Contrast
    scorer: int
    result: Result
    differences: tuple[tuple[int, float], ...]


@dataclass(frozen=True, eq=False)
class Study:
    """An experiment with all its answers, a block after the other.

    beyond: scored answers that do not count, since one before them is gone from the log. log: where their texts are.
    """

    spec: Spec
    cells: list[Cell]
    report: Report
    blocks: list[list[Answer]]
    comparisons: list[Comparison]
    calls: "dict[str, CallRecord]"
    beyond: int
    log: "Log"

    @cached_property
    def answers(self) -> list[Answer]:
        """Those of all blocks, in the order in which they were asked for."""
        return [each for block in self.blocks for each in block]

    @property
    def foreign(self) -> bool:
        """Whether another tool ran it. Then there is no spec that could run it again: only that has no prompt."""
        return not self.spec.prompt

    @property
    def scorers(self) -> list[str]:
        """The names of the scorers, each once: `contains`, `contains 2`."""
        names = [each.name for each in self.spec.score]
        seen = [names[:place].count(name) + 1 for place, name in enumerate(names)]
        return [f"{name} {count}" if count > 1 else name for name, count in zip(names, seen, strict=True)]


def of(log: "Log", report: Report) -> Study:
    """The experiment that a report is of. Raises UnknownCall."""
    experiments = log.experiments()
    record = experiments.one(report.id)
    planned = spec.of_dict(record.plan["spec"])
    scores = experiments.scores(record.id)
    blocks = list(_blocks(planned, record.plan["sizes"], scores, experiments.units(record.id)))
    pairs = product(range(len(planned.score)), contrasts(planned))
    comparisons = [
        Comparison(contrast, scorer, result, tuple(_differences(planned, contrast, scorer, blocks)))
        for (scorer, contrast), result in zip(pairs, report.results, strict=True)
    ]
    beyond = len(scores) - sum(map(len, blocks))
    return Study(planned, cells(planned), report, blocks, comparisons, experiments.calls(record.id), beyond, log)


def _blocks(
    spec: Spec, sizes: Sequence[int], scores: "dict[int, list[ScoreRecord]]", units: dict[int, str]
) -> Iterator[list[Answer]]:
    """The answers of each block, as far as those of all blocks before are there: what `reporting.replay` compares."""
    for pos, (first, size) in enumerate(zip(accumulate(sizes, initial=0), sizes, strict=False)):
        scored = [scores.get(number, []) for number in range(first, first + size)]
        if any(len(each) < len(spec.score) for each in scored):
            return
        unit = units.get(pos, f"#{pos + 1}")
        places = places_within(spec, unit, [each[0].cell for each in scored])
        yield [_answer(pos, unit, each, *place) for each, place in zip(scored, places, strict=True)]


def _answer(block: int, unit: str, scored: "Sequence[ScoreRecord]", input: int | None, repeat: int | None) -> Answer:
    first = scored[0]
    values, failures = tuple(each.value for each in scored), tuple(each.failure for each in scored)
    return Answer(first.number, block, unit, input, first.cell, repeat, first.call, values, failures)


def _differences(
    spec: Spec, contrast: Contrast, scorer: int, blocks: Sequence[Sequence[Answer]]
) -> Iterator[tuple[int, float]]:
    """The paired difference of each block, as `comparing` takes them."""
    compare = contrast.relative if spec.score[scorer].relative else contrast.difference
    for block in blocks:
        by_cell: list[list[float | None]] = [[] for _ in cells(spec)]
        for each in block:
            by_cell[each.cell].append(each.values[scorer])
        if spec.errors == "zero" or not any(None in cell for cell in by_cell):
            yield block[0].block, compare([fmean(value or 0.0 for value in cell) for cell in by_cell])
