"""Collections in a database of `llm`'s form: its tables `collections` and `embeddings`, which `llm` can use too.

Such a database is made and written only where the user names it (`-d FILE`). The one in `llm`'s own folder is never
written. A vector is a row of little-endian 32-bit floats; the hash of the content is `llm`'s (MD5 of its bytes).
"""

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curta import llm_home
from curta.collections.collection import Described, Entry, Item, require_model, require_writable
from curta.errors import IndexFileError, UnknownIndex, UsageError, WrongVectors
from curta.llm_home import embeddings
from curta.llm_home.database import ForeignDatabase
from curta.models.embedding.embedder import Embedder, Vector

if TYPE_CHECKING:
    import numpy as np

    Scores = np.ndarray[Any, np.dtype[np.float32]]

TIMEOUT = 30.0
AT_ONCE = 10_000
"""Vectors that are compared at once."""

_MIGRATIONS = ("m001_create_tables", "m002_foreign_key", "m003_add_updated", "m004_store_content_hash")
_LATEST = "m005_add_content_blob"
_TABLES = """
CREATE TABLE collections (id INTEGER PRIMARY KEY, name TEXT, model TEXT);
CREATE UNIQUE INDEX idx_collections_name ON collections (name);
CREATE TABLE embeddings (
    collection_id INTEGER REFERENCES collections(id), id TEXT, embedding BLOB, content TEXT, content_blob BLOB,
    content_hash BLOB, metadata TEXT, updated INTEGER, PRIMARY KEY (collection_id, id));
CREATE INDEX idx_embeddings_content_hash ON embeddings (content_hash);
CREATE TABLE IF NOT EXISTS _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS idx__sqlite_migrations_migration_set_name
    ON _sqlite_migrations (migration_set, name);
"""


def open(name: str, path: Path, *, create: bool = False) -> "DatabaseCollection":
    """The collection `name` of the database at `path`. Raises UnknownIndex, IndexFileError, UsageError."""
    if create:
        if _is_llms_own(path):
            raise UsageError(f"{path} is llm's own, and what is llm's is only read.", then="Name another file with -d.")
        return DatabaseCollection(name, path, writable=True)
    found = DatabaseCollection(name, path, writable=not _is_llms_own(path)) if path.is_file() else None
    if found is None or not found.exists():
        from curta.collections import unknown

        raise unknown(name, path) if found else UnknownIndex(f"There is no database {path}.")
    return found


def of_user(name: str) -> "DatabaseCollection | None":
    """The collection `name` in the `embeddings.db` of an `llm` on this computer, to be read."""
    if any(each.name == name for each in embeddings.collections()):
        return DatabaseCollection(name, llm_home.location() / embeddings.FILE, writable=False)
    return None


def listed(path: Path) -> list[Described]:
    if not path.is_file():
        raise UnknownIndex(f"There is no database {path}.")
    found = embeddings.collections(path)
    return [Described(each.name, each.model, each.size, str(path)) for each in found]


def listed_of_user() -> list[Described]:
    path = llm_home.location() / embeddings.FILE
    return [Described(each.name, each.model, each.size, str(path)) for each in embeddings.collections()]


def delete(name: str, path: Path) -> None:
    """Delete a collection of the database at `path`. Raises UnknownIndex."""
    found = open(name, path)
    if not found.writable:
        raise UsageError(f"{path} is llm's own, and what is llm's is only read.")
    found.delete()


def _is_llms_own(path: Path) -> bool:
    own = llm_home.location() / embeddings.FILE
    return path.resolve() == own.resolve()


class DatabaseCollection:
    """A collection in a database of `llm`'s form. Its row is made with its first item."""

    def __init__(self, name: str, path: Path, *, writable: bool) -> None:
        self.name, self.path, self.writable = name, path, writable
        self._connection: sqlite3.Connection | None = None
        self._foreign = None if writable else ForeignDatabase(path)

    @property
    def _row(self) -> tuple[int, str] | None:
        """Its number in this database, and its model; None before its first item."""
        there = "SELECT 1 FROM sqlite_master WHERE name = 'collections'"
        query = "SELECT id, model FROM collections WHERE name = ?"
        return next(iter(self._rows(query, (self.name,))), None) if self._rows(there) else None

    def exists(self) -> bool:
        return self._row is not None

    @property
    def model(self) -> str | None:
        found = self._row
        return found[1] if found else None

    def count(self) -> int:
        query = "SELECT count(*) FROM embeddings WHERE collection_id = ?"
        return int(self._rows(query, found[:1])[0][0]) if (found := self._row) else 0

    def unchanged(self, items: Sequence[Item]) -> set[str]:
        found = self._row
        if found is None:
            return set()
        query = (
            "SELECT id, content_hash FROM embeddings WHERE collection_id = ? AND id IN (SELECT value FROM json_each(?))"
        )
        ids = json.dumps([each.id for each in items])
        known = {id: bytes(hash or b"") for id, hash in self._rows(query, (found[0], ids))}
        return {each.id for each in items if known.get(each.id) == _hash(each)}

    def put(self, embedder: Embedder, items: Sequence[tuple[Item, Vector | None]]) -> None:
        require_writable(self)
        require_model(self, embedder.name)
        with self._writing() as db:
            id = self._made(db, embedder.name)
            self._require_length(db, id, [vector for _, vector in items if vector is not None])
            for item, vector in items:
                if vector is None:
                    _update(db, id, item)
                else:
                    _insert(db, id, item, vector)

    def _made(self, db: sqlite3.Connection, model: str) -> int:
        """The number of its row, which is made when there is none."""
        db.execute("INSERT OR IGNORE INTO collections (name, model) VALUES (?, ?)", (self.name, model))
        return int(db.execute("SELECT id FROM collections WHERE name = ?", (self.name,)).fetchone()[0])

    def _require_length(self, db: sqlite3.Connection, id: int, vectors: Sequence[Vector]) -> None:
        found = db.execute("SELECT length(embedding) FROM embeddings WHERE collection_id = ? LIMIT 1", (id,)).fetchone()
        lengths = {len(vector) for vector in vectors} | ({found[0] // 4} if found else set())
        if len(lengths) > 1:
            have = found[0] // 4 if found else min(lengths)
            raise WrongVectors(
                f"The vectors of the collection {self.name} have {have} dimensions; others came now: {sorted(lengths)}."
            )

    def vector(self, id: str) -> Vector | None:
        query = "SELECT embedding FROM embeddings WHERE collection_id = ? AND id = ?"
        found = self._row
        rows = self._rows(query, (found[0], id)) if found else []
        return Vector.unpacked(bytes(rows[0][0] or b"")) if rows else None

    def nearest(self, vector: Vector, n: int, *, prefix: str = "", skip: str | None = None) -> list[Entry]:
        found = self._row
        if found is None or n < 1:
            return []
        best: list[tuple[float, str]] = []
        for ids, scores in self._scored(found[0], vector):
            wanted = zip(scores.tolist(), ids, strict=True)
            kept = [(score, id) for score, id in wanted if id.startswith(prefix) and id != skip]
            best = sorted([*best, *kept], key=lambda each: (-each[0], each[1]))[:n]
        return [self._entry(found[0], id, score) for score, id in best]

    def _scored(self, collection: int, vector: Vector) -> "Iterator[tuple[list[str], Scores]]":
        """Ids with their cosines, some at a time. Raises WrongVectors for vectors of another length."""
        import numpy as np

        query = np.asarray(vector, "f4")
        query = query / np.linalg.norm(query)
        with self._explained():
            rows = self._open().execute("SELECT id, embedding FROM embeddings WHERE collection_id = ?", (collection,))
        while some := rows.fetchmany(AT_ONCE):
            some = [(str(id), bytes(data)) for id, data in some if len(data or b"") == 4 * len(vector)]
            if not some:
                raise WrongVectors(f"The vectors of the collection {self.name} do not have {len(vector)} dimensions.")
            matrix = np.frombuffer(b"".join(data for _, data in some), "<f4").reshape(len(some), len(vector))
            lengths = np.linalg.norm(matrix, axis=1)
            lengths[lengths == 0] = 1
            yield [id for id, _ in some], (matrix @ query / lengths).astype("f4")

    def _entry(self, collection: int, id: str, score: float) -> Entry:
        query = "SELECT content, metadata FROM embeddings WHERE collection_id = ? AND id = ?"
        content, metadata = self._rows(query, (collection, id))[0]
        return Entry(id, score, content, json.loads(metadata) if metadata else None)

    def delete(self) -> None:
        with self._writing() as db:
            chosen = "(SELECT id FROM collections WHERE name = ?)"
            db.execute(f"DELETE FROM embeddings WHERE collection_id = {chosen}", (self.name,))
            db.execute("DELETE FROM collections WHERE name = ?", (self.name,))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query. Raises IndexFileError."""
        with self._explained():
            return self._open().execute(query, values).fetchall()

    def _open(self) -> sqlite3.Connection:
        if self._foreign is not None:
            return self._foreign.opened()
        if self._connection is None:
            if not self.path.exists():
                os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600))
            path = self.path
            self._connection = sqlite3.connect(path, timeout=TIMEOUT, isolation_level=None, check_same_thread=False)
        return self._connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise IndexFileError(f"The database {self.path} cannot be used.", why=f"{error}.") from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, in a database that has the tables. Raises IndexFileError."""
        with self._explained():
            db = self._open()
            db.execute("BEGIN IMMEDIATE")
            try:
                _make_tables(db)
                yield db
                db.execute("COMMIT")
            except BaseException:
                db.execute("ROLLBACK")
                raise


def _make_tables(db: sqlite3.Connection) -> None:
    """The tables as `llm` 0.36 makes them, and its note that they are made, so that it does not try again."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'embeddings'").fetchone():
        return
    for statement in _TABLES.split(";"):
        db.execute(statement)
    when = time.strftime("%Y-%m-%d %H:%M:%S+00:00", time.gmtime())
    done = [("llm.embeddings", name, when) for name in (*_MIGRATIONS, _LATEST)]
    db.executemany("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)", done)


def _insert(db: sqlite3.Connection, collection: int, item: Item, vector: Vector) -> None:
    row = (collection, item.id, vector.packed(), *_contents(item), _hash(item), _metadata(item), int(time.time()))
    columns = "collection_id, id, embedding, content, content_blob, content_hash, metadata, updated"
    db.execute(f"INSERT OR REPLACE INTO embeddings ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def _update(db: sqlite3.Connection, collection: int, item: Item) -> None:
    """Write what is kept beside a vector that stays; what was kept before and is not given now stays too."""
    text, data = _contents(item)
    db.execute(
        "UPDATE embeddings SET content = coalesce(?, content), content_blob = coalesce(?, content_blob),"
        " metadata = coalesce(?, metadata) WHERE collection_id = ? AND id = ?",
        (text, data, _metadata(item), collection, item.id),
    )


def _contents(item: Item) -> tuple[str | None, bytes | None]:
    if not item.store:
        return None, None
    return (item.content, None) if isinstance(item.content, str) else (None, item.content)


def _metadata(item: Item) -> str | None:
    return json.dumps(dict(item.metadata), ensure_ascii=False) if item.metadata else None


def _hash(item: Item) -> bytes:
    return md5(item.data, usedforsecurity=False).digest()
