"""Chunks ranked by the words they share with a question: BM25 of FTS5.

Columns weigh as measured: a title and the text 1, headings .3, the parts of identifiers .5. An index with several
languages has several tables, whose scores cannot be compared as they are: each is divided by the most that the words of
the question could give in that table, words that it does not have included.
"""

import math
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from curta.index import query as queries
from curta.index.file import LEXICONS
from curta.index.query import Found, Query

WEIGHTS = {"title": 1.0, "body": 1.0, "header": 0.3, "ident": 0.5}
_SATURATION = 2.2  # a term that occurs without end scores its idf times k1 + 1, where FTS5's k1 is 1.2


class Ranked(NamedTuple):
    """A chunk, its score to rank by, and its BM25."""

    chunk: int
    score: float
    bm25: float


def ranked(
    db: sqlite3.Connection,
    query: Query,
    n: int,
    *,
    chunks: str | None = None,
    weights: dict[str, float] | None = None,
) -> list[Ranked]:
    """The `n` chunks that fit `query` best.

    chunks: SQL that selects the ids of those that count, None for all. weights: of the columns.
    """
    used = lexicons(db)
    found: list[Ranked] = []
    for lexicon in used:
        looked_for = queries.found(db, lexicon, query.words)
        if not looked_for.terms:
            continue
        scale = _most(db, lexicon, looked_for) if len(used) > 1 else 1.0
        expression = queries.expression(lexicon, query, looked_for.terms)
        rows = _search(db, lexicon, expression, n, chunks, weights or WEIGHTS)
        found += [Ranked(id, score / scale, score) for id, score in rows]
    return sorted(found, key=lambda each: (-each.score, each.chunk))[:n]


def lexicons(db: sqlite3.Connection) -> list[str]:
    """The full-text tables that have something in them."""
    return [
        name for name in LEXICONS if db.execute("SELECT 1 FROM document WHERE lexicon = ? LIMIT 1", (name,)).fetchone()
    ]


def _search(
    db: sqlite3.Connection, lexicon: str, expression: str, n: int, chunks: str | None, weights: dict[str, float]
) -> list[tuple[int, float]]:
    table = f"fts_{lexicon}"
    among = f"AND {table}.rowid IN ({chunks})" if chunks else ""
    columns = ", ".join(str(weights[name]) for name in ("title", "body", "header", "ident"))
    return db.execute(
        f"SELECT rowid, -bm25({table}, {columns}) FROM {table} WHERE {table} MATCH ? {among}"
        f" ORDER BY bm25({table}, {columns}) LIMIT ?",
        (expression, n),
    ).fetchall()


def _most(db: sqlite3.Connection, lexicon: str, found: Found) -> float:
    """The most that BM25 could give for this question in a table."""
    (size,) = db.execute(f"SELECT count(*) FROM fts_{lexicon}_docsize").fetchone()
    return most(size, _counts(db, lexicon, found))


def most(size: int, counts: Iterable[int]) -> float:
    """The most that BM25 could give among `size` chunks, of which each term is in so many."""
    return _SATURATION * sum(idf(size, count) for count in counts) or 1.0


def _counts(db: sqlite3.Connection, lexicon: str, found: Found) -> list[int]:
    """In how many chunks each term of the question occurs."""
    if found.counts is not None:
        return found.counts
    table = f"fts_{lexicon}"
    counting = f"SELECT count(*) FROM {table} WHERE {table} MATCH ?"
    return [int(db.execute(counting, (queries.quoted(term),)).fetchone()[0]) for term in found.terms]


def idf(size: int, count: int) -> float:
    """As FTS5 has it: never below a millionth."""
    return max(1e-6, math.log((size - count + 0.5) / (count + 0.5)))
