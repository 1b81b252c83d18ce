"""Bringing in order what earlier processes left: calls whose process died, and calls that wait in the spool.

Done by whoever writes next, in the same transaction, before the new call: so what happened earlier stays earlier.
"""

import sqlite3
from pathlib import Path

from curta.store import ids, spool
from curta.store.database import Database
from curta.store.recording import Outcome, close_call


def needed(database: Database) -> bool:
    """Whether there is anything to settle. Raises LogError."""
    with database.reading() as connection:
        return bool(spool.waiting(database.path) or dead(connection, database))


def settle(database: Database) -> None:
    """Close the calls of dead processes and take in the spool. Raises LogError."""
    with database.writing() as connection:
        close_dead(connection, database)
        taken = spool.take_in(connection, database.path, database.locks())
    spool.discard(taken)


def close_dead(connection: sqlite3.Connection, database: Database) -> None:
    """End the calls whose process is gone as interrupted, with what had arrived."""
    for row, id in dead(connection, database):
        found = connection.execute("SELECT text, reasoning FROM checkpoint WHERE call = ?", (row,)).fetchone()
        partial = spool.interrupted(*found) if found else None
        close_call(connection, row, id, Outcome("interrupted", partial))


def dead(connection: sqlite3.Connection, database: Database) -> list[tuple[int, str]]:
    """The calls that run according to the log, but whose process is gone."""
    running = connection.execute("SELECT id, ulid FROM call WHERE status <> 'ok' AND status = 'running'").fetchall()
    return [(row, ids.from_bytes(ulid)) for row, ulid in running if not database.is_running(row)]


def settle_first(connection: sqlite3.Connection, database: Database, whole: bool) -> list[Path]:
    """As `settle`, inside the transaction of a call that begins. Returns the spool files to discard after it.

    whole: look for dead processes too, which each process does once.
    """
    if whole:
        close_dead(connection, database)
    return spool.take_in(connection, database.path, database.locks()) if spool.exists(database.path) else []
