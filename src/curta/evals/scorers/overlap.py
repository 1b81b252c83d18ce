"""How many words an answer shares with a right one."""

from collections import Counter
from collections.abc import Mapping
from typing import TypeVar

from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample
from curta.sources.records import as_words
from curta.text.terms import is_unspaced, words

T = TypeVar("T")
_ARTICLES = frozenset({"a", "an", "the"})


def token_f1(sample: Sample, answer: str | list[str]) -> Rated:
    """F1 over words, with the best of several right answers; case, punctuation and English articles do not count, and
    scripts without spaces are compared by characters.

    Source: Rajpurkar, Zhang, Lopyrev and Liang, "SQuAD", arXiv 1606.05250 (2016)
    """
    output = _tokens(sample.output)
    several = [answer] if isinstance(answer, str) else [as_words(each) for each in answer]
    best = max(several, key=lambda each: f1(_tokens(each), output), default="")
    return f1(_tokens(best), output), {"exact": _tokens(best) == output, "answer": best}


def f1(wanted: Counter[T], found: Counter[T]) -> float:
    """The harmonic mean of precision and recall; 1 when nothing is wanted and nothing is there."""
    total = wanted.total() + found.total()
    return 2 * (wanted & found).total() / total if total else 1.0


def _tokens(text: str) -> Counter[str]:
    found = [word for word in words(text) if word not in _ARTICLES]
    return Counter(token for word in found for token in (word if is_unspaced(word) else (word,)))


KINDS: Mapping[str, Kind] = {"token-f1": Kind(token_f1)}
