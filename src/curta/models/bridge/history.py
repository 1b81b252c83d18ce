"""A request as `llm` has it: messages of its own form, in JSON, every Document rendered, one system prompt."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from curta.errors import UnsupportedRequest
from curta.messages import JSON, Attachment, Message, Part, Reasoning, Request, ToolCall, ToolResult
from curta.models.wires.kept import Kept, kept, pieces
from curta.models.wires.parts import attachments, base64, documents, media_type, numbers, result, texts

WIRE = "llm"

ALIKE = ({"audio/wav", "audio/wave", "audio/x-wav"}, {"audio/mpeg", "audio/mp3"}, {"image/jpeg", "image/jpg"})
"""Names of one type. `llm` and Curta tell a file's type by different tables."""


def messages(request: Request, model: str, accepted: Sequence[str]) -> tuple[str | None, list[dict[str, JSON]]]:
    """The system prompt and the messages, which begin with it.

    Of several system prompts the last holds: one that was changed in a conversation takes the place of the one before.
    model: as its plugin calls it. accepted: the media types of attachments it takes.
    Raises UnsupportedRequest for any other.
    """
    system = next((each.text for each in reversed(request.messages) if each.role == "system"), None)
    said = _Messages(request, model, accepted)
    rest = [message for each in request.messages if each.role != "system" for message in said.of(each)]
    return system, [*([_message("system", [_text(system)])] if system else []), *rest]


class _Messages:
    """Writes the messages of one request."""

    def __init__(self, request: Request, model: str, accepted: Sequence[str]) -> None:
        self._model = model
        self._numbers = numbers(request)
        self._accepted = accepted
        calls = (part for message in request.messages for part in message.parts if isinstance(part, ToolCall))
        self._names = {call.id: call.name for call in calls}

    def of(self, message: Message) -> Iterator[dict[str, JSON]]:
        match message.role:
            case "assistant":
                yield _message("assistant", list(self._answer(message)))
            case "tool":
                yield _message("tool", [self._result(result(part)) for part in message.parts])
            case _:
                yield _message("user", list(self._said(message.parts)))

    def _said(self, parts: Sequence[Part]) -> Iterator[dict[str, JSON]]:
        """The documents and the words as one text, for old plugins read only one; then the attachments."""
        if words := self._words(parts):
            yield _text(words)
        for part in attachments(parts):
            yield {"type": "attachment", "attachment": self._attachment(part)}

    def _words(self, parts: Sequence[Part]) -> str:
        return "\n\n".join(filter(None, [*documents(parts, self._numbers), texts(parts)]))

    def _attachment(self, part: Attachment) -> dict[str, JSON]:
        type_ = media_type(part)
        same = next((each for each in ALIKE if type_ in each), {type_})
        if not (fit := next((each for each in self._accepted if each in same), None)):
            accepted = f"It reads {', '.join(self._accepted)}." if self._accepted else "It reads text only."
            raise UnsupportedRequest(f"{self._model} does not read {part.media_type!r}.", then=accepted)
        return {"type": fit, **({"url": part.url} if part.url and not part.data else {"content": base64(part.data)})}

    def _result(self, part: ToolResult) -> dict[str, JSON]:
        words = self._words(part.parts)
        given = [
            {"type": media_type(each), **({"url": each.url} if each.url else {"content": base64(each.data)})}
            for each in attachments(part.parts)
        ]
        return {
            "type": "tool_result",
            "name": self._names.get(part.id, ""),
            "output": words,
            "tool_call_id": part.id,
            **({"exception": words} if part.failed else {}),
            **({"attachments": given} if given else {}),
        }

    def _answer(self, message: Message) -> Iterator[dict[str, JSON]]:
        """What the model said, in the order in which it did, with what its provider wants back in its place."""
        opaque = kept(message, WIRE, self._model)
        if not any(_is_reasoning(each) for each in opaque):
            thoughts = "".join(part.text for part in message.parts if isinstance(part, Reasoning))
            yield from [{"type": "reasoning", "text": thoughts}] if thoughts else []
        waiting: dict[str, JSON] = {}
        for piece in pieces(message, texts(message.parts), opaque):
            if isinstance(piece, Kept):
                if "part" in piece.value:
                    yield piece.value["part"]
                else:
                    waiting[str(piece.value.get("of"))] = piece.value.get("provider_metadata")
                continue
            part = _text(piece) if isinstance(piece, str) else _call(piece)
            metadata = waiting.pop(part["type"], None)
            yield {**part, "provider_metadata": metadata} if metadata else part


def _message(role: str, parts: list[dict[str, JSON]]) -> dict[str, JSON]:
    return {"role": role, "parts": parts}


def _text(text: str) -> dict[str, JSON]:
    return {"type": "text", "text": text}


def _call(call: ToolCall) -> dict[str, JSON]:
    return {"type": "tool_call", "name": call.name, "arguments": dict(call.arguments), "tool_call_id": call.id}


def _is_reasoning(each: Kept) -> bool:
    part = each.value.get("part")
    return isinstance(part, Mapping) and part.get("type") == "reasoning"


def question(request: Request, entry: Mapping[str, Any], *, stream: bool, key: str | None) -> dict[str, JSON]:
    """What the child is asked. Raises UnsupportedRequest for what the model is known not to do."""
    _refuse(request, entry)
    system, said = messages(request, entry["name"], entry["attachments"])
    return {
        "op": "prompt",
        "model": entry["name"],
        "plugin": entry["plugin"],
        "system": system,
        "messages": said,
        "options": {name: value for name, value in request.options.items() if value is not None},
        "schema": request.schema,
        "tools": [] if request.choice == "none" else [tool.to_dict() for tool in request.tools],
        "stream": stream,
        "key": key,
    }


def _refuse(request: Request, entry: Mapping[str, Any]) -> None:
    name, other = request.model, "Choose another model with -m."
    if request.schema is not None and not entry["schema"]:
        raise UnsupportedRequest(f"{name} cannot follow a schema.", then=other)
    if request.tools and not entry["tools"]:
        raise UnsupportedRequest(f"{name} cannot call tools.", then=other)
    if request.choice not in (None, "auto", "none"):
        raise UnsupportedRequest(
            f"Plugins of llm leave it to the model whether it calls a tool, not {request.choice!r}."
        )
    if not entry["conversation"] and any(each.role == "assistant" for each in request.messages):
        raise UnsupportedRequest(f"{name} answers one question at a time, without a conversation.", then=other)
    if not request.messages or request.messages[-1].role not in ("user", "tool"):
        raise UnsupportedRequest("Plugins of llm answer what a user or a tool has said last.")
