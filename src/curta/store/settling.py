"""Bringing in order what earlier processes left: calls whose process died, and calls that wait in the spool.

Done by whoever writes next, in the same transaction, before the new call: so what happened earlier stays earlier.
"""

import sqlite3
from pathlib import Path

from curta.store import ids
from curta.store.database import Database
from curta.store.recording import Outcome, close_call, partial_answer


def needed(database: Database) -> bool:
    """Whether there is anything to settle. Raises LogError."""
    if database.has_spooled():
        return True
    with database.reading() as connection:
        return bool(dead(connection, database))


def settle(database: Database) -> None:
    """Close the calls of dead processes and take in the spool. Raises LogError."""
    with database.writing() as connection:
        taken = settle_first(connection, database, whole=True)
    discard(taken)


def close_dead(connection: sqlite3.Connection, database: Database) -> None:
    """End the calls whose process is gone as interrupted, with what had arrived."""
    for row, id in dead(connection, database):
        found = connection.execute("SELECT text, reasoning FROM checkpoint WHERE call = ?", (row,)).fetchone()
        partial = partial_answer(*found) if found else None
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
    if not database.has_spooled():
        return []
    from curta.store import spool

    return spool.take_in(connection, database.path, database.locks())


def discard(taken: list[Path]) -> None:
    """Remove the spool files of calls that are in the log now."""
    if taken:
        from curta.store import spool

        spool.discard(taken)
