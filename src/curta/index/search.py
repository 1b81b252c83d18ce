"""A question to the passages that answer it: by words, by vectors when there are some, and by both at once.

Of each side the best CANDIDATES are taken, and fused. A document counts as its best passage does.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from curta.errors import UsageError, WrongVectors
from curta.index import documents, filters, fusion, lexical, query
from curta.index.documents import Passage
from curta.index.lexical import Ranked
from curta.messages import JSON

if TYPE_CHECKING:
    from curta.index.index import Index
    from curta.index.scan import Nearest
    from curta.index.stores.store import Store
    from curta.index.vectors import Floats
    from curta.models.embedders import Embedder
    from curta.store import Log

CANDIDATES = 100
_PASSAGES_OF_ONE = 4  # so many passages are looked at for each document that is wanted


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a search ranks.

    weight: of the vectors against the words, 0 to 1. columns: what each column of the words weighs.
    lexical: by words alone, also where there are vectors. exact: compare all vectors, not only the near by bits.
    """

    weight: float = fusion.HALF
    columns: Mapping[str, float] | None = None
    lexical: bool = False
    exact: bool = False


class Hit(NamedTuple):
    """A passage that was found: `text` is its document's text from `start` to `end`.

    score: what it was ranked by. bm25: None when it is not among the best by words. cosine: None without vectors.
    metadata: of the document.
    """

    rank: int
    score: float
    bm25: float | None
    cosine: float | None
    uri: str
    title: str
    start: int
    end: int
    text: str
    metadata: Mapping[str, JSON] | None = None

    def row(self) -> dict[str, Any]:
        """As a row of COLUMNS."""
        return dict(zip(COLUMNS, self, strict=False))


COLUMNS = Hit._fields[:-1]
"""What a table of results has of each hit."""


class Results(list[Hit]):
    """Hits, best first, and how they were found.

    how: `lexical` or `hybrid`. model: the embedding model, when one was used. scan: `exact`, `1-bit` or `HNSW`.
    scored: how many vectors were compared exactly. weight: of the vectors. words: what of the question was looked for.
    """

    how: str = "lexical"
    model: str | None = None
    scan: str | None = None
    scored: int = 0
    weight: float = 0.0
    words: tuple[str, ...] = ()


class Asked(NamedTuple):
    """A question, as the two sides take it: its words, and its vector with the model it is of."""

    query: query.Query
    model: str | None = None
    vector: "Floats | Sequence[float] | None" = None


def ask(
    index: "Store",
    words: str,
    *,
    operators: bool = False,
    embed: "Embedder | None" = None,
    lexical: bool = False,
    log: "Log | None" = None,
) -> Asked:
    """The question, embedded when the index has vectors. Raises WrongVectors, UsageError, ModelError."""
    parsed = query.parse(words, operators)
    if not parsed.words.strip():
        raise UsageError("A search needs something to look for.", then="For example: curta search NAME 'a question'")
    models = [] if lexical else index.models()
    if not models:
        return Asked(parsed)
    model = models[0].model
    if embed is not None and embed.name not in (each.model for each in models):
        raise WrongVectors(
            f"The vectors of the index {index.name} are of {model}, not of {embed.name}.",
            then=f"Search with {model}, or embed the documents anew: curta index add {index.name} -m {embed.name}",
        )
    model = embed.name if embed else model
    return Asked(parsed, model, _embedded(embed, model, parsed.words, index.name, log))


_LARGEST = 2**32
"""More passages than an index can have; a database takes no number without end."""


class Sides(Protocol):
    """An index at one moment, as what a search asks of it: both sides, and the passages found."""

    def ranked(self, query: query.Query, n: int, weights: Mapping[str, float] | None) -> list[Ranked]:
        """The `n` chunks that fit the words best."""

    def nearest(self, asked: Asked, n: int, exact: bool) -> "Nearest":
        """The `n` chunks with the nearest vectors."""

    def cosines(self, asked: Asked, chunks: Sequence[int]) -> dict[int, float]:
        """The exact cosine of each of `chunks` that has a vector."""

    def documents_of(self, chunks: Iterable[int]) -> dict[int, int]:
        """The document that each of `chunks` is of."""

    def passages(self, chunks: Sequence[int]) -> list[Passage]:
        """The chunks themselves."""


class Local:
    """The sides of an index in a file. filter: an SQL condition on the documents that count."""

    def __init__(self, index: "Index", db: sqlite3.Connection, filter: str | None) -> None:
        self.index, self.db, self.filter = index, db, filter
        self.chosen = filters.chunks(db, filter) if filter is not None else None

    def ranked(self, query: query.Query, n: int, weights: Mapping[str, float] | None) -> list[Ranked]:
        columns = dict(weights) if weights else None
        return lexical.ranked(self.db, query, n, chunks=self.chosen, weights=columns)

    def nearest(self, asked: Asked, n: int, exact: bool) -> "Nearest":
        assert asked.vector is not None
        return self.index.nearest(self.db, asked.vector, n, model=asked.model, filter=self.filter, exact=exact)

    def cosines(self, asked: Asked, chunks: Sequence[int]) -> dict[int, float]:
        assert asked.vector is not None
        return self.index.cosines(self.db, asked.vector, chunks, model=asked.model)

    def documents_of(self, chunks: Iterable[int]) -> dict[int, int]:
        return documents.documents_of(self.db, chunks)

    def passages(self, chunks: Sequence[int]) -> list[Passage]:
        return documents.passages(self.db, chunks)


def fused(sides: Sides, asked: Asked, n: int, *, per_document: bool, recipe: Recipe) -> Results:
    """Both sides of a question, fused, and the passages that are best."""
    n = min(n, _LARGEST)
    depth = max(CANDIDATES, n) * (_PASSAGES_OF_ONE if per_document else 1)
    by_words = sides.ranked(asked.query, depth, recipe.columns)
    near = None if asked.vector is None or recipe.lexical else sides.nearest(asked, depth, recipe.exact)
    if per_document:
        ranked = _documents(sides, by_words, near, recipe.weight, max(CANDIDATES, n))
    else:
        ranked = _fused({each.chunk: each.score for each in by_words}, _cosines(near), recipe.weight)
    best = list(ranked.items())[:n]
    results = Results(_hits(sides, asked, best, by_words, near))
    results.words = tuple(query.plain_words(asked.query.words))
    if near is not None:
        results.how, results.model, results.weight = "hybrid", asked.model, recipe.weight
        results.scan, results.scored = near.how, near.scored
    return results


def stored(index: "Store") -> Recipe:
    """The recipe that `tune` chose for this index, or the one that needs no choice."""
    found = index.settings()
    columns = json.loads(found["columns"]) if "columns" in found else None
    return Recipe(float(found.get("weight", fusion.HALF)), columns)


def chosen(index: "Store", recipe: Recipe | None, exact: bool) -> Recipe:
    """`recipe`, or the stored one; `exact` on request."""
    recipe = recipe or stored(index)
    return replace(recipe, exact=True) if exact else recipe


def _embedded(embed: "Embedder | None", model: str, words: str, name: str, log: "Log | None") -> "Sequence[float]":
    from curta.index.embedding import embedded
    from curta.models.embedders import EmbedError, embedder

    (vector,) = embedded(embed or embedder(model), [words], query=True, log=log)
    if isinstance(vector, EmbedError):
        raise WrongVectors(
            f"{model} could not embed the question: {vector}.",
            then=f"Search by words alone: curta search {name} QUERY --lexical",
        )
    return vector


def _cosines(near: "Nearest | None") -> dict[int, float] | None:
    return None if near is None else {each.chunk: each.cosine for each in near.found}


def _fused(by_words: Mapping[int, float], cosines: Mapping[int, float] | None, weight: float) -> dict[int, float]:
    return dict(by_words) if cosines is None else fusion.convex(by_words, cosines, weight)


def _documents(
    sides: Sides, by_words: Iterable[Ranked], near: "Nearest | None", weight: float, most: int
) -> dict[int, float]:
    """One chunk for each document, its best; documents are fused by their best chunk on each side."""
    first = {each.chunk: each.score for each in by_words}
    second = _cosines(near)
    document = sides.documents_of({*first, *(second or {})})
    best_of = [_best_of(side, document, most) for side in (first, second) if side is not None]
    fused = _fused(best_of[0], best_of[1] if len(best_of) > 1 else None, weight)
    shown = _fused(first, second, weight)
    best: dict[int, int] = {}
    for chunk in sorted(shown, key=lambda each: -shown[each]):
        best.setdefault(document[chunk], chunk)
    return {best[each]: score for each, score in fused.items()}


def _best_of(scores: Mapping[int, float], document: Mapping[int, int], most: int) -> dict[int, float]:
    """The score of each document: the largest of its chunks'. Only the `most` best."""
    found: dict[int, float] = {}
    for chunk, score in sorted(scores.items(), key=lambda pair: -pair[1]):
        if len(found) < most:
            found.setdefault(document[chunk], score)
    return found


def _hits(
    sides: Sides,
    asked: Asked,
    best: Sequence[tuple[int, float]],
    by_words: Iterable[Ranked],
    near: "Nearest | None",
) -> list[Hit]:
    bm25 = {each.chunk: each.bm25 for each in by_words}
    chunks = [chunk for chunk, _ in best]
    cosine = sides.cosines(asked, chunks) if near else {}
    passages: Mapping[int, Passage] = {each.id: each for each in sides.passages(chunks)}
    return [
        Hit(
            rank,
            score,
            bm25.get(chunk),
            cosine.get(chunk),
            each.uri,
            each.title,
            each.start,
            each.end,
            each.text,
            each.metadata,
        )
        for rank, (chunk, score) in enumerate(best, 1)
        for each in (passages[chunk],)
    ]
