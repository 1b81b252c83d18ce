"""Which recipe finds best in an index: chosen on half of the questions, and kept only when the other half agrees.

One number is varied at a time, and the best of it kept before the next: what each column of the words weighs, then the
weight of the vectors. Whoever tries every combination on a few questions finds what is not there.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from curta.errors import UsageError
from curta.index import lexical, search
from curta.index.evaluation import Question, compare, evaluate, scores
from curta.index.measures import Interval
from curta.index.search import Asked, Recipe

if TYPE_CHECKING:
    from curta.index.stores.store import Store

FEWEST = 10
WEIGHTS = tuple(step / 10 for step in range(11))
COLUMNS = {"title": (0.5, 1.0, 2.0, 4.0), "header": (0.0, 0.3, 1.0), "ident": (0.0, 0.5, 1.0)}
"""What is tried; the text itself always weighs 1."""


class Change(NamedTuple):
    """A number of a recipe that another one has otherwise: `vectors`, or a column of the words."""

    what: str
    old: float
    new: float


class Tuned(NamedTuple):
    """What `tune` found. chosen: best on the questions in even places; gain: in nDCG@10 over `old`, on the others.

    questions: how many those are. kept: whether it is the index's recipe now.
    """

    old: Recipe
    chosen: Recipe
    gain: Interval
    questions: int
    kept: bool

    @property
    def changes(self) -> list[Change]:
        """In what `chosen` differs from `old`."""
        before, after = (_numbers(recipe) for recipe in (self.old, self.chosen))
        return [Change(what, before[what], new) for what, new in after.items() if before[what] != new]


def tune(index: "Store", questions: Sequence[Question], asked: Sequence[Asked]) -> Tuned:
    """Choose what the columns weigh, and the vectors where there are some. Raises UsageError for too few questions."""
    if len(questions) < FEWEST:
        raise UsageError(f"{len(questions)} questions are too few to choose by.", then=f"Judge at least {FEWEST}.")
    old = search.stored(index)
    even, odd = slice(0, None, 2), slice(1, None, 2)
    chosen = _best(index, questions[even], asked[even], old)
    new, before = (evaluate(index, questions[odd], asked[odd], recipe) for recipe in (chosen, old))
    gain = compare(new, before).ndcg
    if kept := gain.low > 0:
        index.choose(weight=chosen.weight, columns=json.dumps(chosen.columns))
    return Tuned(old, chosen, gain, len(questions[odd]), kept)


def _best(index: "Store", questions: Sequence[Question], asked: Sequence[Asked], recipe: Recipe) -> Recipe:
    """The recipe with the largest nDCG@10; of equal ones, that which changes least."""

    def ndcg(candidate: Recipe) -> float:
        return fmean(each.ndcg for each in scores(index, questions, asked, candidate).values())

    for name, values in COLUMNS.items():
        columns = {**lexical.WEIGHTS, **(recipe.columns or {})}
        candidates = (replace(recipe, columns={**columns, name: value}) for value in values)
        recipe = max([recipe, *candidates], key=ndcg)
    if any(each.vector is not None for each in asked):
        recipe = max([recipe, *(replace(recipe, weight=weight) for weight in WEIGHTS)], key=ndcg)
    return recipe


def _numbers(recipe: Recipe) -> dict[str, float]:
    return {"vectors": recipe.weight, **lexical.WEIGHTS, **(recipe.columns or {})}
