"""A run that another tool made, as values: answers with their scores, as they are read."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from curta.events import UsageReport
from curta.messages import JSON, Message, sha256, well_formed

Tool: TypeAlias = Literal["promptfoo", "inspect"]
Levels: TypeAlias = tuple[str, ...]

LONGEST = 60
"""Characters of the name of a unit or of a level."""


class Answer(NamedTuple):
    """An answer that another tool asked for and scored.

    unit: what it is about, the same in another run of the same input. way: which way of asking it was, the ways in
    their order. levels: the names of that way, one for each factor. scores: None where one could not be scored.
    failure: why there is no answer, or no score at all. row: the columns of its input. pos: the place of its input.
    started: milliseconds since 1970; None where the file does not say it.
    """

    unit: str
    way: int
    levels: Levels
    scores: Mapping[str, float | None]
    failure: str
    row: Mapping[str, JSON]
    messages: tuple[Message, ...]
    output: str
    model: str
    pos: int = 0
    usage: UsageReport | None = None
    cost: float | None = None
    started: int | None = None
    duration_ms: int | None = None


@dataclass
class Told:
    """What a file says of its run besides the answers; complete when all of them have been read.

    factors: what is varied, a name for each of an answer's levels. notes: what a person should know.
    """

    tool: Tool
    factors: tuple[str, ...]
    name: str = ""
    created: int | None = None
    notes: list[str] = field(default_factory=list)


class Foreign(Protocol):
    """A file with a run. Iterate over `answers` once; `told` is complete at its end."""

    path: str
    told: Told

    def answers(self) -> Iterator[Answer]:
        """Raises SourceError for a file that is damaged."""
        ...


def names_apart(ways: Mapping[int, Levels]) -> dict[int, Levels]:
    """The ways of asking in their order, with their levels, made different where two have the same."""
    named, taken = dict[int, Levels](), set[Levels]()
    for way, levels in sorted(ways.items()):
        named[way] = (*levels[:-1], f"{levels[-1]} #{way + 1}") if levels in taken else levels
        taken.add(levels)
    return named


def unit_of(values: Mapping[str, JSON]) -> str:
    """The name of an input in every run of it: its `id`, else what it says, cut where it is long."""
    from curta.sources.records import as_words

    if as_words(values.get("id")).strip():
        return well_formed(as_words(values["id"]))
    told = ", ".join(f"{name}={as_words(each)}" for name, each in values.items())
    return short(told if len(values) > 1 else told.partition("=")[2])


def short(text: str) -> str:
    """A text as a name: in one line, and with a part of its hash where it had to be cut."""
    text = well_formed(text)
    line = " ".join(text.split())
    return line if line == text and len(line) <= LONGEST else f"{line[:LONGEST]}… {sha256(text.encode())[:6]}"


def number(value: Any) -> float | None:
    """A score as a number; None for what is none."""
    if isinstance(value, bool | int | float) and math.isfinite(value):
        return float(value)
    return None


def milliseconds(moment: Any) -> int | None:
    """When that is, since 1970; None for what is no moment."""
    try:
        when = datetime.fromisoformat(str(moment))
    except ValueError:
        return None
    return round((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000)


def mapping(value: Any) -> Mapping[str, Any]:
    """`value` where it is a mapping; else an empty one."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
