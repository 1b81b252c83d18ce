"""Which calls a reader wants, and the SQL that finds them along an index."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from curta.errors import UnknownCall
from curta.messages import JSON, canonical
from curta.store import ids
from curta.store.recording import Status
from curta.store.search import parse

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
    required: list[str] = []
    values: list[Any] = []
    source = "call"

    def require(condition: str, *parameters: Any) -> None:
        required.append(condition)
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
        require(*in_conversation(filter.conversation))
    if filter.since is not None:
        require("call.started >= ?", _milliseconds(filter.since))
    if filter.before is not None:
        require("call.started < ?", _milliseconds(filter.before))
    if filter.status in ("running", "interrupted"):
        require("call.status <> 'ok' AND call.status IN ('running', 'interrupted')")
    elif filter.status == "ok":
        require("call.status = 'ok'")
    elif filter.status is not None:
        require("call.status <> 'ok' AND call.status = ?", filter.status)
    if filter.schema is not None:
        asked = canonical(filter.schema).decode()
        require("call.parameters IN (SELECT id FROM parameters WHERE schema_of(value) = ?)", asked)
    for sha256 in filter.documents:
        require(_SENT, bytes.fromhex(sha256))
    if filter.tool is not None:
        require(_WITH_TOOL, *(filter.tool or None,) * 2)
    if filter.ids:
        require(f"call.ulid IN ({', '.join('?' * len(filter.ids))})", *map(_ulid, filter.ids))
    return required, values, source


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
