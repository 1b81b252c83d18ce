"""Documents of an index in full, with their passages and vectors: what an index can be made of elsewhere."""

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from curta.index import documents, vectors
from curta.index.documents import Row
from curta.messages import Document


class Piece(NamedTuple):
    """A passage: the document's text from `start` to `end`. vector: of unit length, None when it has none."""

    start: int
    end: int
    header: str
    vector: list[float] | None


class Kept(NamedTuple):
    """A document, what is known about it, and its passages in order."""

    row: Row
    document: Document
    pieces: list[Piece]


def every(db: sqlite3.Connection, model: str | None) -> Iterator[Kept]:
    """All documents, in the order of their uris. model: whose vectors."""
    known = vectors.model(db, model) if model else None
    for row in documents.rows(db):
        document = documents.read(db, row.uri)
        assert document
        yield Kept(row, document, [*_pieces(db, row.id, known)])


def _pieces(db: sqlite3.Connection, id: int, known: vectors.VectorModel | None) -> Iterator[Piece]:
    base, end = (known.base, known.end) if known else (0, 0)
    found = db.execute(
        "SELECT c.start, c.end, c.header, v.v FROM chunk c LEFT JOIN vector v"
        " ON v.chunk_id = c.id AND v.id >= ? AND v.id < ? WHERE c.doc_id = ? ORDER BY c.start, c.id",
        (base, end, id),
    )
    for start, stop, header, halves in found:
        vector = vectors.floats([halves], known.dim)[0].tolist() if known and halves else None
        yield Piece(start, stop, header, vector)
