"""An index: documents, their words and their vectors in one file, as one thing to add to and to search."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.errors import WrongVectors
from curta.index import documents, filters, vectors
from curta.index.documents import Passage, Row, Written
from curta.index.file import File
from curta.index.stores.store import Store
from curta.messages import JSON, Document

if TYPE_CHECKING:
    from curta.index.info import Info
    from curta.index.kept import Kept
    from curta.index.scan import Nearest, Scanner
    from curta.index.search import Asked, Recipe, Results
    from curta.index.vectors import Floats, VectorModel

MOST_PENDING = 500


class Similar(NamedTuple):
    """A passage, and the cosine of its vector to the one that was asked for."""

    passage: Passage
    score: float


class Stored(NamedTuple):
    """The vectors of one embedding model in an index: how long they are, how many there are."""

    model: str
    dim: int
    size: int


class _Counted(NamedTuple):
    """The embedding models with their numbers of vectors, largest first, as of a number of changes."""

    changes: int
    models: "list[tuple[VectorModel, int]]"


class Index(Store):
    """One index. Made by `open`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.stem
        self._file = File(path)
        self._counted: _Counted | None = None
        self._scanners: dict[str, Scanner] = {}

    # Documents

    def add(
        self,
        document: Document,
        *,
        vectors: Mapping[str, Sequence[Sequence[float]]] | None = None,
        metadata: Mapping[str, JSON] | None = None,
        whole: bool = False,
        source: int | None = None,
    ) -> Written:
        """Put `document` in the place of the one with its uri, if there is one; nothing is done when it is the same.

        vectors: by model, a vector for each chunk, in order. metadata: JSON to filter by. whole: as one chunk, however
        long. Raises WrongVectors, IndexFileError; then the index is as it was.
        """
        with self._changing(self._file.undoable() if vectors else self._file.writing()) as db:
            written = documents.write(db, document, metadata=metadata, whole=whole, source=source)
            for model, rows in (vectors or {}).items():
                _put(db, model, written.chunks, rows)
        return written

    def remove(self, uri: str) -> bool:
        """Remove the document with this uri; False when there is none."""
        with self.writing() as db:
            return documents.remove(db, uri)

    def document(self, uri: str) -> Document | None:
        """The document with this uri, as it was added; None when there is none."""
        with self._file.reading() as db:
            return documents.read(db, uri)

    def documents(self) -> list[Row]:
        """All documents without their texts, in the order of their uris."""
        with self._file.reading() as db:
            return list(documents.rows(db))

    def count(self) -> int:
        """How many documents there are."""
        with self._file.reading() as db:
            return int(db.execute("SELECT count(*) FROM document").fetchone()[0])

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The chunks with these ids, in the order of the ids; those that are gone are left out."""
        with self._file.reading() as db:
            return documents.passages(db, ids)

    def kept(self, model: str | None = None) -> "Iterator[Kept]":
        """All documents in full, with their passages and the vectors of `model`, all of one moment."""
        from curta.index import kept

        with self._file.reading() as db:
            yield from kept.every(db, model)

    # Sources

    def add_source(self, spec: str) -> int:
        """The id of a source, which is put on record when it is new."""
        with self.writing() as db:
            db.execute("INSERT OR IGNORE INTO source (spec) VALUES (?)", (spec,))
            return int(db.execute("SELECT id FROM source WHERE spec = ?", (spec,)).fetchone()[0])

    def sources(self) -> list[str]:
        """The sources that were ever added."""
        with self._file.reading() as db:
            return [spec for (spec,) in db.execute("SELECT spec FROM source ORDER BY id")]

    def uris_of(self, source: int) -> list[str]:
        """The uris of the documents that came from a source."""
        with self._file.reading() as db:
            found = db.execute("SELECT uri FROM document WHERE source_id = ? ORDER BY uri", (source,))
            return [uri for (uri,) in found]

    # Vectors

    def put_vectors(self, model: str, rows: Iterable[tuple[int, Sequence[float]]], identity: str = "") -> int:
        """Write vectors of `model` as (chunk id, vector); how many were written.

        identity: what the vectors depend on besides the text, as an Embedder says it: another one is refused.

        One that a chunk has already is replaced; chunks that are gone are passed over. All are written or none. Raises
        WrongVectors.
        """
        with self._changing(self._file.undoable()) as db:
            return vectors.put(db, model, rows, identity)

    def models(self) -> list[Stored]:
        """The embedding models that this index has vectors of, the one with the most vectors first."""
        with self._file.reading() as db:
            return [Stored(each.name, each.dim, size) for each, size in self._counts(db).models if size]

    def pending(self, model: str) -> Iterator[tuple[int, str]]:
        """The chunks without a vector of `model`, as (id, what to embed of it), read as they are asked for."""
        last = 0
        while found := self._pending(model, last):
            yield from found
            last = found[-1][0]

    def similar(
        self,
        vector: "Sequence[float] | Floats",
        n: int = 10,
        *,
        model: str | None = None,
        filter: str | None = None,
        exact: bool = False,
    ) -> list[Similar]:
        """The `n` passages whose vectors of `model` (by default the one with the most) have the largest cosine.

        filter: an SQL condition on the documents. exact: compare all vectors, not only those whose bits are near.
        Raises WrongVectors when there are none of this model, or of another dimension; UsageError for a bad filter.
        """
        with self._file.reading() as db:
            near = self.nearest(db, vector, n, model=model, filter=filter, exact=exact).found
            passages = {each.id: each for each in documents.passages(db, [each.chunk for each in near])}
        return [Similar(passages[each.chunk], each.cosine) for each in near]

    # Searching

    def answer(
        self, asked: "Asked", n: int, *, filter: str | None = None, per_document: bool = False, recipe: "Recipe"
    ) -> "Results":
        """`search` for a question that is embedded already; all that is read is of one moment."""
        from curta.index import search

        with self.reading() as db:
            return search.fused(search.Local(self, db, filter), asked, n, per_document=per_document, recipe=recipe)

    def settings(self) -> "dict[str, Any]":
        """What `tune` chose for this index, by name."""
        with self.reading() as db:
            return dict(db.execute("SELECT k, v FROM meta WHERE k IN ('weight', 'columns')").fetchall())

    def choose(self, **settings: Any) -> None:
        """Keep settings; see `settings`."""
        with self.writing() as db:
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", settings.items())

    def info(self) -> "Info":
        """What is in it, in numbers."""
        from curta.index.info import info

        return info(self)

    upsert, delete = add, remove  # as every Store calls them

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Inside

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The index at one moment, for the other files of this room."""
        with self._file.reading() as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One change of the index, for the other files of this room."""
        with self._changing(self._file.writing()) as db:
            yield db

    @contextmanager
    def _changing(self, transaction: AbstractContextManager[sqlite3.Connection]) -> Iterator[sqlite3.Connection]:
        try:
            with transaction as db:
                yield db
        except BaseException:
            self._scanners.clear()  # what was seen of a change that is undone never was
            self._counted = None
            raise

    def vacuum(self) -> None:
        """Give the space of what was deleted back to the disk."""
        self._file.vacuum()

    def _pending(self, model: str, after: int) -> list[tuple[int, str]]:
        with self._file.reading() as db:
            return vectors.pending(db, model, after, MOST_PENDING)

    def nearest(
        self,
        db: sqlite3.Connection,
        vector: "Sequence[float] | Floats",
        n: int,
        *,
        model: str | None,
        filter: str | None,
        exact: bool,
    ) -> "Nearest":
        """The chunks whose vectors are nearest; see `similar`."""
        from curta.index.scan import Scanner, places_of

        known, query = self._comparable(db, vector, model)
        scanner = self._scanners.setdefault(known.name, Scanner())
        scanner.refresh(db, known, self._counts(db).changes)
        only = places_of(db, known, filters.chunks(db, filter)) if filter is not None else None
        return scanner.nearest(db, query, n, only=only, exact=exact)

    def cosines(
        self, db: sqlite3.Connection, vector: "Sequence[float] | Floats", chunks: Iterable[int], *, model: str | None
    ) -> dict[int, float]:
        """The exact cosine to `vector` of each of `chunks` that has a vector of `model`."""
        from curta.index.scan import cosines

        known, query = self._comparable(db, vector, model)
        return cosines(db, known, query, chunks)

    def _comparable(
        self, db: sqlite3.Connection, vector: "Sequence[float] | Floats", model: str | None
    ) -> "tuple[VectorModel, Floats]":
        """The model, and `vector` as one that can be compared with its. Raises WrongVectors."""
        known = self._model(db, model)
        query = vectors.unit(vector)
        if len(query) != known.dim:
            raise WrongVectors(
                f"The vectors of {known.name} in this index have {known.dim} dimensions, the one given {len(query)}.",
                then=f"Embed it with {known.name}.",
            )
        return known, query

    def _model(self, db: sqlite3.Connection, name: str | None) -> "VectorModel":
        known = [each for each, _ in self._counts(db).models]
        found = next((each for each in known if name in (None, each.name)), None)
        if not found:
            have = ", ".join(each.name for each in known)
            raise WrongVectors(
                f"The index {self.name} has no vectors{f' of {name}' if name else ''}.",
                why=f"It has those of {have}." if have else "",
                then="" if have else f"Embed its documents: curta index add {self.name} -m MODEL",
            )
        return found

    def _counts(self, db: sqlite3.Connection) -> _Counted:
        """The models and their sizes, counted once for each change of the vectors."""
        changes = vectors.changes(db)
        if self._counted is None or self._counted.changes != changes:
            counted = [(each, vectors.count(db, each)) for each in vectors.models(db)]
            self._counted = _Counted(changes, sorted(counted, key=lambda pair: (-pair[1], pair[0].id)))
        return self._counted


def _put(db: sqlite3.Connection, model: str, chunks: Sequence[int], rows: Sequence[Sequence[float]]) -> None:
    if len(chunks) != len(rows):
        raise WrongVectors(f"The document has {len(chunks)} chunks, and {len(rows)} vectors were given.")
    vectors.put(db, model, zip(chunks, rows, strict=True))
