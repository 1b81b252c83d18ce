"""Opening a SQLite file of another program without leaving a trace beside it or holding it up.

A file in rollback mode is opened read-only where it is. One whose last changes stand in a write-ahead log or a hot
journal can only be read by changing files beside it: it is copied to a temporary folder of the user's own, and the
copy is read. A write-ahead mode without such a log is read as a file that does not change.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from curta.llm_home import note_trouble

PATIENCE = 5.0
"""Seconds to wait for `llm` when it is writing."""

_WAL = 2
_MODE_OFFSET = 18


class ForeignDatabase:
    """A SQLite file of `llm`'s, opened when it is first asked. One that cannot be read answers nothing, and is named.

    Every answer is fetched whole before it is given, so `llm` is never kept waiting by a slow reader.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        self._tables: frozenset[str] | None = None

    @property
    def tables(self) -> frozenset[str]:
        """The names of its tables and views."""
        if self._tables is None:
            query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
            self._tables = frozenset(row[0] for row in self.rows(query))
        return self._tables

    def columns(self, table: str) -> frozenset[str]:
        return frozenset(row[1] for row in self.rows(f'PRAGMA table_info("{table}")'))

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query; none, and a word about it, where the file is damaged."""
        try:
            return self.try_rows(query, values)
        except sqlite3.Error as error:
            self.note(error)
            return []

    def try_rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """As `rows`, but raises sqlite3.Error."""
        return self._open().execute(query, values).fetchall()

    def readable_rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """As many rows of a query as can be read, in order: up to the damage."""
        found: list[tuple[Any, ...]] = []
        try:
            found.extend(self._open().execute(query, values))
        except sqlite3.Error as error:
            self.note(error)
        return found

    def opened(self) -> sqlite3.Connection:
        """The connection, for who takes rows as they come; it lasts as long as this object. Raises sqlite3.Error."""
        return self._open()

    def note(self, error: sqlite3.Error) -> None:
        note_trouble(f"{self.path} of llm cannot be read in full: {error}. What can be read is shown.")

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        mode = "mode=ro"
        if _is_wal(self.path):
            mode = "mode=ro&immutable=1"
            if _waits(self.path, "-wal"):
                return self._connect_to_copy()
        connection = _read_only(self.path, mode)
        try:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        except sqlite3.OperationalError:
            connection.close()
            if not _waits(self.path, "-journal"):
                raise
            return self._connect_to_copy()
        return connection

    def _connect_to_copy(self) -> sqlite3.Connection:
        self._copy = tempfile.TemporaryDirectory(prefix="curta-", ignore_cleanup_errors=True)
        place = Path(self._copy.name, "copy.db")
        for suffix in ("-wal", "-journal", ""):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{self.path}{suffix}", f"{place}{suffix}")
        return _connected(place.as_uri())


def _read_only(path: Path, mode: str) -> sqlite3.Connection:
    return _connected(f"{path.absolute().as_uri()}?{mode}")


def _connected(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    connection.text_factory = _text
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _is_wal(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(_MODE_OFFSET + 1)[_MODE_OFFSET:] == bytes([_WAL])
    except OSError:
        return False


def _waits(path: Path, suffix: str) -> bool:
    beside = path.with_name(path.name + suffix)
    return beside.exists() and beside.stat().st_size > 0
