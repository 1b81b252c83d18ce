"""What promptfoo expects of an answer: assertions in a configuration, and cells of a table of tests, as scorers.

Code is never run, and what has no meaning here is left out: both are named.
Source: promptfoo's documentation, "Assertions" and "Test case configuration" (CSV)
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from curta.errors import UsageError
from curta.evals.importing.foreign import mapping
from curta.evals.scorers import scorer_of

Scorers = list[dict[str, Any]]
LeftOut = Callable[[str], object]
"""Told what was left out, for people."""

CODE = ("javascript", "python", "ruby", "webhook", "fn", "eval", "file")
_SAME = ("equals", "contains", "icontains", "regex")
_SEVERAL = ("contains-any", "contains-all", "icontains-any", "icontains-all")
_JUDGED = ("llm-rubric", "grade", "model-graded-closedqa", "g-eval")
_ASKS = "Is this so of the answer: {}"
_PREFIX = re.compile(r"(?P<type>[a-z][a-z0-9-]*)(?:\((?P<threshold>[\d.]+)\))?:(?P<value>.*)", re.DOTALL)
_VARIABLE = re.compile(r"\{\{-?\s*([A-Za-z_][\w ]*?)\s*-?\}\}")
_TEMPLATED = re.compile(r"\{\{|\{%|\{#")


def words(text: str, what: str) -> str:
    """A text with `{{name}}` as one with `$name`. Raises UsageError for templates that do more. what: whose it is."""
    found = _VARIABLE.sub(lambda match: f"\0{match[1]}\1", text)
    if _TEMPLATED.search(found):
        raise UsageError(f"{what} is a template that does more than name a variable.")
    return re.sub("\0([^\1]*)\1", lambda match: f"${{{match[1]}}}", found.replace("$", "$$"))


def scorers(assertions: Any, where: str, left_out: LeftOut) -> Scorers:
    """The scorers that a list of assertions means."""
    found = Scorers()
    for each in assertions if isinstance(assertions, list) else []:
        kind = str(mapping(each).get("type") or "")
        _note_extras(mapping(each), where, left_out)
        found += _scorer(kind, mapping(each).get("value"), f"{where}, {kind}", left_out)
    return found


def of_cell(cell: str, where: str, left_out: LeftOut) -> Scorers:
    """The scorers that a cell of `__expected` means: `type:value`, `not-type:value`, or what the answer equals."""
    if not cell.strip():
        return []
    match = _PREFIX.fullmatch(cell)
    if match is None or not _is_kind(match["type"]):
        return _scorer("equals", cell, where, left_out)
    if match["threshold"]:
        left_out(f"{where}: the threshold of {match['type']}")
    value: Any = match["value"].strip()
    if match["type"].removeprefix("not-") in _SEVERAL:
        value = [each.strip() for each in value.split(",")]
    return _scorer(match["type"], value, f"{where}, {match['type']}", left_out)


def _is_kind(name: str) -> bool:
    """Whether promptfoo has assertions of this name, so that `https://…` stays a text."""
    bare = name.removeprefix("not-")
    return bare in (*CODE, *_SAME, *_SEVERAL, *_JUDGED, *_OTHERS) or bare in _ELSEWHERE


def _note_extras(told: Mapping[str, Any], where: str, left_out: LeftOut) -> None:
    for name in ("threshold", "transform", "provider", "rubricPrompt"):
        if told.get(name) is not None:
            left_out(f"{where}: the {name} of {told.get('type')}")
    if told.get("weight") not in (None, 1):
        left_out(f"{where}: weights; all assertions count the same")


def _scorer(kind: str, value: Any, where: str, left_out: LeftOut) -> Scorers:
    bare = kind.removeprefix("not-")
    if bare in CODE or (isinstance(value, str) and value.startswith("file://")):
        left_out(f"{where}: it is code, or in a file of its own, and is not run")
        return []
    made = _made(bare, value, where)
    if made is None:
        left_out(f"{where}: Curta has no such scorer")
        return []
    try:
        scorer_of(made)
    except UsageError as error:
        left_out(f"{where}: {error.what}")
        return []
    ((name, told),) = made.items()
    return [{("not-" if kind != bare else "") + name: told}]


def _made(kind: str, value: Any, where: str) -> dict[str, Any] | None:
    value = _filled(value, where)
    if kind in _SAME:
        return {kind: value}
    if kind in _SEVERAL:
        return {kind: value if isinstance(value, list) else [each.strip() for each in str(value).split(",")]}
    if kind in _JUDGED and isinstance(value, str):
        return {"judge": {"asks": _ASKS.format(value)}}
    return _OTHERS[kind](value) if kind in _OTHERS else None


def _filled(value: Any, where: str) -> Any:
    if isinstance(value, str):
        return words(value, where)
    if isinstance(value, list):
        return [_filled(each, where) for each in value]
    return value


_OTHERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "is-json": lambda value: {"json-schema": value or {}},
    "contains-json": lambda value: {"json-schema": value or {}},
    "starts-with": lambda value: {"constraints": {"starts_with": value}},
    "is-refusal": lambda _: {"refusal": True},
    "word-count": lambda value: {"length": _bounds(value)},
}
_ELSEWHERE = (
    "similar",
    "levenshtein",
    "rouge-n",
    "bleu",
    "cost",
    "latency",
    "perplexity",
    "factuality",
    "answer-relevance",
    "context-recall",
    "is-sql",
    "is-xml",
    "moderation",
    "classifier",
)
"""Kinds of promptfoo's that a cell may begin with and that have no like here."""


def _bounds(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {f"{name}_words": each for name, each in value.items() if name in ("min", "max")}
    return {"min_words": value, "max_words": value}
