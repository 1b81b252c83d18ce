"""Several scorers as one: those that an input expects of its own answer, and those that have to hold together."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from curta.errors import UsageError
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample, Score


def expect(sample: Sample, of: list[Any]) -> Rated:
    """The mean of the scores of several scorers, each as in `score:`; a failure where one of them fails."""
    scores = list(_scores(sample, of))
    return _failed(scores) or (fmean(score.value or 0.0 for _, score in scores), _detail(scores))


def product(sample: Sample, of: list[Any]) -> Rated:
    """The product of the scores of several scorers: an answer is as good as all of it; a failure where one fails.

    They are asked in their order, and no further than to the first that says 0: name first what is quick.
    """
    scores = list[tuple[str, Score]]()
    for each in _scores(sample, of):
        scores.append(each)
        if not each[1].value:
            break
    return _failed(scores) or (math.prod(score.value or 0.0 for _, score in scores), _detail(scores))


def _scores(sample: Sample, of: Sequence[Any]) -> Iterator[tuple[str, Score]]:
    """What each scorer says, under its place and name."""
    from curta.evals.scorers.reading import scorer_of

    scorers = [scorer_of(each) for each in of]
    yield from ((f"{place} {each.name}", each.score(sample)) for place, each in enumerate(scorers, 1))


def _failed(scores: Sequence[tuple[str, Score]]) -> Score | None:
    failures = [score.failure for _, score in scores if score.value is None]
    return Score(None, _detail(scores), failures[0]) if failures else None


def _detail(scores: Sequence[tuple[str, Score]]) -> dict[str, float | None]:
    return {name: score.value for name, score in scores}


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
