"""A model that calls tools: asked, its calls made, asked again with the results, until it has said all.

`Chain._steps` is the whole loop: a generator that yields what it waits for. One sync and one async driver
do the waiting. Each call of the model is a row of the log of its own; the results of tools are what the next one is
sent. So a chain that stopped between two calls, for approval or because the power failed, goes on from the log.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import aclosing, closing, contextmanager
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from curta.conversations.response import Response
from curta.errors import ChainTooLong, CurtaError, UnsupportedRequest, UsageError
from curta.events import Event, TextDelta, UsageReport, told_apart
from curta.messages import JSON, Attachment, Message, Part, Request, ToolCall, ToolResult, part_identity
from curta.models.model import Exchange, Model
from curta.tools import Function, by_name
from curta.tools.results import failure, without_attachments
from curta.tools.running import TIMEOUT, Job, arun, run

if TYPE_CHECKING:
    from curta.conversations.conversation import Conversation
    from curta.store import Call

LIMIT = 5
"""How many times a model is asked at most, unless told otherwise."""

REFUSED = "The user refused this call."
ASKS = "It is called when its user has approved, and nobody was given to ask (`approve`)."


class Pause(NamedTuple):
    """What `approve` answers when it cannot decide now: the chain ends, and can be resumed from the log."""

    why: str = ""


Approve: TypeAlias = Callable[[ToolCall, Function], "bool | Pause | Awaitable[bool | Pause]"]


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


class _Decision(NamedTuple):
    """An effect: ask whether a call may be made."""

    call: ToolCall
    function: Function


class _Batch(NamedTuple):
    """An effect: make these calls."""

    jobs: tuple[Job, ...]


_Effect: TypeAlias = Response | _Decision | _Batch | Asking | Calling | Called
_Steps: TypeAlias = Generator[_Effect, Any, None]


class Chain:
    """The answers of a model that may call tools, and the calls between them.

    Iterate for the text (`for` or `async for`), or ask for `text()`; `await chain` waits for the end in async code.
    `events()` also has each tool call and its result.

    responses: the answers so far. pending: the calls that nobody has answered, when it ended in a pause or at a limit.
    error: what ended it, if anything did.
    """

    def __init__(
        self,
        conversation: "Conversation",
        parts: Sequence[Part | str],
        functions: Sequence[Function],
        *,
        limit: int = LIMIT,
        approve: Approve | None = None,
        timeout: float | None = TIMEOUT,
        **how: Any,
    ) -> None:
        self.conversation = conversation
        self.functions = by_name(functions)
        self.responses: list[Response] = []
        self.pending: tuple[ToolCall, ...] = ()
        self.paused: Pause | None = None
        self.error: BaseException | None = None
        self._parts, self._how = tuple(parts), how
        self._limit, self._approve, self._timeout = limit, approve, timeout
        self._state = "new"
        self._events: list[ChainEvent] = []
        self._driver: Generator[None, None, None] | None = None
        self._async_driver: Any = None

    # The loop

    def _steps(self) -> _Steps:
        unanswered = () if self._parts else self.conversation.pending
        if unanswered:
            yield from self._answered(unanswered)
        while not self.pending:
            response = self._asked()
            self.responses.append(response)
            yield Asking(len(self.responses))
            yield response
            calls = self.conversation.pending
            if not calls:
                return
            if response.finish in ("length", "refused"):
                self.pending = calls  # cut off in the middle, or declined: nothing is called
                return
            if self._limit and len(self.responses) >= self._limit:
                self.pending = calls
                raise _too_long(response, self._limit)
            yield from self._answered(calls)

    def _asked(self) -> Response:
        """The next answer, not yet begun."""
        tools = tuple(function.tool for function in self.functions.values())
        return self.conversation.prompt(*self._parts, tools=tools, **self._how)

    def _answered(self, calls: tuple[ToolCall, ...]) -> _Steps:
        """Have the calls of a round made; what came of them is what the model is told next."""
        decided: list[bool] = []
        for call in calls:
            allowed = yield from self._allowed(call)
            if isinstance(allowed, Pause):
                self.paused, self.pending = allowed, calls
                return
            decided.append(allowed)
        jobs = [Job(c, self.functions[c.name]) for c, go in zip(calls, decided, strict=True) if go and self._can(c)]
        for job in jobs:
            yield Calling(job.call, job.function.source)
        made = iter((yield _Batch(tuple(jobs))) if jobs else ())
        results = [
            (next(made) if self._can(call) else failure(call.id, self._wrong(call)))
            if go
            else failure(call.id, REFUSED)
            for call, go in zip(calls, decided, strict=True)
        ]
        for call, result in zip(calls, results, strict=True):
            yield Called(call, result)
        self._parts = self._sendable(tuple(results))

    def _sendable(self, results: tuple[ToolResult, ...]) -> tuple[ToolResult, ...]:
        """The results without the attachments that the model cannot be sent."""
        attached = [part for result in results for part in result.parts if isinstance(part, Attachment)]
        if not attached:
            return results
        try:
            self.conversation.prompt(*results).preview()
        except UnsupportedRequest as error:
            return tuple(without_attachments(result, error.what) for result in results)
        return results

    def _allowed(self, call: ToolCall) -> Generator[_Effect, Any, "bool | Pause"]:
        if not self._can(call):
            return True
        if self._approve is None:
            return Pause(ASKS) if self.functions[call.name].asks else True
        answer: bool | Pause = yield _Decision(call, self.functions[call.name])
        return answer

    def _can(self, call: ToolCall) -> bool:
        return not self._wrong(call)

    def _wrong(self, call: ToolCall) -> str:
        """Why a call cannot be made; empty when it can."""
        if call.name not in self.functions:
            return f"There is no tool called {call.name!r}. There is: {', '.join(self.functions) or 'none'}."
        if "" in call.arguments:
            written = str(call.arguments[""])[:200]
            return f"The arguments of {call.name} are not a JSON object: {written!r}. Nothing was called."
        return ""

    # Driving

    def events(self) -> Generator[ChainEvent, None, None]:
        """What happens, in order; whoever asks again gets the same ones again."""
        if self._state == "new":
            self._driver = self._drive()
        driver, given = self._driver or iter(()), 0
        try:
            while given < len(self._events) or next(driver, driver) is not driver:
                yield self._events[given]
                given += 1
        except GeneratorExit:
            if self._driver:
                self._driver.close()
            raise

    async def aevents(self) -> AsyncGenerator[ChainEvent, None]:
        """`events()` for async code."""
        if self._state == "new":
            self._async_driver = self._adrive()
        driver, given = self._async_driver, 0
        try:
            while given < len(self._events) or (driver and await anext(driver, driver) is not driver):
                yield self._events[given]
                given += 1
        except GeneratorExit:
            if driver:
                await driver.aclose()
            raise

    def _drive(self) -> Generator[None, None, None]:
        with self._running():
            steps, answer = self._steps(), None
            while (effect := _sent(steps, answer)) is not None:
                answer = None
                if isinstance(effect, Response):
                    with closing(effect.events()) as events:
                        for event in events:
                            self._events.append(event)
                            yield
                elif isinstance(effect, _Batch):
                    answer = run(effect.jobs, self._timeout)
                elif isinstance(effect, _Decision):
                    answer = self._decide(effect)
                else:
                    self._events.append(effect)
                    yield

    async def _adrive(self) -> AsyncGenerator[None, None]:
        with self._running():
            steps, answer = self._steps(), None
            while (effect := _sent(steps, answer)) is not None:
                answer = None
                if isinstance(effect, Response):
                    async with aclosing(effect.aevents()) as events:
                        async for event in events:
                            self._events.append(event)
                            yield
                elif isinstance(effect, _Batch):
                    answer = await arun(effect.jobs, self._timeout)
                elif isinstance(effect, _Decision):
                    answer = await self._adecide(effect)
                else:
                    self._events.append(effect)
                    yield

    @contextmanager
    def _running(self) -> Iterator[None]:
        self._state = "running"
        try:
            yield
        except BaseException as error:
            self.error = error
            raise
        finally:
            self._state = "done"

    def _decide(self, effect: _Decision) -> Any:
        assert self._approve is not None
        answer = self._approve(effect.call, effect.function)
        if not isawaitable(answer):
            return answer
        import asyncio

        return asyncio.run(_awaited(answer))

    async def _adecide(self, effect: _Decision) -> Any:
        assert self._approve is not None
        answer = self._approve(effect.call, effect.function)
        return await answer if isawaitable(answer) else answer

    def __iter__(self) -> Iterator[str]:
        said = _Said()
        for event in self.events():
            if text := said.take(event):
                yield text

    async def __aiter__(self) -> AsyncIterator[str]:
        said = _Said()
        async for event in self.aevents():
            if text := said.take(event):
                yield text

    def __await__(self) -> Generator[Any, None, "Chain"]:
        async def drain() -> "Chain":
            async for _ in self.aevents():
                pass
            self._raise()
            return self

        return drain().__await__()

    def preview(self) -> Exchange:
        """The first request, without sending or logging anything. Raises UnsupportedRequest and MissingKey."""
        return self._first.preview()

    def close(self) -> None:
        """Interrupt it, if it is still going on; what had arrived is kept."""
        if self._driver is not None:
            self._driver.close()

    # Reading

    @property
    def model(self) -> Model:
        return self.conversation.model

    @property
    def schema(self) -> JSON:
        """The schema that its answers have to follow, if any."""
        return self._how.get("schema")

    @property
    def request(self) -> Request:
        """The last request; before anything was sent, the first one to be."""
        return (self.responses[-1] if self.responses else self._first).request

    @property
    def _first(self) -> Response:
        if not self._parts and self.conversation.pending:
            raise UsageError("The next request has the results of tools, and these are not called for a look at it.")
        return self._asked()

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

    def text(self) -> str:
        """All that the model said, a blank line between its answers; waits for it. Raises what went wrong."""
        text = "".join(self)
        self._raise()
        return text

    def partial(self) -> str:
        """The text that has arrived so far; never waits, never raises."""
        said = _Said()
        return "".join(said.take(event) for event in self._events)

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

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error


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


def _sent(steps: _Steps, answer: Any) -> _Effect | None:
    """The next effect; None at the end."""
    try:
        return steps.send(answer)
    except StopIteration:
        return None


async def _awaited(value: Any) -> Any:
    return await value


def _sum(figures: list[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None


def _too_long(response: Response, limit: int) -> ChainTooLong:
    names = ", ".join(dict.fromkeys(call.name for call in response.tool_calls))
    return ChainTooLong(
        f"{response.model.name} still asks for tools ({names}) after {limit} call{'s' * (limit != 1)}.",
        why="That is the limit of a chain. What was said so far is kept.",
        then="Allow more with --cl N (0: no limit); `curta -c` with the same tools goes on." if response.id else "",
    )
