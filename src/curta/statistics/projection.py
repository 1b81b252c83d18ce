"""How many inputs it will take: by a bootstrap of those there are, tilted to the means that are plausible.

Drawing from the data as they are would take their mean for the truth. So it is tilted: a difference d is drawn with a
probability proportional to exp(t d), which keeps it in [-1, 1] and as near to the data as a given mean allows. One
observation's weight is spread over -1, 0 and 1, for what has not been seen yet.
Source: Efron, "Nonparametric standard errors and confidence intervals", Canadian Journal of Statistics 9 (1981), for
exponential tilting. A forecast: nothing that is promised rests on it.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from curta.statistics.betting import BETS, Array, checked, log_mean, steps
from curta.statistics.sequence import EProcess, decisive

MOST = 20_000
"""Further inputs that are looked at."""
_PLAUSIBLE, _EACH = 16, 8
_MOST_VALUES = 200
_GROWTH = 1.04


class Further(NamedTuple):
    """How many inputs it takes: half of the time at most `median`, four times in five at most `high`.

    mean: with MOST for what takes longer. decided: the share that is decided within MOST.
    """

    median: int
    high: int
    mean: float
    decided: float

    def __str__(self) -> str:
        """`about 240 more inputs`: the median in two digits, as a forecast deserves."""
        if self.decided < 0.5:
            return f"more than {MOST:,} more inputs"
        digits = 1 - math.floor(math.log10(self.median))
        return f"about {round(self.median, min(digits, 0)):,} more inputs"


def further(process: EProcess, seed: int = 0) -> Further:
    """How many more inputs until `process` knows, going by the data it has had."""
    values, weights = _smoothed(process.tally.values(), process.tally.counts)
    mean = float(weights @ values)
    error = math.sqrt(float(weights @ (values - mean) ** 2) / (process.n + 1))
    means = [NormalDist(mean, error).inv_cdf((each + 0.5) / _PLAUSIBLE) for each in range(_PLAUSIBLE)]
    return _taken(process, values, [tilted(values, weights, each) for each in means], seed)


def planned(pilot: ArrayLike, effect: float, alpha: float = 0.05, rope: float = 0.0, seed: int = 0) -> Further:
    """How many inputs an experiment takes from nothing, if the true mean is `effect` and the data vary as in `pilot`.

    The pilot's own inputs do not count again in the experiment.
    """
    values, counts = np.unique(checked(pilot), return_counts=True)
    values, weights = _smoothed(values, counts.astype(float))
    tilts = [tilted(values, weights, effect)] * _PLAUSIBLE
    return _taken(EProcess(alpha, rope), values, tilts, seed)


def tilted(values: Array, weights: Array, mean: float) -> Array:
    """The probabilities of `values` nearest to `weights` with this mean, as far as `values` reach."""
    low, high = -200.0, 200.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if _weighted(values, weights, middle) @ values > mean else (middle, high)
    return _weighted(values, weights, (low + high) / 2)


def _weighted(values: Array, weights: Array, tilt: float) -> Array:
    logarithms = np.log(weights) + tilt * values
    shares = np.exp(logarithms - logarithms.max())
    return np.asarray(shares / shares.sum())


def _smoothed(values: Array, counts: Array) -> tuple[Array, Array]:
    """Distinct values, not too many, and the probability of each, with one observation's weight for the unseen."""
    if values.size > _MOST_VALUES:
        values = np.round(values * (_MOST_VALUES // 2)) / (_MOST_VALUES // 2)
    distinct, places = np.unique(np.concatenate([values, [-1.0, 0.0, 1.0]]), return_inverse=True)
    weights = np.bincount(places, np.concatenate([counts, [1 / 3] * 3]))
    return distinct, weights / weights.sum()


def _taken(process: EProcess, values: Array, tilts: Sequence[Array], seed: int) -> Further:
    """Continue `process` in several worlds of each tilt, until it knows; how long that took."""
    chance = np.random.default_rng(seed)
    probabilities = np.repeat(tilts, _EACH, axis=0)
    each = steps(process.hypotheses, values).reshape(values.size, -1)
    wealth = np.tile(process.wealth.reshape(-1), (len(probabilities), 1))
    taken = np.full(len(probabilities), MOST + 1)
    done = 0
    while done < MOST and (going := taken > MOST).any():
        more = min(max(1, int(done * (_GROWTH - 1))), MOST - done)
        done += more
        wealth[going] += chance.multinomial(more, probabilities[going]) @ each
        taken[going] = np.where(_known(wealth[going], process), done, MOST + 1)
    decided = float(np.mean(taken <= MOST))
    taken = np.minimum(taken, MOST)
    median, high = np.quantile(taken, [0.5, 0.8], method="higher")
    return Further(int(median), int(high), float(np.mean(taken)), decided)


def _known(wealth: Array, process: EProcess) -> NDArray[np.bool_]:
    evidence = log_mean(wealth.reshape(len(wealth), len(process.hypotheses), BETS.size))
    differ, equivalent = decisive(evidence, process.alpha)
    return np.asarray(differ | equivalent)
