"""Items from files of rows, from an SQL query, and from folders: the first column is the id, the others the content.

A row that is no item (it has no id, or cannot be read) is a `Misread`, a value like any other, so that one bad row
stops nothing.
"""

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from curta.collections.collection import Item
from curta.errors import SourceError, SourceNotFound, UsageError
from curta.messages import well_formed

Form: TypeAlias = Literal["json", "csv", "tsv", "nl"]
ENCODINGS = ("utf-8", "latin-1")
"""Tried in this order; the last takes any bytes."""

_SNIFFED = 64 * 1024


class Misread(NamedTuple):
    """A row that is no item: where it is, and why."""

    id: str
    what: str


Read: TypeAlias = Item | Misread


def of_text(text: str, form: Form | None = None) -> Iterator[Read]:
    """The items of the text of a file. form: as recognised by what it looks like. Raises SourceError."""
    form = form or recognised(text)
    if form in ("csv", "tsv"):
        yield from _of_table(text, form)
        return
    values = _lines(text) if form == "nl" else enumerate(_array(text), 1)
    for place, value in values:
        if isinstance(value, Mapping) and value:
            yield _item(list(value.values()), f"row {place}")
        else:
            why = value.what if isinstance(value, Misread) else "It is no JSON object with an id and content."
            yield Misread(f"row {place}", why)


def recognised(text: str) -> Form:
    """What `text` looks like: JSON, JSON lines, or rows parted by commas or tabs."""
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return "json"
    if start.startswith("{"):
        try:
            json.loads(start)
        except ValueError:
            return "nl"
        return "nl" if "\n" not in start.strip() else "json"
    first = start.partition("\n")[0]
    return "tsv" if first.count("\t") > first.count(",") else "csv"


def of_query(sql: str, database: Path | None = None, attached: Sequence[tuple[str, Path]] = ()) -> list[Read]:
    """The items that a query gives, on `database` or none, with others attached. All are only read.

    They are read in full at once: the vectors may be written to the same database. Raises SourceError, UsageError.
    """
    for path in (*([database] if database else []), *(path for _, path in attached)):
        if not path.is_file():
            raise SourceNotFound(f"There is no database {path}.")
    connection = sqlite3.connect(_read_only(database) if database else ":memory:", uri=True)
    try:
        for alias, path in attached:
            quoted = alias.replace('"', '""')
            connection.execute(f'ATTACH ? AS "{quoted}"', (_read_only(path),))
        connection.execute("PRAGMA query_only = ON")
        rows = connection.execute(sql)
        if rows.description is None or len(rows.description) < 2:
            raise UsageError("The query has to give an id and at least one more column.")
        return [_item(list(row), f"row {place}") for place, row in enumerate(rows, 1)]
    except sqlite3.Error as error:
        raise SourceError("The query cannot be run.", why=f"SQLite says: {error}.") from error
    finally:
        connection.close()


class Files(Sequence[Read]):
    """The files in each folder that match its pattern, read when they are asked for; a file's id is its path there.

    Raises SourceNotFound for what is no folder.
    """

    def __init__(
        self, folders: Iterable[tuple[Path, str]], *, encodings: Sequence[str] = (), binary: bool = False
    ) -> None:
        self._paths = [(folder, path) for folder, pattern in folders for path in matching(folder, pattern)]
        self._encodings = tuple(encodings) or ENCODINGS
        self._binary = binary

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, place: Any) -> Any:
        folder, path = self._paths[place]
        id = path.relative_to(folder).as_posix()
        try:
            data = path.read_bytes()
        except OSError as error:
            return Misread(id, f"It cannot be read: {error.strerror}.")
        text = data if self._binary else _decoded(data, self._encodings)
        return Misread(id, f"Its text is none in {', '.join(self._encodings)}.") if text is None else Item(id, text)


def matching(folder: Path, pattern: str) -> list[Path]:
    """The files in `folder` that match `pattern`, in order. Raises SourceNotFound, UsageError."""
    if not folder.is_dir():
        raise SourceNotFound(f"Invalid directory: {folder}.")
    try:
        return sorted(path for path in folder.glob(pattern) if path.is_file())
    except (ValueError, NotImplementedError) as error:
        raise UsageError(
            f"{pattern!r} is no pattern of files in a folder: {error}.", then="For example: '**/*.md'"
        ) from error


def decoded(data: bytes, encodings: Sequence[str] = ENCODINGS) -> str:
    """`data` as text. Raises SourceError when none of the encodings is it."""
    text = _decoded(data, encodings)
    if text is None:
        raise SourceError(f"It is no text in {', '.join(encodings)}.", then="For binary content: --binary")
    return text


def _decoded(data: bytes, encodings: Sequence[str]) -> str | None:
    for encoding in encodings:
        try:
            return data.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
        except UnicodeError:  # UTF-16 without its mark is no UnicodeDecodeError
            continue
        except LookupError as error:
            raise UsageError(f"There is no encoding called {encoding!r}.") from error
    return None


def _of_table(text: str, form: Form) -> Iterator[Read]:
    csv.field_size_limit(1 << 30)
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter="\t" if form == "tsv" else ",")
    try:
        header = next(rows, None)
        if header is not None and len(header) < 2:
            why = f"The first line has {len(header)}." if header else "It begins with an empty line."
            raise SourceError("The rows need an id and at least one more column.", why=why, then="Name it: --format")
        for row in rows:
            if row:
                yield _item(row, f"line {rows.line_num}")
    except csv.Error as error:
        raise SourceError(f"The rows cannot be read after line {rows.line_num}.", why=f"{error}.") from error


def _lines(text: str) -> Iterator[tuple[int, Any]]:
    for place, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if line.strip():
            try:
                yield place, json.loads(line)
            except (ValueError, RecursionError) as error:
                yield place, Misread(f"row {place}", f"It is no JSON: {error}.")


def _array(text: str) -> list[Any]:
    try:
        value = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"It is no JSON: {error}.", then="For JSON lines: --format nl") from error
    return value if isinstance(value, list) else [value]


def _item(values: Sequence[Any], place: str) -> Read:
    id = _text(values[0])
    if not id:
        return Misread(place, "Its first column, the id, is empty.")
    return Item(id, " ".join(map(_text, values[1:])))


def _text(value: Any) -> str:
    """A value as text: nothing for none, JSON for what is nested."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return well_formed(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _read_only(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro"
