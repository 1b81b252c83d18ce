"""Documents in an index: written, read back and removed, each with its chunks and their words in one transaction.

Every document has at least one chunk, be it an empty one, so that it has a place for a vector.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from curta.index import vectors
from curta.index.lexicon import bigrams, identifiers, is_code, lexicon
from curta.messages import JSON, Document, Span
from curta.text.chunks import Chunk, chunks
from curta.text.terms import language

SAMPLE = 1000  # characters from which the language of a document is told
_COLUMNS = "id, title, body, header, ident"


class Written(NamedTuple):
    """What came of a document: `added`, `updated` or `unchanged`, and its chunks' ids, in order."""

    status: str
    chunks: tuple[int, ...]


class Passage(NamedTuple):
    """A chunk of a document: `text` is the document's text from `start` to `end`."""

    id: int
    uri: str
    title: str
    start: int
    end: int
    header: str
    text: str
    metadata: Mapping[str, JSON] | None


class Row(NamedTuple):
    """A document as it is kept, without its text. language: as a two-letter code, None when it is unknown."""

    id: int
    uri: str
    sha256: str
    title: str
    language: str | None
    lexicon: str
    loaded: str
    length: int
    metadata: JSON


def write(
    db: sqlite3.Connection,
    document: Document,
    *,
    metadata: Mapping[str, JSON] | None = None,
    whole: bool = False,
    source: int | None = None,
) -> Written:
    """Put `document` in the place of the one with its uri, if there is one.

    whole: as a single chunk, however long. source: the id of the source it was loaded from.
    """
    described = json.dumps(metadata, ensure_ascii=False, sort_keys=True) if metadata is not None else None
    known = db.execute("SELECT id, sha256, metadata FROM document WHERE uri = ?", (document.uri,)).fetchone()
    if known and known[1:] == (document.sha256, described):
        if source is not None:
            db.execute("UPDATE document SET source_id = ? WHERE id = ?", (source, known[0]))
        return Written("unchanged", _chunk_ids(db, known[0]))
    if known:
        _remove(db, known[0])
    return Written("updated" if known else "added", _insert(db, document, described, whole, source))


def remove(db: sqlite3.Connection, uri: str) -> bool:
    """Remove the document with this uri; False when there is none."""
    found = db.execute("SELECT id FROM document WHERE uri = ?", (uri,)).fetchone()
    if found:
        _remove(db, found[0])
    return found is not None


def read(db: sqlite3.Connection, uri: str) -> Document | None:
    """The document with this uri as it was given; None when there is none."""
    found = db.execute("SELECT id, title, spans, trust, lead FROM document WHERE uri = ?", (uri,)).fetchone()
    if not found:
        return None
    id, *row = found
    return rebuilt(uri, row, db.execute("SELECT text FROM chunk WHERE doc_id = ? ORDER BY start, id", (id,)))


def rebuilt(uri: str, row: Sequence[Any], rows: Iterable[Sequence[str]]) -> Document:
    """A document of its title, spans, trust and lead, and of the rows of its chunks in their order."""
    title, spans, trust, lead = row
    text = lead + "".join(piece for (piece,) in rows)
    return Document(text, uri, title, tuple(Span(**each) for each in json.loads(spans)), trust)


def passages(db: sqlite3.Connection, ids: Sequence[int]) -> list[Passage]:
    """The chunks with these ids, in this order; those that are gone are left out."""
    found = db.execute(
        "SELECT c.id, d.uri, d.title, c.start, c.end, c.header, c.text, d.metadata FROM chunk c"
        " JOIN document d ON d.id = c.doc_id WHERE c.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    known = {
        id: Passage(id, uri, title, start, end, header, text[: end - start], json.loads(metadata) if metadata else None)
        for id, uri, title, start, end, header, text, metadata in found
    }
    return [known[id] for id in ids if id in known]


def documents_of(db: sqlite3.Connection, chunks: Iterable[int]) -> dict[int, int]:
    """The id of the document that each of `chunks` is of."""
    found = db.execute(
        "SELECT id, doc_id FROM chunk WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(chunks)),)
    )
    return dict(found)


def rows(db: sqlite3.Connection) -> Iterator[Row]:
    """All documents, in the order of their uris."""
    columns = ", ".join(Row._fields)
    for values in db.execute(f"SELECT {columns} FROM document ORDER BY uri"):
        row = Row(*values)
        yield row._replace(metadata=json.loads(row.metadata) if row.metadata else None)


class Laid(NamedTuple):
    """A document cut and judged, as it is written. lead: what stands before its first chunk.

    pieces: each chunk with its row's text: up to where the next one begins.
    """

    language: str | None
    lexicon: str
    lead: str
    pieces: list[tuple[Chunk, str]]


def laid_out(document: Document, whole: bool = False) -> Laid:
    """`document` in chunks, of which there is at least one. whole: in one, however long."""
    text, code = document.text, is_code(document.uri)
    tongue = language(text[:SAMPLE]) if text else None
    found = [] if whole else chunks(text, code=code)
    found = found or [Chunk(0, len(text.rstrip()), "")]
    edges = [*(each.start for each in found), len(text)]
    pieces = [(each, text[start:end]) for each, (start, end) in zip(found, pairwise(edges), strict=True)]
    return Laid(tongue, lexicon(tongue, text, code), text[: found[0].start], pieces)


def now() -> str:
    """When a document is written, as it is kept."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _insert(
    db: sqlite3.Connection, document: Document, metadata: str | None, whole: bool, source: int | None
) -> tuple[int, ...]:
    laid = laid_out(document, whole)
    spans = json.dumps([span.to_dict() for span in document.spans])
    judged = (document.trust, laid.language, laid.lexicon)
    values = (document.uri, document.sha256, document.title, *judged, now(), source, spans)
    id = db.execute(
        "INSERT INTO document (uri, sha256, title, trust, language, lexicon, loaded, source_id, spans, metadata,"
        " length, lead) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*values, metadata, len(document.text), laid.lead),
    ).lastrowid
    assert id is not None
    first = 1 + _last_chunk(db)
    rows = [
        (number, id, each.start, each.end, each.header, identifiers(piece), piece)
        for number, (each, piece) in enumerate(laid.pieces, first)
    ]
    db.executemany("INSERT INTO chunk (id, doc_id, start, end, header, ident, text) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    # As the view has them: to read them from there takes three times as long.
    seen = bigrams if laid.lexicon == "cjk" else str
    db.executemany(
        f"INSERT INTO fts_{laid.lexicon} (rowid, title, body, header, ident) VALUES (?, ?, ?, ?, ?)",
        (
            (number, seen(document.title), seen(piece), seen(header), seen(names))
            for number, _, _, _, header, names, piece in rows
        ),
    )
    return tuple(range(first, first + len(rows)))


def _last_chunk(db: sqlite3.Connection) -> int:
    """The largest id that a chunk ever had."""
    found = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'chunk'").fetchone()
    return int(found[0]) if found else 0


def _remove(db: sqlite3.Connection, id: int) -> None:
    """Remove a document and all that was made of it.

    A full-text table with external content forgets words only when it is told the old ones, while they still stand.
    """
    (words,) = db.execute("SELECT lexicon FROM document WHERE id = ?", (id,)).fetchone()
    db.execute(
        f"INSERT INTO fts_{words} (fts_{words}, rowid, title, body, header, ident) SELECT 'delete', {_COLUMNS}"
        f" FROM chunk_{words} WHERE id IN (SELECT id FROM chunk WHERE doc_id = ?)",
        (id,),
    )
    vectors.remove(db, _chunk_ids(db, id))
    db.execute("DELETE FROM chunk WHERE doc_id = ?", (id,))
    db.execute("DELETE FROM document WHERE id = ?", (id,))


def _chunk_ids(db: sqlite3.Connection, id: int) -> tuple[int, ...]:
    return tuple(each for (each,) in db.execute("SELECT id FROM chunk WHERE doc_id = ? ORDER BY start, id", (id,)))
