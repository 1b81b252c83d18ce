"""Work lists: which calls were made for which batch, so that one that was stopped goes on and repeats none of them.

A row of `work` says only that a call belongs to a batch, and which repetition of its request it is. What was asked,
what came of it and how it ended are the call's own. The row is written in the transaction that begins the call, and
goes when the call goes: the two cannot disagree, and no words are kept here.
"""

import sqlite3
import time
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from curta.errors import UsageError
from curta.store import ids, migrations, reading
from curta.store.call import Call
from curta.store.database import Database
from curta.store.liveness import batch_byte

Beside: TypeAlias = Callable[[sqlite3.Connection, int], None]
"""Writes what goes with a call, whose row id it is given, in the transaction that begins the call."""

_FIRST = """
CREATE TABLE batch (
    id INTEGER PRIMARY KEY,
    ulid BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    identity BLOB NOT NULL,
    started INTEGER NOT NULL
);
CREATE INDEX batch_identity ON batch (identity);

CREATE TABLE work (
    call INTEGER PRIMARY KEY REFERENCES call,
    batch INTEGER NOT NULL REFERENCES batch,
    repetition INTEGER NOT NULL
);
CREATE INDEX work_batch ON work (batch);

CREATE TRIGGER work_goes_with_its_call AFTER DELETE ON call BEGIN DELETE FROM work WHERE call = old.id; END;
"""

migrations.register("batches", [_FIRST])


class Counts(NamedTuple):
    """How many of a batch's requests were answered in full, and how many failed."""

    done: int
    failed: int


class WorkList:
    """The calls of one batch. No other process works on it while this one holds it.

    id: a ULID. resumed: whether it was there before.
    """

    def __init__(self, database: Database, row: int, id: str, resumed: bool) -> None:
        self.id = id
        self.resumed = resumed
        self._database = database
        self._row = row

    def close(self) -> None:
        """Let others work on it."""
        self._database.locks().release(batch_byte(self._row))

    def counts(self) -> Counts:
        query = (
            "SELECT coalesce(sum(call.status = 'ok'), 0), coalesce(sum(call.status IN ('failed', 'refused')), 0)"
            " FROM work JOIN call ON call.id = work.call WHERE work.batch = ?"
        )
        with self._database.reading() as connection:
            return Counts(*connection.execute(query, (self._row,)).fetchone())

    def past(self, request: str, place: str | None, repetition: int) -> Call | None:
        """The call that was made for this repetition of the request with this SHA-256, sent to this place."""
        query = (
            "SELECT call.ulid FROM call JOIN work ON work.call = call.id"
            " WHERE substr(call.request, 1, 8) = substr(?1, 1, 8) AND call.request = ?1 AND call.place IS ?2"
            " AND work.batch = ?3 AND work.repetition = ?4 ORDER BY call.id DESC LIMIT 1"
        )
        values = (bytes.fromhex(request)[:16], place and bytes.fromhex(place), self._row, repetition)
        with self._database.reading() as connection:
            found = connection.execute(query, values).fetchone()
        return reading.call(self._database, ids.from_bytes(found[0])) if found else None

    def beside(self, repetition: int, instead_of: str | None = None) -> Beside:
        """What makes a call part of this batch. instead_of: the id of the call whose place it takes."""

        def write(connection: sqlite3.Connection, row: int) -> None:
            if instead_of is not None:
                _take_out(connection, instead_of)
            connection.execute("INSERT INTO work VALUES (?, ?, ?)", (row, self._row, repetition))

        return write

    def adopt(self, calls: list[str]) -> None:
        """Make these calls, which are in the log already, part of this batch."""
        query = "INSERT OR IGNORE INTO work SELECT id, ?, 0 FROM call WHERE ulid = ?"
        with self._database.writing() as connection:
            connection.executemany(query, [(self._row, ids.to_bytes(each)) for each in calls])

    def forget(self, calls: list[str]) -> None:
        """Have these requests count as not made: they failed for nothing of their own."""
        with self._database.writing() as connection:
            for id in calls:
                _take_out(connection, id)


def _take_out(connection: sqlite3.Connection, call: str) -> None:
    connection.execute("DELETE FROM work WHERE call = (SELECT id FROM call WHERE ulid = ?)", (ids.to_bytes(call),))


def held(database: Database, kind: str, identity: str, *, again: bool) -> WorkList:
    """The latest work list of this identity (hex), or a new one; held by this process until it is closed.

    again: a new one in any case. Raises UsageError when it is being worked on, LogError.
    """
    with database.writing() as connection:
        found = None if again else _latest(connection, kind, identity)
        row, ulid = found or _new(connection, kind, identity)
    if not database.locks().hold(batch_byte(row), 0):
        raise UsageError(
            "This very work is being done just now, by another process or another part of this one.",
            then="Wait until it has ended.",
        )
    return WorkList(database, row, ids.from_bytes(ulid), found is not None)


def _latest(connection: sqlite3.Connection, kind: str, identity: str) -> tuple[int, bytes] | None:
    query = "SELECT id, ulid FROM batch WHERE identity = ? AND kind = ? ORDER BY id DESC LIMIT 1"
    row: tuple[int, bytes] | None = connection.execute(query, (bytes.fromhex(identity)[:16], kind)).fetchone()
    return row


def _new(connection: sqlite3.Connection, kind: str, identity: str) -> tuple[int, bytes]:
    ulid, now = ids.to_bytes(ids.new()), time.time_ns() // 1_000_000
    values = (ulid, kind, bytes.fromhex(identity)[:16], now)
    cursor = connection.execute("INSERT INTO batch (ulid, kind, identity, started) VALUES (?, ?, ?, ?)", values)
    assert cursor.lastrowid is not None
    return cursor.lastrowid, ulid
