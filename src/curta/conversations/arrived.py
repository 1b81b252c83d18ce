"""What has arrived of an answer: the sum of its events."""

import json

from curta.events import (
    Citation,
    Event,
    Finish,
    ReasoningDelta,
    Resolved,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from curta.messages import JSON, Message, Part, Reasoning, Text, ToolCall


class Arrived:
    """What has arrived of an answer: the sum of its events so far."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.pieces: list[str] = []
        self.thoughts: list[str] = []
        self.opaque: list[JSON] = []
        self.citations: list[Citation] = []
        self.usage: UsageReport | None = None
        self.model: str | None = None
        self.finish: str | None = None
        self._calls: dict[int, ToolCallDelta] = {}

    def take(self, event: Event) -> None:
        self.events.append(event)
        match event:
            case TextDelta(text):
                self.pieces.append(text)
            case ReasoningDelta(text, opaque):
                self.thoughts.append(text)
                self.opaque += [] if opaque is None else [opaque]
            case ToolCallDelta():
                self._calls[event.place] = _joined(self._calls.get(event.place), event)
            case Citation():
                self.citations.append(event)
            case UsageReport():
                self.usage = event
            case Resolved(model):
                self.model = model
            case Finish(reason):
                self.finish = reason

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def reasoning(self) -> str:
        return "".join(self.thoughts)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls, each with an id of its own; of an answer that broke off, none has arguments one could use."""
        ids: set[str] = set()
        calls = []
        for place, call in sorted(self._calls.items()):
            id = call.id if call.id and call.id not in ids else f"{call.id or 'call'}_{place}"
            ids.add(id)
            arguments = _arguments(call.arguments) if self.finish else {"": call.arguments}
            calls.append(ToolCall(id, call.name or "unnamed", arguments))
        return tuple(calls)

    @property
    def message(self) -> Message:
        parts: list[Part] = []
        if self.thoughts:
            parts.append(Reasoning(self.reasoning, self.opaque or None))
        if self.pieces:
            parts.append(Text(self.text))
        return Message("assistant", (*parts, *self.tool_calls))


def _joined(before: ToolCallDelta | None, piece: ToolCallDelta) -> ToolCallDelta:
    if before is None:
        return piece
    arguments = before.arguments + piece.arguments
    return before._replace(id=before.id or piece.id, name=before.name or piece.name, arguments=arguments)


def _arguments(text: str) -> dict[str, JSON]:
    """A tool call's arguments. Models do write broken JSON; it is kept as it is for whoever reports it back to them."""
    try:
        value = json.loads(text or "{}", parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return {"": text}
    return value if isinstance(value, dict) else {"": value}


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _finite(text: str) -> float:
    if (value := float(text)) in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large")
    return value
