"""Calls that were made and logged elsewhere, written into this log with their own ids and times.

Rules: a call the log has already stays as it is, so an import that was interrupted is simply done again. Imported
calls are older than all that were made here: their row ids are below zero, in order of their time, however often and
in whatever order they are imported.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice

from curta.store import ids
from curta.store.database import Database
from curta.store.recording import Opening, Outcome, close_call, find_row, insert_call

AT_ONCE = 200
_LOWEST = -(2**62)
_PER_MILLISECOND = 1024


def take_in(database: Database, calls: Iterable[tuple[Opening, Outcome]]) -> Iterator[int]:
    """Write these calls, some hundred at a time; after each time, how many of them were new. Raises LogError."""
    calls = iter(calls)
    while some := list(islice(calls, AT_ONCE)):
        with database.writing() as connection:
            new = sum(_take_in(connection, opening, outcome) for opening, outcome in some)
        yield new


def _take_in(connection: sqlite3.Connection, opening: Opening, outcome: Outcome) -> bool:
    if find_row(connection, opening.id) is not None:
        return False
    row, _ = insert_call(connection, opening, _free_row(connection, opening.started))
    close_call(connection, row, opening.id, outcome)
    return True


def _free_row(connection: sqlite3.Connection, started: int) -> int:
    """A row id for a call that began then: free, below zero, and in order of time."""
    first = _LOWEST + max(0, min(started, ids.LARGEST >> 80)) * _PER_MILLISECOND
    query = "SELECT max(id) FROM call WHERE id BETWEEN ? AND ?"
    last = connection.execute(query, (first, first + _PER_MILLISECOND - 1)).fetchone()[0]
    return first if last is None else int(last) + 1
