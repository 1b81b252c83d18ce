"""Scores of models on one family as they come in: how good each is, which is the smallest that will do."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import fmean

from curta.evals.comparing import Comparing
from curta.evals.design import Block, cells
from curta.evals.scorers import Score
from curta.statistics.betting import Tally, checked, interval, log_e
from curta.statistics.intervals import Interval
from curta.statistics.multiplicity import e_holm
from curta.statistics.smallest import Smallest

_MAIN = 0
"""The scorer that counts, by its place. Others are told beside it."""


@dataclass
class Ranking(Comparing):
    """The comparisons of an experiment whose cells are models, the smallest first. Known when one is the smallest.

    means: of each, its scores as 2 * score - 1. pairs: the differences of two, smaller - larger.
    """

    smallest: Smallest = field(init=False)
    means: list[Tally] = field(init=False)
    pairs: dict[tuple[int, int], Tally] = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        models = range(len(cells(self.spec)))
        self.smallest = Smallest(len(models), self.spec.alpha, self.spec.rope)
        self.means = [Tally() for _ in models]
        self.pairs = {pair: Tally() for pair in combinations(models, 2)}

    def take(self, block: Block, scores: Sequence[Sequence[Score]]) -> None:
        super().take(block, scores)
        means = self._means(block, scores)
        self.smallest.add(means)
        for tally, mean in zip(self.means, means, strict=True):
            tally.add(checked(2 * mean - 1).reshape(1))
        for (smaller, larger), tally in self.pairs.items():
            tally.add(checked(means[smaller] - means[larger]).reshape(1))

    @property
    def decided(self) -> bool:
        return self.smallest.known

    def mean(self, model: int) -> float:
        return (1 + self.means[model].mean) / 2

    def interval(self, model: int) -> Interval:
        """Where the mean score of a model lies, looked at as often as one likes."""
        low, high = interval(self.means[model], self.spec.alpha)
        return Interval((1 + low) / 2, (1 + high) / 2)

    def dominated(self) -> list[bool]:
        """Which models are shown to be worse than a smaller one, all pairs looked at together (e-Holm)."""
        evidence = e_holm([log_e(tally, 0.0, 1) for tally in self.pairs.values()])
        shown = {larger for (_, larger), e in zip(self.pairs, evidence, strict=True) if e >= -math.log(self.spec.alpha)}
        return [each in shown for each in range(len(self.means))]

    def _means(self, block: Block, scores: Sequence[Sequence[Score]]) -> list[float]:
        """The mean score of each model on this unit; an answer that failed counts nothing."""
        values: list[list[float]] = [[] for _ in self.means]
        for asked, scored in zip(block.asked, scores, strict=True):
            values[asked.cell].append(scored[_MAIN].value or 0.0)
        return [fmean(each) for each in values]
