"""A call that `llm` has logged, as readers of the log get any call."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from curta.messages import (
    Attachment,
    Document,
    Message,
    Part,
    Reasoning,
    Request,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    part_identity,
)
from curta.store import Call
from curta.store.contents import DocumentRecord
from curta.store.database import Database

CALLER = "llm"
"""What `caller` says of calls that `llm` made, read in place or imported."""


class Contents(NamedTuple):
    """What was sent, what came back, and the tools that were offered."""

    sent: tuple[Message, ...]
    answer: Message | None
    tools: tuple[Tool, ...] = ()


@dataclass(frozen=True, eq=False)
class PastCall(Call):
    """A call in `llm`'s log. Its messages are read when they are asked for."""

    _read: Callable[[], Contents] = field(repr=False)

    @cached_property
    def _contents(self) -> Contents:
        return self._read()

    @cached_property
    def asked(self) -> None:
        """Nothing: `llm` asks no documents."""

    @cached_property
    def system(self) -> str:
        return "\n\n".join(message.text for message in self._contents.sent if message.role == "system")

    @cached_property
    def reasoning(self) -> str:
        answer = self._contents.answer
        return "\n".join(part.text for part in answer.parts if isinstance(part, Reasoning)) if answer else ""

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        return self.request().documents

    @cached_property
    def document_records(self) -> tuple[DocumentRecord, ...]:
        return tuple(DocumentRecord(each.uri, each.title, each.sha256, len(each.text)) for each in self.documents)

    @cached_property
    def attachments(self) -> tuple[Attachment, ...]:
        parts = (part for message in self._contents.sent for part in message.parts)
        return tuple(part for part in _flat(parts) if isinstance(part, Attachment))

    @property
    def attachment_records(self) -> tuple[dict[str, Any], ...]:
        return tuple(part_identity(part) for part in self.attachments)

    @property
    def quotes(self) -> None:
        return None

    @property
    def tool_calls(self) -> tuple[dict[str, Any], ...]:
        answer = self._contents.answer
        return tuple(part.to_dict() for part in answer.parts if isinstance(part, ToolCall)) if answer else ()

    @property
    def tool_results(self) -> tuple[dict[str, Any], ...]:
        last = self._contents.sent[-1:]
        return tuple(part_identity(part) for each in last for part in each.parts if isinstance(part, ToolResult))

    @property
    def tools(self) -> tuple[Tool, ...]:
        return self._contents.tools

    def message(self) -> Message | None:
        return self._contents.answer

    def request(self) -> Request:
        """The request as Curta would have written it: the same words, Documents and tools."""
        return Request(self.model, self._contents.sent, self.options, self.schema, self._contents.tools)

    def to_dict(self) -> dict[str, Any]:
        """As any call, and where it stands."""
        return {**super().to_dict(), "source": CALLER}

    def _sent(self) -> tuple[Message, ...]:
        return self._contents.sent


def past_call(path: Path, read: Callable[[], Contents], settings: dict[str, Any], **known: Any) -> PastCall:
    """A call of the log at `path`. Whatever `llm` does not know of a call is None."""
    unknown = {each.name: None for each in fields(PastCall)}
    fixed = {"caller": CALLER, "status": "ok", "unit": "tokens", "_row": 0, "_database": Database(path)}
    return PastCall(**{**unknown, **fixed, **known, "_settings": settings, "_read": read})


def _flat(parts: Any) -> list[Part]:
    found: list[Part] = []
    for part in parts:
        found += part.parts if isinstance(part, ToolResult) else [part]
    return found


def words_of(parts: tuple[Part, ...]) -> str:
    return "\n".join(part.text for part in parts if isinstance(part, Text))
