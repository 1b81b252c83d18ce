"""Looks that were planned: one, when a number of inputs fixed beforehand is there, or a few on the way to it.

Nothing is said in between. One look is an exact test; a few are a group-sequential design with the boundary of O'Brien
and Fleming, whose intervals are repeated confidence intervals: each look has the level that the boundary leaves it, and
they hold at all looks together.
Sources: `exact`, `group_sequential`; Jennison and Turnbull, JRSS B 51 (1989), for repeated confidence intervals;
Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987), for two one-sided tests of equivalence
"""

from statistics import NormalDist
from typing import Literal

from curta.statistics.betting import checked
from curta.statistics.exact import mcnemar, sign_flip
from curta.statistics.group_sequential import boundary, sequential_p, z_of
from curta.statistics.intervals import of_differences
from curta.statistics.sequence import Look, Outcome


class PlannedLooks:
    """Feed it paired differences in [-1, 1] in the order that was assigned; an outcome that is reached stays.

    planned: the number of inputs; looks: how many, at equal distances, the last of them there. alpha, rope: as
    `EProcess` has them. "No practical difference" is said when means of -rope and +rope are both rejected at alpha.
    """

    def __init__(self, planned: int, looks: int = 1, alpha: float = 0.05, rope: float = 0.0) -> None:
        if not (planned >= 1 and looks >= 1 and 0 < alpha < 0.5 and 0 <= rope < 1):
            raise ValueError(f"no looks are planned={planned}, looks={looks}, alpha={alpha}, rope={rope}")
        self.planned, self.looks, self.alpha, self.rope = planned, looks, alpha, rope
        self.outcome: Outcome = "undecided"
        self.taken = 0
        self._values: list[float] = []
        self._zs: list[float] = []
        self._places = {round(planned * look / looks): look for look in range(1, looks + 1)}
        self._seen = Look(0, 0.0, None, -1.0, 1.0, "undecided")

    @property
    def decide(self) -> Literal["fixed", "group-sequential"]:
        return "fixed" if self.looks == 1 else "group-sequential"

    @property
    def n(self) -> int:
        return len(self._values)

    def add(self, difference: float) -> Outcome:
        """One more input; what is known now."""
        self._values.append(float(checked(difference)))
        return self.leave_out()

    def leave_out(self) -> Outcome:
        """One more input has been asked about, and counts in no arm; what is known now."""
        self.taken += 1
        if (look := self._places.get(self.taken)) is not None and self._values:
            self._take_look(look)
        return self.outcome

    def look(self) -> Look:
        """What was known at the last look; n 0 before the first."""
        return self._seen

    def _take_look(self, look: int) -> None:
        p, test = self._test(look)
        if self.outcome != "undecided":
            self._seen = self._seen._replace(p=p)
            return
        level, level_within = (self._level(look, alpha) for alpha in (self.alpha, 2 * self.alpha))
        mean, values = sum(self._values) / self.n, self._values
        low, high = of_differences(values, level)
        inner = of_differences(values, level_within)
        if p <= self.alpha:  # 0 is rejected, and with it all that lies beyond
            self.outcome = "better" if mean > 0 else "worse"
            low, high = (max(low, 0.0), high) if mean > 0 else (low, min(high, 0.0))
        else:  # 0 is not, and belongs to the interval: of few inputs, that of t is too sure
            low, high = min(low, 0.0), max(high, 0.0)
        if self.outcome == "undecided" and -self.rope < inner.low and inner.high < self.rope:
            self.outcome = "no practical difference"
        decided_at = None if self.outcome == "undecided" else self.taken
        self._seen = Look(self.n, mean, None, low, high, self.outcome, decided_at, p, test)

    def _test(self, look: int) -> tuple[float, str]:
        """The p-value, and what it is of."""
        if self.looks > 1:
            self._zs += [0.0] * (look - 1 - len(self._zs)) + [z_of(self._values)]
            return sequential_p(self._zs, self.looks), f"look {look} of {self.looks}"
        if set(self._values) <= {-1.0, 0.0, 1.0}:
            return mcnemar(self._values.count(1.0), self._values.count(-1.0)), "McNemar's exact test"
        return sign_flip(self._values), "sign-flip test"

    def _level(self, look: int, alpha: float) -> float:
        """The two-sided level of this look alone."""
        if self.looks == 1:
            return alpha
        return 2 * (1 - NormalDist().cdf(boundary(self.looks, alpha)[look - 1]))
