"""Giving back the space of what was deleted: segments with many dead vectors are made anew, then the file is."""

import sqlite3
from typing import TYPE_CHECKING

from curta.index import vectors
from curta.index.check import MOST_DEAD
from curta.index.file import LEXICONS, SEGMENT
from curta.index.vectors import VectorModel

if TYPE_CHECKING:
    from curta.index.index import Index


def compact(index: "Index") -> int:
    """Rewrite vectors where more than a quarter of a segment is dead, and the file; the bytes it gave back."""
    before = index.path.stat().st_size
    with index.writing() as db:
        for name in LEXICONS:
            db.execute(f"INSERT INTO fts_{name} (fts_{name}) VALUES ('optimize')")
        for model in vectors.models(db):
            if _most_dead(db, model) > MOST_DEAD:
                rewrite(db, model)
    index.vacuum()
    return before - index.path.stat().st_size


def rewrite(db: sqlite3.Connection, model: VectorModel) -> None:
    """Write the vectors of a model anew, without gaps, and its segments with them. What is no vector is left out."""
    every, first = (model.base, model.end), model.base // SEGMENT
    db.execute("CREATE TEMP TABLE kept (id INTEGER PRIMARY KEY, chunk_id INTEGER UNIQUE, v BLOB)")
    db.execute(
        "INSERT OR IGNORE INTO kept (chunk_id, v) SELECT chunk_id, v FROM vector"
        " WHERE id >= ? AND id < ? AND length(v) = ? ORDER BY id DESC",
        (*every, 2 * model.dim),
    )
    db.execute("DELETE FROM vector WHERE id >= ? AND id < ?", every)
    for table, column in (("segment", "id"), ("dead", "segment_id")):
        db.execute(f"DELETE FROM {table} WHERE {column} >= ? AND {column} < ?", (first, model.end // SEGMENT))
    db.execute("UPDATE model SET sealed = 0, epoch = epoch + 1 WHERE id = ?", (model.id,))
    rows = db.execute("SELECT chunk_id, v FROM kept ORDER BY id DESC")
    fresh = model._replace(sealed=0, epoch=model.epoch + 1)
    while batch := rows.fetchmany(SEGMENT):
        fresh = vectors.append(db, fresh, batch)
    vectors.changed(db)
    db.execute("DROP TABLE kept")


def _most_dead(db: sqlite3.Connection, model: VectorModel) -> float:
    """The largest share of dead vectors that a segment has."""
    first = model.base // SEGMENT
    found = db.execute("SELECT bits FROM dead WHERE segment_id >= ? AND segment_id < ?", (first, model.end // SEGMENT))
    return max((int.from_bytes(bits, "little").bit_count() / SEGMENT for (bits,) in found), default=0.0)
