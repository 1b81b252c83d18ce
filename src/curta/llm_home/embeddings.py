"""The collections of vectors in `llm`'s `embeddings.db`.

A vector is little-endian 32-bit floats, one after the other.
"""

from array import array
from collections.abc import Iterator
from pathlib import Path
from sys import byteorder
from typing import Any, NamedTuple

from curta.llm_home import location
from curta.llm_home.database import ForeignDatabase
from curta.llm_home.parts import read_json

FILE = "embeddings.db"
_AT_ONCE = 1000


class Collection(NamedTuple):
    """A collection: its name, the embedding model its vectors are of, how many there are."""

    id: int
    name: str
    model: str
    size: int


class Vector(NamedTuple):
    """A stored vector, and what it was made of: text, or bytes, or neither when that was not kept."""

    id: str
    values: "array[float]"
    text: str | None
    data: bytes | None
    metadata: dict[str, Any]


def collections(path: Path | None = None) -> list[Collection]:
    """The collections of the database at `path`, by default the one in `llm`'s folder; none when it is not there."""
    database = _database(path)
    if database is None or not {"collections", "embeddings"} <= database.tables:
        return []
    query = (
        "SELECT id, name, model, (SELECT count(*) FROM embeddings WHERE collection_id = collections.id)"
        " FROM collections ORDER BY name"
    )
    return [Collection(*row) for row in database.rows(query)]


def vectors(collection: Collection, path: Path | None = None) -> Iterator[Vector]:
    """The vectors of a collection, in the order of their ids, read as they are asked for."""
    database, after = _database(path), ""
    if database is None:
        return
    has_data = "content_blob" in database.columns("embeddings")
    query = (
        f"SELECT id, embedding, content, {'content_blob' if has_data else 'NULL'}, metadata FROM embeddings"
        f" WHERE collection_id = ? AND id > ? ORDER BY id LIMIT {_AT_ONCE}"
    )
    while rows := database.rows(query, (collection.id, after)):
        yield from (
            Vector(str(id), floats(bytes(embedding or b"")), content, data, read_json(metadata, {}))
            for id, embedding, content, data, metadata in rows
        )
        after = str(rows[-1][0])


def floats(data: bytes) -> "array[float]":
    """The numbers that `data` is; bytes at its end that are no whole number do not count."""
    values = array("f", data[: len(data) // 4 * 4])
    if byteorder == "big":
        values.byteswap()
    return values


def _database(path: Path | None) -> ForeignDatabase | None:
    found = path or location() / FILE
    return ForeignDatabase(found) if found.is_file() else None
