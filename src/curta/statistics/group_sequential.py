"""A few looks at a maximum n fixed before: better than looking all the time when the effect is near the planned one.

Boundaries are of the family of Wang and Tsiatis: look k of K rejects when |z_k| > c (k/K)^(shape - 1/2). Shape 0 is
that of O'Brien and Fleming, which hardly spends anything on early looks; shape 1/2 is that of Pocock. c makes the
probability of ever crossing alpha, by the recursive integration of Armitage, McPherson and Rowe.
Sources: Armitage, McPherson and Rowe, JRSS A 132 (1969); O'Brien and Fleming, Biometrics 35 (1979); Wang and Tsiatis,
Biometrics 43 (1987); Jennison and Turnbull, Group Sequential Methods (2000), tables 2.1 and 2.3
"""

import math
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from curta.statistics.betting import Array, checked
from curta.statistics.exact import mcnemar
from curta.statistics.student import t_tail

_NODES = 64


@cache
def boundary(looks: int = 5, alpha: float = 0.05, shape: float = 0.0) -> tuple[float, ...]:
    """The critical |z| of each look. For 5 looks at 5 %: 2.040 sqrt(5/k)."""
    low, high = 0.0, 10.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if _crossing(_critical(middle, looks, shape)) < alpha else (middle, high)
    return _critical(high, looks, shape)


def sequential_p(zs: Sequence[float], looks: int = 5, shape: float = 0.0) -> float:
    """The p-value of the first looks of several that were planned: the least alpha whose boundary one of them crosses.

    zs: of the looks so far, in order; 0 for one that was left out. It may go into Holm's correction as any other.
    Source: Liu and Anderson, JASA 103 (2008); Ye, Li, Liu and Yao, Statistics in Medicine 32 (2013), for Holm's
    """
    most = max((abs(z) * (look / looks) ** (0.5 - shape) for look, z in enumerate(zs, 1)), default=0.0)
    return min(1.0, max(0.0, _crossing(_critical(most, looks, shape)))) if most else 1.0


def z_of(differences: ArrayLike) -> float:
    """The standard normal quantile with the p-value of the t-test of "the mean is 0", so that early looks at few inputs
    keep their level; of the exact test of signs, where all are the same and t would be infinite."""
    values = checked(differences)
    n, mean = values.size, float(values.mean()) if values.size else 0.0
    if values.size < 2 or not (spread := float(values.std(ddof=1))):
        tail = mcnemar(n, 0) if mean else 1.0
    else:
        tail = t_tail(mean / spread * math.sqrt(n), n - 1)
    return math.copysign(NormalDist().inv_cdf(1 - max(tail, 1e-15) / 2), mean)


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
