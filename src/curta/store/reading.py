"""Getting calls back: one, many, a conversation, an answer given before.

Listings cost what they show, not what the log holds: pages of rows, newest first, each query along an index.
Documents, attachments and whole conversations are read only when they are asked for.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

from curta.errors import UnknownCall
from curta.messages import Attachment, Document, Message, Request, Tool
from curta.store import ids
from curta.store.calls import Status, Tip
from curta.store.contents import build_message, chain_of, get_document, identities, unpack_json
from curta.store.database import Database
from curta.store.search import parse

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """Which calls.

    limit: at most so many; None for all.
    model: as it was asked for, or as the provider named the one that answered.
    conversation: the id of a conversation.
    query: words to find in prompts and answers, as `search` describes.
    since, before: when the call began; `since` included, `before` not.
    ids: exactly these calls.
    oldest_first: the other way round; then `limit` counts from the oldest.
    """

    limit: int | None = None
    model: str | None = None
    conversation: str | None = None
    query: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    status: Status | None = None
    caller: str | None = None
    ids: tuple[str, ...] = ()
    oldest_first: bool = False


class DocumentRecord(NamedTuple):
    """A document without its text."""

    uri: str
    title: str
    sha256: str
    characters: int


@dataclass(frozen=True, eq=False)
class Call:
    """One call as the log has it.

    prompt: the words of the last message sent, when it was the user's.
    status: as in the log; `interrupted` when the process that made a running call is gone.
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
            return tuple(_document_record(connection, hash) for hash in dict.fromkeys(described))

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
    def quotes(self) -> dict[str, Any] | None:
        """The latest report of a check of this call's answer."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT report FROM verdict WHERE call = ?", (self._row,)).fetchone()
        return unpack_json(row[0]) if row else None

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
        tools = tuple(Tool(**tool) for tool in settings.get("tools", []))
        return Request(self.model, self._sent(), self.options, settings.get("schema"), tools, settings.get("choice"))

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
            "unit": self.unit,
            "cost": self.cost,
            "finish": self.finish,
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

_COLUMNS = """
SELECT call.id, call.ulid, first.ulid, detached.ulid, model.text, resolved.text, caller.text, template.text,
       CASE input.role WHEN 'user' THEN input.text ELSE '' END,
       CASE WHEN call.output IS NOT NULL THEN output.text ELSE coalesce(checkpoint.text, '') END,
       call.started, call.status, call.finish, call.error, call.first_token, call.duration,
       call.input_tokens, call.output_tokens, call.cached_tokens, call.reasoning_tokens, call.unit, call.cost,
       call.input, call.output, parameters.value
"""

_TABLES = """
JOIN name AS model ON model.id = call.model
JOIN name AS caller ON caller.id = call.caller
LEFT JOIN name AS resolved ON resolved.id = call.resolved
LEFT JOIN name AS template ON template.id = call.template
LEFT JOIN parameters ON parameters.id = call.parameters
LEFT JOIN message AS input ON input.id = call.input
LEFT JOIN message AS output ON output.id = call.output
LEFT JOIN checkpoint ON checkpoint.call = call.id
LEFT JOIN call AS first ON first.id = call.conversation
LEFT JOIN conversation AS detached ON detached.id = call.conversation
"""


def calls(database: Database, filter: Filter) -> Iterator[Call]:
    """The calls that pass, in order. Each page is a query of its own, so nothing stays open in between."""
    left = filter.limit
    position: int | bytes | None = None
    while left is None or left > 0:
        page = _page(database, filter, position, _PAGE if left is None else min(left, _PAGE))
        yield from page.calls
        if page.next is None:
            return
        position = page.next
        left = None if left is None else left - len(page.calls)


def call(database: Database, id: str | None) -> Call:
    with database.reading() as connection:
        row = _latest(connection) if id is None else _row_of(connection, id)
        return _one(database, connection, row)


def count(database: Database, filter: Filter) -> int:
    """How many calls pass, limit aside."""
    conditions, values, source = _conditions(filter)
    with database.reading() as connection:
        where = " AND ".join(conditions) or "1"
        return int(connection.execute(f"SELECT count(*) FROM {source} WHERE {where}", values).fetchone()[0])


def rows(connection: sqlite3.Connection, ids: list[str]) -> list[int]:
    """The row ids of these calls. Raises UnknownCall."""
    return [_row_of(connection, id) for id in ids]


def history(database: Database, conversation: str) -> tuple[tuple[Message, ...], Tip, Call]:
    with database.reading() as connection:
        members = _members(connection, conversation)
        last = _one(database, connection, max(row for row, _ in members))
        answered = [(row, output) for row, output in members if output is not None]
        if not answered:
            return (), Tip("", 0), last
        tip = max(answered)[1]
        messages = tuple(chain_of(connection, tip))
        hash = connection.execute("SELECT hash FROM message WHERE id = ?", (tip,)).fetchone()[0]
    return messages, Tip(hash.hex(), len(messages)), last


def find(database: Database, request: str) -> Call | None:
    with database.reading() as connection:
        row = connection.execute(
            "SELECT max(id) FROM call"
            " WHERE substr(request, 1, 8) = substr(?1, 1, 8) AND request = ?1 AND status = 'ok'",
            (bytes.fromhex(request)[:16],),
        ).fetchone()
        return None if row[0] is None else _one(database, connection, row[0])


def export(database: Database, filter: Filter) -> Iterator[dict[str, Any]]:
    with database.reading() as connection:
        conditions, values, source = _conditions(filter)
        where = " AND ".join(conditions) or "1"
        found = connection.execute(f"SELECT call.id FROM {source} WHERE {where} ORDER BY call.id", values).fetchall()
    for (row,) in found[-filter.limit :] if filter.limit else found:
        with database.reading() as connection, suppress(UnknownCall):
            exported = _one(database, connection, row)
            answer = exported.message()
            yield {
                **exported.to_dict(),
                "request": exported.request().to_dict(),
                "message": answer and answer.to_dict(),
            }


class _Page(NamedTuple):
    calls: list[Call]
    next: int | bytes | None


def _page(database: Database, filter: Filter, position: int | bytes | None, size: int) -> _Page:
    conditions, values, source = _conditions(filter)
    order = _order(filter)
    if position is not None:
        conditions.append(f"{order} {'>' if filter.oldest_first else '<'} ?")
        values.append(position)
    where = " AND ".join(conditions) or "1"
    direction = "ASC" if filter.oldest_first else "DESC"
    chosen = f"SELECT call.id AS row FROM {source} WHERE {where} ORDER BY {order} {direction} LIMIT {size}"
    key = order if order.startswith("call.") else "call.id"
    with database.reading() as connection:
        found = connection.execute(
            f"{_COLUMNS} FROM ({chosen}) AS chosen CROSS JOIN call ON call.id = chosen.row {_TABLES}"
            f" ORDER BY {key} {direction}",
            values,
        ).fetchall()
        read = [_from_row(database, row) for row in found]
    last = (found[-1][1] if key == "call.ulid" else found[-1][0]) if len(found) == size else None
    return _Page([call for call in read if filter.status in (None, call.status)], last)


def _order(filter: Filter) -> str:
    """What "newest first" goes by: the order of logging, or, where a time is asked for, the clock."""
    if filter.query is not None and parse(filter.query).match:
        return "call_search.rowid"
    return "call.ulid" if filter.since or filter.before else "call.id"


def _conditions(filter: Filter) -> tuple[list[str], list[Any], str]:
    """The WHERE of a filter, its values, and the tables it reads."""
    conditions: list[str] = []
    values: list[Any] = []
    source = "call"

    def require(condition: str, *parameters: Any) -> None:
        conditions.append(condition)
        values.extend(parameters)

    if filter.query is not None:
        query = parse(filter.query)
        if query.match:
            # CROSS JOIN keeps SQLite from looking at every call instead of every hit.
            source = "call_search CROSS JOIN call ON call.id = call_search.rowid"
            require("call_search MATCH ?", query.match)
        for piece, must in query.pieces:
            contains = "(SELECT instr(lower(text), lower(?)) > 0 FROM call_text WHERE call_text.id = call.id)"
            require(contains if must else f"NOT {contains}", piece)
    if filter.model is not None:
        name = "(SELECT id FROM name WHERE text = ?)"
        require(f"(call.model = {name} OR call.resolved = {name})", filter.model, filter.model)
    if filter.caller is not None:
        require("call.caller = (SELECT id FROM name WHERE text = ?)", filter.caller)
    if filter.conversation is not None:
        require(*_in_conversation(filter.conversation))
    if filter.since is not None:
        require("call.ulid >= ?", _ulid_at(filter.since))
    if filter.before is not None:
        require("call.ulid < ?", _ulid_at(filter.before))
    if filter.status in ("running", "interrupted"):
        require("call.status <> 'ok' AND call.status IN ('running', 'interrupted')")
    elif filter.status == "ok":
        require("call.status = 'ok'")
    elif filter.status is not None:
        require("call.status <> 'ok' AND call.status = ?", filter.status)
    if filter.ids:
        require(f"call.ulid IN ({', '.join('?' * len(filter.ids))})", *map(_ulid, filter.ids))
    return conditions, values, source


_IN_CONVERSATION = """
call.id IN (
    SELECT id FROM call WHERE ulid = ? AND conversation IS NULL
    UNION SELECT id FROM call WHERE conversation IN (
        SELECT id FROM call WHERE ulid = ? UNION SELECT id FROM conversation WHERE ulid = ?))
"""


def _in_conversation(id: str) -> tuple[str, bytes, bytes, bytes]:
    ulid = _ulid(id)
    return _IN_CONVERSATION, ulid, ulid, ulid


def _ulid(id: str) -> bytes:
    try:
        return ids.to_bytes(id)
    except ValueError:
        raise UnknownCall(f"{id!r} is not the id of a call.", then=_SEE_ALL) from None


def _ulid_at(moment: datetime) -> bytes:
    return ids.time_bytes(round(moment.timestamp() * 1000)) + bytes(10)


def _one(database: Database, connection: sqlite3.Connection, row: int) -> Call:
    found = connection.execute(f"{_COLUMNS} FROM call {_TABLES} WHERE call.id = ?", (row,)).fetchone()
    if found is None:
        raise UnknownCall("The call was removed meanwhile.")
    return _from_row(database, found)


def _from_row(database: Database, row: tuple[Any, ...]) -> Call:
    id, ulid, first, detached, model, resolved, caller, template, prompt, response, started, status, *rest = row
    finish, error, first_token, duration, *usage, unit, cost, input, output, parameters = rest
    input_tokens, output_tokens, cached_tokens, reasoning_tokens = usage
    return Call(
        id=ids.from_bytes(ulid),
        conversation_id=ids.from_bytes(first or detached or ulid),
        model=model,
        resolved_model=resolved,
        caller=caller,
        template=template,
        prompt=prompt or "",
        response=response or "",
        started=datetime.fromtimestamp(started / 1000, UTC),
        status="interrupted" if status == "running" and not database.is_running(id) else status,
        finish=finish,
        error=error,
        first_token_ms=first_token,
        duration_ms=duration,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cached_tokens=cached_tokens,
        reasoning_tokens=reasoning_tokens,
        unit=unit or "tokens",
        cost=cost,
        _database=database,
        _row=id,
        _input=input,
        _output=output,
        _settings=unpack_json(parameters) if parameters is not None else {},
    )


def _document_record(connection: sqlite3.Connection, hash: str) -> DocumentRecord:
    query = "SELECT uri, title, characters FROM document WHERE hash = ?"
    uri, title, characters = connection.execute(query, (bytes.fromhex(hash),)).fetchone()
    return DocumentRecord(uri, title, hash, characters)


def _members(connection: sqlite3.Connection, id: str) -> list[tuple[int, int | None]]:
    """The calls of the conversation that `id`, of any of its calls, belongs to: row ids and answers."""
    row = connection.execute(f"{_CONVERSATION} WHERE call.id = ?", (_row_of(connection, id, conversation=True),))
    first, detached, own = row.fetchone()
    condition, *values = _in_conversation(ids.from_bytes(first or detached or own))
    return connection.execute(f"SELECT id, output FROM call WHERE {condition}", values).fetchall()


_CONVERSATION = """
SELECT first.ulid, detached.ulid, call.ulid FROM call
LEFT JOIN call AS first ON first.id = call.conversation
LEFT JOIN conversation AS detached ON detached.id = call.conversation
"""


def _latest(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT max(id) FROM call").fetchone()[0]
    if row is None:
        raise UnknownCall("The log is empty.", then="Ask something: curta 'say hi'")
    return int(row)


def _row_of(connection: sqlite3.Connection, id: str, conversation: bool = False) -> int:
    """The row id of the one call whose id begins so; where conversations count too, of one of its calls."""
    try:
        lowest, highest = ids.prefix_range(id)
    except ValueError:
        raise UnknownCall(f"No logged call has the id {id!r}.", then=_SEE_ALL) from None
    between = "ulid BETWEEN ? AND ?"
    found = connection.execute(
        f"SELECT id FROM call WHERE {between} ORDER BY ulid LIMIT 2", (lowest, highest)
    ).fetchall()
    if not found and conversation:
        detached = f"SELECT max(id) FROM call WHERE conversation IN (SELECT id FROM conversation WHERE {between})"
        found = [row for row in connection.execute(detached, (lowest, highest)) if row[0] is not None]
    if len(found) == 1:
        return int(found[0][0])
    raise _unknown(connection, id, lowest, ambiguous=bool(found))


_SEE_ALL = "`curta logs list -s` lists the latest."


def _unknown(connection: sqlite3.Connection, id: str, lowest: bytes, ambiguous: bool) -> UnknownCall:
    """Names the calls somebody may have meant: those whose ids sort next to it."""
    after = connection.execute("SELECT ulid FROM call WHERE ulid >= ? ORDER BY ulid LIMIT 3", (lowest,)).fetchall()
    before = connection.execute("SELECT ulid FROM call WHERE ulid < ? ORDER BY ulid DESC LIMIT 1", (lowest,)).fetchall()
    near = ", ".join(ids.from_bytes(row[0]) for row in (after if ambiguous else before + after[:2]))
    if ambiguous:
        return UnknownCall(f"The ids of several calls begin with {id!r}.", why=f"Among them: {near}.")
    return UnknownCall(
        f"No logged call has the id {id!r}.",
        why=f"The nearest: {near}." if near else "The log is empty.",
        then=_SEE_ALL,
    )
