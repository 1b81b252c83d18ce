"""Vectors in an index: how they are written, sealed into segments, and removed.

A vector is kept as a row of 16-bit floats of unit length. When SEGMENT places are full they are sealed, in the
transaction that fills them: for each vector one bit per dimension, which says whether it is above the segment's mean.
The bits lie column by column, one 64-bit word of each vector after the other, so that a scan reads memory in order.
What is removed leaves its row at once, and its place is marked as dead until `compact`.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from curta.errors import WrongVectors
from curta.index.file import MODEL_BITS, SEGMENT

BATCH = 1024
LIST = "(SELECT value FROM json_each(?))"

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.float32]]
    Bits = np.ndarray[Any, np.dtype[np.uint8]]
    Words = np.ndarray[Any, np.dtype[np.uint64]]


class VectorModel(NamedTuple):
    """An embedding model of an index.

    identity: what its vectors depend on besides the text, as far as known. sealed: how many of its segments are full.
    epoch: how often it was compacted.
    """

    id: int
    name: str
    identity: str
    dim: int
    sealed: int
    epoch: int

    @property
    def base(self) -> int:
        """The id that a vector of this model in place 0 has."""
        return self.id << MODEL_BITS

    @property
    def end(self) -> int:
        """The first id that is none of this model's."""
        return (self.id + 1) << MODEL_BITS

    @property
    def tail(self) -> int:
        """The id of the first place that is in no segment."""
        return self.base + self.sealed * SEGMENT


def models(db: sqlite3.Connection) -> list[VectorModel]:
    return [
        VectorModel(*row) for row in db.execute("SELECT id, name, identity, dim, sealed, epoch FROM model ORDER BY id")
    ]


def model(db: sqlite3.Connection, name: str) -> VectorModel | None:
    return next((each for each in models(db) if each.name == name), None)


def count(db: sqlite3.Connection, model: VectorModel) -> int:
    """How many vectors of this model there are. Of those in segments only the dead are counted."""
    (tail,) = db.execute("SELECT count(*) FROM vector WHERE id >= ? AND id < ?", (model.tail, model.end)).fetchone()
    first = model.base // SEGMENT
    dead = db.execute("SELECT bits FROM dead WHERE segment_id >= ? AND segment_id < ?", (first, first + model.sealed))
    return model.sealed * SEGMENT + int(tail) - sum(int.from_bytes(bits, "little").bit_count() for (bits,) in dead)


def put(db: sqlite3.Connection, name: str, rows: Iterable[tuple[int, Sequence[float]]], identity: str = "") -> int:
    """Write the vectors of the model called `name` as (chunk id, vector); how many were written.

    One that the chunk has already is replaced. A chunk that is gone, because its document changed in between, is passed
    over. Raises WrongVectors for what is no vector, has another number of dimensions than the model's others, or was
    made in another way: by a model of another `identity`.
    """
    written, known, remaining = 0, model(db, name), iter(rows)
    if known:
        require_identity(known, identity)
    while batch := dict(islice(remaining, BATCH)):
        units = matrix(list(batch.values()))
        known = known or _add_model(db, name, identity, units.shape[1])
        require_dimension(known, units.shape[1])
        there = {id for (id,) in db.execute(f"SELECT id FROM chunk WHERE id IN {LIST}", (json.dumps(list(batch)),))}
        _forget(db, known, there)
        halves = units.astype("<f2")
        kept = [(chunk, halves[i].tobytes()) for i, chunk in enumerate(batch) if chunk in there]
        known = append(db, known, kept)
        written += len(kept)
    changed(db)
    return written


def matrix(vectors: "Sequence[Sequence[float]]") -> "Floats":
    """The vectors as rows of unit length. Raises WrongVectors."""
    import numpy as np

    try:
        rows: Floats = np.asarray(vectors, dtype="f4")
    except (TypeError, ValueError):  # of different lengths, or worse: name the one that is to blame
        return np.stack(_alike([unit(each) for each in vectors]))
    largest = np.abs(rows).max(1, initial=0) if rows.ndim == 2 else np.zeros(1)
    if not ((largest > 0) & (largest < np.inf)).all():
        return np.stack([unit(each) for each in vectors])
    rows = rows / largest[:, None]  # squares can neither overflow nor vanish
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)  # type: ignore[no-any-return]


def _alike(rows: "list[Floats]") -> "list[Floats]":
    """`rows`, when all have the dimension of the first. Raises WrongVectors."""
    if odd := next((len(row) for row in rows if len(row) != len(rows[0])), None):
        raise WrongVectors(f"Vectors of one model have {len(rows[0])} and {odd} dimensions.")
    return rows


def unit(values: "Sequence[float] | Floats") -> "Floats":
    """`values` as a vector of unit length. Raises WrongVectors when they have none: empty, all zero, not finite."""
    import numpy as np

    try:
        row: Floats = np.asarray(values, dtype="f4")
    except (TypeError, ValueError) as error:
        raise WrongVectors("That is no vector.", why=f"{error}.") from error
    largest = float(np.abs(row).max()) if row.ndim == 1 and row.size else 0.0
    if not 0 < largest < float("inf"):
        raise WrongVectors(
            "That is no vector.", why="It has no direction: it is empty, all zero, or holds what is no number."
        )
    row = row / np.float32(largest)
    return row / np.linalg.norm(row)


def remove(db: sqlite3.Connection, chunks: Iterable[int]) -> None:
    """Remove the vectors, of all models, of these chunks."""
    old = db.execute(f"SELECT id FROM vector WHERE chunk_id IN {LIST}", (json.dumps(list(chunks)),)).fetchall()
    for (id,) in old:
        db.execute("DELETE FROM vector WHERE id = ?", (id,))
        _bury(db, id)
    if old:
        changed(db)


def pending(db: sqlite3.Connection, name: str, after: int, limit: int) -> list[tuple[int, str]]:
    """Chunks without a vector of this model, as (id, text), in the order of their ids, from the one after `after`.

    The text is what to embed (`to_embed`). Chunks without text are left out.
    """
    known = model(db, name)
    base, end = (known.base, known.end) if known else (0, 0)
    found = db.execute(
        "SELECT c.id, d.title, c.header, c.text, c.end - c.start FROM chunk c JOIN document d ON d.id = c.doc_id"
        " WHERE c.id > ? AND c.end > c.start AND NOT EXISTS"
        " (SELECT 1 FROM vector v WHERE v.chunk_id = c.id AND v.id >= ? AND v.id < ?) ORDER BY c.id LIMIT ?",
        (after, base, end, limit),
    )
    return [(id, to_embed(title, header, text[:size])) for id, title, header, text, size in found]


def to_embed(title: str, header: str, text: str) -> str:
    """What is embedded of a chunk: the document's title, the headings, the chunk."""
    return "\n".join(filter(None, (title, header, text)))


def changes(db: sqlite3.Connection) -> int:
    """How often the vectors were changed."""
    found = db.execute("SELECT v FROM meta WHERE k = 'vectors'").fetchone()
    return int(found[0]) if found else 0


def changed(db: sqlite3.Connection) -> None:
    """Count the change, so that those who keep vectors in memory see that there was one."""
    db.execute("INSERT INTO meta VALUES ('vectors', 1) ON CONFLICT (k) DO UPDATE SET v = v + 1")


def _add_model(db: sqlite3.Connection, name: str, identity: str, dim: int) -> VectorModel:
    db.execute("INSERT INTO model (name, identity, dim, sealed, epoch) VALUES (?, ?, ?, 0, 0)", (name, identity, dim))
    found = model(db, name)
    assert found
    return found


def _forget(db: sqlite3.Connection, known: VectorModel, chunks: Iterable[int]) -> None:
    """Remove the vectors that these chunks have of this model."""
    old = db.execute(
        f"SELECT id FROM vector WHERE chunk_id IN {LIST} AND id >= ? AND id < ?",
        (json.dumps(list(chunks)), known.base, known.end),
    ).fetchall()
    for (id,) in old:
        db.execute("DELETE FROM vector WHERE id = ?", (id,))
        _bury(db, id)


def append(db: sqlite3.Connection, known: VectorModel, rows: Sequence[tuple[int, bytes]]) -> VectorModel:
    """Write (chunk id, vector) in the places after the last; seal the tail whenever it is full."""
    (last,) = db.execute("SELECT max(id) FROM vector WHERE id < ?", (known.end,)).fetchone()
    id = max(known.tail, (-1 if last is None else last) + 1)
    done = 0
    while done < len(rows):
        fitting = rows[done : done + known.tail + SEGMENT - id]
        numbered = ((id + i, chunk, row) for i, (chunk, row) in enumerate(fitting))
        db.executemany("INSERT INTO vector (id, chunk_id, v) VALUES (?, ?, ?)", numbered)
        done, id = done + len(fitting), id + len(fitting)
        if id == known.tail + SEGMENT:
            known = _seal(db, known)
    return known


def _bury(db: sqlite3.Connection, id: int) -> None:
    """Mark the place of a vector as dead, when it is in a sealed segment."""
    segment = id // SEGMENT
    if not db.execute("SELECT 1 FROM segment WHERE id = ?", (segment,)).fetchone():
        return
    found = db.execute("SELECT bits FROM dead WHERE segment_id = ?", (segment,)).fetchone()
    bits = bytearray(found[0] if found else SEGMENT // 8)
    bits[id % SEGMENT // 8] |= 1 << (id % 8)
    db.execute("INSERT OR REPLACE INTO dead (segment_id, bits) VALUES (?, ?)", (segment, bytes(bits)))


def _seal(db: sqlite3.Connection, known: VectorModel) -> VectorModel:
    """Make a segment of the tail. Places in it that are empty are dead from the beginning."""
    import numpy as np

    first = known.tail
    found = db.execute(
        "SELECT id, v FROM vector WHERE id >= ? AND id < ? ORDER BY id", (first, first + SEGMENT)
    ).fetchall()
    places = np.array([id - first for id, _ in found])
    rows = floats([v for _, v in found], known.dim)
    mean = rows.mean(0)
    codes = np.zeros((words_of(known.dim), SEGMENT), "<u8")
    codes[:, places] = bits(rows, mean)
    db.execute(
        "INSERT INTO segment (id, mean, codes) VALUES (?, ?, ?)",
        (first // SEGMENT, mean.astype("<f4").tobytes(), codes.tobytes()),
    )
    if len(found) < SEGMENT:
        dead = np.ones(SEGMENT, "u1")
        dead[places] = 0
        gone = np.packbits(dead, bitorder="little").tobytes()
        db.execute("INSERT INTO dead (segment_id, bits) VALUES (?, ?)", (first // SEGMENT, gone))
    db.execute("UPDATE model SET sealed = sealed + 1 WHERE id = ?", (known.id,))
    return known._replace(sealed=known.sealed + 1)


def floats(halves: Iterable[bytes], dim: int) -> "Floats":
    """Stored vectors as rows of numbers [n, dim].

    The exponents and fractions of 16-bit floats are put where 32-bit ones have theirs, and the difference between the
    two biases is made up for: five times as fast as numpy's conversion, and exact for what is finite.
    """
    import numpy as np

    shifted = np.frombuffer(b"".join(halves), "<i2").astype("i4").reshape(-1, dim)
    shifted <<= 13
    shifted &= ~0x70001FFF  # the copies of the sign between it and the exponent
    rows = shifted.view("f4")
    rows *= 2.0**112
    return rows


def words_of(dim: int) -> int:
    """How many 64-bit words hold one bit per dimension."""
    return -(-dim // 64)


def bits(rows: "Floats", mean: "Floats") -> "Words":
    """One bit per dimension of each of `rows` [n, dim]: whether it is above the mean. [words_of(dim), n]"""
    import numpy as np

    above = rows > mean
    packed = np.packbits(above, axis=1)
    padded = np.zeros((len(above), words_of(above.shape[1]) * 8), "u1")
    padded[:, : packed.shape[1]] = packed
    return padded.view("<u8").T.copy()


class Known(Protocol):
    """A model that there are vectors of, wherever they are kept."""

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str: ...

    @property
    def dim(self) -> int: ...


def require_identity(known: Known, identity: str) -> None:
    """Refuse vectors that were made in another way than those of `known`. Raises WrongVectors."""
    if identity and known.identity not in ("", identity):
        raise WrongVectors(
            f"The vectors of {known.name} in this index were made in another way.",
            why=f"Then it was {known.identity}, now it is {identity}.",
            then="Embed the documents anew in another index, or under another name of the model.",
        )


def require_dimension(known: Known, dim: int) -> None:
    """Refuse vectors of another length than those of `known`. Raises WrongVectors."""
    if dim != known.dim:
        raise WrongVectors(
            f"The vectors of {known.name} in this index have {known.dim} dimensions; this one has {dim}.",
            why="The model behind this name is another one now.",
            then="Embed the documents anew in another index, or under another name of the model.",
        )
