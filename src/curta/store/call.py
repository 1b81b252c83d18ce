"""A logged call, as those who read the log get it.

What a listing shows is there; documents, attachments and the whole conversation are read when they are asked for.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from curta.messages import Attachment, Document, Message, Request, Tool
from curta.store.contents import (
    DocumentRecord,
    build_message,
    chain_of,
    document_record,
    get_document,
    identities,
    unpack_json,
)
from curta.store.database import Database
from curta.store.recording import Status

if TYPE_CHECKING:
    from curta.store.asks import AskRecord


@dataclass(frozen=True, eq=False)
class Call:
    """One call as the log has it.

    prompt: the words of the last message sent, when it was the user's.
    status: as in the log; `interrupted` when the process that made a running call is gone.
    cached_from: the call whose answer was given again, so that nothing was sent.
    started: when the request was sent, UTC. duration_ms, first_token_ms: milliseconds from then.
    """

    id: str
    conversation_id: str
    model: str
    resolved_model: str | None
    caller: str
    template: str | None
    prompt: str
    response: str
    started: datetime
    status: Status
    finish: str | None
    error: str | None
    first_token_ms: int | None
    duration_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    unit: str
    cost: float | None
    written_tokens: int | None
    cached_from: str | None
    _database: Database = field(repr=False)
    _row: int = field(repr=False)
    _input: int | None = field(repr=False)
    _output: int | None = field(repr=False)
    _settings: dict[str, Any] = field(repr=False)

    @property
    def options(self) -> dict[str, Any]:
        return dict(self._settings.get("options", {}))

    @property
    def schema(self) -> dict[str, Any] | None:
        return self._settings.get("schema")

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The tools that the model could call."""
        return tuple(Tool(**tool) for tool in self._settings.get("tools", ()))

    @property
    def datetime_utc(self) -> str:
        return self.started.isoformat(timespec="milliseconds")

    @cached_property
    def system(self) -> str:
        """The system messages that were sent, in order."""
        texts = [row[1] for row in self._landmarks if row[0] == "system"]
        return "\n\n".join(texts)

    @cached_property
    def reasoning(self) -> str:
        """The model's visible reasoning."""
        with self._database.reading() as connection:
            if self._output is None:
                found = connection.execute("SELECT reasoning FROM checkpoint WHERE call = ?", (self._row,)).fetchone()
                return found[0] if found else ""
            text, parts = connection.execute("SELECT text, parts FROM message WHERE id = ?", (self._output,)).fetchone()
        return "\n".join(part["text"] for part in identities(text, parts) if part["type"] == "reasoning")

    @cached_property
    def document_records(self) -> tuple[DocumentRecord, ...]:
        """The documents that were sent, the earlier turns' included, without their texts."""
        described = [part["sha256"] for part in self._carried if part["type"] == "document"]
        with self._database.reading() as connection:
            return tuple(document_record(connection, hash) for hash in dict.fromkeys(described))

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The documents that were sent, the earlier turns' included."""
        with self._database.reading() as connection:
            return tuple(get_document(connection, record.sha256) for record in self.document_records)

    @cached_property
    def attachments(self) -> tuple[Attachment, ...]:
        """The pictures and files that were sent, the earlier turns' included."""
        found = (part for message in self.messages() for part in message.parts if isinstance(part, Attachment))
        return tuple(found) if self.attachment_records else ()

    @property
    def attachment_records(self) -> tuple[dict[str, Any], ...]:
        """The attachments without their bytes."""
        return tuple(part for part in self._carried if part["type"] == "attachment")

    @cached_property
    def conversation_name(self) -> str | None:
        """What the user calls the conversation."""
        from curta.store import ids, naming

        with self._database.reading() as connection:
            return naming.of(connection, ids.to_bytes(self.conversation_id))

    @cached_property
    def parent_id(self) -> str | None:
        """The call that this one goes on from; None when it begins its conversation."""
        from curta.store import ids, lineage

        with self._database.reading() as connection:
            row = lineage.parent(connection, self._row)
            found = row and connection.execute("SELECT ulid FROM call WHERE id = ?", (row,)).fetchone()
        return ids.from_bytes(found[0]) if found else None

    @cached_property
    def quotes(self) -> dict[str, Any] | None:
        """The latest report of a check of this call's answer."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT report FROM verdict WHERE call = ?", (self._row,)).fetchone()
        return unpack_json(row[0]) if row else None

    @cached_property
    def asked(self) -> "AskRecord | None":
        """What was found for the question to documents that this call was the last to answer, if it was."""
        from curta.store import asks

        return next(iter(asks.asks(self._database, 1, self.id)), None)

    @cached_property
    def tool_calls(self) -> tuple[dict[str, Any], ...]:
        """The calls of tools that the answer asks for, as `ToolCall.to_dict` has them."""
        return self._parts_of(self._output, "tool_call")

    @cached_property
    def tool_results(self) -> tuple[dict[str, Any], ...]:
        """The results of tools that were sent with this call, not in an earlier one; Documents by their hash."""
        return self._parts_of(self._input, "tool_result")

    def _parts_of(self, message: int | None, kind: str) -> tuple[dict[str, Any], ...]:
        with self._database.reading() as connection:
            row = connection.execute("SELECT text, parts FROM message WHERE id = ?", (message,)).fetchone()
        return tuple(part for part in identities(*row) if part["type"] == kind) if row and row[1] is not None else ()

    def message(self) -> Message | None:
        """The model's answer with all its parts; None when there was none."""
        if self._output is None:
            return None
        with self._database.reading() as connection:
            row = connection.execute("SELECT role, text, parts FROM message WHERE id = ?", (self._output,)).fetchone()
            return build_message(connection, *row)

    def messages(self) -> tuple[Message, ...]:
        """Everything that was sent, and the answer."""
        answer = self.message()
        return (*self._sent(), answer) if answer else self._sent()

    def request(self) -> Request:
        """The request exactly as it was sent: its SHA-256 is the same."""
        settings = self._settings
        schema, choice = settings.get("schema"), settings.get("choice")
        return Request(self.model, self._sent(), self.options, schema, self.tools, choice)

    def to_dict(self) -> dict[str, Any]:
        """What `curta logs --json` shows of the call."""
        return {
            "id": self.id,
            "conversation_id": self.conversation_id,
            "model": self.model,
            "resolved_model": self.resolved_model,
            "status": self.status,
            "error": self.error,
            "system": self.system,
            "prompt": self.prompt,
            "response": self.response,
            "reasoning": self.reasoning,
            "documents": [record._asdict() for record in self.document_records],
            "attachments": [{name: part[name] for name in _ATTACHMENT} for part in self.attachment_records],
            "quotes": self.quotes,
            "options": self.options,
            "schema": self.schema,
            "template": self.template,
            "caller": self.caller,
            "datetime_utc": self.datetime_utc,
            "duration_ms": self.duration_ms,
            "first_token_ms": self.first_token_ms,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cached_tokens": self.cached_tokens,
            "reasoning_tokens": self.reasoning_tokens,
            "written_tokens": self.written_tokens,
            "unit": self.unit,
            "cost": self.cost,
            "finish": self.finish,
            "cached_from": self.cached_from,
            "tool_calls": list(self.tool_calls),
            "tool_results": list(self.tool_results),
        }

    def _sent(self) -> tuple[Message, ...]:
        with self._database.reading() as connection:
            return tuple(chain_of(connection, self._input))

    @cached_property
    def _landmarks(self) -> list[tuple[str, str, str | bytes | None]]:
        """The messages sent that are the system's or carry something, as rows."""
        with self._database.reading() as connection:
            return connection.execute(_LANDMARKS, (self._input,)).fetchall()

    @property
    def _carried(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for _, text, parts in self._landmarks:
            for part in identities(text, parts):
                found += part["parts"] if part["type"] == "tool_result" else [part]
        return found


_ATTACHMENT = ("media_type", "name", "sha256")

_LANDMARKS = """
WITH RECURSIVE mark (id, landmark, depth) AS (
    SELECT id, landmark, 0 FROM message WHERE id = ?
    UNION ALL SELECT message.id, message.landmark, depth + 1 FROM mark JOIN message ON message.id = mark.landmark)
SELECT role, text, parts FROM mark JOIN message USING (id)
WHERE role = 'system' OR parts IS NOT NULL
ORDER BY depth DESC
"""
