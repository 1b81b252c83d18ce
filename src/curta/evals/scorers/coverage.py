"""How much of what has to be there an answer mentions."""

import re
from collections.abc import Mapping
from typing import Any

from curta.errors import UsageError
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample
from curta.sources.records import as_words
from curta.text.normalise import normalise


def coverage(sample: Sample, of: list[Any]) -> Rated:
    """The share of the points in `of` that the answer mentions, whole and whatever the case. The detail has the others.

    A point is a text, or a list of texts any of which says it: `[1240, "1,240"]`.
    """
    output = _folded(sample.output)
    missing = [each[0] for each in map(_several, of) if not any(mentions(output, _folded(word)) for word in each)]
    return 1 - len(missing) / len(of), {"missing": list(missing)}


def mentions(folded: str, word: str) -> bool:
    """Whether a folded text holds a folded word or phrase as a whole."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", folded) is not None


def _several(point: Any) -> list[str]:
    return [as_words(each) for each in point] if isinstance(point, list) else [as_words(point)]


def _folded(text: str) -> str:
    return normalise(text).text.strip()


def _prepare(settings: dict[str, Any]) -> dict[str, Any]:
    if not settings["of"] or not all(map(_several, settings["of"])):
        raise UsageError(
            "The scorer 'coverage' takes a list of points.", then='For example: coverage: [Ada, ["12", twelve]]'
        )
    return settings


KINDS: Mapping[str, Kind] = {"coverage": Kind(coverage, prepare=_prepare)}
