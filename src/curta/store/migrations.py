"""How the tables of the log come to be and change: numbered migrations, each room its own.

A room registers its migrations when it is imported; number n is the n-th of its list and is never edited after a
release. All that are missing run in one immediate transaction, so two processes never run the same one.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from curta.errors import LogTooNew

Migration: TypeAlias = str | Callable[[sqlite3.Connection], None]

TABLE = "CREATE TABLE migration (room TEXT, number INTEGER, at INTEGER, PRIMARY KEY (room, number)) WITHOUT ROWID"

_rooms: dict[str, tuple[Migration, ...]] = {}


def register(room: str, migrations: Sequence[Migration]) -> None:
    """Make `migrations` (SQL scripts or functions) part of every log this process opens from now on."""
    _rooms[room] = tuple(migrations)


def known() -> dict[str, int]:
    """How many migrations each room has."""
    return {room: len(migrations) for room, migrations in _rooms.items()}


def missing(connection: sqlite3.Connection, path: Path) -> dict[str, int]:
    """The rooms whose migrations this log lacks, with how many it has. Raises LogTooNew."""
    done = dict(connection.execute("SELECT room, max(number) FROM migration GROUP BY room"))
    newer = [room for room, number in known().items() if done.get(room, 0) > number]
    if newer:
        raise LogTooNew(
            f"The log {path} was written by a newer Curta.",
            why=f"It has changes to {', '.join(newer)} that this version does not know.",
            then="Upgrade Curta, or set CURTA_HOME to another folder.",
        )
    return {room: done.get(room, 0) for room, number in known().items() if done.get(room, 0) < number}


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Run what is missing. The caller has begun an immediate transaction."""
    for room, done in missing(connection, path).items():
        for number, migration in enumerate(_rooms[room][done:], done + 1):
            _run(connection, migration)
            now = time.time_ns() // 1_000_000
            connection.execute("INSERT INTO migration VALUES (?, ?, ?)", (room, number, now))


def _run(connection: sqlite3.Connection, migration: Migration) -> None:
    if callable(migration):
        migration(connection)
        return
    for statement in _statements(migration):
        connection.execute(statement)


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would end the transaction."""
    statement = ""
    for piece in script.split(";"):
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n;"):
                yield statement
            statement = ""
