"""The nouns of indexing: a Document with what else is known about it, which fields make it, what went wrong beside."""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import NamedTuple, NoReturn, TypeAlias

from curta import errors
from curta.errors import CurtaError, SourceError, SourceTooLarge
from curta.messages import JSON, Document
from curta.sources.names import shown

_MOST_NAMES = 20
_MOST_TOLD = 10


class Fields(NamedTuple):
    """Which field of a row (a column, a key) makes which part of its Document."""

    id: str = "id"
    title: str = "title"
    text: str = "text"


USUAL = Fields()


class Record(NamedTuple):
    """A Document, and what its source says about it that is not its text: the other fields, a date, who it is to."""

    document: Document
    metadata: Mapping[str, JSON]


class NoTextField(SourceError):
    """A row, or all of them, without the field of the text. names: the fields there are."""

    def __init__(self, what: str, names: Iterable[str]) -> None:
        there = ", ".join(shown(name) for name in islice(names, _MOST_NAMES))
        super().__init__(
            what, why=f"It has: {there or 'nothing'}.", then="Say which one holds the text: --text-field NAME"
        )


Problem: TypeAlias = Callable[[CurtaError], object]
"""Told of a row, a page, a mail or a file of a folder that cannot be read, while all others are."""


def refuse(error: CurtaError) -> NoReturn:
    """The Problem for those who want everything or nothing."""
    raise error


def tell() -> Problem:
    """A Problem for those who read on: a person is told, of the first few."""
    told = 0

    def problem(error: CurtaError) -> None:
        nonlocal told
        told += 1
        if told <= _MOST_TOLD:
            errors.tell(" ".join(line for line in (error.what, error.why) if line))
        elif told == _MOST_TOLD + 1:
            errors.tell("There is more that cannot be read.")

    return problem


def at_once(records: Iterable[Record], source: str) -> list[Document]:
    """The Documents of `records`, which are at most LIMIT characters in all. Raises SourceTooLarge."""
    from curta.sources.files import LIMIT

    found, size = list[Document](), 0
    for each in records:
        found.append(each.document)
        size += len(each.document.text)
        if size > LIMIT:
            raise SourceTooLarge(f"{shown(source)} holds more than {LIMIT >> 20} MB of text.", then="Name fewer of it.")
    return found


def record(row: Mapping[str, JSON], fields: Fields, source: str, place: str, fragment: str) -> Record:
    """The Record of a row.

    source: the uri of what it is in. place: how a message calls the row. fragment: ends the uri of a row without id.
    Raises SourceError when the row has no text.
    """
    if fields.text not in row:
        raise NoTextField(f"{shown(source)}, {place}, has no field {fields.text!r}.", row)
    text, title = as_words(row[fields.text]), as_words(row.get(fields.title))
    if not (text.strip() or title.strip()):
        raise SourceError(f"{shown(source)}, {place}, has no text.")
    uri = f"{source}#{as_words(row.get(fields.id)) or fragment}"
    others = {name: value for name, value in row.items() if name not in fields}
    return Record(Document(text, uri, " ".join(title.split())), others)


def as_words(value: JSON) -> str:
    """A value as text: strings as they are, nothing for null, all others as JSON writes them."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    import json

    return json.dumps(value, ensure_ascii=False, default=str)
