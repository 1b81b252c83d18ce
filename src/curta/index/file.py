"""The file of an index as SQLite sees it: its tables, how it is made, opened and written to.

The text of a document is stored once, in the rows of its chunks: `document.lead` and the texts of its chunks in order,
joined, are the document's text, character for character. A chunk's row begins where the chunk begins and ends where the
next one begins, so the white space between two chunks is the end of the first one's row. Full-text tables are external
content over views of these rows. Chunk ids are never used again, so a vector can never belong to another text.

A vector's id is its model's id and its place in order of insertion (`MODEL_BITS`). Places are parted into segments of
SEGMENT; a full segment also has one bit per dimension of each vector (`segment.codes`), and a bit for each vector that
is gone (`dead`). The places after the last full segment are the tail.

Rules:
1. The file appears finished, by a rename, with its owner as the only reader.
2. Every change is one immediate transaction: what is killed leaves the state before it, or the one after it.
3. Every failure of SQLite leaves here as an IndexFileError that names the file. Nothing here repairs or deletes.
"""

import os
import sqlite3
from _thread import RLock
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curta import config
from curta.errors import IndexFileError
from curta.index.lexicon import bigrams

FORMAT = 1
PAGE_SIZE = 8192
TIMEOUT = 60.0
MODEL_BITS = 40
SEGMENT = 8192

LEXICONS = {"en": "porter unicode61", "tri": "trigram", "cjk": "unicode61"}
"""The full-text tables and their tokenizers: English and code, other languages, those without spaces."""

_VIEW = """
CREATE VIEW chunk_{name} AS
    SELECT c.id AS id, {title} AS title, {body} AS body, {header} AS header, {ident} AS ident
    FROM chunk c JOIN document d ON d.id = c.doc_id WHERE d.lexicon = '{name}';
CREATE VIRTUAL TABLE fts_{name} USING fts5(
    title, body, header, ident, tokenize = '{tokenizer}', content = 'chunk_{name}', content_rowid = 'id');
CREATE VIRTUAL TABLE words_{name} USING fts5vocab(fts_{name}, row);
"""

_TABLES = """
CREATE TABLE meta (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE source (id INTEGER PRIMARY KEY, spec TEXT NOT NULL UNIQUE);
CREATE TABLE document (
    id INTEGER PRIMARY KEY, uri TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, title TEXT NOT NULL, trust TEXT NOT NULL,
    language TEXT, lexicon TEXT NOT NULL, loaded TEXT NOT NULL, source_id INTEGER, spans TEXT NOT NULL, metadata TEXT,
    length INTEGER NOT NULL, lead TEXT NOT NULL);
CREATE INDEX document_source ON document (source_id) WHERE source_id IS NOT NULL;
CREATE TABLE chunk (
    id INTEGER PRIMARY KEY AUTOINCREMENT, doc_id INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    header TEXT NOT NULL, ident TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX chunk_document ON chunk (doc_id, start);
CREATE TABLE model (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, identity TEXT NOT NULL, dim INTEGER NOT NULL,
    sealed INTEGER NOT NULL, epoch INTEGER NOT NULL);
CREATE TABLE vector (id INTEGER PRIMARY KEY, chunk_id INTEGER NOT NULL, v BLOB NOT NULL);
CREATE INDEX vector_chunk ON vector (chunk_id);
CREATE TABLE segment (id INTEGER PRIMARY KEY, mean BLOB NOT NULL, codes BLOB NOT NULL);
CREATE TABLE dead (segment_id INTEGER PRIMARY KEY, bits BLOB NOT NULL);
"""


def schema() -> str:
    """The statements that make an empty index."""
    plain = {"title": "d.title", "body": "c.text", "header": "c.header", "ident": "c.ident"}
    views = (
        _VIEW.format(
            name=name,
            tokenizer=tokenizer,
            **{column: f"bigrams({each})" if name == "cjk" else each for column, each in plain.items()},
        )
        for name, tokenizer in LEXICONS.items()
    )
    return _TABLES + "".join(views) + f"INSERT INTO meta VALUES ('format', {FORMAT});"


_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_REASONS = {
    sqlite3.SQLITE_BUSY: f"Another process has kept it locked for {TIMEOUT:.0f} seconds.",
    sqlite3.SQLITE_LOCKED: "It is locked.",
    sqlite3.SQLITE_READONLY: "It is read-only.",
    sqlite3.SQLITE_PERM: "Its permissions forbid it.",
    sqlite3.SQLITE_CANTOPEN: "It cannot be opened.",
    sqlite3.SQLITE_FULL: "The disk is full.",
    sqlite3.SQLITE_IOERR: "The disk gave an error, or is full.",
}


class File:
    """One index file, and this process's connection to it. One thread uses it at a time; the others wait."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = RLock()
        self._broken = False  # whether a part of the transaction has failed
        with self._failures():
            self._connection = _connect(path)
            _require_format(self._connection, path)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is committed when the block ends and undone when it raises. One inside of another is a
        part of it: when it raises, the whole is undone, whoever catches the exception."""
        with self._guard, self._failures():
            if not self._connection.in_transaction:
                with self._transaction("BEGIN IMMEDIATE") as connection:
                    yield connection
                return
            try:
                yield self._connection
            except BaseException:
                self._broken = True
                raise

    @contextmanager
    def undoable(self) -> Iterator[sqlite3.Connection]:
        """As `writing`, but when it is inside of another, it is undone by itself.

        That has a price: FTS5 then writes what it has gathered, where it would merge the words of many documents.
        """
        with self._guard, self._failures():
            if not self._connection.in_transaction:
                with self._transaction("BEGIN IMMEDIATE") as connection:
                    yield connection
                return
            before = self._broken
            self._connection.execute("SAVEPOINT inner")
            try:
                yield self._connection
                self._connection.execute("RELEASE inner")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself ends it when the disk is full
                    self._connection.execute("ROLLBACK TO inner")
                    self._connection.execute("RELEASE inner")
                    self._broken = before
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction in which everything that is read is of one moment."""
        with self._guard, self._failures():
            if self._connection.in_transaction:
                yield self._connection
                return
            with self._transaction("BEGIN") as connection:
                yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        self._connection.execute(begin)
        self._broken = False
        try:
            yield self._connection
            if self._broken:
                raise IndexFileError(f"Nothing was written to {self.path}.", why="A part of the change has failed.")
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def vacuum(self) -> None:
        """Give the space of what was deleted back to the disk."""
        with self._guard, self._failures():
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with self._guard:
            self._connection.close()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if not hasattr(error, "sqlite_errorcode"):
                raise
            raise explain(error, self.path) from error


def create(path: Path) -> None:
    """Make an empty index, unless another process is quicker. Raises IndexFileError, ConfigError."""
    config.ensure_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    with config.exclusive(path.parent / ".indexes.lock"):
        if path.exists():
            return
        for orphan in ("-wal", "-shm"):  # of an index that was removed in between: SQLite would replay it
            path.with_name(path.name + orphan).unlink(missing_ok=True)
        try:
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            _lay_out(draft)
            os.replace(draft, path)
        except sqlite3.Error as error:
            raise explain(error, path) from error
        except OSError as error:
            raise IndexFileError(f"Cannot make the index {path}: {error.strerror or error}.") from error
        finally:
            draft.unlink(missing_ok=True)


def explain(error: sqlite3.Error, path: Path) -> IndexFileError:
    """The IndexFileError that an error of SQLite means."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        return IndexFileError(
            f"The index {path} is damaged.",
            why=f"SQLite says: {error}.",
            then="It was left as it is. Move it aside, and add its documents again from where they came from.",
        )
    if code == sqlite3.SQLITE_ERROR:
        return IndexFileError(f"The index {path} cannot be used.", why=f"SQLite says: {error}.")
    return IndexFileError(f"The index {path} cannot be used now.", why=_REASONS.get(code, f"SQLite says: {error}."))


def _connect(path: Path) -> sqlite3.Connection:
    address = path.absolute().as_uri() + "?mode=rw"  # never makes a file
    connection = sqlite3.connect(address, uri=True, timeout=TIMEOUT, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16384")
    # Mapped pages count as this process's memory: the first ones, where the roots of all tables are, and no more.
    connection.execute("PRAGMA mmap_size = 67108864")
    connection.create_function("bigrams", 1, bigrams, deterministic=True)
    _require_full_text(connection)
    return connection


def _require_full_text(connection: sqlite3.Connection) -> None:
    if ("ENABLE_FTS5",) not in connection.execute("PRAGMA compile_options").fetchall():
        raise IndexFileError(
            "The SQLite of this Python has no full-text search (FTS5).",
            why=f"It is SQLite {sqlite3.sqlite_version}, built without it.",
            then="Use another build of Python: those of python.org, uv and most distributions have it.",
        )


def _require_format(connection: sqlite3.Connection, path: Path) -> None:
    """Raises IndexFileError for what is no index, or one of a newer Curta."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    if not {"meta", "chunk", "vector"} <= tables:
        raise IndexFileError(f"{path} is not an index of Curta.")
    (found,) = connection.execute("SELECT v FROM meta WHERE k = 'format'").fetchone()
    if found != FORMAT:
        raise IndexFileError(
            f"The index {path} was written by a newer Curta (format {found}; this one knows {FORMAT}).",
            then="Upgrade Curta.",
        )


def _lay_out(draft: Path) -> None:
    connection = _connect(draft)
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        # Never seen by others before it is whole, so nothing has to reach the disk step by step.
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(f"BEGIN; {schema()} COMMIT;")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
