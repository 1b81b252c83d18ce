"""Instructions that a program can verify: how long, with which words, in which form.

In the manner of IFEval (Zhou et al., arXiv 2311.07911), with checks of our own.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from curta.errors import UsageError
from curta.evals.scorers import settings as reading
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample
from curta.sources.records import as_words
from curta.text import terms
from curta.text.normalise import normalise
from curta.text.sentences import sentences

_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d+[.)])[ \t]+\S", re.MULTILINE)
_HIGHLIGHT = re.compile(r"(?<![*\w])(\*{1,2})(?=\S)[^*\n]+(?<=\S)\1(?![*\w])")
_PLACEHOLDER = re.compile(r"\[[^\[\]\n]+\]")
_TITLE = re.compile(r"<<[^<>\n]+>>")
_HEADING = re.compile(r"^#{1,6}[ \t]+\S", re.MULTILINE)


def constraints(sample: Sample, follow: Any) -> Rated:
    """The share of the constraints in `follow` that the answer keeps; those it breaks are in the detail."""
    broken = [name for name, wanted in follow.items() if not CONSTRAINTS[name](sample.output, wanted)]
    return 1 - len(broken) / len(follow), {"broken": list(broken)}


def _paragraphs(text: str) -> int:
    return len([each for each in re.split(r"\n[ \t]*\n", text) if each.strip()])


def _count(text: str, word: str) -> int:
    """How often a word or phrase occurs, whole, whatever its case."""
    return len(re.findall(rf"(?<!\w){re.escape(_folded(word))}(?!\w)", _folded(text)))


def _folded(text: str) -> str:
    return normalise(text).text.strip()


def _several(wanted: Any) -> list[str]:
    return [as_words(each) for each in wanted] if isinstance(wanted, list) else [as_words(wanted)]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is(fits: Callable[[str], bool]) -> Callable[[str, Any], bool]:
    """A constraint that is asked for, or asked against: `lowercase: true`."""
    return lambda text, wanted: fits(text) == bool(wanted)


def _least(measure: Callable[[str], int]) -> Callable[[str, Any], bool]:
    return lambda text, wanted: measure(text) >= wanted


def _most(measure: Callable[[str], int]) -> Callable[[str, Any], bool]:
    return lambda text, wanted: measure(text) <= wanted


def _exactly(measure: Callable[[str], int]) -> Callable[[str, Any], bool]:
    return lambda text, wanted: measure(text) == wanted


def _found(pattern: re.Pattern[str]) -> Callable[[str], int]:
    return lambda text: len(pattern.findall(text))


def _number_of_sentences(text: str) -> int:
    return len(sentences(text))


_LEAST_AND_MOST: Mapping[str, Callable[[str], int]] = {
    "words": terms.length,
    "sentences": _number_of_sentences,
    "characters": len,
    "capital_words": lambda text: len([word for word in re.findall(r"\w+", text) if len(word) > 1 and word.isupper()]),
}
_EXACT: Mapping[str, Callable[[str], int]] = {
    "paragraphs": _paragraphs,
    "items": _found(_ITEM),
    "headings": _found(_HEADING),
}

CONSTRAINTS: Mapping[str, Callable[[str, Any], bool]] = {
    **{f"min_{name}": _least(measure) for name, measure in _LEAST_AND_MOST.items()},
    **{f"max_{name}": _most(measure) for name, measure in _LEAST_AND_MOST.items()},
    **{name: _exactly(measure) for name, measure in _EXACT.items()},
    "highlights": _least(_found(_HIGHLIGHT)),
    "placeholders": _least(_found(_PLACEHOLDER)),
    "includes": lambda text, words: all(_count(text, word) for word in _several(words)),
    "excludes": lambda text, words: not any(_count(text, word) for word in _several(words)),
    "occurrences": lambda text, wanted: all(_count(text, word) >= least for word, least in wanted.items()),
    "letters": lambda text, wanted: all(text.lower().count(each.lower()) >= least for each, least in wanted.items()),
    "starts_with": lambda text, words: _folded(text).startswith(_folded(as_words(words))),
    "ends_with": lambda text, words: _folded(text).endswith(_folded(as_words(words))),
    "lowercase": _is(lambda text: text == text.lower()),
    "uppercase": _is(lambda text: text == text.upper() and text != text.lower()),
    "no_commas": _is(lambda text: not re.search(r"[,،，、]", text)),
    "no_digits": _is(lambda text: not re.search(r"\d", text)),
    "quoted": _is(lambda text: re.fullmatch(r'\s*["“„«].*["”“»]\s*', text, re.DOTALL) is not None),
    "title": _is(lambda text: _TITLE.search(text) is not None),
    "postscript": _is(lambda text: re.search(r"^[ \t]*P\.?\s?S\b", text, re.MULTILINE) is not None),
    "json": _is(_is_json),
}
"""What can be asked of an answer, by name: called with the answer and what was asked."""

_NUMBERS = {
    *(f"{end}_{name}" for end in ("min", "max") for name in _LEAST_AND_MOST),
    *_EXACT,
    "highlights",
    "placeholders",
}
_COUNTED = {"occurrences", "letters"}


def _prepare(settings: dict[str, Any]) -> dict[str, Any]:
    follow = settings["follow"]
    if not isinstance(follow, Mapping) or not follow:
        raise UsageError("'constraints' takes names with values.", then="For example: constraints: {max_words: 40}")
    return {"follow": {name: _checked(name, wanted) for name, wanted in follow.items()}}


def _checked(name: str, wanted: Any) -> Any:
    if name not in CONSTRAINTS:
        raise reading.unknown("constraint", name, CONSTRAINTS)
    if name in _COUNTED:
        if not isinstance(wanted, Mapping):
            raise UsageError(
                f"The constraint {name!r} takes words with numbers.", then=f"For example: {name}: {{tea: 2}}"
            )
        return {as_words(word): _number(name, least) for word, least in wanted.items()}
    return _number(name, wanted) if name in _NUMBERS else wanted


def _number(name: str, wanted: Any) -> int:
    try:
        return int(str(wanted))
    except ValueError:
        raise UsageError(f"The constraint {name!r} takes a whole number, not {wanted!r}.") from None


KINDS: Mapping[str, Kind] = {"constraints": Kind(constraints, whole=True, prepare=_prepare)}
