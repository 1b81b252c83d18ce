"""How well an index finds what it should: questions with known answers, asked and scored.

A judged document is one whose uri is the id of the judgement, or ends with it after `/` or `#`. Judgements of documents
that the index does not have are counted and said, never dropped in silence: they count as not found.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.errors import UsageError
from curta.index import search
from curta.index.measures import Interval, Scores, difference, interval, score
from curta.index.search import Asked, Recipe

if TYPE_CHECKING:
    from curta.index.stores.store import Store
    from curta.store import Log

DEPTH = 100


class Question(NamedTuple):
    """A question, and the documents that answer it, with how much."""

    id: str
    text: str
    relevant: Mapping[str, float]


class Questions(NamedTuple):
    """The questions that have judgements. unknown: judged documents that the index does not have; unjudged: questions
    without judgement, which are not asked. synthetic: made from headings, not asked by anybody."""

    questions: list[Question]
    unknown: int
    unjudged: int
    synthetic: bool = False


class Evaluation(NamedTuple):
    """What came of it: figures with intervals, and those of each question."""

    recipe: str
    ndcg: Interval
    recall: Interval
    mrr: Interval
    scores: dict[str, Scores]


class Comparison(NamedTuple):
    """Two recipes on the same questions: by how much the first is better."""

    against: Evaluation
    ndcg: Interval
    recall: Interval


def questions(index: "Store", queries: Path | None, qrels: Path | None, synthetic: bool) -> Questions:
    """The questions of two files (see `read`), or made from headings. Raises UsageError when nothing says which."""
    if synthetic and not (queries or qrels):
        from curta.index import synthetic as headings

        return headings.questions(index)
    if synthetic or not (queries and qrels):
        raise UsageError(
            "Questions come from two files, or are made from headings.",
            then="Give --queries FILE --qrels FILE, or --synthetic.",
        )
    return read(index, queries, qrels)


def read(index: "Store", queries: Path, qrels: Path) -> Questions:
    """Questions and judgements from JSON Lines: {"id", "text"} and {"q", "d", "rel"} (or "query-id", "corpus-id",
    "score", as BEIR calls them). Raises UsageError for what is malformed, or when nothing is judged."""
    judged: dict[str, dict[str, float]] = defaultdict(dict)
    for row in _rows(qrels):
        question, document = _field(row, qrels, "q", "query-id", "query"), _field(row, qrels, "d", "corpus-id", "doc")
        if (gain := float(row.get("rel", row.get("score", 1)))) > 0:
            judged[question][document] = gain
    asked = {_field(row, queries, "id", "_id"): str(row.get("text", "")) for row in _rows(queries)}
    uris = _uris(index, {document for relevant in judged.values() for document in relevant})
    questions = [
        Question(id, text, {uris.get(each, each): gain for each, gain in judged[id].items()})
        for id, text in asked.items()
        if id in judged and text.strip()
    ]
    if not questions:
        raise UsageError(f"No question of {queries} has a judgement in {qrels}.", then=_FORMAT)
    unknown = sum(each not in uris for relevant in judged.values() for each in relevant)
    if unknown == sum(map(len, judged.values())):
        example = next(iter(next(iter(judged.values()))))
        raise UsageError(
            f"The index {index.name} has none of the documents that {qrels} judges, such as {example!r}.",
            then=f"Their ids are those of `curta index info {index.name} --documents`, or the end of them.",
        )
    return Questions(questions, unknown, len(asked) - len(questions))


def ask(
    index: "Store", questions: Sequence[Question], *, lexical: bool = False, log: "Log | None" = None
) -> list[Asked]:
    """The questions as they are searched for, embedded in one go when the index has vectors."""
    models = [] if lexical else index.models()
    words = [search.ask(index, each.text, lexical=True) for each in questions]
    if not models:
        return words
    from curta.index.embedding import embedded
    from curta.models.embedders import EmbedError, embedder

    vectors = embedded(embedder(models[0].model), [each.text for each in questions], query=True, log=log)
    asked = []
    for plain, vector in zip(words, vectors, strict=True):
        if isinstance(vector, EmbedError):
            raise UsageError(f"A question could not be embedded: {vector}.", then="Ask by words alone: --lexical")
        asked.append(plain._replace(model=models[0].model, vector=vector))
    return asked


def evaluate(index: "Store", questions: Sequence[Question], asked: Sequence[Asked], recipe: Recipe) -> Evaluation:
    """Ask every question, and average how well it was answered."""
    found = scores(index, questions, asked, recipe)
    hybrid = not recipe.lexical and any(each.vector is not None for each in asked)
    name = f"hybrid ({asked[0].model}, weight {recipe.weight:g})" if hybrid else "lexical"
    ndcg, recall, mrr = (interval(values) for values in zip(*found.values(), strict=True))
    return Evaluation(name, ndcg, recall, mrr, found)


def scores(index: "Store", questions: Sequence[Question], asked: Sequence[Asked], recipe: Recipe) -> dict[str, Scores]:
    """Ask every question, and score what is found."""
    found = {}
    for question, each in zip(questions, asked, strict=True):
        results = index.answer(each, DEPTH, per_document=True, recipe=recipe)
        found[question.id] = score([hit.uri for hit in results], question.relevant)
    return found


def compare(new: Evaluation, old: Evaluation) -> Comparison:
    """By how much `new` is better than `old`, on the same questions."""
    pairs = [(new.scores[id], old.scores[id]) for id in new.scores]
    return Comparison(
        old,
        difference([a.ndcg for a, _ in pairs], [b.ndcg for _, b in pairs]),
        difference([a.recall for a, _ in pairs], [b.recall for _, b in pairs]),
    )


def _uris(index: "Store", ids: Iterable[str]) -> dict[str, str]:
    """The uri of each judged document that the index has."""
    wanted, found = set(ids), dict[str, str]()
    for row in index.documents():
        for name in (row.uri, row.uri.rpartition("#")[2], row.uri.rpartition("/")[2]):
            if name in wanted:
                found.setdefault(name, row.uri)
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read {path}: {error}.") from error
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line) if line.strip() else None
        except ValueError as error:
            raise UsageError(f"{path}, line {number}, is not JSON: {error}.", then=_FORMAT) from error
        if row is not None and not isinstance(row, dict):
            raise UsageError(f"{path}, line {number}, is no JSON object.", then=_FORMAT)
        rows += [row] if row else []
    return rows


def _field(row: Mapping[str, Any], path: Path, *names: str) -> str:
    for name in names:
        if name in row:
            return str(row[name])
    raise UsageError(f"{path} has a row without {names[0]!r}.", then=_FORMAT)


_FORMAT = (
    'Questions are lines like {"id": "q1", "text": "..."}, judgements like {"q": "q1", "d": "notes.md", "rel": 1}.'
)
