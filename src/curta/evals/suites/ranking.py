"""Scores of models on one family as they come in: how good each is, which is the smallest that will do."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import fmean

from curta.evals.comparing import Comparing
from curta.evals.design import Block, cells
from curta.evals.scorers import Score
from curta.statistics import EProcess
from curta.statistics.intervals import Interval
from curta.statistics.multiplicity import e_holm
from curta.statistics.smallest import Smallest

_MAIN = 0
"""The scorer that counts, by its place. Others are told beside it."""


@dataclass
class Ranking(Comparing):
    """The comparisons of an experiment whose cells are models, the smallest first. Known when one is the smallest.

    means: the evidence on the mean score of each, as 2 * score - 1. pairs: on the differences of two, smaller - larger.
    """

    smallest: Smallest = field(init=False)
    means: list[EProcess] = field(init=False)
    pairs: dict[tuple[int, int], EProcess] = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        models, alpha = range(len(cells(self.spec))), self.spec.alpha
        self.smallest = Smallest(len(models), alpha, self.spec.rope)
        self.means = [EProcess(alpha) for _ in models]
        self.pairs = {pair: EProcess(alpha) for pair in combinations(models, 2)}

    def take(self, block: Block, scores: Sequence[Sequence[Score]]) -> None:
        super().take(block, scores)
        means = self._means(block, scores)
        self.smallest.add(means)
        for process, mean in zip(self.means, means, strict=True):
            process.add(2 * mean - 1)
        for (smaller, larger), process in self.pairs.items():
            process.add(means[smaller] - means[larger])

    @property
    def decided(self) -> bool:
        return self.smallest.known

    def interval(self, model: int) -> Interval:
        """Where the mean score of a model lies, looked at as often as one likes."""
        look = self.means[model].look()
        return Interval((1 + look.low) / 2, (1 + look.high) / 2)

    def mean(self, model: int) -> float:
        return (1 + self.means[model].tally.mean) / 2

    def dominated(self) -> list[bool]:
        """Which models are shown worse than one before them, all pairs looked at together (e-Holm)."""
        looks = [each.look() for each in self.pairs.values()]
        evidence = [each.log_e or 0.0 for each in looks]
        shown = {
            larger
            for (_, larger), look, adjusted in zip(self.pairs, looks, e_holm(evidence), strict=True)
            if look.mean > 0 and adjusted >= -math.log(self.spec.alpha)
        }
        return [each in shown for each in range(len(self.means))]

    def _means(self, block: Block, scores: Sequence[Sequence[Score]]) -> list[float]:
        """The mean score of each model on this unit; an answer that failed counts nothing."""
        values: list[list[float]] = [[] for _ in self.means]
        for asked, scored in zip(block.asked, scores, strict=True):
            values[asked.cell].append(scored[_MAIN].value or 0.0)
        return [fmean(each) for each in values]
