"""How each way of asking did: means with their intervals."""

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import NamedTuple

from curta.evals.report.study import Answer, Study
from curta.statistics.intervals import Interval, clustered, wilson


class Arm(NamedTuple):
    """A way of asking by a scorer. mean: None when nothing could be scored; interval: in which it lies, at 1 - alpha.

    flicker: the share of inputs whose repeats did not all score the same; None without repeats.
    """

    cell: str
    scorer: int
    answers: int
    failed: int
    mean: float | None
    interval: Interval
    flicker: float | None


def arms(study: Study) -> list[Arm]:
    """Each scorer's, in the order of the cells."""
    by_cell: list[list[Answer]] = [[] for _ in study.cells]
    for each in study.answers:
        by_cell[each.cell].append(each)
    return [
        _arm(study, cell.name, scorer, answers)
        for scorer in range(len(study.spec.score))
        for cell, answers in zip(study.cells, by_cell, strict=True)
    ]


def _arm(study: Study, cell: str, scorer: int, answers: Sequence[Answer]) -> Arm:
    scored = [(each, value) for each in answers if (value := each.values[scorer]) is not None]
    values = [value for _, value in scored]
    mean = fmean(values) if values else None
    where = _interval([each.block for each, _ in scored], values, study.spec.alpha)
    flicker = _flicker(scored) if study.spec.repeat > 1 and scored else None
    return Arm(cell, scorer, len(answers), len(answers) - len(values), mean, where, flicker)


def _interval(units: Sequence[int], values: Sequence[float], alpha: float) -> Interval:
    """Wilson's where each unit is all right or all wrong, so that all right is not "1 +- 0"; else by clusters."""
    if not values:
        return Interval(0.0, 1.0)
    by_unit: dict[int, set[float]] = {}
    for unit, value in zip(units, values, strict=True):
        by_unit.setdefault(unit, set()).add(value)
    if all(each in ({0.0}, {1.0}) for each in by_unit.values()):
        return wilson(sum(each == {1.0} for each in by_unit.values()), len(by_unit), alpha)
    found = clustered(values, units, alpha)
    return Interval(max(found.low, 0.0), min(found.high, 1.0))


def _flicker(scored: Sequence[tuple[Answer, float]]) -> float | None:
    """None where the log cannot tell any more which answers were to the same input."""
    by_input: dict[tuple[int, int], set[float]] = {}
    for each, value in scored:
        if each.input is None:
            return None
        by_input.setdefault((each.block, each.input), set()).add(value)
    return fmean(len(each) > 1 for each in by_input.values())


def by_scorer(found: Sequence[Arm]) -> Iterator[list[Arm]]:
    """The arms of each scorer."""
    for scorer in dict.fromkeys(each.scorer for each in found):
        yield [each for each in found if each.scorer == scorer]
