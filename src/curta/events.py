"""What a model says while it answers, as nouns. A response is the sequence of its events.

Models and wires produce events, `conversations` collects and logs them, faces render them.

Events are named tuples, not dataclasses: every start of the program defines them, at a fifth of the cost.
"""

from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "refused", "no_match"]
Kind = TypeVar("Kind")


def told_apart(kind: type[Kind]) -> type[Kind]:
    """Let instances of `kind` equal only their like: as tuples, a text and a model of the same name would be equal."""

    def equal(self: Any, other: Any) -> bool:
        return type(self) is type(other) and tuple(self) == tuple(other)

    def unequal(self: Any, other: Any) -> bool:
        return not equal(self, other)

    for name, method in (("__eq__", equal), ("__ne__", unequal)):
        setattr(kind, name, method)
    return kind


@told_apart
class TextDelta(NamedTuple):
    """The next piece of the answer's text."""

    text: str


@told_apart
class ReasoningDelta(NamedTuple):
    """The next piece of the model's visible reasoning.

    opaque: what the provider wants back unchanged with a later request (a signature, an encrypted block).
    """

    text: str
    opaque: Any = None


@told_apart
class ToolCallDelta(NamedTuple):
    """The next piece of a call the model wants made. Pieces of one call share `place`; `arguments` is partial JSON."""

    place: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@told_apart
class Citation(NamedTuple):
    """`start:end` of the answer's text so far is a quotation of `source_start:source_end` of a Document.

    document: the Document's SHA-256. A citation is a claim of the model like any other: `quotes` verifies it.
    """

    start: int
    end: int
    document: str
    source_start: int
    source_end: int


@told_apart
class UsageReport(NamedTuple):
    """What the call consumed, in `unit`s. `cached` and `written` are parts of `input`, `reasoning` of `output`.

    cached: read from the provider's cache. written: put into it, where the provider counts (and charges) that;
    written_for_an_hour: the part of `written` that is to stay there for an hour.
    """

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    reasoning: int | None = None
    unit: Literal["tokens", "characters"] = "tokens"
    written: int | None = None
    written_for_an_hour: int | None = None


@told_apart
class Resolved(NamedTuple):
    """The exact model that answers, as the provider names it (a dated snapshot, say)."""

    model: str


@told_apart
class Finish(NamedTuple):
    """The answer is complete.

    reason: `stop` it said all it had to say; `length` it was cut by a limit; `tool_calls` it waits for results;
    `refused` it declined; `no_match` nothing in the sources matches (an answer, not a failure).
    """

    reason: FinishReason


Event: TypeAlias = TextDelta | ReasoningDelta | ToolCallDelta | Citation | UsageReport | Resolved | Finish
