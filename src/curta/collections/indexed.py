"""A collection in an index: each item is a document of one passage, with the item's id as its uri.

The hash of its content stands in the document's metadata, so that an item whose text is not kept is recognised too. Of
bytes, only the vector and the hash are kept.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from curta import config, index
from curta.collections.collection import Described, Entry, Item, require_model
from curta.errors import IndexFileError, WrongVectors
from curta.index.index import Index
from curta.messages import Document
from curta.models.embedding.embedder import Embedder, Vector

CONTENT = "_content"
"""The name, in a document's metadata, of the hash of what was embedded."""

_OF = (
    "FROM vector v JOIN model m ON v.id >= (m.id << 40) AND v.id < ((m.id + 1) << 40)"
    " JOIN chunk c ON c.id = v.chunk_id JOIN document d ON d.id = c.doc_id WHERE d.uri = ?"
)


def folder() -> Path:
    return config.home() / index.FOLDER


def exists(name: str) -> bool:
    return index.path_of(name).is_file()


def open(name: str, *, create: bool = False) -> "IndexedCollection":
    return IndexedCollection(index.open(name, create=create))


def delete(name: str) -> None:
    index.remove(name)


def listed() -> list[Described]:
    """Every index that has vectors, or nothing yet; one that cannot be read is told as such."""
    return [_described(name) for name in index.names()]


def _described(name: str) -> Described:
    try:
        with index.open(name) as opened:
            models = opened.models()
            model = models[0].model if models else None
            return Described(name, model, models[0].size if models else 0, str(opened.path))
    except IndexFileError as error:
        return Described(name, None, 0, error.what)


class IndexedCollection:
    """A collection in an index."""

    writable = True

    def __init__(self, opened: Index) -> None:
        self._index = opened
        self.name = opened.name

    @property
    def model(self) -> str | None:
        models = self._index.models()
        return models[0].model if models else None

    def count(self) -> int:
        models = self._index.models()
        return models[0].size if models else 0

    def unchanged(self, items: Sequence[Item]) -> set[str]:
        query = (
            f"SELECT d.uri, json_extract(d.metadata, '$.{CONTENT}') FROM document d WHERE d.uri IN"
            " (SELECT value FROM json_each(?)) AND EXISTS"
            " (SELECT 1 FROM chunk c JOIN vector v ON v.chunk_id = c.id WHERE c.doc_id = d.id)"
        )
        ids = json.dumps([each.id for each in items])
        with self._index.reading() as db:
            known = dict(db.execute(query, (ids,)).fetchall())
        return {each.id for each in items if known.get(each.id) == each.sha256}

    def put(self, embedder: Embedder, items: Sequence[tuple[Item, Vector | None]]) -> None:
        require_model(self, embedder.name)
        vectors: dict[int, Vector] = {}
        with self._index.writing():
            for item, vector in items:
                written, kept = self._put(item, vector)
                vectors |= {} if written is None else {written: kept}
            self._index.put_vectors(embedder.name, vectors.items(), embedder.identity)

    def _put(self, item: Item, vector: Vector | None) -> tuple[int | None, Vector]:
        """Write the document of an item. The place of its vector, None where that stays as it is; and the vector."""
        text = item.content if item.store and isinstance(item.content, str) else ""
        metadata = dict(item.metadata or {})
        kept = vector or self.vector(item.id)
        if kept is None:
            raise WrongVectors(f"There is no vector for {item.id}.")
        if vector is None:  # what was kept beside it stays, unless something else is given
            before, text_before = self._metadata(item.id), self._index.document(item.id)
            text, metadata = text or (text_before.text if text_before else ""), {**before, **metadata}
        written = self._index.add(Document(text, item.id), metadata={**metadata, CONTENT: item.sha256}, whole=True)
        stays = vector is None and written.status == "unchanged"
        return None if stays else written.chunks[0], kept

    def vector(self, id: str) -> Vector | None:
        with self._index.reading() as db:
            found = db.execute(f"SELECT v.v {_OF} ORDER BY c.start LIMIT 1", (id,)).fetchone()
        return None if found is None else _from_halves(found[0])

    def nearest(self, vector: Vector, n: int, *, prefix: str = "", skip: str | None = None) -> list[Entry]:
        if not self._index.models():
            return []
        found = self._index.similar(vector, n + (skip is not None), filter=_prefixed(prefix) if prefix else None)
        return [self._entry(each) for each in found if each.passage.uri != skip][:n]

    def _entry(self, each: Any) -> Entry:
        own = {name: value for name, value in self._metadata(each.passage.uri).items() if name != CONTENT}
        return Entry(each.passage.uri, each.score, each.passage.text or None, own or None)

    def _metadata(self, id: str) -> dict[str, Any]:
        with self._index.reading() as db:
            found = db.execute("SELECT metadata FROM document WHERE uri = ?", (id,)).fetchone()
        described: dict[str, Any] = json.loads(found[0]) if found and found[0] else {}
        return described

    def close(self) -> None:
        self._index.close()


def _prefixed(prefix: str) -> str:
    quoted = prefix.replace("'", "''")
    return f"substr(uri, 1, {len(prefix)}) = '{quoted}'"


def _from_halves(data: bytes) -> Vector:
    """A vector from 16-bit floats, as an index keeps them."""
    from struct import unpack

    return Vector(unpack(f"<{len(data) // 2}e", data))
