"""What an experiment can be relied on to see, told before the first call."""

from typing import TYPE_CHECKING, NamedTuple

from curta.statistics.planning import Parts, smallest_effect

if TYPE_CHECKING:
    from curta.statistics.verdict import Decide

DISCORDANT = 0.25
"""The share of inputs on which two ways of asking are taken to differ: nobody knows it before."""
_FEW = 0.05
_MANY = 50
"""Units that are enough to find something, at any alpha that somebody would choose."""
_USUAL = (20, 50, 100, 200, 500, 1000)


class Reach(NamedTuple):
    """The smallest true differences that so many units show four times of five: where the answers to one input of four
    differ, and where those to one of twenty do. None: they are too few to show any."""

    units: int
    effect: float | None
    effect_of_few: float | None


def too_few(units: int, decide: "Decide", alpha: float) -> int | None:
    """Where these are too few to find anything: how many would have to differ, all in one direction. Else None."""
    if units >= _MANY:
        return None
    from curta.statistics import betting, exact  # with numpy, for which the first requests of many would wait

    needed = (betting if decide == "anytime" else exact).smallest_unanimous(alpha)
    return needed if units < needed else None


def reach(units: int, alpha: float, decide: "Decide" = "fixed") -> Reach:
    """What this many units can see, when looked at once; looking all the time takes about 1.3 times as many."""
    if too_few(units, decide, alpha):
        return Reach(units, None, None)
    return Reach(units, *(min(1.0, smallest_effect(Parts(q, 0), units, alpha=alpha)) for q in (DISCORDANT, _FEW)))


def table(units: int, alpha: float) -> list[Reach]:
    """What this many units can see, and what fewer and more could."""
    return [reach(each, alpha) for each in sorted({units, *_USUAL})]
