"""Several scorers as one: those that an input expects of its own answer, and those that have to hold together."""

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any

from curta.errors import UsageError
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample, Score


def expect(sample: Sample, of: list[Any]) -> Rated:
    """The mean of the scores of several scorers, each as in `score:`; a failure where one of them fails."""
    return _joined(sample, of, fmean)


def product(sample: Sample, of: list[Any]) -> Rated:
    """The product of the scores of several scorers: an answer is as good as all of it; a failure where one fails."""
    return _joined(sample, of, math.prod)


def _joined(sample: Sample, of: Sequence[Any], join: Callable[[Sequence[float]], float]) -> Rated:
    from curta.evals.scorers.reading import scorer_of

    scorers = [scorer_of(each) for each in of]
    scores = [each.score(sample) for each in scorers]
    detail = {
        f"{place} {each.name}": score.value for place, (each, score) in enumerate(zip(scorers, scores, strict=True), 1)
    }
    values = [score.value for score in scores if score.value is not None]
    if len(values) < len(scores):
        return Score(None, detail, next(score.failure for score in scores if score.failure))
    return join(values), detail


def _prepared(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def prepare(settings: dict[str, Any]) -> dict[str, Any]:
        if not settings["of"]:
            raise UsageError(
                f"The scorer {name!r} takes a list of scorers.", then=f"For example: {name}: [contains: tea]"
            )
        return settings

    return prepare


KINDS: Mapping[str, Kind] = {
    "expect": Kind(expect, prepare=_prepared("expect"), slow=True),
    "product": Kind(product, prepare=_prepared("product"), slow=True),
}
