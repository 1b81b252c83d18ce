"""What is written of a call, as values, and the rows that hold it.

Functions here run inside a transaction somebody else began; they know nothing of files, locks or the spool.
"""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from curta.events import UsageReport
from curta.messages import Message, Reasoning, Request, Text, canonical, chain, sha256, well_formed
from curta.store import ids
from curta.store.contents import ROOT, Node, find_node, node, pack, pack_json, put_message

Status: TypeAlias = Literal["running", "ok", "failed", "interrupted", "refused"]


class Tip(NamedTuple):
    """Where a conversation stands: the chain hash (hex) of its first `length` messages."""

    sha256: str
    length: int


class Opening(NamedTuple):
    """What is known of a call before it is made.

    id, conversation: ULIDs; a conversation bears the id of its first call.
    started: milliseconds since 1970, UTC.
    base: the part of `request.messages` that the log has already.
    cached_from: the id of the logged call whose answer is given again, so that nothing is sent.
    place: a digest of where it is sent, hex; None when that is not an address.
    """

    id: str
    conversation: str
    request: Request
    started: int
    caller: str = "prompt"
    template: str | None = None
    resolved_model: str | None = None
    base: Tip | None = None
    cached_from: str | None = None
    place: str | None = None


class Outcome(NamedTuple):
    """How a call ended.

    message: the answer, or as much of it as had arrived.
    cost: US dollars.
    finish: the model's own reason to stop (`stop`, `length`, `tool_calls`, ...).
    error: what went wrong, for people.
    first_token_ms, duration_ms: since the request was sent; None lets the log measure the duration.
    """

    status: Status
    message: Message | None = None
    resolved_model: str | None = None
    usage: UsageReport | None = None
    cost: float | None = None
    finish: str | None = None
    error: str | None = None
    first_token_ms: int | None = None
    duration_ms: int | None = None


def partial_answer(text: str, reasoning: str) -> Message | None:
    """As much of an answer as had arrived; None when nothing had."""
    parts = [Reasoning(reasoning)] if reasoning else []
    return Message("assistant", (*parts, Text(text))) if text or reasoning else None


def insert_call(connection: sqlite3.Connection, opening: Opening, row_id: int | None = None) -> tuple[int, Tip]:
    """Write a call that has begun. Returns its row id (`row_id`, or the next), and the tip of the messages it sends."""
    request = opening.request
    tip = _put_messages(connection, request.messages, opening.base)
    row = {
        "id": _next_row(connection) if row_id is None else row_id,
        "ulid": ids.to_bytes(opening.id),
        "conversation": _conversation_row(connection, opening),
        "caller": _name(connection, opening.caller),
        "model": _name(connection, request.model),
        "resolved": _resolved(connection, opening.resolved_model, request.model),
        "template": _name(connection, opening.template),
        "parameters": _parameters(connection, request),
        "request": bytes.fromhex(request.sha256(tip.hash or None))[:16],
        "input": tip.id,
        "started": opening.started,
        "status": "running",
        "cached_from": opening.cached_from and ids.to_bytes(opening.cached_from),
        "place": opening.place and bytes.fromhex(opening.place),
    }
    cursor = connection.execute(_insert("call", row), row)
    assert cursor.lastrowid is not None
    return cursor.lastrowid, Tip(tip.hash, len(request.messages))


def _next_row(connection: sqlite3.Connection) -> int:
    """The next row id above zero; those below are of imported calls, and SQLite alone would go on from there."""
    return max(connection.execute("SELECT max(id) FROM call").fetchone()[0] or 0, 0) + 1


def close_call(connection: sqlite3.Connection, row_id: int, id: str, outcome: Outcome) -> str | None:
    """Write how the call ended, over any earlier ending. Returns the chain hash of the whole exchange.

    None when the call is no longer in the log.
    """
    found = connection.execute(
        "SELECT model.text, call.status, input.id, input.hash, input.role, input.parts IS NULL, input.landmark"
        " FROM call JOIN name AS model ON model.id = call.model LEFT JOIN message AS input ON input.id = call.input"
        " WHERE call.id = ? AND call.ulid = ?",
        (row_id, ids.to_bytes(id)),
    ).fetchone()
    if found is None:
        return None
    model, status, input_id, hash, *rest = found
    if status != "running":
        unindex(connection, row_id)
    tip = ROOT if input_id is None else node(input_id, hash.hex(), *rest)
    output = None if outcome.message is None else _put_next(connection, tip, outcome.message)
    row = {
        "id": row_id,
        "resolved": _resolved(connection, outcome.resolved_model, model),
        "output": output and output.id,
        **_measured(outcome),
    }
    connection.execute(_CLOSE, row)
    index(connection, row_id)
    connection.execute("DELETE FROM checkpoint WHERE call = ?", (row_id,))
    return (output or tip).hash


def find_row(connection: sqlite3.Connection, id: str) -> int | None:
    """The row id of the call with this ULID."""
    row = connection.execute("SELECT id FROM call WHERE ulid = ?", (ids.to_bytes(id),)).fetchone()
    return row and int(row[0])


def put_checkpoint(connection: sqlite3.Connection, row_id: int, text: str, reasoning: str) -> None:
    row = (row_id, well_formed(text), well_formed(reasoning))
    connection.execute("INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?)", row)


def put_verdict(connection: sqlite3.Connection, row_id: int, report: Mapping[str, Any]) -> None:
    """Keep a report of a check with its call; the latest counts."""
    connection.execute("INSERT OR REPLACE INTO verdict VALUES (?, ?)", (row_id, pack_json(report)))


def index(connection: sqlite3.Connection, row_id: int) -> None:
    connection.execute("INSERT INTO call_search (rowid, text) SELECT id, text FROM call_text WHERE id = ?", (row_id,))


def unindex(connection: sqlite3.Connection, row_id: int) -> None:
    """Take a call out of the search index. Its texts must still be what they were when it was put in."""
    connection.execute(
        "INSERT INTO call_search (call_search, rowid, text) SELECT 'delete', id, text FROM call_text WHERE id = ?",
        (row_id,),
    )


def settings(request: Request) -> dict[str, Any]:
    """What a request asks for besides its words, without what it leaves at its default."""
    asked = {
        "options": dict(request.options),
        "schema": request.schema,
        "tools": [tool.to_dict() for tool in request.tools],
        "choice": request.choice,
    }
    return {
        name: value for name, value in asked.items() if value or (name in ("schema", "choice") and value is not None)
    }


def _put_messages(connection: sqlite3.Connection, messages: tuple[Message, ...], base: Tip | None) -> Node:
    """Store what is new of a conversation. Returns its last message."""
    known = find_node(connection, base.sha256) if base and base.length else None
    start = base.length if base and known else 0
    tip = known or ROOT
    for message in messages[start:]:
        tip = _put_next(connection, tip, message)
    return tip


def _put_next(connection: sqlite3.Connection, parent: Node, message: Message) -> Node:
    hash = chain((message,), parent.hash)
    return find_node(connection, hash) or put_message(connection, parent, hash, message)


def _conversation_row(connection: sqlite3.Connection, opening: Opening) -> int | None:
    """What `call.conversation` says for this call."""
    ulid = ids.to_bytes(opening.conversation)
    row = connection.execute("SELECT id FROM conversation WHERE ulid = ?", (ulid,)).fetchone()
    if row or opening.conversation == opening.id:
        return row and int(row[0])
    row = connection.execute("SELECT id FROM call WHERE ulid = ?", (ulid,)).fetchone()
    return int(row[0]) if row else detached_conversation(connection, ulid)


def detached_conversation(connection: sqlite3.Connection, ulid: bytes) -> int:
    """A row id, below zero, for a conversation whose first call is not in the log."""
    lowest = connection.execute("SELECT min(id) FROM conversation").fetchone()[0] or 0
    connection.execute("INSERT INTO conversation VALUES (?, ?)", (lowest - 1, ulid))
    return int(lowest) - 1


def _name(connection: sqlite3.Connection, text: str | None) -> int | None:
    if text is None:
        return None
    text = well_formed(text)
    row = connection.execute("SELECT id FROM name WHERE text = ?", (text,)).fetchone()
    return int(row[0]) if row else connection.execute("INSERT INTO name (text) VALUES (?)", (text,)).lastrowid


def _resolved(connection: sqlite3.Connection, resolved: str | None, model: str) -> int | None:
    """The model that answered, where it is another than was asked for."""
    return None if resolved == model else _name(connection, resolved)


def _parameters(connection: sqlite3.Connection, request: Request) -> int | None:
    value = settings(request)
    if not value:
        return None
    hash = bytes.fromhex(sha256(canonical(value)))
    row = connection.execute("SELECT id FROM parameters WHERE hash = ?", (hash,)).fetchone()
    if row:
        return int(row[0])
    insert = "INSERT INTO parameters (hash, value) VALUES (?, ?)"
    # in the order in which it was asked: models fill in the fields of a schema in theirs
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return connection.execute(insert, (hash, pack(well_formed(text)))).lastrowid


def _measured(outcome: Outcome) -> dict[str, Any]:
    usage = outcome.usage or UsageReport()
    return {
        "first_token": outcome.first_token_ms,
        "duration": outcome.duration_ms,
        "status": outcome.status,
        "finish": outcome.finish,
        "error": outcome.error and well_formed(outcome.error),
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "cached_tokens": usage.cached,
        "reasoning_tokens": usage.reasoning,
        "written_tokens": usage.written,
        "unit": None if usage.unit == "tokens" else usage.unit,
        "cost": outcome.cost,
    }


def _insert(table: str, row: Mapping[str, Any]) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"


_CLOSE = (
    "UPDATE call SET "
    + ", ".join(f"{name} = :{name}" for name in ("output", *_measured(Outcome("ok"))))
    + ", resolved = coalesce(:resolved, resolved) WHERE id = :id"
)
