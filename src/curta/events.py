"""What a model says while it answers, as nouns. A response is the sequence of its events.

Models and wires produce events, `conversation` collects and logs them, faces render them.
"""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "refused", "no_match"]


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """The next piece of the model's visible reasoning.

    opaque: what the provider wants back unchanged with a later request (a signature, an encrypted block).
    """

    text: str
    opaque: Any = None


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """The next piece of a call the model wants made. Pieces of one call share `index`; `arguments` is partial JSON."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """`start:end` of the answer's text so far is a quotation of `source_start:source_end` of a Document.

    document: the Document's SHA-256. A citation is a claim of the model like any other: `quotes` verifies it.
    """

    start: int
    end: int
    document: str
    source_start: int
    source_end: int


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What the call consumed, in `unit`s. `cached` is part of `input`, `reasoning` part of `output`."""

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    reasoning: int | None = None
    unit: Literal["tokens", "characters"] = "tokens"


@dataclass(frozen=True, slots=True)
class Resolved:
    """The exact model that answers, as the provider names it (a dated snapshot, say)."""

    model: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The answer is complete.

    reason: `stop` it said all it had to say; `length` it was cut by a limit; `tool_calls` it waits for results;
    `refused` it declined; `no_match` nothing in the sources matches (an answer, not a failure).
    """

    reason: FinishReason


Event: TypeAlias = TextDelta | ReasoningDelta | ToolCallDelta | Citation | UsageReport | Resolved | Finish
