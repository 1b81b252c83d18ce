"""The log file as SQLite sees it: made, opened, migrated, shared by the threads of this process.

Rules:
1. The file appears finished, by a rename: nobody ever opens a log that is half made.
2. One connection per process, used under one lock; a forked child opens its own.
3. Every failure leaves here as a LogError that names the file. Nothing here repairs, moves or deletes a log.
"""

import os
import sqlite3
import time
from _thread import RLock
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from curta import config
from curta.errors import ConfigError, LogCorrupt, LogError, LogUnavailable
from curta.store import migrations, schema
from curta.store.contents import calls_tool, schema_of
from curta.store.liveness import LockFile, lock_file, sole_creator

TIMEOUT = 10.0

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_REASONS = {
    sqlite3.SQLITE_BUSY: f"Another process has kept it locked for {TIMEOUT:.0f} seconds.",
    sqlite3.SQLITE_LOCKED: "It is locked.",
    sqlite3.SQLITE_READONLY: "It is read-only.",
    sqlite3.SQLITE_PERM: "Its permissions forbid it.",
    sqlite3.SQLITE_CANTOPEN: "It cannot be opened.",
    sqlite3.SQLITE_FULL: "The disk is full.",
    sqlite3.SQLITE_IOERR: "The disk gave an error.",
}


_inherited: list[sqlite3.Connection | None] = []


def spool_folder(log: Path) -> Path:
    """Where calls wait that could not be written: `spool`, beside `log.db`. A log of another name has its own."""
    return log.with_name("spool" if log.name == "log.db" else f"{log.name}-spool")


class _Identity(NamedTuple):
    migrations: dict[str, int]
    file: tuple[int, int] | None


class Database:
    """This process's way to one log file. Making it does nothing; the first use opens the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = RLock()
        self._process = os.getpid()
        self._connection: sqlite3.Connection | None = None
        self._opened = _Identity({}, None)
        self._locks: LockFile | None = None
        self._name = str(path)
        self._spool = str(spool_folder(path))

    @property
    def guard(self) -> RLock:
        """Held by the one thread that uses the connection.

        A forked child begins with a lock and a connection of its own. The parent's may be in the middle of something,
        and SQLite forbids even to close it: it is kept, untouched.
        """
        if self._process != os.getpid():
            _inherited.append(self._connection)
            self._guard, self._connection, self._process = RLock(), None, os.getpid()
        return self._guard

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is committed when the block ends and undone when it raises."""
        with self.guard, self._failures():
            connection = self._open(create=True)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for statements that read. A log that does not exist reads as an empty one."""
        with self.guard, self._failures():
            yield self._open(create=False)

    def locks(self) -> LockFile:
        """Who is at work on the log that is open now. Raises OSError."""
        if self._locks is None:
            self._locks = lock_file(self.path)
        return self._locks

    def is_running(self, row: int) -> bool:
        """Whether the process that makes the call with this row id is alive. When nobody can tell: yes."""
        try:
            return self.locks().is_held(row)
        except OSError:
            return True

    def has_spooled(self) -> bool:
        """Whether calls may wait beside the log. As cheap as asking can be: every call asks."""
        return os.path.isdir(self._spool)

    def exists(self) -> bool:
        return os.path.exists(self.path) and os.path.getsize(self.path) > 0

    def close(self) -> None:
        with self.guard:
            if self._connection is not None:
                self._connection.close()
            self._connection = self._locks = None

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """What goes wrong inside, as a LogError."""
        try:
            yield
        except sqlite3.Error as error:
            if not hasattr(error, "sqlite_errorcode"):
                raise
            raise explain(error, self.path) from error
        except OSError as error:
            reason = f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
            raise LogUnavailable(f"The log {self.path} cannot be used now.", why=reason + ".") from error
        except ConfigError as error:
            raise LogUnavailable(f"The log {self.path} cannot be used now.", why=error.what, then=error.then) from error

    def _open(self, create: bool) -> sqlite3.Connection:
        identity = self._identity()
        if self._connection is not None and self._opened == identity and not (create and identity.file is None):
            return self._connection
        self.close()
        self._connection = self._connect(create)
        self._opened = self._identity()
        return self._connection

    def _identity(self) -> "_Identity":
        """What an open connection depends on: these migrations, and the file that has the name now."""
        try:
            there = os.stat(self._name)
        except FileNotFoundError:
            return _Identity(migrations.known(), None)
        return _Identity(migrations.known(), (there.st_dev, there.st_ino) if there.st_size else None)

    def _connect(self, create: bool) -> sqlite3.Connection:
        if not self.exists():
            if not create:
                return _empty()
            _create(self.path)
        try:
            connection = connect(self.path)
        except sqlite3.Error as error:
            if create or not _is_read_only(error):
                raise
            return _immutable(self.path)
        try:
            self._bring_up_to_date(connection)
        except sqlite3.Error as error:
            connection.close()
            if create or not _is_read_only(error):
                raise
            return _immutable(self.path)
        except LogError:
            connection.close()
            raise
        return connection

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        if not migrations.missing(connection, self.path):
            return
        with sole_creator(self.path, TIMEOUT):
            connection.execute("BEGIN IMMEDIATE")
            try:
                migrations.migrate(connection, self.path)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def connect(path: Path, timeout: float = TIMEOUT) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    # Deleted words are overwritten, not only forgotten. NORMAL loses nothing but the last moments, and only when the
    # whole machine goes down; a killed process loses nothing.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.create_function("schema_of", 1, schema_of, deterministic=True)
    connection.create_function("calls_tool", 2, calls_tool, deterministic=True)
    return connection


def explain(error: sqlite3.Error, path: Path) -> LogError:
    """The LogError that an error of SQLite means."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code not in _DAMAGED and code != sqlite3.SQLITE_ERROR:
        why = _REASONS.get(code, f"SQLite says: {error}.")
        return LogUnavailable(f"The log {path} cannot be used now.", why=why)
    what = f"The log {path} is damaged." if code in _DAMAGED else f"{path} is not a log of Curta."
    return LogCorrupt(
        what,
        why=f"SQLite says: {error}.",
        then=f"It was left as it is. Move it aside to begin a new one: {_moving(path)}",
    )


def _moving(path: Path) -> str:
    """The command that moves a log aside, with the file that holds its last entries."""
    names = [name for name in (f"{path}", f"{path}-wal") if os.path.exists(name)]
    return " && ".join(f"mv {name} {name.replace(str(path), f'{path}.damaged')}" for name in names)


def _create(path: Path) -> None:
    """Make an empty log, unless another process is quicker."""
    config.ensure_folder(path.parent)
    with sole_creator(path, TIMEOUT):
        if path.exists() and path.stat().st_size:
            return
        _set_orphan_aside(path)
        draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
        try:
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            _lay_out(draft)
            _flush(draft)
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)


def _set_orphan_aside(path: Path) -> None:
    """Keep the write-ahead log of a file that was moved away from getting into the new one: SQLite would replay it."""
    orphan = path.with_name(path.name + "-wal")
    if orphan.exists():
        orphan.rename(path.with_name(f"{path.name}-wal.left-{time.time_ns()}"))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)


def _lay_out(draft: Path) -> None:
    connection = connect(draft)
    try:
        connection.execute(f"PRAGMA page_size = {schema.PAGE_SIZE}")
        # Never seen by others before it is whole, so nothing has to reach the disk step by step.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(migrations.TABLE)
        migrations.migrate(connection, draft)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _flush(file: Path) -> None:
    """Have the file on the disk before its name is, so that a power cut cannot leave a name without a log."""
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _empty() -> sqlite3.Connection:
    """A log with nothing in it, in memory, for those who only read."""
    connection = connect(Path(":memory:"))
    connection.execute(migrations.TABLE)
    migrations.migrate(connection, Path(":memory:"))
    return connection


def _is_read_only(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def _immutable(path: Path) -> sqlite3.Connection:
    """A log in a folder that cannot be written: WAL needs a file beside it, so it is read as one that never changes.

    Raises LogUnavailable when there is a write-ahead log: then the file alone is not all there is.
    """
    waiting = path.with_name(path.name + "-wal")
    if waiting.exists() and waiting.stat().st_size:
        raise LogUnavailable(
            f"The log {path} cannot be read here.",
            why="Its folder is read-only and its last entries are still in the file beside it.",
            then="Copy log.db and log.db-wal to a folder you can write to, and set CURTA_HOME to it.",
        )
    address = path.absolute().as_uri() + "?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    connection.create_function("schema_of", 1, schema_of, deterministic=True)
    connection.create_function("calls_tool", 2, calls_tool, deterministic=True)
    migrations.missing(connection, path)
    return connection
