"""An index in PostgreSQL, with the calls of one in a file: the same documents, passages and answers, for a team."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from curta.errors import IndexFileError, UnknownIndex, UsageError, WrongVectors
from curta.index import vectors
from curta.index.documents import Row, Written, laid_out, now, rebuilt
from curta.index.index import MOST_PENDING, Stored
from curta.index.info import Info, weight_of
from curta.index.stores import lexemes, tables
from curta.index.stores.address import Address
from curta.index.stores.conditions import condition
from curta.index.stores.connecting import Connection
from curta.index.stores.ranking import Sides, VectorTable
from curta.index.stores.store import Store
from curta.messages import JSON, Document

if TYPE_CHECKING:
    import psycopg

    from curta.index.kept import Kept
    from curta.index.search import Asked, Recipe, Results

    Database = psycopg.Connection[Any]

BATCH = 500
LONGEST_NAME = 50  # characters; PostgreSQL cuts names at 63 bytes, and two could become one

_MODELS = """
    SELECT id, name, identity, dim, EXISTS (
        SELECT FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
        WHERE indrelid = to_regclass('vector_' || model.id) AND amname = 'hnsw')
    FROM model ORDER BY id
"""


class PostgresIndex(Store):
    """One index in a database. Made by `places.open`."""

    def __init__(self, name: str, address: Address, create: bool = False) -> None:
        """create: make it when it is not there. Raises UnknownIndex, IndexFileError, UsageError."""
        if len(name) > LONGEST_NAME or not name.isascii():
            raise UsageError(
                f"In PostgreSQL, {name!r} cannot be the name of an index.", then="Use a shorter, plain one."
            )
        self.name = name
        self._schema = tables.schema_of(name)
        self._connection = Connection(address, self._schema)
        try:
            self._require_there(create)
        except BaseException:
            self.close()
            raise

    @property
    def place(self) -> str:
        """The address of the database, without a password."""
        return self._connection.address.shown

    def _require_there(self, create: bool) -> None:
        if self._is_there():
            return
        if not create:
            raise UnknownIndex(
                f"There is no index {self.name!r} in {self.place}.",
                then=f"Make it: curta index add {self.name} FOLDER --store {self.place}",
            )
        with self.writing() as db:
            if not self._is_there():
                db.execute(f"CREATE SCHEMA {self._schema}")
                db.execute(tables.statements(self._schema))

    def _is_there(self) -> bool:
        with self.reading() as db:
            there = db.execute("SELECT to_regclass(%s)", (f"{self._schema}.meta",)).fetchone()
            if there is None or there[0] is None:
                return False
            found = db.execute(f"SELECT v FROM {self._schema}.meta WHERE k = 'format'").fetchone()
        if found != (tables.FORMAT,):
            raise IndexFileError(f"The index {self.name} in {self.place} is of a newer Curta.", then="Upgrade Curta.")
        return True

    # The five calls

    def upsert(
        self,
        document: Document,
        *,
        vectors: Mapping[str, Sequence[Sequence[float]]] | None = None,
        metadata: Mapping[str, JSON] | None = None,
        whole: bool = False,
        source: int | None = None,
    ) -> Written:
        """Put `document` in the place of the one with its uri, if there is one; as `Index.upsert`.

        Raises UsageError for a text with the character NUL, which PostgreSQL does not keep.
        """
        described = None if metadata is None else json.dumps(metadata, ensure_ascii=False)
        _require_no_zero(document, described)
        with self.writing() as db:
            written = self._written(db, document, described, whole, source)
            for model, rows in (vectors or {}).items():
                if len(rows) != len(written.chunks):
                    raise WrongVectors(f"The document has {len(written.chunks)} chunks, and {len(rows)} vectors.")
                self.put_vectors(model, zip(written.chunks, rows, strict=True))
        return written

    def delete(self, uri: str) -> bool:
        with self.writing() as db:
            return bool(db.execute("DELETE FROM document WHERE uri = %s", (uri,)).rowcount)

    def answer(
        self, asked: "Asked", n: int, *, filter: str | None = None, per_document: bool = False, recipe: "Recipe"
    ) -> "Results":
        """As `Store.answer`. filter: what `conditions` lets through."""
        from curta.index import search

        chosen = None if filter is None else condition(filter)
        with self.reading() as db:
            table = self._table(db, asked.model) if asked.model else None
            return search.fused(Sides(db, chosen, table), asked, n, per_document=per_document, recipe=recipe)

    def settings(self) -> dict[str, Any]:
        with self.reading() as db:
            return dict(db.execute("SELECT k, v FROM meta WHERE k IN ('weight', 'columns')").fetchall())

    def choose(self, **settings: Any) -> None:
        with self.writing() as db:
            for name, value in settings.items():
                values = (name, str(value))
                db.execute("INSERT INTO meta VALUES (%s, %s) ON CONFLICT (k) DO UPDATE SET v = excluded.v", values)

    def count(self) -> int:
        with self.reading() as db:
            return _number(db, "SELECT count(*) FROM document")

    def info(self) -> Info:
        with self.reading() as db:
            documents, characters = _row(db, "SELECT count(*), coalesce(sum(length), 0)::bigint FROM document")
            languages = db.execute(
                "SELECT coalesce(language, ''), count(*) FROM document GROUP BY 1 ORDER BY 2 DESC, 1"
            ).fetchall()
            chunks = _number(db, "SELECT count(*) FROM chunk")
            size = _number(
                db,
                "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = to_regnamespace(%s)",
                (self._schema,),
            )
        counts = (documents, chunks, characters, size)
        sizes = {each.model: each.size for each in self.models()}
        return Info(self.name, self.place, *counts, dict(languages), sizes, self.sources(), weight_of(self))

    # Reading it

    def document(self, uri: str) -> Document | None:
        with self.reading() as db:
            return _document(db, uri)

    def documents(self) -> list[Row]:
        with self.reading() as db:
            return list(_rows(db))

    def kept(self, model: str | None = None) -> "Iterator[Kept]":
        from curta.index.kept import Kept, Piece

        with self.reading() as db:
            table = self._table(db, model) if model else None
            for row in _rows(db):
                document = _document(db, row.uri)
                assert document
                yield Kept(row, document, [Piece(*each) for each in _pieces(db, row.id, table)])

    # Filling it

    def add_source(self, spec: str) -> int:
        with self.writing() as db:
            db.execute("INSERT INTO source (spec) VALUES (%s) ON CONFLICT DO NOTHING", (spec,))
            return _number(db, "SELECT id FROM source WHERE spec = %s", (spec,))

    def sources(self) -> list[str]:
        with self.reading() as db:
            return [spec for (spec,) in db.execute("SELECT spec FROM source ORDER BY id")]

    def uris_of(self, source: int) -> list[str]:
        with self.reading() as db:
            return [uri for (uri,) in db.execute("SELECT uri FROM document WHERE source_id = %s", (source,))]

    def models(self) -> list[Stored]:
        with self.reading() as db:
            found = [
                Stored(each.name, each.dim, _number(db, f"SELECT count(*) FROM {each.table}"))
                for each in self._tables(db)
            ]
        return sorted((each for each in found if each.size), key=lambda each: -each.size)

    def pending(self, model: str) -> Iterator[tuple[int, str]]:
        last = 0
        while found := self._pending(model, last):
            yield from found
            last = found[-1][0]

    def put_vectors(self, model: str, rows: Iterable[tuple[int, Sequence[float]]], identity: str = "") -> int:
        """As `Index.put_vectors`. Raises IndexFileError when the server has no pgvector."""
        written, remaining = 0, iter(rows)
        with self.writing() as db:
            known = self._table(db, model)
            if known:
                vectors.require_identity(known, identity)
            while batch := dict(islice(remaining, BATCH)):
                matrix = vectors.matrix(list(batch.values()))
                known = known or self._make_table(db, model, identity, matrix.shape[1])
                vectors.require_dimension(known, matrix.shape[1])
                listed = [lexemes.numbers(row) for row in matrix.astype("f2").tolist()]
                written += _put(db, known, list(batch), listed)
        return written

    def remove(self) -> None:
        """Delete the index with all that is in it."""
        with self.writing() as db:
            db.execute(f"DROP SCHEMA {self._schema} CASCADE")

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> "PostgresIndex":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Inside

    @contextmanager
    def writing(self) -> "Iterator[Database]":
        """One change; writers of the same index wait for each other, in whatever process."""
        with self._connection.writing() as db:
            yield db

    @contextmanager
    def reading(self) -> "Iterator[Database]":
        """The index at one moment."""
        with self._connection.reading() as db:
            yield db

    def _written(
        self, db: "Database", document: Document, metadata: str | None, whole: bool, source: int | None
    ) -> Written:
        known = db.execute(
            "SELECT id, sha256 = %s AND metadata IS NOT DISTINCT FROM %s::jsonb FROM document WHERE uri = %s",
            (document.sha256, metadata, document.uri),
        ).fetchone()
        if known and known[1]:
            if source is not None:
                db.execute("UPDATE document SET source_id = %s WHERE id = %s", (source, known[0]))
            return Written("unchanged", _chunk_ids(db, known[0]))
        if known:
            db.execute("DELETE FROM document WHERE id = %s", (known[0],))
        return Written("updated" if known else "added", _insert(db, document, metadata, whole, source))

    def _pending(self, model: str, after: int) -> list[tuple[int, str]]:
        with self.reading() as db:
            table = self._table(db, model)
            missing = f"AND NOT EXISTS (SELECT 1 FROM {table.table} v WHERE v.chunk_id = c.id)" if table else ""
            found = db.execute(
                'SELECT c.id, d.title, c.header, left(c.text, (c."end" - c."start")::int) FROM chunk c'
                ' JOIN document d ON d.id = c.doc_id WHERE c.id > %s AND c."end" > c."start"'
                f" {missing} ORDER BY c.id LIMIT %s",
                (after, MOST_PENDING),
            ).fetchall()
        return [(id, vectors.to_embed(title, header, text)) for id, title, header, text in found]

    def _tables(self, db: "Database") -> list[VectorTable]:
        return [VectorTable(*row) for row in db.execute(_MODELS)]

    def _table(self, db: "Database", model: str) -> VectorTable | None:
        return next((each for each in self._tables(db) if each.name == model), None)

    def _make_table(self, db: "Database", model: str, identity: str, dim: int) -> VectorTable:
        values = (model, identity, dim)
        id = _number(db, "INSERT INTO model (name, identity, dim) VALUES (%s, %s, %s) RETURNING id", values)
        db.execute(tables.vectors(self._schema, id, dim))
        return VectorTable(id, *values, hnsw=False)


def _insert(
    db: "Database", document: Document, metadata: str | None, whole: bool, source: int | None
) -> tuple[int, ...]:
    laid = laid_out(document, whole)
    spans = json.dumps([span.to_dict() for span in document.spans])
    judged = (document.trust, laid.language, laid.lexicon)
    id = _number(
        db,
        "INSERT INTO document (uri, sha256, title, trust, language, lexicon, loaded, source_id, spans, metadata,"
        " length, lead) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (document.uri, document.sha256, document.title, *judged, now(), source, spans, metadata, len(document.text),
         laid.lead),
    )  # fmt: skip
    rows = [_chunk(laid.lexicon, document.title, chunk, piece) for chunk, piece in laid.pieces]
    db.execute(
        'INSERT INTO chunk (doc_id, lexicon, "start", "end", header, text, words, size)'
        " SELECT %s, %s, * FROM unnest(%s::int[], %s::int[], %s::text[], %s::text[], %s::tsvector[], %s::int[])",
        (id, laid.lexicon, *map(list, zip(*rows, strict=True))),
    )
    return _chunk_ids(db, id)


def _chunk(lexicon: str, title: str, chunk: Any, piece: str) -> tuple[int, int, str, str, str, int]:
    """The columns of a passage: where it is, its heading, its text, and its words, which are how many."""
    words = lexemes.of_passage(lexicon, title, chunk.header, piece)
    return chunk.start, chunk.end, chunk.header, piece, words.vector, words.size


def _put(db: "Database", known: VectorTable, chunks: Sequence[int], listed: Sequence[str]) -> int:
    return db.execute(
        f"INSERT INTO {known.table} SELECT given.chunk_id, given.v::vector FROM unnest(%s::bigint[], %s::text[])"
        " AS given (chunk_id, v) JOIN chunk ON chunk.id = given.chunk_id ON CONFLICT (chunk_id) DO UPDATE"
        " SET v = excluded.v",
        (list(chunks), list(listed)),
    ).rowcount


def _document(db: "Database", uri: str) -> Document | None:
    found = db.execute("SELECT id, title, spans, trust, lead FROM document WHERE uri = %s", (uri,)).fetchone()
    if not found:
        return None
    id, *row = found
    return rebuilt(uri, row, db.execute('SELECT text FROM chunk WHERE doc_id = %s ORDER BY "start", id', (id,)))


def _rows(db: "Database") -> Iterator[Row]:
    columns = ", ".join(Row._fields)
    return (Row(*values) for values in db.execute(f'SELECT {columns} FROM document ORDER BY uri COLLATE "C"'))


def _pieces(db: "Database", id: int, table: VectorTable | None) -> list[tuple[int, int, str, Any]]:
    joined = f"LEFT JOIN {table.table} v ON v.chunk_id = c.id" if table else "LEFT JOIN (SELECT NULL AS v) v ON false"
    found = db.execute(
        f'SELECT c."start", c."end", c.header, v.v::text FROM chunk c {joined} WHERE c.doc_id = %s'
        ' ORDER BY c."start", c.id',
        (id,),
    )
    return [(*where, None if v is None else json.loads(v)) for *where, v in found]


def _chunk_ids(db: "Database", id: int) -> tuple[int, ...]:
    return tuple(each for (each,) in db.execute('SELECT id FROM chunk WHERE doc_id = %s ORDER BY "start", id', (id,)))


def _row(db: "Database", query: str, values: Sequence[Any] = ()) -> Any:
    return db.execute(query, values or None).fetchone()


def _number(db: "Database", query: str, values: Sequence[Any] = ()) -> int:
    return int(_row(db, query, values)[0])


def _require_no_zero(document: Document, metadata: str | None) -> None:
    if "\0" in document.text + document.uri + document.title or "\\u0000" in (metadata or ""):
        raise UsageError("It holds the character NUL, which PostgreSQL does not keep.")
