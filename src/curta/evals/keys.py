"""The values of a spec's keys: each kind is read by a function of its name, or refused with what it takes."""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from curta.errors import UsageError
from curta.messages import JSON, well_formed


def takes(key: str, wanted: str) -> UsageError:
    return UsageError(f"`{key}:` takes {wanted}.")


def plain(value: Any) -> Any:
    """What YAML made of a text, as JSON: it knows dates, and keys that are no texts. Raises UsageError for the rest."""
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str | int | float | None) or (isinstance(value, float) and not math.isfinite(value)):
        raise UsageError(f"A spec cannot hold {value!r}.")
    return well_formed(value) if isinstance(value, str) else value


def refuse_twice(source: str, called: str) -> None:
    """Refuse a YAML text, valid otherwise, in which a key stands twice: its first value would be lost silently."""
    import yaml

    for mapping in _mappings(yaml.compose(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), set()):
        seen = set[str]()
        for key, _ in mapping.value:
            if isinstance(key.value, str) and key.value in seen and key.value != "<<":
                line = key.start_mark.line + 1
                raise UsageError(f"{called}, line {line}: {key.value!r} is there twice.", then="Keep one of them.")
            seen |= {key.value} if isinstance(key.value, str) else set()


def _mappings(node: Any, seen: set[int]) -> Iterator[Any]:
    """The mappings in a tree of YAML, each once, however many aliases it has."""
    if id(node) in seen or not isinstance(getattr(node, "value", None), list):
        return
    seen.add(id(node))
    of_mapping = node.id == "mapping"
    if of_mapping:
        yield node
    for each in node.value:
        for part in each if of_mapping else (each,):
            yield from _mappings(part, seen)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise takes(key, "a text")
    return value


def texts(key: str, value: Any) -> tuple[str, ...]:
    if not all(isinstance(each, str) for each in listed(value)):
        raise takes(key, "a name, or a list of names")
    return tuple(listed(value))


def mapping(key: str, value: Any) -> Mapping[str, JSON]:
    if not isinstance(value, Mapping):
        raise takes(key, "names with values")
    return {str(name): each for name, each in value.items()}


def whole(least: int) -> Callable[[str, Any], int]:
    def read(key: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise takes(key, f"a whole number, {least} or more")
        return value

    return read


def share(key: str, value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1:
        raise takes(key, "a number between 0 and 1, such as 0.05")
    return float(value)


def one_of(*known: str) -> Callable[[str, Any], str]:
    def read(key: str, value: Any) -> str:
        if value not in known:
            raise takes(key, " or ".join(known))
        return str(value)

    return read


def flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise takes(key, "true or false")
    return value
