"""What was said so far, and the way to say more."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from curta.conversations.response import Response
from curta.errors import LogError, UsageError
from curta.messages import JSON, Message, Part, Request, Text, Tool, ToolCall, ToolResult, chain, system, user
from curta.models import registry
from curta.models.model import Model

if TYPE_CHECKING:
    from curta.conversations.chain import Chain
    from curta.llm_home.both_logs import BothLogs
    from curta.store import Log, Tip
    from curta.tools import Function

NOT_MADE = "This call was not made: the user went on without it."


class Conversation:
    """What was said so far, and the way to say more.

    id: the id of its first call in the log; None before the first answer or when nothing is logged. log: where it goes.
    """

    def __init__(
        self,
        model: Model,
        *,
        log: "Log | None" = None,
        messages: tuple[Message, ...] = (),
        id: str | None = None,
        tip: "Tip | None" = None,
        offered: Sequence[str] = (),
    ) -> None:
        self.model = model
        self.messages = messages
        self.id = id
        self.log = log
        self._tip = tip
        self.offered = tuple(offered)

    @classmethod
    def resume(
        cls,
        past: "Log | BothLogs",
        id: str | None = None,
        *,
        log: "Log | None",
        model: Model | None = None,
        key: str | None = None,
        call: str | None = None,
    ) -> "Conversation":
        """Go on with a conversation that is in the log `past`; without an id or a name, with the latest one.

        log: where to write what is said from here on. model: another one than the last that answered.
        call: go on from this call of it instead of the last, whatever was said after it. Raises UnknownCall.
        """
        with suppress(LogError):  # what a process that died had of its answer
            past.settle()
        found = past.history_at(call) if call else past.history(id or past.call().conversation_id)
        messages, tip, last = found
        voice, offered = model or registry.get(last.model, key=key), [tool.name for tool in last.tools]
        return cls(voice, log=log, messages=messages, id=last.conversation_id, tip=tip, offered=offered)

    def prompt(
        self,
        *parts: Part | str,
        instructions: str | Sequence[Part] | None = None,
        options: Mapping[str, JSON] | None = None,
        schema: Mapping[str, JSON] | None = None,
        tools: tuple[Tool, ...] = (),
        **how: Any,
    ) -> Response:
        """Say `parts` and begin the answer.

        instructions: a system prompt, which may hold Documents. In a conversation that has begun, one that differs from
        the last takes effect from here on. `how` goes to `Response` (`caller`, `template`, `stream`, `notes` ...).
        """
        said = [*self._results(parts)]
        if instructions and (told := _system(instructions)) != self._instructions():
            said.append(told)
        if words := [part for part in parts if not isinstance(part, ToolResult)]:
            said.append(user(*words))
        request = Request(self.model.name, (*self.messages, *said), self._options(options), schema, tools)
        return Response(
            self.model, request, log=self.log, conversation=self.id, base=self._tip, on_finish=self._continue, **how
        )

    def chain(self, *parts: Part | str, functions: "Sequence[Function]", **how: Any) -> "Chain":
        """Say `parts` to a model that may call `functions`, until it has said all; `how` goes to `Chain` and `prompt`.

        Without `parts`, the calls that the last answer asked for and nobody has made are made first.
        """
        from curta.conversations.chain import Chain

        return Chain(self, parts, functions, **how)

    def fork(self, back: int = 0) -> "Conversation":
        """A second way on from here, or from before the last `back` times the user spoke; this one stays as it is.

        In the log both ways belong to the same conversation. Raises UsageError when the user has not spoken so often.
        """
        kept = self.messages[: self._length_before(back)]
        tip = self._tip if len(kept) == len(self.messages) else _end_of(kept)
        return Conversation(self.model, log=self.log, messages=kept, id=self.id, tip=tip)

    def _length_before(self, back: int) -> int:
        """How many messages there were before the last `back` times the user spoke, with what went along."""
        if back <= 0:
            return len(self.messages)
        spoken = [place for place, message in enumerate(self.messages) if message.role == "user"]
        if back > len(spoken):
            raise UsageError("There is nothing to go back to: the conversation begins here.")
        length = spoken[-back]
        while length and self.messages[length - 1].role in ("system", "tool"):
            length -= 1
        return length

    @property
    def pending(self) -> tuple[ToolCall, ...]:
        """The tool calls of the last answer, which wait for their results."""
        last = self.messages[-1] if self.messages else None
        asked = last is not None and last.role == "assistant"
        return tuple(part for part in last.parts if isinstance(part, ToolCall)) if last and asked else ()

    @property
    def unfinished(self) -> bool:
        """Whether the last answer waits for results of tools, or these wait for the next answer."""
        return bool(self.pending) or (bool(self.messages) and self.messages[-1].role == "tool")

    def _results(self, parts: tuple[Part | str, ...]) -> list[Message]:
        """The results among `parts`, as a message: providers want one for each call, also for those never made."""
        given = {part.id: part for part in parts if isinstance(part, ToolResult)}
        for call in self.pending:
            given.setdefault(call.id, ToolResult(call.id, (Text(NOT_MADE),), failed=True))
        return [Message("tool", tuple(given.values()))] if given else []

    def _options(self, given: Mapping[str, JSON] | None) -> dict[str, JSON]:
        if self.model.name == registry.BUILT_IN:
            return dict(given or {})
        from curta.models.default_options import options_for

        return {**options_for(self.model), **(given or {})}

    def _instructions(self) -> Message | None:
        return next((message for message in reversed(self.messages) if message.role == "system"), None)

    def _continue(self, response: Response) -> None:
        self.id = response.conversation_id
        self.offered = tuple(tool.name for tool in response.request.tools)
        if response.goes_on:
            self.messages, self._tip = response.messages, response.tip
        elif response.request.messages[-1].role == "tool":  # no tool is called twice because the next call failed
            self.messages, self._tip = response.request.messages, _end_of(response.request.messages)


def _system(instructions: str | Sequence[Part]) -> Message:
    return system(instructions) if isinstance(instructions, str) else system(*instructions)


def _end_of(messages: tuple[Message, ...]) -> "Tip | None":
    """Where the log has these messages."""
    from curta.store import Tip

    return Tip(chain(messages), len(messages)) if messages else None
