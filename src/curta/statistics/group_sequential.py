"""A few looks at a maximum n fixed before: better than looking all the time when the effect is near the planned one.

Boundaries are of the family of Wang and Tsiatis: look k of K rejects when |z_k| > c (k/K)^(shape - 1/2). Shape 0 is
that of O'Brien and Fleming, which hardly spends anything on early looks; shape 1/2 is that of Pocock. c makes the
probability of ever crossing alpha, by the recursive integration of Armitage, McPherson and Rowe.
Sources: Armitage, McPherson and Rowe, JRSS A 132 (1969); O'Brien and Fleming, Biometrics 35 (1979); Wang and Tsiatis,
Biometrics 43 (1987); Jennison and Turnbull, Group Sequential Methods (2000), tables 2.1 and 2.3
"""

import math
from functools import cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from curta.statistics.betting import Array, checked
from curta.statistics.exact import mcnemar
from curta.statistics.sequence import Outcome
from curta.statistics.student import t_tail

_NODES = 64


class Reading(NamedTuple):
    """What is known at look `look` of the plan, after n inputs. z beyond +-critical decides."""

    look: int
    n: int
    z: float
    critical: float
    outcome: Outcome


@cache
def boundary(looks: int = 5, alpha: float = 0.05, shape: float = 0.0) -> tuple[float, ...]:
    """The critical |z| of each look. For 5 looks at 5 %: 2.040 sqrt(5/k)."""
    low, high = 0.0, 10.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if _crossing(_critical(middle, looks, shape)) < alpha else (middle, high)
    return _critical(high, looks, shape)


def group_sequential(
    differences: ArrayLike, planned: int, looks: int = 5, alpha: float = 0.05, shape: float = 0.0
) -> Reading:
    """What the differences so far say, looked at `looks` times on the way to `planned` inputs, at equal distances.

    The first look that decides stays. z is that of Student's t with the same p-value, so that early looks at few inputs
    keep their level.
    """
    values, reading = checked(differences), Reading(0, 0, 0.0, math.inf, "undecided")
    for look, critical in enumerate(boundary(looks, alpha, shape), 1):
        n = round(planned * look / looks)
        if reading.outcome != "undecided" or n > values.size:
            return reading
        z = _z(values[:n])
        outcome: Outcome = "undecided" if abs(z) <= critical else "better" if z > 0 else "worse"
        reading = Reading(look, n, z, critical, outcome)
    return reading


def _critical(c: float, looks: int, shape: float) -> tuple[float, ...]:
    return tuple(c * (look / looks) ** (shape - 0.5) for look in range(1, looks + 1))


def _crossing(critical: tuple[float, ...]) -> float:
    """The probability that a random walk of standard normal steps is outside at any look."""
    nodes, weights = _nodes()
    within = critical[0]
    density, inner = _normal(within * nodes), within * weights
    places: Array = within * nodes
    for look, bound in enumerate(critical[1:], 2):
        within = bound * math.sqrt(look)
        following = within * nodes
        density = _normal(following[:, None] - places) @ (density * inner)
        places, inner = following, within * weights
    return 1 - float(density @ inner)


@cache
def _nodes() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights


def _normal(x: Array) -> Array:
    return np.asarray(np.exp(-x * x / 2) / math.sqrt(2 * math.pi))


def _z(values: Array) -> float:
    """The standard normal quantile with the p-value of the t-test of "the mean is 0"; of the exact test of signs, where
    all values are the same and t would be infinite."""
    n, mean = values.size, float(values.mean()) if values.size else 0.0
    if values.size < 2 or not (spread := float(values.std(ddof=1))):
        tail = mcnemar(n, 0) if mean else 1.0
    else:
        tail = t_tail(mean / spread * math.sqrt(n), n - 1)
    return math.copysign(NormalDist().inv_cdf(1 - max(tail, 1e-15) / 2), mean)
