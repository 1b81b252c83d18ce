"""A model that calls tools: asked, its calls made, asked again with the results, until it has said all.

`Chain._steps` is the whole loop: a generator that yields what it waits for. One sync and one async driver
do the waiting. Each call of the model is a row of the log of its own; the results of tools are what the next one is
sent. So a chain that stopped between two calls, for approval or because the power failed, goes on from the log.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import AbstractContextManager, aclosing, closing
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from curta.conversations.answers import Answers
from curta.conversations.chain_events import Asking as Asking
from curta.conversations.chain_events import Called as Called
from curta.conversations.chain_events import Calling as Calling
from curta.conversations.chain_events import ChainEvent as ChainEvent
from curta.conversations.chain_events import Pause as Pause
from curta.conversations.response import Response
from curta.errors import ChainTooLong, UnsupportedRequest, UsageError
from curta.messages import JSON, Attachment, Part, Request, ToolCall, ToolResult
from curta.models.model import Exchange
from curta.tools import Function, by_name
from curta.tools.asker import asking
from curta.tools.results import failure, without_attachments
from curta.tools.running import TIMEOUT, Job, arun, run

if TYPE_CHECKING:
    from curta.conversations.conversation import Conversation

LIMIT = 5
"""How many times a model is asked at most, unless told otherwise."""

REFUSED = "The user refused this call."
ASKS = "It is called when its user has approved, and nobody was given to ask (`approve`)."


Approve: TypeAlias = Callable[[ToolCall, Function], "bool | Pause | Awaitable[bool | Pause]"]


class _Decision(NamedTuple):
    """An effect: ask whether a call may be made."""

    call: ToolCall
    function: Function


class _Batch(NamedTuple):
    """An effect: make these calls."""

    jobs: tuple[Job, ...]


_Effect: TypeAlias = Response | _Decision | _Batch | Asking | Calling | Called
_Steps: TypeAlias = Generator[_Effect, Any, None]


class Chain(Answers):
    """The answers of a model that may call tools, and the calls between them.

    Iterate for the text (`for` or `async for`), or ask for `text()`: all that the model said, a blank line between its
    answers. `await chain` waits for the end in async code. `events()` also has each tool call and its result.
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
        super().__init__(conversation)
        self.functions = by_name(functions)
        self._parts, self._how = tuple(parts), how
        self._limit, self._approve, self._timeout = limit, approve, timeout

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
                    with self._asking():
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
                    with self._asking():
                        answer = await arun(effect.jobs, self._timeout)
                elif isinstance(effect, _Decision):
                    answer = await self._adecide(effect)
                else:
                    self._events.append(effect)
                    yield

    def _asking(self) -> AbstractContextManager[None]:
        """Calls of tools are made for the latest answer."""
        return asking(self.responses[-1].id if self.responses else None, self.conversation.log)

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

    def preview(self) -> Exchange:
        """The first request, without sending or logging anything. Raises UnsupportedRequest and MissingKey."""
        return self._first.preview()

    # What is asked

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


def _sent(steps: _Steps, answer: Any) -> _Effect | None:
    """The next effect; None at the end."""
    try:
        return steps.send(answer)
    except StopIteration:
        return None


async def _awaited(value: Any) -> Any:
    return await value


def _too_long(response: Response, limit: int) -> ChainTooLong:
    names = ", ".join(dict.fromkeys(call.name for call in response.tool_calls))
    return ChainTooLong(
        f"{response.model.name} still asks for tools ({names}) after {limit} call{'s' * (limit != 1)}.",
        why="That is the limit of a chain. What was said so far is kept.",
        then="Allow more with --cl N (0: no limit); `curta -c` with the same tools goes on." if response.id else "",
    )
