"""The two sides of a search in PostgreSQL: passages by BM25, and by the cosine of their vectors.

BM25 is that of FTS5, over the same words. Of the passages that have any of the question's, RESCORED are chosen by
`ts_rank` weighted with idf, which PostgreSQL computes quickly, and these are scored as FTS5 would. All vectors are
compared, unless somebody made an HNSW index on them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.index import lexical
from curta.index import query as queries
from curta.index.documents import Passage
from curta.index.lexical import Ranked
from curta.index.lexicon import is_wide
from curta.index.query import MOST_TRIGRAMS, Query
from curta.index.stores import lexemes
from curta.index.stores.lexemes import LABELS

if TYPE_CHECKING:
    import psycopg

    from curta.index.scan import Nearest
    from curta.index.search import Asked

K1, B = 1.2, 0.75
"""As in FTS5."""

RESCORED = 400
LOOKED_AT = 400
"""How many vectors an HNSW index looks at. Recall at 10 was .99 with 200 (measured at 100,000 x 384)."""

_FIELDS = {
    "title": "(SELECT title FROM document WHERE document.id = doc_id)",
    "header": "header",
    "": "concat_ws(' ', text, header, (SELECT title FROM document WHERE document.id = doc_id))",
}
_COUNTED = """
    SELECT term, prefix, (SELECT count(*) FROM chunk WHERE lexicon = %s AND words @@ noted::tsquery)
    FROM unnest(%s::text[], %s::bool[], %s::text[]) AS q (term, prefix, noted)
"""
_SCORED = """
    WITH q AS (
        SELECT * FROM unnest(%(terms)s::text[], %(prefixes)s::bool[], %(noted)s::tsquery[], %(idf)s::float8[])
        WITH ORDINALITY AS q (term, prefix, noted, idf, place)),
    best AS (
        SELECT id, size, words FROM chunk WHERE lexicon = %(lexicon)s AND words @@ %(any)s::tsquery {conditions}
        ORDER BY (SELECT sum(idf * ts_rank(%(labels)s::float4[], words, noted)) FROM q) DESC LIMIT %(rescored)s),
    counted AS (
        SELECT id, size, place, idf, sum(times) AS f FROM best, unnest(words) AS u (term, positions, labels)
        JOIN q ON {joined}, LATERAL (SELECT sum({weighted}) AS times FROM unnest(labels) AS label) AS columns
        GROUP BY id, size, place, idf)
    SELECT id, sum(idf * f * {k1} / (f + {k} * (1 - {b} + {b} * size / %(mean)s::float8))) AS bm25
    FROM counted GROUP BY id ORDER BY bm25 DESC, id LIMIT %(n)s
"""


class VectorTable(NamedTuple):
    """The vectors of a model. hnsw: whether they have an index of this kind."""

    id: int
    name: str
    identity: str
    dim: int
    hnsw: bool

    @property
    def table(self) -> str:
        return f"vector_{self.id}"


class _Term(NamedTuple):
    """A lexeme that is looked for, or all that begin so; how many passages have it."""

    lexeme: str
    prefix: bool
    passages: int = 0

    @property
    def noted(self) -> str:
        """As a tsquery."""
        return lexemes.quoted(self.lexeme) + (":*" if self.prefix else "")


class _Words(NamedTuple):
    """A lexicon: how many passages it has, and how long they are on average."""

    lexicon: str
    passages: int
    mean: float


class Sides:
    """An index in PostgreSQL at one moment; see `search.Sides`.

    db: in a transaction that has the index's schema as its search path. condition: SQL on documents, or None for all.
    """

    def __init__(self, db: "psycopg.Connection[Any]", condition: str | None, table: VectorTable | None) -> None:
        self.db, self.table = db, table
        self.among = "" if condition is None else f"doc_id IN (SELECT id FROM document WHERE {condition})"

    # By words

    def ranked(self, query: Query, n: int, weights: Mapping[str, float] | None) -> list[Ranked]:
        rows = self.db.execute("SELECT lexicon, count(*), avg(size)::float8 FROM chunk GROUP BY lexicon").fetchall()
        used, found = [_Words(*row) for row in rows], list[Ranked]()
        for words in used:
            terms, absent = self._terms(words, query)
            counts = [each.passages for each in terms] + [0] * absent
            scale = lexical.most(words.passages, counts) if len(used) > 1 else 1.0
            scored = self._scored(words, query, terms, n, weights or lexical.WEIGHTS) if terms else []
            found += [Ranked(id, score / scale, score) for id, score in scored]
        return sorted(found, key=lambda each: (-each.score, each.chunk))[:n]

    def _terms(self, words: _Words, query: Query) -> tuple[list[_Term], int]:
        """What is looked for, and how many trigrams of the question no passage has."""
        sought = [
            _Term(lexeme, words.lexicon == "cjk" and is_wide(lexeme))
            for word in queries.sought(words.lexicon, query.words)
            for lexeme in lexemes.of_word(words.lexicon, word)
        ]
        columns = zip(*((each.lexeme, each.prefix, each.noted) for each in sought), strict=True)
        listed = [list(column) for column in columns] or [[], [], []]
        counted = [_Term(*row) for row in self.db.execute(_COUNTED, (words.lexicon, *listed))]
        if words.lexicon != "tri":
            return counted, 0
        there = sorted((each for each in counted if each.passages), key=lambda each: (each.passages, each.lexeme))
        return there[:MOST_TRIGRAMS], len(counted) - len(there)

    def _scored(
        self, words: _Words, query: Query, terms: Sequence[_Term], n: int, weights: Mapping[str, float]
    ) -> list[tuple[int, float]]:
        conditions, values = self._conditions(words.lexicon, query)
        weighted = " ".join(f"WHEN '{label}' THEN {float(weights[name])!r}" for name, label in LABELS.items())
        prefixed = any(each.prefix for each in terms)
        statement = _SCORED.format(
            conditions="".join(f" AND {each}" for each in conditions),
            joined="u.term = q.term" + (" OR q.prefix AND starts_with(u.term, q.term)" if prefixed else ""),
            weighted=f"CASE label {weighted} END",
            k=K1,
            k1=K1 + 1,
            b=B,
        )
        given = {
            "terms": [each.lexeme for each in terms],
            "prefixes": [each.prefix for each in terms],
            "noted": [each.noted for each in terms],
            "idf": [lexical.idf(words.passages, each.passages) for each in terms],
            "any": " | ".join(each.noted for each in terms),
            "labels": [float(weights[name]) for name in sorted(LABELS, key=lambda name: LABELS[name], reverse=True)],
            "lexicon": words.lexicon,
            "mean": words.mean or 1.0,
            "rescored": max(RESCORED, n),
            "n": n,
        }
        return self.db.execute(statement, given | values).fetchall()

    def _conditions(self, lexicon: str, query: Query) -> tuple[list[str], dict[str, str]]:
        """The filter, and what must stand and must not stand in a passage, as regular expressions."""
        wanted = [(field, term, "~*") for field, term in query.needed] + [("", term, "!~*") for term in query.unwanted]
        values = {f"term{place}": _pattern(term, lexicon) for place, (_, term, _) in enumerate(wanted)}
        conditions = [f"{_FIELDS[field]} {sign} %(term{place})s" for place, (field, _, sign) in enumerate(wanted)]
        return [*filter(None, [self.among]), *conditions], values

    # By meaning

    def nearest(self, asked: "Asked", n: int, exact: bool) -> "Nearest":
        from curta.index.scan import Near, Nearest

        assert self.table
        where = f"WHERE chunk_id IN (SELECT id FROM chunk WHERE {self.among})" if self.among else ""
        by_index = self.table.hnsw and not (exact or where)
        self.db.execute(f"SET LOCAL hnsw.ef_search = {max(LOOKED_AT, min(n, 1000))}" if by_index else _NO_INDEX)
        vector = vector_of(asked)
        found = self.db.execute(
            f"SELECT chunk_id, -(v <#> %s::vector) AS cosine FROM {self.table.table} {where}"
            " ORDER BY v <#> %s::vector LIMIT %s",
            (vector, vector, n),
        ).fetchall()
        self.db.execute("SET LOCAL enable_indexscan = on")
        near = sorted((Near(chunk, min(1.0, cosine)) for chunk, cosine in found), key=lambda near: -near.cosine)
        if by_index:
            return Nearest(near, LOOKED_AT, "HNSW")
        (compared,) = self.db.execute(f"SELECT count(*) FROM {self.table.table} {where}").fetchone() or (0,)
        return Nearest(near, compared, "exact")

    def cosines(self, asked: "Asked", chunks: Sequence[int]) -> dict[int, float]:
        assert self.table
        found = self.db.execute(
            f"SELECT chunk_id, least(1, -(v <#> %s::vector)) FROM {self.table.table} WHERE chunk_id = ANY(%s)",
            (vector_of(asked), list(chunks)),
        )
        return dict(found.fetchall())

    # What was found

    def documents_of(self, chunks: Iterable[int]) -> dict[int, int]:
        return dict(self.db.execute("SELECT id, doc_id FROM chunk WHERE id = ANY(%s)", (list(chunks),)).fetchall())

    def passages(self, chunks: Sequence[int]) -> list[Passage]:
        found = self.db.execute(
            'SELECT c.id, d.uri, d.title, c."start", c."end", c.header, left(c.text, (c."end" - c."start")::int),'
            " d.metadata FROM chunk c JOIN document d ON d.id = c.doc_id WHERE c.id = ANY(%s)",
            (list(chunks),),
        )
        known = {row[0]: Passage(*row) for row in found}
        return [known[id] for id in chunks if id in known]


_NO_INDEX = "SET LOCAL enable_indexscan = off"


def vector_of(asked: "Asked") -> str:
    """The question's vector as pgvector reads it, of unit length."""
    from curta.index.vectors import unit

    assert asked.vector is not None
    return lexemes.numbers(unit(asked.vector).tolist())


def _pattern(term: str, lexicon: str) -> str:
    """The words of a term as a regular expression of PostgreSQL: side by side, whatever stands between them."""
    words = re.findall(r"\w+", term)
    return r"\W*".join(words) if lexicon == "cjk" else r"\m" + r"\W+".join(words) + r"\M"
