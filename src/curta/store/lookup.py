"""Rows that have a ULID of their own, found by it or by how it begins."""

import sqlite3
from datetime import datetime
from typing import Any, Protocol

from curta.errors import AmbiguousCall, UnknownCall
from curta.store import ids


class Logged(Protocol):
    """A record that is no call. id: its ULID. call: that of the call it belongs to. caller: who made it."""

    @property
    def id(self) -> str: ...
    @property
    def call(self) -> str | None: ...
    @property
    def caller(self) -> str: ...
    @property
    def started(self) -> datetime: ...
    @property
    def status(self) -> str: ...


def head(record: Logged) -> dict[str, Any]:
    """What every record says of itself first, as JSON."""
    return {
        "id": record.id,
        "call": record.call,
        "caller": record.caller,
        "datetime_utc": record.started.isoformat(timespec="milliseconds"),
        "status": record.status,
    }


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Whether the log has a table: one that can only be read may be older than it."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None


def one(connection: sqlite3.Connection, select: str, table: str, id: str | None, then: str) -> Any:
    """The row of `table` with this id or beginning of one; the latest without. Raises UnknownCall.

    select: what is read, without conditions. then: the command that lists what there is.
    """
    found = _rows(connection, select, table, id) if has_table(connection, table) else []
    if not found:
        raise UnknownCall(f"No logged {table} has the id {id!r}." if id else f"No {table} is logged.", then=then)
    if len(found) > 1:
        raise AmbiguousCall(f"The ids of several logged {table}s begin with {id!r}.", then="Give more of it.")
    return found[0]


def _rows(connection: sqlite3.Connection, select: str, table: str, id: str | None) -> list[Any]:
    if id is None:
        return connection.execute(f"{select} ORDER BY {table}.ulid DESC LIMIT 1").fetchall()
    try:
        between = ids.prefix_range(id)
    except ValueError:
        return []
    return connection.execute(f"{select} WHERE {table}.ulid BETWEEN ? AND ? LIMIT 2", between).fetchall()
