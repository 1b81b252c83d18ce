"""Whether an answer is, or contains, certain words.

Words are compared as they are typed; the kinds that begin with `i` fold case, typography and white space away first.
"""

from collections.abc import Callable, Mapping

from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample
from curta.sources.records import as_words
from curta.text.normalise import normalise


def equals(sample: Sample, text: str | list[str]) -> Rated:
    """Whether the answer is `text`, or one of several, but for white space around it."""
    return sample.output.strip() in [each.strip() for each in _several(text)]


def iequals(sample: Sample, text: str | list[str]) -> Rated:
    """`equals`, whatever the case and typography."""
    return _folded(sample.output) in map(_folded, _several(text))


def _containing(enough: Callable[[list[bool]], bool], fold: Callable[[str], str]) -> Callable[..., Rated]:
    def rate(sample: Sample, words: str | list[str]) -> Rated:
        """Whether the answer contains `words`, or any or all of several."""
        output, several = fold(sample.output), _several(words)
        missing = [each for each in several if fold(each) not in output]
        return float(enough([each not in missing for each in several])), {"missing": list(missing)}

    return rate


def _several(words: str | list[str]) -> list[str]:
    return [words] if isinstance(words, str) else [as_words(each) for each in words]


def _folded(text: str) -> str:
    return normalise(text).text.strip()


def _as_it_is(text: str) -> str:
    return text


KINDS: Mapping[str, Kind] = {
    "equals": Kind(equals),
    "iequals": Kind(iequals),
    "contains": Kind(_containing(all, _as_it_is)),
    "icontains": Kind(_containing(all, _folded)),
    "contains-any": Kind(_containing(any, _as_it_is)),
    "icontains-any": Kind(_containing(any, _folded)),
    "contains-all": Kind(_containing(all, _as_it_is)),
    "icontains-all": Kind(_containing(all, _folded)),
}
