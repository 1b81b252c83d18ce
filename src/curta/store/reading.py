"""Getting calls back: one, many, a conversation, an answer given before.

Listings cost what they show, not what the log holds: pages of rows, each query along an index.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from curta.errors import AmbiguousCall, UnknownCall
from curta.messages import Message
from curta.store import ids
from curta.store.call import Call
from curta.store.contents import chain_of, unpack_json
from curta.store.database import Database
from curta.store.filtering import SEE_ALL, SEE_CONVERSATIONS, Filter, conditions, in_conversation, order
from curta.store.lineage import GOES_ON
from curta.store.recording import Tip

_PAGE = 200

_COLUMNS = """
SELECT call.id, call.ulid, first.ulid, detached.ulid, model.text, resolved.text, caller.text, template.text,
       CASE input.role WHEN 'user' THEN input.text ELSE '' END,
       CASE WHEN call.output IS NOT NULL THEN output.text ELSE coalesce(checkpoint.text, '') END,
       call.started, call.status, call.finish, call.error, call.first_token, call.duration,
       call.input_tokens, call.output_tokens, call.cached_tokens, call.reasoning_tokens, call.unit, call.cost,
       call.written_tokens, call.cached_from,
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


def calls(database: Database, filter: Filter | None) -> Iterator[Call]:
    """The calls that pass, in order. Each page is a query of its own, so nothing stays open in between."""
    filter = filter or Filter()
    left = filter.limit
    position: int | None = None
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


def count(database: Database, filter: Filter | None) -> int:
    """How many calls pass, limit aside."""
    required, values, source = conditions(filter or Filter())
    with database.reading() as connection:
        where = " AND ".join(required) or "1"
        return int(connection.execute(f"SELECT count(*) FROM {source} WHERE {where}", values).fetchone()[0])


def rows(connection: sqlite3.Connection, ids: list[str]) -> list[int]:
    """The row ids of these calls. Raises UnknownCall."""
    return [_row_of(connection, id) for id in ids]


def known(database: Database, wanted: Iterable[str]) -> set[str]:
    """Those of these ids that calls of the log have."""
    ulids = [ids.to_bytes(id) for id in wanted]
    with database.reading() as connection:
        query = f"SELECT ulid FROM call WHERE ulid IN ({', '.join('?' * len(ulids))})"
        return {ids.from_bytes(row[0]) for row in connection.execute(query, ulids)}


def history(database: Database, conversation: str) -> tuple[tuple[Message, ...], Tip, Call]:
    if not ids.is_whole(conversation):
        from curta.store import naming  # noqa: F401 - its table has to be there before the log is read
    with database.reading() as connection:
        members = _members(connection, conversation_row(connection, conversation))
        last = _one(database, connection, max(row for row, _ in members))
        answered = [(row, output) for row, output in members if output is not None]
        return (*_up_to(connection, max(answered)[1] if answered else None), last)


def history_at(database: Database, id: str) -> tuple[tuple[Message, ...], Tip, Call]:
    with database.reading() as connection:
        found = _one(database, connection, _row_of(connection, id))
        ((_, output),) = connection.execute(f"{_ANSWERS} WHERE call.id = ?", (found._row,)).fetchall()
        if output is None:
            raise UnknownCall(
                f"The call {found.id} has no answer to go on from: it {_NO_ANSWER.get(found.status, found.status)}.",
                then="Name the call before it.",
            )
        return (*_up_to(connection, output), found)


_NO_ANSWER = {"running": "is still running", "interrupted": "was interrupted before a word had arrived"}


def _up_to(connection: sqlite3.Connection, answer: int | None) -> tuple[tuple[Message, ...], Tip]:
    """The messages that end with this one, and where they end."""
    if answer is None:
        return (), Tip("", 0)
    messages = tuple(chain_of(connection, answer))
    hash = connection.execute("SELECT hash FROM message WHERE id = ?", (answer,)).fetchone()[0]
    return messages, Tip(hash.hex(), len(messages))


def find(database: Database, request: str, place: str | None) -> Call | None:
    with database.reading() as connection:
        row = connection.execute(
            "SELECT max(id) FROM call WHERE substr(request, 1, 8) = substr(?1, 1, 8) AND request = ?1 AND place IS ?2"
            " AND status = 'ok' AND finish IS NOT 'length' AND cached_from IS NULL AND output IS NOT NULL",
            (bytes.fromhex(request)[:16], place and bytes.fromhex(place)),
        ).fetchone()
        return None if row[0] is None else _one(database, connection, row[0])


def export(database: Database, filter: Filter | None) -> Iterator[dict[str, Any]]:
    filter = filter or Filter()
    with database.reading() as connection:
        required, values, source = conditions(filter)
        where = " AND ".join(required) or "1"
        found = connection.execute(f"SELECT call.id FROM {source} WHERE {where} ORDER BY call.id", values).fetchall()
    for (row,) in found[-filter.limit :] if filter.limit else found:
        with database.reading() as connection, suppress(UnknownCall):
            exported = _one(database, connection, row)
            answer = exported.message()
            yield {
                **exported.to_dict(),
                "parent_id": exported.parent_id,
                "request": exported.request().to_dict(),
                "message": answer and answer.to_dict(),
            }


class _Page(NamedTuple):
    calls: list[Call]
    next: int | None


def _page(database: Database, filter: Filter, position: int | None, size: int) -> _Page:
    required, values, source = conditions(filter)
    by = order(filter)
    if position is not None:
        required.append(f"{by} {'>' if filter.oldest_first else '<'} ?")
        values.append(position)
    where = " AND ".join(required) or "1"
    direction = "ASC" if filter.oldest_first else "DESC"
    chosen = f"SELECT call.id AS row FROM {source} WHERE {where} ORDER BY {by} {direction} LIMIT {size}"
    with database.reading() as connection:
        found = connection.execute(
            f"{_COLUMNS} FROM ({chosen}) AS chosen CROSS JOIN call ON call.id = chosen.row {_TABLES}"
            f" ORDER BY call.id {direction}",
            values,
        ).fetchall()
        read = [_from_row(database, row) for row in found]
    last = found[-1][0] if len(found) == size else None
    return _Page([call for call in read if filter.status in (None, call.status)], last)


def _one(database: Database, connection: sqlite3.Connection, row: int) -> Call:
    found = connection.execute(f"{_COLUMNS} FROM call {_TABLES} WHERE call.id = ?", (row,)).fetchone()
    if found is None:
        raise UnknownCall("The call was removed meanwhile.")
    return _from_row(database, found)


def _from_row(database: Database, row: tuple[Any, ...]) -> Call:
    id, ulid, first, detached, model, resolved, caller, template, prompt, response, started, status, *rest = row
    finish, error, first_token, duration, *usage, unit, cost, written, cached_from, input, output, parameters = rest
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
        written_tokens=written,
        cached_from=cached_from and ids.from_bytes(cached_from),
        _database=database,
        _row=id,
        _input=input,
        _output=output,
        _settings=unpack_json(parameters) if parameters is not None else {},
    )


def _members(connection: sqlite3.Connection, row: int) -> list[tuple[int, int | None]]:
    """The calls of the conversation that this one belongs to: row ids, and the answers one can go on from."""
    first, detached, own = connection.execute(f"{_CONVERSATION} WHERE call.id = ?", (row,)).fetchone()
    condition, *values = in_conversation(ids.from_bytes(first or detached or own))
    return connection.execute(f"{_ANSWERS} WHERE {condition}", values).fetchall()


_ANSWERS = f"""
SELECT call.id, CASE WHEN {GOES_ON} THEN call.output WHEN input.role = 'tool' THEN call.input END FROM call
LEFT JOIN message AS output ON output.id = call.output
LEFT JOIN message AS input ON input.id = call.input
"""
"""Each call, and the message that a conversation goes on from after it: also the results of tools, if that failed."""

_CONVERSATION = """
SELECT first.ulid, detached.ulid, call.ulid FROM call
LEFT JOIN call AS first ON first.id = call.conversation
LEFT JOIN conversation AS detached ON detached.id = call.conversation
"""


def conversation_row(connection: sqlite3.Connection, text: str) -> int:
    """The row id of a call of the conversation that is meant: by its name, a call's id, or how one of them begins."""
    if ids.is_whole(text):
        return _row_of(connection, text, conversation=True)
    from curta.store import naming

    if id := naming.named(connection, text):
        return _row_of(connection, id, conversation=True)
    try:
        return _row_of(connection, text, conversation=True)
    except UnknownCall as error:
        if id := naming.beginning(connection, text):
            return _row_of(connection, id, conversation=True)
        why = error.why or "No conversation has such a name either."
        raise type(error)(error.what, why=why, then=SEE_CONVERSATIONS) from None


def _latest(connection: sqlite3.Connection) -> int:
    """The latest call that was a question: what was embedded is no conversation to go on with."""
    embeds = "SELECT id FROM name WHERE text = 'embed'"
    latest = f"SELECT id FROM call WHERE caller IS NOT ({embeds}) ORDER BY id DESC LIMIT 1"
    (row,) = connection.execute(latest).fetchone() or (None,)
    if row is None:
        raise UnknownCall("The log is empty.", then="Ask something: curta 'say hi'")
    return int(row)


def _row_of(connection: sqlite3.Connection, id: str, conversation: bool = False) -> int:
    """The row id of the one call whose id begins so; where conversations count too, of one of its calls."""
    try:
        lowest, highest = ids.prefix_range(id)
    except ValueError:
        raise UnknownCall(f"No logged call has the id {id!r}.", then=SEE_ALL) from None
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


def _unknown(connection: sqlite3.Connection, id: str, lowest: bytes, ambiguous: bool) -> UnknownCall:
    """Names the calls somebody may have meant: those whose ids sort next to it."""
    after = connection.execute("SELECT ulid FROM call WHERE ulid >= ? ORDER BY ulid LIMIT 3", (lowest,)).fetchall()
    before = connection.execute("SELECT ulid FROM call WHERE ulid < ? ORDER BY ulid DESC LIMIT 1", (lowest,)).fetchall()
    near = ", ".join(ids.from_bytes(row[0]) for row in (after if ambiguous else before + after[:2]))
    if ambiguous:
        return AmbiguousCall(f"The ids of several calls begin with {id!r}.", why=f"Among them: {near}.")
    return UnknownCall(
        f"No logged call has the id {id!r}.",
        why=f"The nearest: {near}." if near else "The log is empty.",
        then=SEE_ALL,
    )
