"""What a scorer is told, read by name and made to fit: CSV knows texts only, and people leave out what is obvious."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from inspect import Parameter
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from curta.errors import UsageError
from curta.evals.scorers.kinds import Kind
from curta.sources.records import as_words

_NAMED = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", list: "a list"}
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


def read(name: str, kind: Kind, value: Any) -> dict[str, Any]:
    """The settings of a scorer by name. Raises UsageError for one that is unknown or missing."""
    known = kind.settings
    if value is None:
        settings = {}
    elif isinstance(value, Mapping) and set(value) <= set(known) and (value or not kind.whole):
        settings = dict(value)
    elif isinstance(value, Mapping) and not kind.whole:
        raise unknown(f"setting of {name!r}", next(each for each in value if each not in known), known)
    else:
        settings = {next(iter(known)): value}
    for each, parameter in known.items():
        if each not in settings and parameter.default is Parameter.empty:
            raise UsageError(f"The scorer {name!r} needs {each!r}.", then=f"It takes: {', '.join(known)}.")
    return settings


def fitted(name: str, kind: Kind, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as the types their function takes. Raises UsageError for what cannot be made to fit."""
    return {each: _fitted(name, each, value, kind.settings[each].annotation) for each, value in settings.items()}


def unknown(what: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name that nobody knows, with the nearest right one."""
    known = list(known)
    close = get_close_matches(str(name), known, n=1, cutoff=0.5)
    return UsageError(
        f"There is no {what} called {name!r}.",
        then=f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(sorted(known))}.",
    )


def _fitted(name: str, setting: str, value: Any, annotation: Any) -> Any:
    wanted = _types(annotation)
    named = [each for each in wanted if each in _NAMED]
    if len(named) < len([each for each in wanted if each is not NoneType]):
        return value  # it takes more than can be said here
    if type(value) in wanted:
        return value
    for each in named:
        if (made := _made(each, value)) is not None:
            return made
    raise UsageError(
        f"{setting!r} of the scorer {name!r} takes {' or '.join(_NAMED[each] for each in named)}, not {value!r}."
    )


def _types(annotation: Any) -> list[Any]:
    several = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else [annotation]
    return [get_origin(each) or each for each in several]


def _made(kind: Any, value: Any) -> Any:
    """`value` as a `kind`; None where that would change what it says."""
    if kind is str:
        return as_words(value) if isinstance(value, int | float) else None
    if kind is bool:
        return _TRUTHS.get(as_words(value).strip().lower()) if isinstance(value, str | int) else None
    if kind in (int, float) and isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            return kind(value) if kind is float or not isinstance(value, float) or value.is_integer() else None
        except (ValueError, OverflowError):
            return None
    return None
