"""What an input expects of its own answer: several scorers, which stand in its row."""

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from curta.errors import UsageError
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample, Score


def expect(sample: Sample, of: list[Any]) -> Rated:
    """The mean of the scores of several scorers, each as in `score:`; a failure where one of them fails."""
    from curta.evals.scorers.reading import scorer_of

    scorers = [scorer_of(each) for each in of]
    scores = [each.score(sample) for each in scorers]
    detail = {
        f"{place} {each.name}": score.value for place, (each, score) in enumerate(zip(scorers, scores, strict=True), 1)
    }
    values = [score.value for score in scores if score.value is not None]
    if len(values) < len(scores):
        return Score(None, detail, next(score.failure for score in scores if score.failure))
    return fmean(values), detail


def _prepare(settings: dict[str, Any]) -> dict[str, Any]:
    if not settings["of"]:
        raise UsageError("The scorer 'expect' takes a list of scorers.", then="For example: [{contains: Paris}]")
    return settings


KINDS: Mapping[str, Kind] = {"expect": Kind(expect, prepare=_prepare)}
