"""Which calls a reader wants, and the SQL that finds them along an index."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from curta.errors import UnknownCall
from curta.messages import JSON, canonical
from curta.store import ids
from curta.store.recording import Status
from curta.store.search import Query, parse

SEE_ALL = "`curta logs -s` lists the latest."
SEE_CONVERSATIONS = "`curta logs conversations` lists the latest."


@dataclass(frozen=True, slots=True)
class Filter:
    """Which calls.

    limit: at most so many; None for all.
    model: as it was asked for, or as the provider named the one that answered.
    conversation: the id of a conversation.
    query: words to find in prompts and answers, as `search` describes.
    since, before: when the call began; `since` included, `before` not.
    schema: asked for an answer that follows it. documents: sent with all of these (their SHA-256), not in an earlier
        turn.
    tool: called this tool, or got its results; "" for any tool.
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
    schema: Mapping[str, JSON] | None = None
    documents: tuple[str, ...] = ()
    tool: str | None = None
    ids: tuple[str, ...] = ()
    oldest_first: bool = False


def order(filter: Filter) -> str:
    """What "newest first" goes by: the order of logging, whatever the clock said."""
    if filter.query is not None and parse(filter.query).match:
        return "call_search.rowid"
    return "call.id"


def conditions(filter: Filter) -> tuple[list[str], list[Any], str]:
    """The WHERE of a filter, its values, and the tables it reads."""
    query = None if filter.query is None else parse(filter.query)
    required = [*(_found(query) if query else ()), *_described(filter)]
    # CROSS JOIN keeps SQLite from looking at every call instead of every hit.
    source = "call_search CROSS JOIN call ON call.id = call_search.rowid" if query and query.match else "call"
    return [condition for condition, *_ in required], [value for _, *values in required for value in values], source


_Condition: TypeAlias = tuple[Any, ...]
"""A piece of SQL, and the values of its question marks."""


def _found(query: Query) -> Iterator[_Condition]:
    if query.match:
        yield "call_search MATCH ?", query.match
    for piece, must in query.pieces:
        contains = "(SELECT instr(lower(text), lower(?)) > 0 FROM call_text WHERE call_text.id = call.id)"
        yield contains if must else f"NOT {contains}", piece


def _described(filter: Filter) -> Iterator[_Condition]:
    if filter.model is not None:
        name = "(SELECT id FROM name WHERE text = ?)"
        yield f"(call.model = {name} OR call.resolved = {name})", filter.model, filter.model
    if filter.caller is not None:
        yield "call.caller = (SELECT id FROM name WHERE text = ?)", filter.caller
    if filter.conversation is not None:
        yield in_conversation(filter.conversation)
    if filter.since is not None:
        yield "call.started >= ?", _milliseconds(filter.since)
    if filter.before is not None:
        yield "call.started < ?", _milliseconds(filter.before)
    if filter.status is not None:
        yield _ended(filter.status)
    if filter.schema is not None:
        asked = canonical(filter.schema).decode()
        yield "call.parameters IN (SELECT id FROM parameters WHERE schema_of(value) = ?)", asked
    for sha256 in filter.documents:
        yield _SENT, bytes.fromhex(sha256)
    if filter.tool is not None:
        yield _WITH_TOOL, *(filter.tool or None,) * 2
    if filter.ids:
        yield f"call.ulid IN ({', '.join('?' * len(filter.ids))})", *map(_ulid, filter.ids)


def _ended(status: str) -> _Condition:
    if status in ("running", "interrupted"):
        return ("call.status <> 'ok' AND call.status IN ('running', 'interrupted')",)
    return ("call.status = 'ok'",) if status == "ok" else ("call.status <> 'ok' AND call.status = ?", status)


_SENT = """
call.input IN (SELECT message FROM message_document JOIN document ON document.id = message_document.document
               WHERE document.hash = ?)
"""

_WITH_TOOL = """
(call.output IN (SELECT id FROM message WHERE parts IS NOT NULL AND role = 'assistant' AND calls_tool(parts, ?))
 OR call.input IN (SELECT told.id FROM message AS told JOIN message AS asked ON asked.id = told.parent
                   WHERE told.role = 'tool' AND calls_tool(asked.parts, ?)))
"""

_IN_CONVERSATION = """
call.id IN (
    SELECT id FROM call WHERE ulid = ? AND conversation IS NULL
    UNION SELECT id FROM call WHERE conversation IN (
        SELECT id FROM call WHERE ulid = ? UNION SELECT id FROM conversation WHERE ulid = ?))
"""


def in_conversation(id: str) -> tuple[str, bytes, bytes, bytes]:
    ulid = _ulid(id)
    return _IN_CONVERSATION, ulid, ulid, ulid


def _ulid(id: str) -> bytes:
    try:
        return ids.to_bytes(id)
    except ValueError:
        raise UnknownCall(f"{id!r} is not the id of a call.", then=SEE_ALL) from None


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
