"""Scores become verdicts: block by block, in the order that was assigned, for each contrast and scorer.

A function of the spec and of scores in the log: the same offline as while the experiment runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean

from curta.evals import deciding
from curta.evals.design import Block, Contrast, cells, contrasts
from curta.evals.scorers import Score
from curta.evals.spec import Spec
from curta.statistics import Verdict, repeats
from curta.statistics.intervals import Interval
from curta.statistics.missing import worst_case
from curta.statistics.verdict import Process, verdict_of


@dataclass(slots=True)
class Arm:
    """How a cell did by one scorer. total: of the scores; failed: answers without one; why: the first of them
    has none.

    repeated: inputs that were asked about several times; disagreed: on how many repeats did; passed: where all did.
    """

    answers: int = 0
    failed: int = 0
    why: str = ""
    total: float = 0.0
    repeated: int = 0
    disagreed: float = 0.0
    passed: float = 0.0

    @property
    def mean(self) -> float | None:
        """The mean of the scores there are; None without any."""
        return self.total / (self.answers - self.failed) if self.answers > self.failed else None

    @property
    def counted(self) -> float | None:
        """The mean with nothing for an answer that failed; None before the first answer."""
        return self.total / self.answers if self.answers else None

    @property
    def flicker(self) -> float | None:
        """The share of inputs whose repeats did not all get the same score; None without repeats."""
        return self.disagreed / self.repeated if self.repeated else None

    @property
    def all_pass(self) -> float | None:
        """pass^k: the share of inputs whose repeats all got 1; None without repeats."""
        return self.passed / self.repeated if self.repeated else None

    def repeat(self, values: Sequence[float | None]) -> None:
        """What an input was scored, each time that it was asked about. A failed answer does not pass."""
        self.repeated += 1
        self.disagreed += repeats.flicker([[-1.0 if each is None else each for each in values]])
        self.passed += repeats.pass_all([[each == 1 for each in values]], len(values))


@dataclass(slots=True)
class Comparison:
    """One contrast by one scorer. low, high: the sums over units of what failures could have hidden."""

    contrast: Contrast
    scorer: int
    process: Process
    noun: str = "input"
    units: int = 0
    low: float = 0.0
    high: float = 0.0

    @property
    def worst_case(self) -> Interval | None:
        """Where the mean lies whatever the answers that failed would have scored; None before the first unit."""
        return Interval(self.low / self.units, self.high / self.units) if self.units else None

    def verdict(self, *, projected: bool = True) -> Verdict:
        return verdict_of(self.process, projected=projected, noun=self.noun)


@dataclass
class Comparing:
    """The comparisons of an experiment as its blocks come in. `arms[scorer][cell]` is how each cell did."""

    spec: Spec
    comparisons: list[Comparison] = field(init=False)
    arms: list[list[Arm]] = field(init=False)
    taken: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        scorers = range(len(self.spec.score))
        self.comparisons = [
            Comparison(contrast, scorer, deciding.process(self.spec), deciding.noun(self.spec))
            for scorer in scorers
            for contrast in contrasts(self.spec)
        ]
        self.arms = [[Arm() for _ in cells(self.spec)] for _ in scorers]

    def take(self, block: Block, scores: Sequence[Sequence[Score]]) -> None:
        """One more block. scores: for each of its answers, in the block's order, what each scorer says.

        Raises ValueError for a block that is not the next one: results that are looked at as they arrive favour what
        is fast.
        """
        if block.pos != self.taken:
            raise ValueError(f"block {block.pos} before block {self.taken}")
        self.taken += 1
        for scorer in range(len(self.spec.score)):
            by_cell = self._by_cell(block, [each[scorer] for each in scores], scorer)
            for each in self.comparisons:
                if each.scorer == scorer:
                    self._compare(each, by_cell)

    @property
    def decided(self) -> bool:
        """Whether nothing is undecided, so that nothing more need be asked. Of one way of asking all is asked."""
        return bool(self.comparisons) and all(each.process.outcome != "undecided" for each in self.comparisons)

    def hold_together(self) -> list[bool]:
        """Which differences hold when all contrasts of a scorer are looked at together, by what is known now."""
        held = list[bool]()
        for scorer in range(len(self.spec.score)):
            looks = [each.process.look() for each in self.comparisons if each.scorer == scorer]
            held += deciding.together(self.spec, looks)
        return held

    def _by_cell(self, block: Block, scores: Sequence[Score], scorer: int) -> list[list[float | None]]:
        by_cell: list[list[float | None]] = [[] for _ in self.arms[scorer]]
        for each, score in zip(block.asked, scores, strict=True):
            by_cell[each.cell].append(score.value)
            arm = self.arms[scorer][each.cell]
            arm.answers += 1
            arm.total += score.value or 0.0
            if score.value is None:
                arm.failed += 1
                arm.why = arm.why or score.failure
        if self.spec.repeat > 1:
            self._take_repeats(block, [each.value for each in scores], scorer)
        return by_cell

    def _take_repeats(self, block: Block, values: Sequence[float | None], scorer: int) -> None:
        """Of each input in each cell; nobody knows which are repeats of which where the inputs were forgotten."""
        by_input: dict[tuple[int, str], list[float | None]] = {}
        for each, value in zip(block.asked, values, strict=True):
            if each.input.id:
                by_input.setdefault((each.cell, each.input.id), []).append(value)
        for (cell, _), again in by_input.items():
            self.arms[scorer][cell].repeat(again)

    def _compare(self, comparison: Comparison, by_cell: Sequence[Sequence[float | None]]) -> None:
        contrast, relative = comparison.contrast, self.spec.score[comparison.scorer].relative
        means = [fmean(value or 0.0 for value in cell) for cell in by_cell]
        difference = contrast.relative(means) if relative else contrast.difference(means)
        plus, minus = (
            [value for cell in places for value in by_cell[cell]] for places in (contrast.plus, contrast.minus)
        )
        if not relative:
            low, high = worst_case(plus, minus)
        else:
            low, high = (-1.0, 1.0) if None in (*plus, *minus) else (difference, difference)
        comparison.units += 1
        comparison.low += low
        comparison.high += high
        if self.spec.errors == "zero" or not any(None in cell for cell in by_cell):
            comparison.process.add(difference)
        else:
            comparison.process.leave_out()
