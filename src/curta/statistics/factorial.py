"""Several factors in one experiment: cells, main effects, interactions, and what a fraction cannot tell apart.

Levels are coded -1 (the base) and 1. An effect is a column of signs over the cells; its difference for one input is the
mean of the cells with + less that of the cells with -, in [-1, 1] again, and uses every answer that was paid for.
Source: Box, Hunter and Hunter, Statistics for Experimenters (2005), chapters 5 and 6; Fries and Hunter, Technometrics
22 (1980), for minimum aberration
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations, product
from statistics import fmean
from typing import TypeAlias

Cell: TypeAlias = tuple[int, ...]
JOINED = " × "
MOST_IN_FRACTION = 8
"""Factors that a fraction is sought for; of more there are too many to compare."""


def cells(factors: int, generators: Sequence[Sequence[int]] = ()) -> list[Cell]:
    """The cells of a full design, or those of a regular fraction: each generator adds a factor that is the product of
    the factors at its places. `cells(3, [(0, 1, 2)])` has four factors in eight cells."""
    base = product((-1, 1), repeat=factors)
    return [(*cell, *(math.prod(cell[i] for i in places) for places in generators)) for cell in base]


def fraction(factors: int, halvings: int) -> list[Cell]:
    """The cells of the regular fraction, 1/2^halvings of them all, that confuses least; the base of all is among them.

    Raises ValueError where so few cells cannot tell the factors themselves apart.
    """
    base = factors - halvings
    if factors > MOST_IN_FRACTION or (halvings and (1 << base) - base - 1 < halvings):
        raise ValueError(f"no fraction of {1 << halvings} for {factors} factors")
    words = _best_generators(base, halvings)
    signs = (*(1,) * base, *((-1) ** (len(word) + 1) for word in words))
    return [tuple(sign * level for sign, level in zip(signs, cell, strict=True)) for cell in cells(base, words)]


@cache
def _best_generators(base: int, added: int) -> tuple[tuple[int, ...], ...]:
    """The generators whose shortest aliases are longest, and fewest: minimum aberration, the first in their order."""
    words = [word for size in range(base, 1, -1) for word in combinations(range(base), size)]
    return min(combinations(words, added), key=lambda chosen: _word_lengths(chosen, base))


def _word_lengths(generators: Sequence[Sequence[int]], base: int) -> list[int]:
    """How many words of each length the defining relation has: products of the generators, each with its factor."""
    words = [sum(1 << i for i in places) | 1 << base + number for number, places in enumerate(generators)]
    counts = [0] * (base + len(words) + 1)
    for size in range(1, len(words) + 1):
        for chosen in combinations(words, size):
            word = 0
            for each in chosen:
                word ^= each
            counts[word.bit_count()] += 1
    return counts


def effects(names: Sequence[str], design: Sequence[Cell], order: int = 2) -> dict[str, Cell]:
    """The columns of the main effects, and of the interactions of up to `order` factors, by name (`caps × tip`)."""
    sets = [places for size in range(1, order + 1) for places in combinations(range(len(names)), size)]
    return {
        JOINED.join(names[i] for i in places): tuple(math.prod(cell[i] for i in places) for cell in design)
        for places in sets
    }


def indistinguishable(columns: Mapping[str, Cell]) -> list[tuple[str, ...]]:
    """The effects that a design cannot tell apart: their columns are the same, or the same with every sign changed."""
    groups: dict[Cell, list[str]] = {}
    for name, column in columns.items():
        groups.setdefault(tuple(sign * column[0] for sign in column), []).append(name)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def contrast(scores: Sequence[float], column: Cell) -> float:
    """The difference of one input: its scores in the cells with + against those in the cells with -."""
    plus = [score for score, sign in zip(scores, column, strict=True) if sign > 0]
    minus = [score for score, sign in zip(scores, column, strict=True) if sign < 0]
    if not (plus and minus):
        raise ValueError("an effect has cells of both signs")
    return fmean(plus) - fmean(minus)


def relative_length(variant: float, base: float) -> float:
    """By how much an answer is longer, bounded by construction: (a - b) / (a + b); 0 when both are empty."""
    return (variant - base) / (variant + base) if variant + base else 0.0
