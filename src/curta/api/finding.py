"""Answers from documents, and the indexes that passages are found in."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from curta.api.given import named_model, opened, thrift
from curta.messages import JSON
from curta.models.model import Model

if TYPE_CHECKING:
    from pathlib import Path

    from curta.answering import Answer, Source
    from curta.conversations.budget import Budget
    from curta.index.evaluation import Comparison as Compared
    from curta.index.evaluation import Evaluation, Questions
    from curta.index.filling import Filled
    from curta.index.search import Results
    from curta.index.stores.store import Store
    from curta.index.tuning import Tuned
    from curta.models.embedders import Embedder
    from curta.store import Log


def ask(
    question: str,
    sources: "Source | Sequence[Source]",
    *,
    model: str | Model | None = None,
    passages: int | None = None,
    filter: str | None = None,
    lexical: bool = False,
    exact: bool = False,
    options: Mapping[str, JSON] | None = None,
    rounds: int = 3,
    max_cost: "float | Budget | None" = None,
    cache: bool = False,
    stream: bool = True,
    log: "Log | bool" = True,
    key: str | None = None,
    caller: str = "python",
    on_retry: Any = None,
) -> "Answer":
    """An answer from documents, each of its claims verified to its place or struck out.

    It is worked out while it is read: `text()`, `claims`, `notes`; or `await` it.
    sources: indexes, by name, path or as they are; whatever else `load` reads; Documents. passages: how many the model
    gets at most. filter, lexical, exact: as in `search`. rounds: how often wrong claims go back to be mended.
    max_cost: US dollars for all calls together. Raises UsageError for a question without words.
    """
    from curta import answering

    voice = named_model(model, key)
    how = {"options": options, "stream": stream, "on_retry": on_retry, **thrift(max_cost, cache, log)}
    wanted = answering.Wanted(passages, filter, lexical, exact)
    given = sources if isinstance(sources, (list, tuple)) else [cast("Source", sources)]
    return answering.ask(voice, question, given, wanted, rounds=rounds, log=opened(log), caller=caller, **how)


def search(
    name: "str | os.PathLike[str]",
    words: str,
    n: int = 10,
    *,
    filter: str | None = None,
    lexical: bool = False,
    exact: bool = False,
    operators: bool = False,
    per_document: bool = False,
    store: str | None = None,
    log: "Log | bool" = True,
) -> "Results":
    """The `n` passages of an index that answer `words` best: by words, and by meaning when it was embedded.

    See `Index.search`. lexical: by words alone. store: the address of the PostgreSQL it is in, when that is not known
    yet. log: where it is logged that the question was embedded.
    """
    from dataclasses import replace

    from curta.index.search import stored
    from curta.index.stores import places

    with places.open(name, store) as there:
        recipe = replace(stored(there), lexical=lexical)
        how = {"filter": filter, "exact": exact, "operators": operators, "per_document": per_document}
        logged = None if lexical or not there.models() else opened(log)
        return there.search(words, n, recipe=recipe, log=logged, **how)  # type: ignore[arg-type]


def evaluate(
    name: "str | os.PathLike[str]",
    queries: "Path | None" = None,
    qrels: "Path | None" = None,
    *,
    synthetic: bool = False,
    lexical: bool = False,
    exact: bool = False,
    weight: float | None = None,
    against: str | None = None,
    log: "Log | bool" = True,
) -> "tuple[Evaluation, Compared | None, Questions]":
    """How well an index finds what it should; compared with another way to search when `against` names one.

    queries, qrels: JSON Lines of {"id", "text"} and of {"q", "d", "rel"}. synthetic: questions made from headings, in
    their place. against: `lexical` or `hybrid`.
    """
    from dataclasses import replace

    from curta.index import evaluation
    from curta.index.search import stored
    from curta.index.stores import places

    with places.open(name) as there:
        judged = evaluation.questions(there, queries, qrels, synthetic)
        by_words = lexical and against != "hybrid"
        asked = evaluation.ask(there, judged.questions, lexical=by_words, log=opened(log) if there.models() else None)
        recipe = replace(stored(there), lexical=lexical, exact=exact)
        recipe = recipe if weight is None else replace(recipe, weight=weight)
        new = evaluation.evaluate(there, judged.questions, asked, recipe)
        if against is None:
            return new, None, judged
        other = replace(stored(there), lexical=against == "lexical")
        return new, evaluation.compare(new, evaluation.evaluate(there, judged.questions, asked, other)), judged


def tune(
    name: "str | os.PathLike[str]",
    queries: "Path | None" = None,
    qrels: "Path | None" = None,
    *,
    synthetic: bool = False,
    log: "Log | bool" = True,
) -> "tuple[Tuned, Questions]":
    """Choose what columns and vectors weigh on half of the questions; kept when the others say that it is better.

    queries, qrels, synthetic: as for `evaluate`.
    """
    from curta.index import evaluation, tuning
    from curta.index.stores import places

    with places.open(name) as there:
        judged = evaluation.questions(there, queries, qrels, synthetic)
        asked = evaluation.ask(there, judged.questions, log=opened(log) if there.models() else None)
        return tuning.tune(there, judged.questions, asked), judged


def embedder_for(there: "Store", name: str | None = None) -> "Embedder | None":
    """The embedding model for an index: `name`, else the one it was embedded with, else the default one, if any."""
    from curta.models.embedders import default_embedder, embedder

    stored = [each.model for each in there.models()]
    chosen = name or (stored[0] if stored else default_embedder())
    return embedder(chosen) if chosen else None


def fill(there: "Store", embedder: "Embedder", *, log: "Log | bool" = True) -> "Iterator[Filled]":
    """Embed what of an index has no vector of this model yet, a batch at a time."""
    from curta.index.filling import fill

    return fill(there, embedder, log=opened(log))
