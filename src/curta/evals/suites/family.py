"""The nouns of a suite: a family of tasks, and several of them under a name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any, NamedTuple, TypeAlias

from curta.messages import JSON

Row: TypeAlias = dict[str, JSON]
"""An instance of a task, as an input of an experiment."""

REFERENCE = "reference"
UNIT = "unit"
"""The column of what several rows of one instance share: a pair that differs only in whether the answer is there."""


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of task.

    measures: what a score says, in a sentence. asks: how it is asked and scored, as in a spec: `prompt`, `documents`,
    `score` and whatever else, but no `inputs` and no `models`. rows: the instances of a seed, as many as wanted.
    floor: what an answer can score that does not depend on the input. each: rows in an instance, at most. reference:
    the column with an answer that has full marks.
    """

    name: str
    measures: str
    asks: Mapping[str, Any]
    rows: "Callable[[int, int], list[Row]]" = field(repr=False)
    floor: float = 0.0
    each: int = 1
    reference: str = REFERENCE


class Suite(NamedTuple):
    """Families under a name. about: what it is for, in a sentence."""

    name: str
    about: str
    families: tuple[Family, ...]


def generated(name: str, make: "Callable[[Random], Row | list[Row]]") -> "Callable[[int, int], list[Row]]":
    """The rows of a family whose instances `make` makes, each from a chance of its own.

    The tenth instance of a seed is the same whether ten are made or a thousand; none is there twice.
    """

    def rows(seed: int, count: int) -> list[Row]:
        return [row for instance in islice(_different(name, seed, make, count), count) for row in instance]

    return rows


def _different(name: str, seed: int, make: "Callable[[Random], Row | list[Row]]", count: int) -> Iterator[list[Row]]:
    seen = set[str]()
    for number in range(20 * count):
        made = make(Random(f"{name} {seed} {number}"))
        instance = made if isinstance(made, list) else [made]
        told = repr([(row["ask"], row.get("text")) for row in instance])
        if told not in seen:
            seen.add(told)
            yield [_numbered(row, number, place, len(instance)) for place, row in enumerate(instance, 1)]


def _numbered(row: Row, number: int, place: int, of: int) -> Row:
    """With an id, and the unit that the rows of an instance share."""
    return {"id": f"{number}" if of == 1 else f"{number}.{place}", UNIT: f"{number}", **row}
