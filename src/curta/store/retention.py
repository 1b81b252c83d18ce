"""Keeping the log in shape: what it holds, copies of it, and removing calls with all that only they refer to."""

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from curta.errors import LogUnavailable, UsageError
from curta.store import asks, naming, reading, runs, spool
from curta.store.database import Database
from curta.store.recording import detached_conversation, unindex
from curta.store.switch import logging_is_on

_WORTH_SHRINKING = 0.25


@dataclass(frozen=True, slots=True)
class Status:
    """What the log holds.

    size: bytes on the disk, the write-ahead log included.
    calls: how many, by status.
    spooled: calls that wait beside the log.
    """

    path: Path
    on: bool
    size: int
    calls: dict[str, int]
    conversations: int
    oldest: datetime | None
    newest: datetime | None
    spooled: int


def status(database: Database) -> Status:
    with database.reading() as connection:
        counted = connection.execute(
            "SELECT status, count(*), count(*) - count(conversation), min(started), max(started) FROM call"
            " GROUP BY status ORDER BY status"
        ).fetchall()
        detached = connection.execute("SELECT count(*) FROM conversation").fetchone()[0]
    return Status(
        database.path,
        logging_is_on(),
        _size(database.path),
        {status: number for status, number, *_ in counted},
        sum(row[2] for row in counted) + detached,
        _moment(min((row[3] for row in counted), default=None)),
        _moment(max((row[4] for row in counted), default=None)),
        len(spool.waiting(database.path)),
    )


def backup(database: Database, path: Path) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise UsageError(f"{path} exists already.", then="Name a file that does not exist yet.") from None
    except OSError as error:
        raise LogUnavailable(f"Cannot write {path}: {error.strerror}.") from error
    try:
        with database.reading() as connection:
            connection.execute("VACUUM INTO ?", (str(path),))
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def remove(database: Database, calls: list[str]) -> int:
    with database.writing() as connection:
        doomed = list(dict.fromkeys(reading.rows(connection, calls)))
        running = [row for row in doomed if _is_running(database, connection, row)]
        if running:
            raise UsageError("A call that is still running cannot be removed.", then="Wait for it, or end its process.")
        _remove(connection, doomed)
    _forget_old_pages(database)
    return len(doomed)


def prune(database: Database, older_than: timedelta) -> int:
    with database.writing() as connection:
        before = round((datetime.now(UTC) - older_than).timestamp() * 1000)
        found = connection.execute("SELECT id FROM call WHERE started < ?", (before,)).fetchall()
        doomed = [row for (row,) in found if not _is_running(database, connection, row)]
        _remove(connection, doomed)
        runs.prune(connection, before)
        asks.prune(connection, before)
    _forget_old_pages(database)
    return len(doomed)


def collect(connection: sqlite3.Connection, messages: Iterable[int]) -> None:
    """Delete those of `messages` that nothing refers to any more, then their parents, and what only they carried."""
    waiting = set(messages)
    while waiting:
        message = waiting.pop()
        found = connection.execute("SELECT parent FROM message WHERE id = ?", (message,)).fetchone()
        if found is None or _is_needed(connection, message, found[0]):
            continue
        connection.execute("DELETE FROM message WHERE id = ?", (message,))
        connection.execute("DELETE FROM message_document WHERE message = ?", (message,))
        connection.execute("DELETE FROM message_blob WHERE message = ?", (message,))
        if found[0] is not None:
            waiting.add(found[0])


def sweep(connection: sqlite3.Connection) -> None:
    """Delete the documents, blobs, settings and names that nothing refers to."""
    for statement in _SWEEP:
        connection.execute(statement)
    naming.sweep(connection)


_SWEEP = (
    "DELETE FROM document WHERE id NOT IN (SELECT document FROM message_document)",
    "DELETE FROM blob WHERE id NOT IN (SELECT text FROM document UNION ALL SELECT blob FROM message_blob)",
    "DELETE FROM parameters WHERE id NOT IN (SELECT parameters FROM call WHERE parameters IS NOT NULL)",
    "DELETE FROM name WHERE id NOT IN (SELECT model FROM call UNION SELECT caller FROM call"
    " UNION SELECT resolved FROM call WHERE resolved IS NOT NULL"
    " UNION SELECT template FROM call WHERE template IS NOT NULL)",
    "DELETE FROM conversation WHERE id NOT IN (SELECT conversation FROM call WHERE conversation IS NOT NULL)",
)


def rewrite(database: Database) -> None:
    """Write the log anew, without the free pages that may still hold deleted words. Raises LogError."""
    with database.reading() as connection:
        connection.execute("VACUUM")
    _empty_write_ahead_log(database)


def _remove(connection: sqlite3.Connection, doomed: list[int]) -> None:
    messages: set[int] = set()
    ulids = [connection.execute("SELECT ulid FROM call WHERE id = ?", (row,)).fetchone()[0] for row in doomed]
    runs.forget(connection, ulids)
    asks.forget(connection, ulids)
    for row in doomed:
        _keep_conversation(connection, row)
        query = "SELECT status, input, output FROM call WHERE id = ?"
        status, *ends = connection.execute(query, (row,)).fetchone()
        if status != "running":
            unindex(connection, row)
        messages.update(end for end in ends if end is not None)
        for table in ("checkpoint", "verdict"):
            connection.execute(f"DELETE FROM {table} WHERE call = ?", (row,))
        connection.execute("DELETE FROM call WHERE id = ?", (row,))
    collect(connection, messages)
    sweep(connection)


def _keep_conversation(connection: sqlite3.Connection, row: int) -> None:
    """A conversation whose first call goes keeps its id for the calls that stay."""
    if connection.execute("SELECT 1 FROM call WHERE conversation = ? LIMIT 1", (row,)).fetchone():
        ulid = connection.execute("SELECT ulid FROM call WHERE id = ?", (row,)).fetchone()[0]
        detached = detached_conversation(connection, ulid)
        connection.execute("UPDATE call SET conversation = ? WHERE conversation = ?", (detached, row))


def _is_needed(connection: sqlite3.Connection, message: int, parent: int | None) -> bool:
    """Whether a later message or a call refers to it. A call's output is always a child of its input."""
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM message WHERE parent IS NOT NULL AND parent = ?1)"
        " OR EXISTS (SELECT 1 FROM call WHERE input = ?1)"
        " OR EXISTS (SELECT 1 FROM call WHERE input IS ?2 AND output = ?1)",
        (message, parent),
    ).fetchone()
    return bool(found[0])


def _is_running(database: Database, connection: sqlite3.Connection, row: int) -> bool:
    status = connection.execute("SELECT status FROM call WHERE id = ?", (row,)).fetchone()[0]
    return status == "running" and database.is_running(row)


def _forget_old_pages(database: Database) -> None:
    """Give back the space of what was removed, when it is much."""
    with database.reading() as connection:
        free, pages = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
        if free > _WORTH_SHRINKING * pages:
            connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _empty_write_ahead_log(database: Database) -> None:
    with database.reading() as connection:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise LogUnavailable(
            f"Old text may remain in {database.path}-wal for now.",
            why="Another process is reading the log.",
            then="Run the command again when it has ended.",
        )


def _size(path: Path) -> int:
    sizes = (path.with_name(path.name + suffix) for suffix in ("", "-wal"))
    return sum(file.stat().st_size for file in sizes if file.exists())


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
