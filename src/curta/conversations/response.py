"""One answer, as it arrives: sent, iterated from sync or async code, and logged."""

import json
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from curta.conversations.arrived import Arrived
from curta.conversations.arriving import Arriving
from curta.errors import BrokenAnswer, CurtaError, MissingKey, Refused, Unreachable, UnsupportedRequest
from curta.events import Citation, Event, TextDelta, UsageReport
from curta.messages import JSON, Attachment, Message, Part, Request, ToolCall, ToolResult, part_identity
from curta.models import exchange as exchanges
from curta.models import prices, registry
from curta.models.model import Exchange, LocalExchange, Model

if TYPE_CHECKING:
    from curta.conversations.budget import Budget
    from curta.quotes import Report
    from curta.store import Call, Entry, Log, Tip
    from curta.store.batches import Beside

OnRetry = Callable[[Any], None]
Ended: TypeAlias = Literal["ok", "failed", "interrupted", "refused"]


class Response(Arriving[Event]):
    """One answer, as it arrives.

    Iterate for its text (`for` or `async for`), or ask for `text()` or `json()` to have all of it; `await response`
    waits for the end in async code. Whatever had arrived stays readable after an error. Whoever stops reading and
    closes the iterator (`break` does) interrupts the answer.

    id: its row in the log. error: what ended it, if anything did. warnings: for a face to show.
    duration, first_token: seconds. report: what checking the answer found, once it was checked.
    budget: is asked before anything is sent. cache: a log whose whole answer to the same request is given again.
    cached_from: the call whose answer that was. notes: warnings that there are already. beside: as for `Log.begin`.
    """

    def __init__(
        self,
        model: Model,
        request: Request,
        *,
        log: "Log | None" = None,
        conversation: str | None = None,
        base: "Tip | None" = None,
        caller: str = "prompt",
        template: str | None = None,
        stream: bool = True,
        on_retry: OnRetry | None = None,
        on_finish: "Callable[[Response], None] | None" = None,
        budget: "Budget | None" = None,
        cache: "Log | None" = None,
        notes: Sequence[str] = (),
        beside: "Beside | None" = None,
    ) -> None:
        super().__init__()
        self.model, self.request = model, request
        self.log, self.caller, self.template = log, caller, template
        self.conversation_id = conversation
        self.id: str | None = None
        self.tip: Tip | None = None
        self.report: Report | None = None
        self.warnings: list[str] = list(notes)
        self.began: datetime | None = None
        self.duration: float | None = None
        self.first_token: float | None = None
        self._base, self._stream = base, stream
        self._on_retry, self._on_finish = on_retry, on_finish
        self._budget, self._cache, self._beside = budget, cache, beside
        self.cached_from: Call | None = None
        self._arrived = Arrived()
        self._events = self._arrived.events
        self._entry: Entry | None = None
        self._started = 0.0

    # Driving

    def _drive(self) -> Generator[None, None, None]:
        with self._logged() as exchange:
            for event in exchanges.events(exchange, self._on_retry):
                self._take(event)
                yield

    async def _adrive(self) -> AsyncGenerator[None, None]:
        with self._logged() as exchange:
            async for event in exchanges.aevents(exchange, self._on_retry):
                self._take(event)
                yield

    @contextmanager
    def _logged(self) -> Iterator[Exchange]:
        """Everything that surrounds the events: the log row opened, the end recorded, whatever the end is.

        Raises TooExpensive before anything is logged or sent.
        """
        self.cached_from = self._repeated()
        reserved = self._admitted()
        self._state = "running"
        self._started = time.monotonic()
        self.began = datetime.now(UTC)
        self._begin()
        try:
            yield self._answering()
            if self.finish is None:
                raise BrokenAnswer(f"The answer of {self.model.name} ended before it was complete.")
        except BaseException as error:
            self.error = error
            raise
        finally:
            self._state = "done"
            self.duration = time.monotonic() - self._started
            if self._budget is not None:
                self._budget.settle(reserved, self)
            self._end()

    def _repeated(self) -> "Call | None":
        if self._cache is None:
            return None
        from curta.conversations.cache import looked_up

        return looked_up(self, self._cache, self._base)

    def _admitted(self) -> float:
        """US dollars that the budget sets aside for this call."""
        needed = self._budget is not None and self.cached_from is None
        return self._budget.admit(self.model, self.request) if self._budget is not None and needed else 0.0

    def _answering(self) -> Exchange:
        """Where the events come from: the model, or the log."""
        if self.cached_from is None:
            return self.preview()
        from curta.conversations.cache import events

        return LocalExchange(events(self.cached_from))

    def _begin(self) -> None:
        if self.log is None:
            return
        self._entry = self.log.begin(
            self.request,
            conversation=self.conversation_id,
            base=self._base,
            caller=self.caller,
            template=self.template,
            cached_from=self.cached_from.id if self.cached_from else None,
            place=self.place,
            beside=self._beside,
        )
        self.id, self.conversation_id = self._entry.id, self._entry.conversation

    def _words(self) -> Callable[[Event], str]:
        return lambda event: event.text if isinstance(event, TextDelta) else ""

    def _take(self, event: Event) -> None:
        if self.first_token is None and isinstance(event, TextDelta):
            self.first_token = time.monotonic() - self._started
        self._arrived.take(event)
        if self._entry is not None:
            self._entry.checkpoint(self._arrived.pieces, self._arrived.thoughts)

    def _end(self) -> None:
        if self._entry is not None:
            from curta.store import Outcome

            outcome = Outcome(
                status=self._ended(),
                message=self.message if self._arrived.events else None,
                resolved_model=self.resolved_model,
                usage=self.usage,
                cost=self.cost,
                finish=self.finish,
                error=_described(self.error),
                first_token_ms=_milliseconds(self.first_token),
                duration_ms=_milliseconds(self.duration),
            )
            self.tip = self._entry.finish(outcome)
            self.warnings += self._entry.warnings
        if self._on_finish:
            self._on_finish(self)

    def preview(self) -> Exchange:
        """What would be sent, without sending or logging anything. Raises UnsupportedRequest and MissingKey."""
        return self.model.exchange(self.request, stream=self._stream)

    # Reading

    @property
    def place(self) -> str | None:
        """A digest of where the model is served; None where that is not an address."""
        if self.model.name == registry.BUILT_IN:
            return None
        from curta.models.wires.served import place

        return place(self.model)

    @property
    def status(self) -> str:
        """`new`, `running`, or how it ended: `ok`, `failed`, `interrupted` (by the user or a signal), `refused`."""
        return self._ended() if self._state == "done" else self._state

    def _ended(self) -> Ended:
        if isinstance(self.error, Refused) or self.finish == "refused":
            return "refused"
        if self.error is None:
            return "ok"
        return "failed" if isinstance(self.error, Exception) and not _cancelled(self.error) else "interrupted"

    @property
    def goes_on(self) -> bool:
        """Whether a conversation goes on from it: also from words that were interrupted, not from what failed."""
        return self.error is None or (self._ended() == "interrupted" and bool(self._arrived.text.strip()))

    def partial(self) -> str:
        """The text that has arrived so far; never waits, never raises."""
        return self._arrived.text

    def json(self) -> JSON:
        """The answer as JSON. Raises BrokenAnswer when it is not, SchemaNotFollowed when a schema wants another."""
        text, schema = self.text(), self.request.schema
        if schema is not None:
            from curta.schemas import follow

            return follow(text, schema, f"The answer of {self.model.name}")
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BrokenAnswer(f"The answer of {self.model.name} is not JSON: {error}.") from error

    @property
    def message(self) -> Message:
        """The answer as a message, as far as it has arrived."""
        return self._arrived.message

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation up to and including this answer."""
        return (*self.request.messages, self.message)

    @property
    def schema(self) -> JSON:
        """The schema that it has to follow, if any."""
        return self.request.schema

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return self._arrived.tool_calls

    @property
    def citations(self) -> list[Citation]:
        return self._arrived.citations

    @property
    def usage(self) -> UsageReport | None:
        return self._arrived.usage

    @property
    def resolved_model(self) -> str | None:
        """The exact model that answered, as its provider names it."""
        return self._arrived.model

    @property
    def finish(self) -> str | None:
        """Why the answer ended (`events.FinishReason`); None while it has not."""
        return self._arrived.finish

    @property
    def cost(self) -> float | None:
        """US dollars, by the model's dated prices; None when the prices or the usage are not known."""
        if self.cached_from is not None or isinstance(self.error, (MissingKey, UnsupportedRequest, Unreachable)):
            return 0.0  # nothing reached anybody who could charge for it
        return prices.cost(self.model.facts.price, self.usage) if prices.holds_for(self.request.options) else None

    def to_dict(self) -> dict[str, JSON]:
        """The call as JSON, in the shape of `curta logs --json`."""
        usage = self.usage or UsageReport()
        said = self.request.messages[self._base.length if self._base else 0 :]
        attachments = [part for message in said for part in message.parts if isinstance(part, Attachment)]
        return {
            "id": self.id,
            "conversation_id": self.conversation_id,
            "model": self.model.name,
            "resolved_model": self.resolved_model,
            "status": self.status,
            "error": _described(self.error),
            "system": self.request.system,
            "prompt": "\n".join(message.text for message in said if message.role == "user"),
            "response": self.partial(),
            "reasoning": self._arrived.reasoning,
            "documents": [
                {"uri": doc.uri, "title": doc.title, "sha256": doc.sha256, "characters": len(doc.text)}
                for doc in self.request.documents
            ],
            "attachments": [{"media_type": a.media_type, "name": a.name, "sha256": a.sha256} for a in attachments],
            "quotes": self.report.to_dict() if self.report else None,
            "options": dict(self.request.options),
            "schema": self.request.schema,
            "template": self.template,
            "caller": self.caller,
            "datetime_utc": self.began.isoformat(timespec="milliseconds") if self.began else None,
            "duration_ms": _milliseconds(self.duration),
            "first_token_ms": _milliseconds(self.first_token),
            "input_tokens": usage.input,
            "output_tokens": usage.output,
            "cached_tokens": usage.cached,
            "reasoning_tokens": usage.reasoning,
            "written_tokens": usage.written,
            "unit": usage.unit,
            "cost": self.cost,
            "finish": self.finish,
            "cached_from": self.cached_from.id if self.cached_from else None,
            "tool_calls": [part_identity(call) for call in self.tool_calls],
            "tool_results": [part_identity(part) for part in self.request.messages[-1].parts if _is_result(part)],
        }


def _is_result(part: Part) -> bool:
    return isinstance(part, ToolResult)


def _described(error: BaseException | None) -> str | None:
    if error is None:
        return None
    return str(error) if isinstance(error, CurtaError) else f"{type(error).__name__}: {error}".rstrip(": ")


def _cancelled(error: BaseException) -> bool:
    """Whether an async caller gave up waiting. (asyncio is not imported for this: it costs more than all of Curta.)"""
    return type(error).__name__ in ("CancelledError", "Cancelled")


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
