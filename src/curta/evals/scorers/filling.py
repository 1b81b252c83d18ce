"""`$column` in what a scorer is told: the value of the input's row, as it is when it stands alone."""

import re
from collections.abc import Iterator, Mapping
from string import Template
from typing import Any

from curta.errors import UsageError
from curta.messages import JSON
from curta.sources.records import as_words


class _Words(Template):
    """Words with `$column`, or `${any column}`; `$$` is a dollar sign."""

    braceidpattern = r"[^{}\n]+"


def fields(settings: Any) -> Iterator[str]:
    """The columns that are named anywhere in `settings`."""
    if isinstance(settings, str):
        yield from _Words(settings).get_identifiers()
    elif isinstance(settings, Mapping):
        for each in settings.values():
            yield from fields(each)
    elif isinstance(settings, list | tuple):
        for each in settings:
            yield from fields(each)


def filled(settings: Any, row: Mapping[str, JSON]) -> Any:
    """`settings` with the values of `row`. Raises UsageError for a column that it lacks."""
    if isinstance(settings, str):
        return _value(settings, row) if "$" in settings else settings
    if isinstance(settings, Mapping):
        return {name: filled(each, row) for name, each in settings.items()}
    if isinstance(settings, list | tuple):
        return [filled(each, row) for each in settings]
    return settings


def words(text: str, row: Mapping[str, JSON]) -> str:
    """`text` with the values of `row`, as words. Raises UsageError for a column that it lacks."""
    template = _Words(text)
    names = template.get_identifiers()
    if missing := [name for name in names if name not in row]:
        raise UsageError(f"The input has no column {missing[0]!r}.", why=f"It has: {', '.join(row)}.")
    return template.safe_substitute({name: as_words(row[name]) for name in names})


def _value(text: str, row: Mapping[str, JSON]) -> Any:
    alone = re.fullmatch(r"\$(?:(\w+)|\{([^{}\n]+)\})", text)
    name = alone and (alone[1] or alone[2])
    return row[name] if name and name in row else words(text, row)
