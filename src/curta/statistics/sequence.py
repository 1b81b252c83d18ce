"""The e-process of one contrast as its data come in: look after every input, stop whenever you like.

The differences have to come in an order that was drawn before the first call: released as they finish, fast answers
come first, and when speed and score go together nearly all true nulls are "significant" (docs/statistics.md).
"""

import math
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from curta.statistics.betting import BETS, Array, Side, Tally, checked, interval, log_mean, steps
from curta.statistics.intervals import Interval

Outcome: TypeAlias = Literal["better", "worse", "no practical difference", "undecided"]
_AT_ONCE = 4096


class Look(NamedTuple):
    """What is known after n inputs.

    log_e: the evidence against "no difference" now, for a table of several contrasts (`multiplicity`).
    low, high: all intervals so far, intersected. decided_at: after how many inputs an outcome was known.
    Where looks were planned (`planned`), there is a p-value instead of the evidence: of the `test`, at the last look.
    """

    n: int
    mean: float
    log_e: float | None
    low: float
    high: float
    outcome: Outcome
    decided_at: int | None = None
    p: float | None = None
    test: str = ""


class EProcess:
    """Feed it paired differences in [-1, 1] in the order that was assigned; an outcome that is reached stays.

    Only "no practical difference" may still become "better" or "worse": then it is so, by less than the margin.

    alpha: the probability of ever saying "better" or "worse" when the mean is 0. rope: the margin of practical
    equivalence; "no practical difference" is said when means of -rope and +rope are both rejected, each on its side
    alone, so that a true difference of that size is called none with a probability of alpha at most.
    every: for a fixed set of N inputs that is repeated in rounds, N. Then differences count in whole rounds: for the
    average over these inputs, which may differ in what they favour, E is valid at the end of a round, since
    prod_i (1 + u d_i) <= (1 + u mean d)^N, and not between two.
    """

    decide: Literal["anytime"] = "anytime"

    def __init__(self, alpha: float = 0.05, rope: float = 0.0, *, every: int = 1) -> None:
        if not (0 < alpha < 1 and 0 <= rope < 1 and every >= 1):
            raise ValueError(f"no e-process has alpha={alpha}, rope={rope}, every={every}")
        self.alpha, self.rope, self.every = alpha, rope, every
        self.outcome: Outcome = "undecided"
        self.decided_at: int | None = None
        self.tally = Tally()
        self.hypotheses = _hypotheses(rope)
        self.wealth: Array = np.zeros((len(self.hypotheses), BETS.size))
        self._waiting: Array = np.empty(0)
        self._interval = Interval(-1.0, 1.0)

    @property
    def n(self) -> int:
        return self.tally.n

    def add(self, difference: float) -> Outcome:
        """One more input; what is known now."""
        return self.extend([difference])

    def leave_out(self) -> Outcome:
        """An input has been asked about, and counts in no arm: nothing more is known."""
        return self.outcome

    def extend(self, differences: ArrayLike) -> Outcome:
        """More inputs, looked at one after the other; what is known now."""
        ready = np.concatenate([self._waiting, checked(differences).ravel()])
        whole = ready.size - ready.size % self.every
        self._waiting = ready[whole:]
        for first in range(0, whole, _AT_ONCE):
            self._take(ready[first : min(first + _AT_ONCE, whole)])
        return self.outcome

    def look(self) -> Look:
        """What is known now, with the interval."""
        low, high = self._narrowed()
        up, down = log_mean(self.wealth[:2])
        evidence = float(np.logaddexp(up, down)) - math.log(2)
        return Look(self.n, self.tally.mean, evidence, low, high, self.outcome, self.decided_at)

    def _take(self, differences: Array) -> None:
        each, before = steps(self.hypotheses, differences), self.wealth
        self.wealth = before + each.sum(axis=0)
        if self.outcome not in ("better", "worse"):
            evidence = log_mean(before + np.cumsum(each, axis=0))
            differences = self._rest_after_deciding(differences, evidence)
        self.tally.add(differences)

    def _rest_after_deciding(self, differences: Array, evidence: Array) -> Array:
        """Reach the outcomes that `differences` lead to, taking those up to a "better" or "worse"; what is left."""
        looked_at = (self.n + 1 + np.arange(len(evidence))) % self.every == 0
        differ, equivalent = (np.flatnonzero(looked_at & each) for each in decisive(evidence, self.alpha))
        if equivalent.size and self.outcome == "undecided":
            self.outcome, self.decided_at = "no practical difference", self.n + int(equivalent[0]) + 1
        if not differ.size:
            return differences
        self.tally.add(differences[: differ[0] + 1])
        self.decided_at = min(self.n, self.decided_at or self.n)
        low, high = self._narrowed()
        if self.tally.mean > 0:
            self.outcome, self._interval = "better", Interval(max(low, 0.0), high)
        else:
            self.outcome, self._interval = "worse", Interval(low, min(high, 0.0))
        return differences[differ[0] + 1 :]

    def _narrowed(self) -> Interval:
        """The intervals so far, intersected. Where no mean fits them all, which happens with a probability of alpha at
        most, the one before stays."""
        now = interval(self.tally, self.alpha)
        low, high = max(self._interval.low, now.low), min(self._interval.high, now.high)
        if low <= high:
            self._interval = Interval(low, high)
        return self._interval


def decisive(evidence: Array, alpha: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where the mean differs from 0, and where it lies within the margin.

    evidence: the logarithms of the e-values of `_hypotheses`, which are the last axis.
    """
    enough = -math.log(alpha)
    differ = np.logaddexp(evidence[..., 0], evidence[..., 1]) - math.log(2) >= enough
    if evidence.shape[-1] == 2:
        return differ, np.zeros_like(differ)
    return differ, evidence[..., 2:].min(axis=-1) >= enough


def _hypotheses(rope: float) -> tuple[tuple[float, Side], ...]:
    """The means that are bet against, each with the side: above and below 0; below +rope and above -rope."""
    return ((0.0, 1), (0.0, -1), *(((rope, -1), (-rope, 1)) if rope else ()))
