"""Whether an index agrees with itself, mending what is derived, and giving space back."""

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from curta.index.file import LEXICONS, SEGMENT
from curta.index.vectors import VectorModel, models

if TYPE_CHECKING:
    from curta.index.index import Index

MOST_DEAD = 0.25


class Finding(NamedTuple):
    """Something that was looked at, and what is wrong with it; `problem` is '' when nothing is."""

    what: str
    problem: str


def check(index: "Index") -> list[Finding]:
    """Compare what is stored with what was made of it: texts, words and vectors."""
    with index.writing() as db:  # FTS5 checks itself only where it could write
        findings = [_file(db), _texts(db), *(_words(db, name) for name in LEXICONS), _strays(db)]
        return findings + [_vectors(db, each) for each in models(db)]


def repair(index: "Index") -> list[Finding]:
    """Make everything that is derived anew: the words of all tables, the bits of all vectors. What `check` then finds.

    The texts themselves cannot be mended: their documents are named, to be added again.
    """
    from curta.index.compact import rewrite

    with index.writing() as db:
        for name in LEXICONS:
            db.execute(f"INSERT INTO fts_{name} (fts_{name}) VALUES ('rebuild')")
        db.execute("DELETE FROM vector WHERE chunk_id NOT IN (SELECT id FROM chunk)")
        db.execute("DELETE FROM chunk WHERE doc_id NOT IN (SELECT id FROM document)")
        for model in models(db):
            rewrite(db, model)
    return check(index)


def _file(db: sqlite3.Connection) -> Finding:
    found = [row for (row,) in db.execute("PRAGMA quick_check(3)") if row != "ok"]
    return Finding("the file", "; ".join(found))


def _texts(db: sqlite3.Connection) -> Finding:
    """Whether the chunks of each document join to a text of its length, and lie in order."""
    bad = db.execute(
        "SELECT d.uri FROM document d LEFT JOIN (SELECT doc_id, sum(length(CAST(text AS BLOB))) AS bytes,"
        " max(end) AS last, count(*) AS n FROM chunk GROUP BY doc_id) c ON c.doc_id = d.id"
        " WHERE c.n IS NULL OR c.last > d.length OR (c.bytes + length(CAST(d.lead AS BLOB))) < d.length"
    ).fetchall()
    named = ", ".join(uri for (uri,) in bad[:3])
    return Finding("the texts", f"{len(bad)} documents are not whole, such as {named}: add them again" if bad else "")


def _words(db: sqlite3.Connection, name: str) -> Finding:
    what = {"en": "the words of English", "tri": "the trigrams", "cjk": "the pairs of characters"}[name]
    (chunks,) = db.execute(f"SELECT count(*) FROM chunk_{name}").fetchone()
    (indexed,) = db.execute(f"SELECT count(*) FROM fts_{name}_docsize").fetchone()
    if chunks != indexed:
        return Finding(what, f"{chunks} chunks, and {indexed} of them can be searched")
    try:
        db.execute(f"INSERT INTO fts_{name} (fts_{name}, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        return Finding(what, f"they are not those of the texts ({error})")
    return Finding(what, "")


def _strays(db: sqlite3.Connection) -> Finding:
    (chunks,) = db.execute("SELECT count(*) FROM chunk WHERE doc_id NOT IN (SELECT id FROM document)").fetchone()
    (vectors,) = db.execute("SELECT count(*) FROM vector WHERE chunk_id NOT IN (SELECT id FROM chunk)").fetchone()
    return Finding(
        "what belongs to what", f"{chunks} chunks and {vectors} vectors of nothing" if chunks + vectors else ""
    )


def _vectors(db: sqlite3.Connection, model: VectorModel) -> Finding:
    """Whether each vector is as long as it should be, once per chunk, and neither marked dead nor forgotten."""
    what, every = f"the vectors of {model.name}", (model.base, model.end)
    there, odd = db.execute(
        "SELECT count(*), total(length(v) != ?) FROM vector WHERE id >= ? AND id < ?", (2 * model.dim, *every)
    ).fetchone()
    (twice,) = db.execute(
        "SELECT count(*) - count(DISTINCT chunk_id) FROM vector WHERE id >= ? AND id < ?", every
    ).fetchone()
    alive = sum(_alive(db, model, number) for number in range(model.sealed))
    (tail,) = db.execute("SELECT count(*) FROM vector WHERE id >= ? AND id < ?", (model.tail, model.end)).fetchone()
    problems = [
        f"{odd:.0f} are not of {model.dim} dimensions" if odd else "",
        f"{twice} chunks have two" if twice else "",
        f"{there} are stored, and {alive + tail} can be found" if there != alive + tail else "",
    ]
    return Finding(what, "; ".join(filter(None, problems)))


def _alive(db: sqlite3.Connection, model: VectorModel, number: int) -> int:
    """How many vectors of a sealed segment are alive, stored and in their places; -1 when its bits are not whole."""
    id = model.base // SEGMENT + number
    found = db.execute("SELECT length(codes) FROM segment WHERE id = ?", (id,)).fetchone()
    if not found or found[0] != -(-model.dim // 64) * 8 * SEGMENT:
        return -1
    dead = db.execute("SELECT bits FROM dead WHERE segment_id = ?", (id,)).fetchone()
    buried = int.from_bytes(dead[0], "little") if dead else 0
    places = db.execute(
        "SELECT id - ? FROM vector WHERE id >= ? AND id < ?", (id * SEGMENT, id * SEGMENT, (id + 1) * SEGMENT)
    )
    alive = sum(1 for (place,) in places if not buried >> place & 1)
    return alive if alive == SEGMENT - buried.bit_count() else -1
