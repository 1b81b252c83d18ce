"""The strings of a JSON answer with their places: which of them are quotations, and by whom."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from curta.quotes.fences import fences
from curta.schemas.quote_fields import AUTHOR_FIELDS, folded, is_quote_field

_WRAPPED_TEXT = "text"


@dataclass(frozen=True, slots=True)
class StringValue:
    """A string that is a value: `answer[start:end]` between its marks, `text` when decoded.

    field: the name of the field that holds it, also through lists.
    author: the author its object names.
    """

    text: str
    start: int
    end: int
    field: str
    author: str | None

    @property
    def is_quote(self) -> bool:
        return is_quote_field(self.field)


@dataclass(slots=True)
class _Object:
    """An object or list under way."""

    name: str
    is_list: bool
    key: str = ""
    author: str | None = None
    strings: list[tuple[str, int, int, str]] = field(default_factory=list)


def is_json(answer: str) -> bool:
    """Whether the whole answer is JSON, also as lines or inside one fence."""
    body = _unfenced(answer)[1].strip()
    if not body or body[0] not in "{[":
        return False
    return _parses(body) or all(_parses(line) for line in body.splitlines() if line.strip())


def embedded(answer: str) -> list[tuple[int, int]]:
    """Where an answer in prose holds JSON in fences."""
    blocks = ((fence.body, fence.stop) for fence in fences(answer))
    return [(start, end) for start, end in blocks if is_json(answer[start:end])]


def _parses(text: str) -> bool:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict | list)


def _unfenced(answer: str) -> tuple[int, str]:
    match = re.fullmatch(r"\s*```\w*\n(.*)\n```\s*", answer, re.DOTALL)
    return (match.start(1), match[1]) if match else (0, answer)


@cache
def _token() -> re.Pattern[str]:
    return re.compile(r'[{}\[\],]|"((?:[^"\\]|\\.)*)"(\s*:)?')


def strings(answer: str) -> Iterator[StringValue]:
    """The strings that are values of a JSON answer, in the order in which their objects end."""
    base, body = _unfenced(answer)
    open_values: list[_Object] = [_Object("", True)]
    for token in _token().finditer(body):
        top = open_values[-1]
        if token[0] in "{[":
            name = top.name if top.is_list else top.key
            open_values.append(_Object(name, token[0] == "["))
        elif token[0] in "}]":
            if len(open_values) > 1:
                yield from _close(open_values)
        elif token[1] is not None:
            _take_string(top, token, base)
    while len(open_values) > 1:
        yield from _close(open_values)


def _take_string(top: _Object, token: re.Match[str], base: int) -> None:
    text = _decoded(token[1])
    if token[2]:
        top.key = folded(text)
        return
    name = top.name if top.is_list else top.key
    if name in AUTHOR_FIELDS and not top.is_list:
        top.author = text
    else:
        top.strings.append((text, base + token.start(1), base + token.end(1), name))


def _decoded(raw: str) -> str:
    try:
        return str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        return raw


def _close(open_values: list[_Object]) -> Iterator[StringValue]:
    """The strings of what ends here. A list hands its strings to the object around it, which knows the author; in an
    object that is itself a quotation (`{"quote": {"text": ...}}`), and in one of a plain list of objects with authors,
    the text is the quoted words."""
    closed = open_values.pop()
    if closed.is_list and len(open_values) > 1:
        open_values[-1].strings += closed.strings
        return
    for text, start, end, name in closed.strings:
        if name == _WRAPPED_TEXT and is_quote_field(closed.name):
            name = closed.name
        elif name == _WRAPPED_TEXT and closed.author and len(open_values) == 2 and open_values[1].is_list:
            name = "quote"
        yield StringValue(text, start, end, name, closed.author)
