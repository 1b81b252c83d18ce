"""Before the first call: which difference can be seen, and whether more inputs or more repeats see it sooner."""

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean, variance
from typing import NamedTuple


class Parts(NamedTuple):
    """The variance of paired differences: between inputs, and within one from repeat to repeat.

    For scores of 0 and 1 asked once, `between` is the discordance: the share of inputs on which the two arms differ.
    """

    between: float
    within: float = 0.0

    def of_mean(self, n: int, repeats: int = 1) -> float:
        """The variance of the mean difference over n inputs."""
        return (self.between + self.within / repeats) / n


class Plan(NamedTuple):
    """A way to spend calls, and the smallest difference it can be relied on to see."""

    inputs: int
    repeats: int
    effect: float


def smallest_effect(parts: Parts, n: int, repeats: int = 1, alpha: float = 0.05, power: float = 0.8) -> float:
    """The true difference that a fixed n finds with a probability of `power`: the minimal detectable effect.

    (z_{1-alpha/2} + z_power) sqrt((between + within/K) / n). Looking all the time takes about 1.3 times the inputs.
    Source: Miller, arXiv 2411.00640 (2024), section 5
    """
    return _reach(alpha, power) * math.sqrt(parts.of_mean(n, repeats))


def inputs_needed(parts: Parts, effect: float, repeats: int = 1, alpha: float = 0.05, power: float = 0.8) -> int:
    """How many inputs a fixed design needs to find `effect` with a probability of `power`."""
    return math.ceil((_reach(alpha, power) / effect) ** 2 * parts.of_mean(1, repeats))


def plans(calls: int, parts: Parts, repeats: Sequence[int] = (1, 2, 4, 8)) -> list[Plan]:
    """What so many calls for each arm can see, spent on inputs or on repeats; the best first, and it is inputs."""
    ways = [(calls // each, each) for each in repeats if calls >= each]
    return sorted((Plan(n, k, smallest_effect(parts, n, k)) for n, k in ways), key=lambda plan: plan.effect)


def parts_of(pilot: Sequence[Sequence[float]]) -> Parts:
    """The parts of the variance in a pilot: for each input, the paired differences of its repeats, as many for each.

    By analysis of variance: within is the mean variance of an input's repeats; between, what the variance of the means
    has beyond within/K. Raises ValueError for fewer than two inputs. Of one repeat all variance counts as between.
    Source: Searle, Casella and McCulloch, Variance Components (1992), section 3.6
    """
    repeats = {len(each) for each in pilot}
    if len(pilot) < 2 or len(repeats) != 1 or 0 in repeats:
        raise ValueError("a pilot has two inputs at least, and as many repeats of each")
    (count,) = repeats
    within = fmean(variance(each) for each in pilot) if count > 1 else 0.0
    return Parts(max(variance([fmean(each) for each in pilot]) - within / count, 0.0), within)


def _reach(alpha: float, power: float) -> float:
    return NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(power)
