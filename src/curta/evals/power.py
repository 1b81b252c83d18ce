"""What an experiment can be relied on to see, told before the first call."""

from typing import NamedTuple

from curta.statistics.planning import Parts, smallest_effect

DISCORDANT = 0.25
"""The share of inputs on which two ways of asking are taken to differ: nobody knows it before."""
_FEW = 0.05
_USUAL = (20, 50, 100, 200, 500, 1000)


class Reach(NamedTuple):
    """The smallest true differences that so many units show four times of five: where the answers to one input of four
    differ, and where those to one of twenty do."""

    units: int
    effect: float
    effect_of_few: float


def reach(units: int, alpha: float) -> Reach:
    """What this many units can see, when looked at once; looking all the time takes about 1.3 times as many."""
    return Reach(units, *(min(1.0, smallest_effect(Parts(q, 0), units, alpha=alpha)) for q in (DISCORDANT, _FEW)))


def table(units: int, alpha: float) -> list[Reach]:
    """What this many units can see, and what fewer and more could."""
    return [reach(each, alpha) for each in sorted({units, *_USUAL})]
