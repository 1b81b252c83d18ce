"""An index as SQL that `psql` loads: the very tables of an index in PostgreSQL, so that Curta finds it there.

    psql DATABASE -f notes.sql && curta search notes 'a question' --store postgresql://USER@HOST/DATABASE

Rows are copied a batch of documents at a time, all in one transaction: it is loaded in whole, or not at all.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice, pairwise
from typing import TYPE_CHECKING

from curta.errors import UsageError
from curta.index.kept import Kept
from curta.index.stores import lexemes, tables

if TYPE_CHECKING:
    from curta.index.stores.store import Store

DOCUMENTS_AT_ONCE = 200
_DOCUMENT = "id, uri, sha256, title, trust, language, lexicon, loaded, spans, metadata, length, lead"
_CHUNK = 'id, doc_id, lexicon, "start", "end", header, text, words, size'
_MODEL = 1
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def script(store: "Store", model: str | None) -> Iterator[str]:
    """The SQL, in pieces. model: whose vectors. Raises UsageError for what PostgreSQL cannot keep, MissingExtra."""
    schema = tables.schema_of(store.name)
    yield f"-- The index {store.name} of Curta.\nBEGIN;\nCREATE SCHEMA {schema};\n{tables.statements(schema)}"
    if model:
        dim = next(each.dim for each in store.models() if each.model == model)
        yield tables.vectors(schema, _MODEL, dim)
        yield _rows(schema, "model", "id, name, identity, dim", [(_MODEL, model, "", dim)])
    documents, next_document, next_chunk = store.kept(model), 1, 1
    while some := list(islice(documents, DOCUMENTS_AT_ONCE)):
        chunks = list(_chunks(some, next_document, next_chunk))
        yield _rows(schema, "document", _DOCUMENT, map(_document, count(next_document), some))
        yield _rows(schema, "chunk", _CHUNK, chunks)
        if model:
            yield _rows(schema, f"vector_{_MODEL}", "chunk_id, v", _vectors(some, next_chunk))
        next_document, next_chunk = next_document + len(some), next_chunk + len(chunks)
    for table, following in (("document", next_document), ("chunk", next_chunk), ("model", _MODEL + 1)):
        yield f"ALTER TABLE {schema}.{table} ALTER COLUMN id RESTART WITH {following};\n"
    yield "COMMIT;\n"


def _document(id: int, kept: Kept) -> Sequence[object]:
    row, document = kept.row, kept.document
    spans = json.dumps([span.to_dict() for span in document.spans])
    metadata = None if row.metadata is None else json.dumps(row.metadata, ensure_ascii=False)
    judged = (document.trust, row.language, row.lexicon, row.loaded)
    return (
        id,
        row.uri,
        row.sha256,
        row.title,
        *judged,
        spans,
        metadata,
        row.length,
        document.text[: kept.pieces[0].start],
    )


def _chunks(some: Sequence[Kept], first_document: int, first: int) -> Iterator[Sequence[object]]:
    id = first
    for doc_id, kept in enumerate(some, first_document):
        text = kept.document.text
        edges = [*(each.start for each in kept.pieces), len(text)]
        for piece, (start, end) in zip(kept.pieces, pairwise(edges), strict=True):
            words = lexemes.of_passage(kept.row.lexicon, kept.row.title, piece.header, text[start:end])
            yield id, doc_id, kept.row.lexicon, piece.start, piece.end, piece.header, text[start:end], *words
            id += 1


def _vectors(some: Sequence[Kept], first: int) -> Iterator[tuple[int, str]]:
    for id, piece in enumerate((piece for each in some for piece in each.pieces), first):
        if piece.vector is not None:
            yield id, lexemes.numbers(piece.vector)


def _rows(schema: str, table: str, columns: str, rows: Iterable[Sequence[object]]) -> str:
    """A COPY with its rows, as https://www.postgresql.org/docs/current/sql-copy.html has text."""
    lines = "".join("\t".join(map(_field, row)) + "\n" for row in rows)
    return f"COPY {schema}.{table} ({columns}) FROM stdin;\n{lines}\\.\n"


def _field(value: object) -> str:
    if value is None:
        return r"\N"
    text = str(value)
    if "\0" in text or "\\u0000" in text:
        raise UsageError(f"A document holds the character NUL, which PostgreSQL does not keep: {text[:60]!r}.")
    return text.translate(_ESCAPED)
