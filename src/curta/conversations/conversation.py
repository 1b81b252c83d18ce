"""What was said so far, and the way to say more."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from curta.conversations.response import Response
from curta.messages import JSON, Message, Part, Request, Tool, system, user
from curta.models import registry
from curta.models.model import Model

if TYPE_CHECKING:
    from curta.store import Log, Tip


class Conversation:
    """What was said so far, and the way to say more.

    id: the id of its first call in the log; None before the first answer or when nothing is logged.
    """

    def __init__(
        self,
        model: Model,
        *,
        log: "Log | None" = None,
        messages: tuple[Message, ...] = (),
        id: str | None = None,
        tip: "Tip | None" = None,
    ) -> None:
        self.model = model
        self.messages = messages
        self.id = id
        self._log = log
        self._tip = tip

    @classmethod
    def resume(
        cls,
        past: "Log",
        id: str | None = None,
        *,
        log: "Log | None",
        model: Model | None = None,
        key: str | None = None,
    ) -> "Conversation":
        """Go on with a conversation that is in the log `past`; without an id, with the latest one.

        log: where to write what is said from here on. model: another one than the last that answered.
        Raises UnknownCall.
        """
        messages, tip, last = past.history(id or past.call().conversation_id)
        return cls(
            model or registry.get(last.model, key=key), log=log, messages=messages, id=last.conversation_id, tip=tip
        )

    def prompt(
        self,
        *parts: Part | str,
        instructions: str | None = None,
        options: Mapping[str, JSON] | None = None,
        schema: Mapping[str, JSON] | None = None,
        tools: tuple[Tool, ...] = (),
        **how: Any,
    ) -> Response:
        """Say `parts` and begin the answer.

        instructions: a system prompt. In a conversation that has begun, one that differs from the last takes effect
        from here on. `how` goes to `Response` (`caller`, `template`, `stream`, `on_retry`).
        """
        said = [user(*parts)]
        if instructions and instructions != self._instructions():
            said.insert(0, system(instructions))
        request = Request(self.model.name, (*self.messages, *said), dict(options or {}), schema, tools)
        return Response(
            self.model, request, log=self._log, conversation=self.id, base=self._tip, on_finish=self._continue, **how
        )

    def _instructions(self) -> str | None:
        return next((message.text for message in reversed(self.messages) if message.role == "system"), None)

    def _continue(self, response: Response) -> None:
        self.messages, self.id, self._tip = response.messages, response.conversation_id, response.tip
