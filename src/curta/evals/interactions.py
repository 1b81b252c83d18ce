"""What an interaction means: the effect of one change without the other, and with it."""

from collections.abc import Mapping
from statistics import fmean
from typing import TYPE_CHECKING

from curta.evals.design import cells

if TYPE_CHECKING:
    from curta.evals.comparing import Comparing, Comparison


def simple_effects(comparing: "Comparing", comparison: "Comparison") -> str:
    """`caps: +2 points where tip is none, +12 where it is tip`; empty for what is no interaction.

    From the means so far; empty, too, where a scorer's amounts are neither good nor bad, or a mean is lacking.
    """
    changed = comparison.contrast.of
    if len(changed) < 2 or comparing.spec.score[comparison.scorer].relative:
        return ""
    (one, level), (other, given) = changed
    bases = {each.name: each.base for each in comparing.spec.factors}
    levels = bases[one], level
    without, there = (
        _effect(comparing, comparison.scorer, one, levels, {other: where}) for where in (bases[other], given)
    )
    if without is None or there is None:
        return ""
    first, second = (f"{100 * each:+.0f}" for each in (without, there))
    return f"{one} {level}: {first} points where {other} is {bases[other]}, {second} where it is {given}"


def _effect(
    comparing: "Comparing", scorer: int, factor: str, levels: tuple[str, str], where: Mapping[str, str]
) -> float | None:
    """How much better the second level is than the first, among the cells that have these other levels."""
    means = list[float]()
    for level in levels:
        wanted = {factor: level, **where}
        found = [
            arm.counted if comparing.spec.errors == "zero" else arm.mean
            for cell, arm in zip(cells(comparing.spec), comparing.arms[scorer], strict=True)
            if wanted.items() <= dict(cell.levels).items()
        ]
        known = [each for each in found if each is not None]
        if not known:
            return None
        means.append(fmean(known))
    return means[1] - means[0]
