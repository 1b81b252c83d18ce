"""The log as a cache: an identical request that was answered in full is given the same answer, and nothing is sent.

Identical means the same `Request.sha256`: the model's name, every message with its documents and attachments, options,
schema and tools; and the same server. What failed, was interrupted or was cut off by a limit never answers anything.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from curta.errors import LogError
from curta.events import Event, Finish, ReasoningDelta, Resolved, TextDelta, ToolCallDelta
from curta.messages import Message, Reasoning, Request, Text, ToolCall, canonical, chain
from curta.models import registry

if TYPE_CHECKING:
    from curta.conversations.response import Response
    from curta.store import Call, Log, Tip


def answered(log: "Log", request: Request, place: str | None, base: "Tip | None" = None) -> "Call | None":
    """The latest whole answer to this very request. The built-in model is never looked up: asking it costs nothing.

    place: where the request would be sent (`Response.place`): another server of the same name has not answered it.
    base: the part of the request's messages whose hash is known. Raises LogError.
    """
    if request.model == registry.BUILT_IN:
        return None
    known = base.length if base else 0
    return log.find(request.sha256(chain(request.messages[known:], base.sha256 if base else "")), place)


def looked_up(response: "Response", log: "Log", base: "Tip | None") -> "Call | None":
    """What the log has for a response that is about to be asked for; a log that cannot be read costs no answer."""
    try:
        return answered(log, response.request, response.place, base)
    except LogError as error:
        response.warnings.append(f"No answer was looked for in the log: {error.what}")
        return None


def events(call: "Call") -> Iterator[Event]:
    """The answer of a logged call as a model gives it. Their sum is the message in the log."""
    if call.resolved_model:
        yield Resolved(call.resolved_model)
    message = call.message()
    yield from _of_message(message) if message else ()
    yield Finish(call.finish or "stop")  # type: ignore[arg-type]  # the log has what a model gave


def _of_message(message: Message) -> Iterator[Event]:
    place = 0
    for part in message.parts:
        match part:
            case Reasoning(text, opaque):
                first, *others = opaque if isinstance(opaque, list) and opaque else [opaque]
                yield ReasoningDelta(text, first)
                yield from (ReasoningDelta("", other) for other in others)
            case Text(text):
                yield TextDelta(text)
            case ToolCall(id, name, arguments):
                yield ToolCallDelta(place, id, name, canonical(dict(arguments)).decode())
                place += 1
