"""Hacker News threads: one Document each, one span per comment.

The text is made for reading: title, address, the story's own words, then every comment under a line such as
`[12] ann, in reply to [7] bob:`. Those lines are decoration. Who wrote what is said by the spans alone, which cover
exactly a comment's own words, so a comment that imitates such a line stays its own author's.

Items have the shape of https://hn.algolia.com/api (`items/ID`). Deleted comments, without author and text, are left
out; replies to them keep their depth and name them as their parent. Nothing here recurses: threads nest without limit.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from curta.errors import SourceError, SourceNotFound
from curta.messages import Document, Span, well_formed
from curta.sources.nested import loads
from curta.text.html import html_to_text

BASE_URL = "https://hn.algolia.com/api/v1"
_KINDS = ("story", "comment", "poll", "pollopt", "job")

Item: TypeAlias = Mapping[str, Any]


def load_thread(number: str) -> Document:
    """The thread of the item with this number, fetched from CURTA_HN_URL (default BASE_URL).

    Raises SourceNotFound when there is none, SourceError for what is not a number or cannot be fetched or understood.
    """
    from curta.http import fetch
    from curta.sources.decode import decode
    from curta.sources.files import LIMIT
    from curta.sources.names import shown

    uri = f"hn:{number}"
    if not (number.isascii() and number.isdigit()):
        raise SourceError(f"{shown(uri)} names no thread.", then="Give the number in its address: hn:8863.")
    base = os.environ.get("CURTA_HN_URL") or BASE_URL
    try:
        found = fetch(f"{base.rstrip('/')}/items/{number}", max_bytes=LIMIT)
    except SourceNotFound as error:
        raise SourceNotFound(f"Hacker News has no item {number}.", why=error.what) from error
    item = _parsed(decode(found.body, uri), uri)
    return thread(item, uri)


def _parsed(text: str, uri: str) -> Item:
    try:
        item = loads(text)
    except ValueError as error:
        raise SourceError(f"The answer for {uri} is not JSON.", why=f"{error}.") from error
    if item is None:
        raise SourceNotFound(f"Hacker News has no item {uri.removeprefix('hn:')}.")
    if not isinstance(item, dict):
        raise _malformed(uri, "it is no JSON object")
    return item


def thread_item(text: str) -> Item | None:
    """The item that a JSON text holds, None when it is anything else."""
    if not text.lstrip("\ufeff \t\r\n").startswith("{") or '"children"' not in text:
        return None
    try:
        item = loads(text)
    except ValueError:
        return None
    return item if _is_item(item) else None


def _is_item(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and item.get("type") in _KINDS
        and isinstance(item.get("children"), list)
        and {"id", "author", "text"} <= item.keys()
    )


def thread(item: Item, uri: str) -> Document:
    """The Document of an item with all that was said below it.

    Raises SourceError, naming the comment and what is wrong with it, when the item is malformed.
    """
    _check_root(item, uri)
    rows = _rows(item, uri)
    root = next(rows)
    text = _Text()
    title = _line(_string(item, "title", "the item", uri)) or f"Hacker News {item['type']} {root.id}"
    url = _line(_string(item, "url", "the item", uri))
    text.add("\n".join(filter(None, (title, url))))
    if root.text or root.author:
        text.add(f"\n\n{_name(root)}:\n" if root.text else f"\n\nPosted by {_name(root)}")
        text.say(root)
    for row in rows:
        if row.text:
            text.add(f"\n\n{text.heading(row)}\n")
            text.say(row)
    return Document("".join(text.pieces), uri, title, tuple(text.spans))


# The text


@dataclass(frozen=True, slots=True)
class _Row:
    """An item of the tree: the story, an option of a poll, or a comment."""

    id: str
    kind: str
    author: str | None
    text: str
    parent: str | None
    depth: int


class _Text:
    """The text so far, and who said what in it."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.spans: list[Span] = []
        self.length = 0
        self.labels: dict[str, str] = {}

    def add(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def say(self, row: _Row) -> None:
        if row.text:
            start = self.length
            self.add(row.text)
            self.spans.append(Span(start, self.length, row.author, row.id, row.parent, row.depth))

    def heading(self, row: _Row) -> str:
        label = f"[{len(self.labels) + 1}] {_name(row)}"
        answered = self.labels.get(row.parent or "", "a deleted comment")
        self.labels[row.id] = label
        if row.kind == "pollopt":
            return f"{label}, an option of the poll:"
        return f"{label}:" if row.depth <= 1 else f"{label}, in reply to {answered}:"


def _name(row: _Row) -> str:
    return _line(row.author or "") or "(no name)"


def _line(text: str) -> str:
    return " ".join(well_formed(text).split())


# The tree


def _rows(root: Item, uri: str) -> Iterator[_Row]:
    """The item and everything below it, each comment before its replies."""
    stack: list[tuple[Any, _Row | None]] = [(root, None)]
    while stack:
        item, parent = stack.pop()
        row = _row(item, parent, uri)
        yield row
        stack.extend((child, row) for child in reversed(_below(item, row, uri)))


def _row(item: Any, parent: _Row | None, uri: str) -> _Row:
    where = f"a reply to {parent.id}" if parent else "the item"
    if not isinstance(item, dict):
        raise _malformed(uri, f"{where} is {_kind_of(item)}, not an object")
    name = item.get("id")
    if isinstance(name, bool) or not isinstance(name, int | str) or name == "":
        raise _malformed(uri, f"{where} has no id")
    where = f"item {name}"
    author, text = _string(item, "author", where, uri), _string(item, "text", where, uri)
    return _Row(
        id=well_formed(str(name)),
        kind=str(item.get("type")),
        author=well_formed(author) or None,
        text=well_formed(html_to_text(text).text),
        parent=parent.id if parent else None,
        depth=parent.depth + 1 if parent else 0,
    )


def _below(item: Item, row: _Row, uri: str) -> list[Any]:
    """The options of a poll (those that came with their text, not as bare numbers), then the replies."""
    options = [option for option in _list(item, "options", row, uri) if isinstance(option, dict)]
    return options + _list(item, "children", row, uri)


def _list(item: Item, key: str, row: _Row, uri: str) -> list[Any]:
    value = item.get(key)
    if value is not None and not isinstance(value, list):
        raise _malformed(uri, f"the {key} of item {row.id} are {_kind_of(value)}, not a list")
    return value or []


def _check_root(item: Item, uri: str) -> None:
    if "children" not in item and "kids" in item:
        raise SourceError(
            f"{uri} lists the numbers of its comments (`kids`), not the comments.",
            then=f"Load the whole thread with hn:{item.get('id', 'ID')}.",
        )
    for key in ("id", "type", "children"):
        if key not in item:
            raise _malformed(uri, f"it has no {key}")
    if item["type"] not in _KINDS:
        raise _malformed(uri, f"its type is {item['type']!r}")


def _string(item: Item, key: str, where: str, uri: str) -> str:
    value = item.get(key)
    if value is not None and not isinstance(value, str):
        raise _malformed(uri, f"the {key} of {where} is {_kind_of(value)}, not a string")
    return value or ""


def _kind_of(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "null")


def _malformed(uri: str, problem: str) -> SourceError:
    from curta.sources.names import shown

    return SourceError(f"{shown(uri)} is not a whole Hacker News thread: {problem}.")
