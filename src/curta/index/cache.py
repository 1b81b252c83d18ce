"""The cache of embeddings: what was embedded once is not embedded again, whatever index or collection asks.

A vector is kept under the SHA-256 of all it depends on: the model's identity (server, model, dimensions), and the text
as it was sent, prefix included. Texts themselves are not kept. The file can be deleted at any time; when it outgrows
LARGEST, the oldest tenth goes. It never fails a command: what it cannot keep is embedded again next time.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from curta import config
from curta.models.embedders import Item, Vector

FILE = "embedding-cache.db"
LARGEST = 4 << 30
"""Bytes: 700,000 vectors of 1,536 dimensions, or 2.5 million of 384."""

PAGE_SIZE = 8192
_TIMEOUT = 10.0
_AT_ONCE = 500
_TABLE = "CREATE TABLE IF NOT EXISTS vector (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, v BLOB NOT NULL)"

Result = TypeVar("Result")


def key(identity: str, item: Item) -> bytes:
    """What a vector of the model with this identity, made of this item, is kept under."""
    kind, data = ("text", item.encode("utf-8", "surrogatepass")) if isinstance(item, str) else ("bytes", item)
    return sha256(f"{identity}\n{kind}\n".encode() + data).digest()


class Cache:
    """The cache at `path`, by default this user's own."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or config.home() / FILE
        self._connection: sqlite3.Connection | None = None

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        """The vectors that are kept under these keys."""
        if self._connection is None and not self.path.is_file():
            return {}
        return self._try(lambda connection: dict(_found(connection, keys)), {})

    def put(self, vectors: Iterable[tuple[bytes, Vector]]) -> None:
        """Keep these vectors."""
        self._try(lambda connection: _kept(connection, vectors), None)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _try(self, what: Callable[[sqlite3.Connection], Result], otherwise: Result) -> Result:
        try:
            return what(self._open())
        except (sqlite3.Error, OSError):
            return otherwise

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            config.ensure_folder(self.path.parent)
            if not self.path.exists():
                os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600))
            connection = sqlite3.connect(self.path, timeout=_TIMEOUT, isolation_level=None, check_same_thread=False)
            connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(_TABLE)
            self._connection = connection
        return self._connection


def _found(connection: sqlite3.Connection, keys: Sequence[bytes]) -> Iterable[tuple[bytes, Vector]]:
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        for key, v in connection.execute(f"SELECT key, v FROM vector WHERE key IN ({marks})", some):
            yield key, Vector.unpacked(v)


def _kept(connection: sqlite3.Connection, vectors: Iterable[tuple[bytes, Vector]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        rows = ((key, vector.packed()) for key, vector in vectors)
        connection.executemany("INSERT OR REPLACE INTO vector (key, v) VALUES (?, ?)", rows)
        _shrink(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _shrink(connection: sqlite3.Connection) -> None:
    """Forget the oldest tenth when there is too much; their pages are used again."""
    (pages,), (free,) = (connection.execute(f"PRAGMA {each}").fetchone() for each in ("page_count", "freelist_count"))
    if (pages - free) * PAGE_SIZE > LARGEST:
        connection.execute("DELETE FROM vector WHERE id <= (SELECT min(id) + (max(id) - min(id)) / 10 FROM vector)")
