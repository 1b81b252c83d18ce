"""How each way of asking did: means with their intervals."""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from curta.evals.report.study import Answer, Study
from curta.evals.reporting import Way
from curta.statistics.intervals import Interval, clustered, wilson


class Arm(NamedTuple):
    """A way of asking by a scorer, by its place in the spec. interval: in which the mean lies, at 1 - alpha."""

    scorer: int
    way: Way
    interval: Interval


def arms(study: Study) -> list[Arm]:
    """Each scorer's, in the order of the cells."""
    by_cell: list[list[Answer]] = [[] for _ in study.cells]
    for each in study.answers:
        by_cell[each.cell].append(each)
    places = product(range(len(study.spec.score)), by_cell)
    return [
        Arm(scorer, way, _interval(_scored(answers, scorer), study.spec.alpha))
        for (scorer, answers), way in zip(places, study.report.ways, strict=True)
    ]


def _scored(answers: Sequence[Answer], scorer: int) -> list[tuple[int, float]]:
    """The unit and the score of those answers that have one."""
    return [(each.block, value) for each in answers if (value := each.values[scorer]) is not None]


def _interval(scored: Sequence[tuple[int, float]], alpha: float) -> Interval:
    """Wilson's where each unit is all right or all wrong, so that all right is not "1 +- 0"; else by clusters."""
    if not scored:
        return Interval(0.0, 1.0)
    by_unit: dict[int, set[float]] = {}
    for unit, value in scored:
        by_unit.setdefault(unit, set()).add(value)
    if all(each in ({0.0}, {1.0}) for each in by_unit.values()):
        return wilson(sum(each == {1.0} for each in by_unit.values()), len(by_unit), alpha)
    units, values = zip(*scored, strict=True)
    found = clustered(values, units, alpha)
    return Interval(max(found.low, 0.0), min(found.high, 1.0))
