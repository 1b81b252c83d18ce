"""The log of questions to documents (`curta ask`): what was looked for, what was found, the verdict on each claim.

The passages themselves, and every word that was said about them, are in the calls; here is where they stand in their
sources, with their scores. All of it but the question is one packed JSON value, `described`.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from curta.errors import CurtaError
from curta.store import ids, lookup, migrations
from curta.store.contents import pack, pack_json, unpack, unpack_json
from curta.store.database import Database

_FIRST = """
CREATE TABLE ask (
    id INTEGER PRIMARY KEY,
    ulid BLOB NOT NULL UNIQUE,
    call BLOB,
    caller TEXT NOT NULL,
    status TEXT NOT NULL,
    started INTEGER NOT NULL,
    question NOT NULL,
    described NOT NULL
);
CREATE INDEX ask_call ON ask (call) WHERE call IS NOT NULL;
"""

migrations.register("asks", [_FIRST])


@dataclass(frozen=True, slots=True)
class AskRecord:
    """A logged question. call: the id of the last call that was made for it; None when no model was asked.

    status: `ok`, `failed` or `interrupted`. described: as `answering.recorded` writes it.
    """

    question: str
    status: str
    described: Mapping[str, Any] = field(default_factory=dict)
    caller: str = "ask"
    call: str | None = None
    id: str = field(default_factory=ids.new)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def to_dict(self) -> dict[str, Any]:
        return {**lookup.head(self), "question": self.question, **self.described}


def record(database: Database, ask: AskRecord) -> list[str]:
    """Log a question with what came of it. Never raises; returns sentences about what could not be done."""
    values = (
        ids.to_bytes(ask.id),
        None if ask.call is None else ids.to_bytes(ask.call),
        ask.caller,
        ask.status,
        round(ask.started.timestamp() * 1000),
        pack(ask.question),
        pack_json(ask.described),
    )
    try:
        with database.writing() as connection:
            columns = "ulid, call, caller, status, started, question, described"
            connection.execute(f"INSERT INTO ask ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    except (CurtaError, OSError) as error:
        return [f"What was found for this question is not logged: {error}"]
    return []


# Reading

_SELECT = "SELECT ulid, call, caller, status, started, question, described FROM ask"


def asks(database: Database, limit: int | None = None, call: str | None = None) -> list[AskRecord]:
    """The latest questions, newest first. call: only that which this call answered."""
    where, values = ("WHERE call = ?", [ids.to_bytes(call)]) if call else ("", [])
    with database.reading() as connection:
        if not lookup.has_table(connection, "ask"):
            return []
        rows = connection.execute(
            f"{_SELECT} {where} ORDER BY ulid DESC LIMIT ?", [*values, -1 if limit is None else limit]
        )
        return [_record(row) for row in rows]


def ask(database: Database, id: str | None = None) -> AskRecord:
    """The question with this id or beginning of one; the latest without. Raises UnknownCall."""
    with database.reading() as connection:
        return _record(lookup.one(connection, _SELECT, "ask", id, "`curta logs asks` lists them."))


def _record(row: tuple[Any, ...]) -> AskRecord:
    ulid, call, caller, status, started, question, described = row
    began = datetime.fromtimestamp(started / 1000, UTC)
    call = None if call is None else ids.from_bytes(call)
    return AskRecord(unpack(question), status, unpack_json(described), caller, call, ids.from_bytes(ulid), began)


# Keeping house


def forget(connection: sqlite3.Connection, calls: Iterable[bytes]) -> None:
    """Remove the questions that these calls (ULIDs) answered."""
    connection.executemany("DELETE FROM ask WHERE call = ?", ((call,) for call in calls))


def prune(connection: sqlite3.Connection, before: int) -> int:
    """Remove the questions from before this moment, in milliseconds since 1970. Returns how many."""
    return connection.execute("DELETE FROM ask WHERE started < ?", (before,)).rowcount


def rewrite(
    connection: sqlite3.Connection, words: Callable[[str], str], tree: Callable[[Any], Any], calls: list[bytes] | None
) -> None:
    """Change the words of all questions and of what came of them, or of these calls'."""
    for id, call, question, described in connection.execute("SELECT id, call, question, described FROM ask").fetchall():
        if calls is None or call in calls:
            values = (pack(words(unpack(question))), pack_json(tree(unpack_json(described))), id)
            connection.execute("UPDATE ask SET question = ?, described = ? WHERE id = ?", values)
