"""The nouns: what to ask, what came of it, how far a batch is."""

from typing import Any, NamedTuple

from curta.errors import CurtaError
from curta.messages import JSON, Request, ToolCall
from curta.models.model import Model


class Work(NamedTuple):
    """One request to make. A request that is there several times, with one `repetition`, is made once.

    asked: the request; or why there is none: then it comes out as failed, in its place.
    tag: whatever whoever made it wants to find again. repetition: from 0 on, where the same is asked several times.
    template: the name of the one that it was made from, for the log.
    """

    model: Model
    asked: Request | CurtaError
    tag: Any = None
    repetition: int = 0
    template: str | None = None


class Done(NamedTuple):
    """What came of it.

    text: the answer, as far as it came. value: what it says as JSON, when a schema was asked for and followed.
    error: what went wrong, in one line; empty when nothing did. call: its id in the log.
    cost: US dollars, None when not known. finish: why the answer ended (`events.FinishReason`).
    reused: the log had it, so that nothing was asked. tool_calls: what the answer asks for; nothing is run.
    after: what was made of it before it came out, where the batch was told to (`Batch`).
    """

    work: Work
    text: str = ""
    value: JSON = None
    error: str = ""
    call: str | None = None
    finish: str | None = None
    cost: float | None = None
    tokens: int | None = None
    reused: bool = False
    tool_calls: tuple[ToolCall, ...] = ()
    after: Any = None

    @property
    def ok(self) -> bool:
        return not self.error


class Progress(NamedTuple):
    """How far a batch is. released: how many have come out; of them `failed` failed and `reused` were in the log.

    asked: requests that were made and ended. cost: US dollars of those whose cost is known; `unpriced` are not.
    seconds: since the first request was made.
    """

    released: int = 0
    failed: int = 0
    reused: int = 0
    asked: int = 0
    cost: float = 0.0
    unpriced: int = 0
    tokens: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Requests in a second."""
        return self.asked / self.seconds if self.seconds else 0.0
