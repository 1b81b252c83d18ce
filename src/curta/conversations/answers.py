"""The answers of a chain read as one: the words, the calls, what they used and cost together."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from curta.conversations.arriving import Arriving
from curta.conversations.chain_events import Asking, Called, ChainEvent, Pause
from curta.conversations.response import Response
from curta.errors import CurtaError, UsageError
from curta.events import TextDelta, UsageReport
from curta.messages import JSON, Message, ToolCall, ToolResult, part_identity
from curta.models.model import Model

if TYPE_CHECKING:
    from curta.conversations.conversation import Conversation
    from curta.store import Call


class Answers(Arriving[ChainEvent]):
    """What can be read of a chain while it goes on, and afterwards; what `Response` has too means the same here.

    responses: the answers so far. pending: the calls that nobody has answered, when it ended in a pause or at a limit.
    paused: why it waits for approval, if it does.
    """

    def __init__(self, conversation: "Conversation") -> None:
        super().__init__()
        self.conversation = conversation
        self.responses: list[Response] = []
        self.pending: tuple[ToolCall, ...] = ()
        self.paused: Pause | None = None

    def _words(self) -> Callable[[ChainEvent], str]:
        return _Said().take

    @property
    def model(self) -> Model:
        return self.conversation.model

    @property
    def resolved_model(self) -> str | None:
        return self.responses[-1].resolved_model if self.responses else None

    @property
    def response(self) -> Response:
        """The last answer. Waits for the first event where nothing was asked yet."""
        if not self.responses:
            next(self.events(), None)
        if not self.responses:
            raise UsageError("The chain has no answer: it was paused before the model was asked.")
        return self.responses[-1]

    @property
    def status(self) -> str:
        """`new`, `running`, `paused` (calls wait for approval), or how the last answer ended."""
        if self._state != "done":
            return self._state
        if self.paused:
            return "paused"
        return "failed" if isinstance(self.error, CurtaError) else self.responses[-1].status if self.responses else "ok"

    def json(self) -> JSON:
        """The last answer as JSON. Raises BrokenAnswer when it is not."""
        self.text()
        return self.response.json()

    @property
    def id(self) -> str | None:
        """The row of the last answer in the log."""
        return self.responses[-1].id if self.responses else None

    @property
    def finish(self) -> str | None:
        return self.responses[-1].finish if self.responses else None

    @property
    def messages(self) -> tuple[Message, ...]:
        return self.conversation.messages

    @property
    def results(self) -> list[ToolResult]:
        """The results of all calls that were made."""
        return [event.result for event in self._events if isinstance(event, Called)]

    @property
    def tool_calls(self) -> list[ToolCall]:
        """All calls that were made, and those that are pending."""
        return [*(event.call for event in self._events if isinstance(event, Called)), *self.pending]

    @property
    def warnings(self) -> list[str]:
        return list(dict.fromkeys(each for response in self.responses for each in response.warnings))

    @property
    def duration(self) -> float | None:
        """Seconds of all answers together, the tools not counted."""
        return sum(response.duration or 0 for response in self.responses)

    @property
    def cost(self) -> float | None:
        """US dollars of all answers; None when that of one is not known."""
        costs = [response.cost for response in self.responses]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    @property
    def cached_from(self) -> "Call | None":
        """The call whose answer the last one repeats, when the log gave it."""
        return self.responses[-1].cached_from if self.responses else None

    @property
    def usage(self) -> UsageReport | None:
        """What all answers used together; None when one did not say."""
        reports = [response.usage for response in self.responses]
        known = [report for report in reports if report is not None]
        if not known or len(known) < len(reports):
            return None
        summed = {name: _sum([getattr(each, name) for each in known]) for name in UsageReport._fields if name != "unit"}
        return UsageReport(**summed, unit=known[0].unit)

    def to_dict(self) -> dict[str, JSON]:
        """The last answer as `Response.to_dict` has it, with the tool calls and results of the whole chain."""
        calls, results = self.tool_calls, self.results
        return {
            **self.response.to_dict(),
            "tool_calls": [part_identity(call) for call in calls],
            "tool_results": [part_identity(result) for result in results],
        }


class _Said:
    """The words of a chain: each answer's, with a blank line before those that follow another's."""

    def __init__(self) -> None:
        self._said = self._new = False

    def take(self, event: ChainEvent) -> str:
        if isinstance(event, Asking):
            self._new = self._said
        if not isinstance(event, TextDelta) or not event.text:
            return ""
        gap, self._said, self._new = "\n\n" if self._new else "", True, False
        return gap + event.text


def _sum(figures: list[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None
