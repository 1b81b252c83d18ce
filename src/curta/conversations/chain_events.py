"""What happens in a chain, beside the events of its answers."""

from typing import NamedTuple, TypeAlias

from curta.events import Event, told_apart
from curta.messages import ToolCall, ToolResult


@told_apart
class Asking(NamedTuple):
    """The model is asked, for the `round`th time (from 1)."""

    round: int


@told_apart
class Calling(NamedTuple):
    """A tool is about to be called."""

    call: ToolCall
    source: str


@told_apart
class Called(NamedTuple):
    """What came of a tool call."""

    call: ToolCall
    result: ToolResult


ChainEvent: TypeAlias = Event | Asking | Calling | Called


class Pause(NamedTuple):
    """What `approve` answers when it cannot decide now: the chain ends, and can be resumed from the log."""

    why: str = ""
