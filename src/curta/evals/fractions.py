"""A regular fraction of the cells: half of them, a quarter, and what it cannot tell apart.

It is one of the factors with two levels, apart from models and wordings, which are crossed with it whole.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from curta.errors import UsageError
from curta.evals.factors import MODEL, WORDING, Factor
from curta.statistics.factorial import Cell as Coded
from curta.statistics.factorial import effects, fraction, indistinguishable

if TYPE_CHECKING:
    from curta.evals.spec import Spec

MANY = 16
"""So many ways of asking are not remarked upon."""


def kept(spec: "Spec") -> frozenset[Coded]:
    """The combinations of the factors with two levels that are asked: -1 for a base, or 1. Raises UsageError."""
    factors, halvings = halved(spec.factors), round(math.log2(spec.fraction))
    try:
        return frozenset(fraction(len(factors), halvings))
    except ValueError as error:
        raise UsageError(
            f"1/{spec.fraction} of the ways of asking cannot tell the factors apart.",
            why=f"A fraction is of 3 to 8 factors with two levels, and there are {len(factors)}.",
            then="Ask a larger fraction, or leave `fraction:` out.",
        ) from error


def coded(factors: Sequence[Factor], levels: Sequence[str]) -> Coded:
    """The levels of the factors with two, as -1 for the base and 1."""
    here = zip(factors, levels, strict=True)
    return tuple(-1 if level == factor.base else 1 for factor, level in here if factor in halved(factors))


def halved(factors: Sequence[Factor]) -> list[Factor]:
    """The factors that a fraction is of."""
    return [each for each in factors if len(each.levels) == 2 and each.name not in (MODEL, WORDING)]


def remarks(spec: "Spec", ways: int) -> list[str]:
    """What has to be said of so many ways of asking: what a fraction confuses, or that there could be one."""
    names = [each.name for each in halved(spec.factors)]
    if spec.fraction > 1:
        groups = indistinguishable(effects(names, sorted(kept(spec))))
        confused = "; ".join(" = ".join(group) for group in groups) or "only effects of three factors and more"
        return [f"1/{spec.fraction} of all ways of asking. Not told apart: {confused}."]
    if ways > MANY and len(names) > 2:
        return [f"{ways} ways of asking each input: `fraction: 1/2` asks half of them."]
    return []
