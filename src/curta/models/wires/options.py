"""Options of a request against those a wire declares: each has its type, and an unknown one is refused."""

from collections.abc import Mapping
from math import isfinite

from curta.errors import UnsupportedRequest
from curta.messages import JSON
from curta.models.model import Option

READABLE = {float: "a number", int: "a whole number", bool: "true or false", str: "text", list: "a list", dict: "JSON"}


def accept(model: str, options: tuple[Option, ...], given: Mapping[str, JSON]) -> dict[str, JSON]:
    """`given`, each value in its option's type. Text is read as that type, for a shell has nothing but text.

    Raises UnsupportedRequest for an unknown option, with names close to it, and for a value of another type.
    """
    declared = {option.name: option for option in options}
    for name in given:
        if name not in declared:
            raise _unknown(model, name, list(declared))
    return {name: _typed(declared[name], value) for name, value in given.items() if value is not None}


def _unknown(model: str, name: str, known: list[str]) -> UnsupportedRequest:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return UnsupportedRequest(
        f"{model} takes no option {name!r}.",
        why=f"Did you mean {close[0]!r}?" if close else "",
        then=f"It takes: {', '.join(known)}." if known else "It takes no options.",
    )


def _typed(option: Option, value: JSON) -> JSON:
    read: JSON = _read(option.type, value) if isinstance(value, str) and option.type is not str else value
    if option.type is float and type(read) is int:
        read = float(read)
    if type(read) is not option.type or (isinstance(read, float) and not isfinite(read)):
        raise UnsupportedRequest(f"The option {option.name!r} is {READABLE[option.type]}, not {value!r}.")
    return read


def _read(type_: type, text: str) -> JSON:
    """`text` as JSON; a list may also be given as its one element."""
    from json import loads

    try:
        value = loads(text)
    except ValueError:
        value = text
    return [text] if type_ is list and not isinstance(value, list) else value
