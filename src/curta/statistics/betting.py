"""Evidence by betting: e-values of paired differences, and the interval of the means they do not reject.

    E+(m) = sum_k w_k prod_i [1 + u_k (D_i - m) / (1 + m)]      bets that the mean is above m
    E-(m) = sum_k w_k prod_i [1 - u_k (D_i - m) / (1 - m)]      bets that the mean is below m
    E(m)  = (E+(m) + E-(m)) / 2

u_k are the 32 BETS, w_k = 1/32. Each factor is at least 0 and has the mean 1 when E[D_i | past] = m, so E(m) is then a
martingale that begins at 1, and by Ville's inequality it ever reaches 1/alpha with a probability of alpha at most:
however often one looks, and whenever one stops. {m : E(m) < 1/alpha} is an interval, because products and mixtures of
what is decreasing and convex in m are so too, and it holds the mean of the data, where E is at most 1.

E depends on how often each difference occurred, not on the order: it can be computed again from the log in any order,
and ties cost nothing. Differences in {-1, 0, 1} make it a sequential McNemar test.

Sources: Ville (1939); Waudby-Smith and Ramdas, JRSS B 86 (2024), for betting on bounded means; Howard, Ramdas,
McAuliffe and Sekhon, Annals of Statistics 49 (2021), for mixtures; Ramdas, Grünwald, Vovk and Shafer, Statistical
Science 38 (2023), for the idea.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from curta.statistics.intervals import Interval

Array: TypeAlias = NDArray[np.float64]
Side: TypeAlias = Literal[-1, 0, 1]
"""What is bet on: a mean below (-1) or above (1) the one in question, or both (0)."""

BETS: Array = np.geomspace(0.01, 0.99, 32)
FINEST = 1 << 14
"""So many distinct differences are kept as they are."""
_GRID = 1 << 13
_EDGE = 1 - 1e-9
_STEPS = 24  # of a bisection: to 2e-7


def checked(differences: ArrayLike) -> Array:
    """`differences` as an array. Raises ValueError for one that is no number in [-1, 1]."""
    values = np.asarray(differences, float)
    if not np.all(np.abs(values) <= 1):
        raise ValueError("a paired difference of scores lies in [-1, 1]")
    return values


class Tally:
    """How often each difference occurred.

    When there are more than FINEST distinct ones, each is kept only to the cell of a fine grid, and `values` gives the
    end of it at which a bet wins less: E becomes a little smaller, never larger, so nothing it promises is lost.
    """

    def __init__(self, differences: ArrayLike = ()) -> None:
        self.n = 0
        self.total = 0.0
        self._counts: Counter[float] = Counter()
        self._coarse = False
        self.add(checked(differences))

    def add(self, differences: Array) -> None:
        """Count `differences`, which have been `checked`."""
        self.n += differences.size
        self.total += math.fsum(differences)
        self._counts.update((_cell(differences) if self._coarse else differences).tolist())
        if not self._coarse and len(self._counts) > FINEST:
            self._coarse, exact, self._counts = True, self._counts, Counter()
            for cell, count in zip(_cell(np.fromiter(exact.keys(), float)).tolist(), exact.values(), strict=True):
                self._counts[cell] += count

    @property
    def mean(self) -> float:
        return self.total / self.n if self.n else 0.0

    @property
    def counts(self) -> Array:
        return np.fromiter(self._counts.values(), float)

    def values(self, side: Side = 0) -> Array:
        """The distinct differences, in the order of `counts`: where they are known to a cell, its end for this side."""
        values = np.fromiter(self._counts.keys(), float)
        if not self._coarse or side == 0:
            return values
        return np.asarray((np.floor if side > 0 else np.ceil)(values * _GRID) / _GRID)


def _cell(differences: Array) -> Array:
    """The middle of the cell of the grid in which each difference lies; what lies on the grid stays."""
    scaled = differences * _GRID
    return np.asarray((np.floor(scaled) + np.ceil(scaled)) / (2 * _GRID))


def log_e(tally: Tally, mean: float = 0.0, side: Side = 0) -> float:
    """log E(mean), or that of one side, after all that was tallied. -1 < mean < 1."""
    if side:
        return float(log_mean(tally.counts @ np.log1p(_odds(mean, side) * (tally.values(side) - mean)[:, None])))
    both = log_e(tally, mean, 1), log_e(tally, mean, -1)
    return float(np.logaddexp(*both)) - math.log(2)


def log_e_path(differences: ArrayLike, mean: float = 0.0, side: Side = 0) -> Array:
    """log E(mean) after each of the differences, along the last axis."""
    values = checked(differences)
    if side == 0:
        return np.asarray(np.logaddexp(log_e_path(values, mean, 1), log_e_path(values, mean, -1)) - math.log(2))
    path = np.full(values.shape, -np.inf)
    for odds in _odds(mean, side):
        np.logaddexp(path, np.cumsum(np.log1p(odds * (values - mean)), -1), out=path)
    return path - math.log(BETS.size)


def interval(tally: Tally, alpha: float = 0.05) -> Interval:
    """The means that are not rejected, to 2e-7 and never too narrow: two bisections, outwards from the mean.

    On this side of the mean of the data the bet on the other side has won nothing: it is at most 1, and computed only
    where that matters.
    """
    enough = -math.log(alpha)

    def rejected(mean: float) -> bool:
        most = log_e(tally, mean, -1 if mean > tally.mean else 1)
        if most - math.log(2) >= enough or np.logaddexp(most, 0) - math.log(2) < enough:
            return most - math.log(2) >= enough
        return log_e(tally, mean) >= enough

    inside = min(max(tally.mean, -_EDGE), _EDGE)
    return Interval(_bound(rejected, -_EDGE, inside), _bound(rejected, _EDGE, inside))


def smallest_unanimous(alpha: float = 0.05) -> int:
    """How many inputs have to differ, all in one direction, before E can say so: 10 at 5 %."""
    return int(np.argmax(log_e_path(np.ones(10_000)) >= -math.log(alpha))) + 1


def steps(hypotheses: Sequence[tuple[float, Side]], differences: Array) -> Array:
    """What each difference adds to the logarithm of each bet, by [difference, hypothesis, bet].

    hypotheses: the mean that is bet against, and the side.
    """
    means, odds = _arrays(tuple(hypotheses))
    return np.asarray(np.log1p(odds * (differences[:, None] - means)[:, :, None]))


@cache
def _arrays(hypotheses: tuple[tuple[float, Side], ...]) -> tuple[Array, Array]:
    return np.array([mean for mean, _ in hypotheses]), np.array([_odds(mean, side) for mean, side in hypotheses])


def _odds(mean: float, side: Side) -> Array:
    """By how much each bet multiplies the distance of a difference from `mean`."""
    return side * BETS / (1 + side * mean)


def log_mean(logarithms: Array) -> Array:
    """The logarithm of the mean over the bets, which are the last axis."""
    return np.asarray(np.logaddexp.reduce(logarithms, axis=-1) - math.log(BETS.size))


def _bound(rejected: Callable[[float], bool], outside: float, inside: float) -> float:
    if not rejected(outside):
        return math.copysign(1.0, outside)
    for _ in range(_STEPS):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if rejected(middle) else (outside, middle)
    return outside
