"""Whether an answer is as long as it should be, and how long it is."""

from collections.abc import Mapping
from typing import Any

from curta.errors import UsageError
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample
from curta.evals.scorers.settings import unknown
from curta.text import sentences, terms

MOST = 1_000_000
"""The longest answer that is told from a longer one."""


def length(
    sample: Sample,
    max_words: int | None = None,
    min_words: int | None = None,
    max_sentences: int | None = None,
    min_sentences: int | None = None,
    max_characters: int | None = None,
    min_characters: int | None = None,
) -> Rated:
    """Whether the answer is within all bounds that are given. Two characters of a script without spaces are a word."""
    sizes = _sizes(sample.output)
    bounds = {
        "words": (min_words, max_words),
        "sentences": (min_sentences, max_sentences),
        "characters": (min_characters, max_characters),
    }
    within = [low is None or sizes[unit] >= low for unit, (low, _) in bounds.items()]
    within += [high is None or sizes[unit] <= high for unit, (_, high) in bounds.items()]
    return float(all(within)), dict(sizes)


def size(sample: Sample, unit: str = "words") -> Rated:
    """How long the answer is, as a share of MOST; of two answers it is compared how much longer one is."""
    count = _sizes(sample.output)[unit]
    return min(count, MOST) / MOST, {unit: count}


def _sizes(text: str) -> dict[str, int]:
    return {
        "words": terms.length(text),
        "sentences": len(sentences.sentences(text)),
        "characters": len(text),
    }


def _prepare(settings: dict[str, Any]) -> dict[str, Any]:
    if not any(each is not None for each in settings.values()):
        raise UsageError("The scorer 'length' needs a bound.", then="For example: length: {max_words: 40}")
    return settings


def _prepare_size(settings: dict[str, Any]) -> dict[str, Any]:
    if (unit := settings.get("unit", "words")) not in _sizes(""):
        raise unknown("unit of length", unit, _sizes(""))
    return settings


KINDS: Mapping[str, Kind] = {
    "length": Kind(length, prepare=_prepare),
    "size": Kind(size, prepare=_prepare_size, relative=True),
}
