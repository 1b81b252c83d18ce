"""Rows as they are, each a mapping of columns to values: JSON Lines, CSV, TSV, JSON arrays, SQL queries, plain lines.

In the memory of one row (a JSON array is read as a whole). A row that cannot be read is a row all the same, with its
error, in its place.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from io import BufferedReader, BytesIO, RawIOBase
from typing import Any, BinaryIO, Literal, NamedTuple, TypeAlias, get_args

from curta.errors import SourceError
from curta.messages import JSON
from curta.sources import files
from curta.sources.lines import lines, too_long
from curta.sources.names import shown, uri_of
from curta.sources.rows import numbered
from curta.sources.sql import PREFIX as SQL

Form: TypeAlias = Literal["jsonl", "json", "csv", "tsv", "lines"]
FORMS: tuple[Form, ...] = get_args(Form)
LINE = "text"
"""The one column of a file that is lines."""

_SUFFIXES: Mapping[str, Form] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
}
_HEAD = 2**16


class TableRow(NamedTuple):
    """place: where it is, for people (`line 7`). error: why it has no values."""

    place: str
    values: Mapping[str, JSON]
    error: SourceError | None = None


def read_table(spec: str, form: Form | None = None, stdin: BinaryIO | None = None) -> Iterator[TableRow]:
    """The rows of a file, of `-` (standard input), of `https://...`, or of `sqlite:PATH?QUERY`.

    form: as the file's name says, by default; else JSON Lines where the first line is an object, and lines.
    Raises SourceNotFound, SourceNotText, and SourceError for what cannot be read at all.
    """
    if spec[: len(SQL)].lower() == SQL:
        path, _, query = spec[len(SQL) :].partition("?")
        return _of_query(path, query)
    if spec.lower().startswith(("https://", "http://")):
        return _of_address(spec, form)
    return _of_file(spec, form, stdin)


def count(path: str, form: Form | None = None) -> int:
    """How many rows a file has. Raises as `read_table` does."""
    return sum(1 for _ in read_table(path, form))


def of_mappings(rows: Iterable[Mapping[str, JSON]]) -> Iterator[TableRow]:
    """Rows that are there already."""
    return (TableRow(f"row {number}", row) for number, row in enumerate(rows, 1))


def _of_query(path: str, query: str) -> Iterator[TableRow]:
    from curta.sources.sql import rows

    return of_mappings(rows(path, query))


def _of_file(path: str, form: Form | None, stdin: BinaryIO | None) -> Iterator[TableRow]:
    if path == "-":
        yield from _of_stream(_seekable(stdin or _standard_input()), form, "stdin")
        return
    with closing(files.opened(path)) as file:
        seekable = file if file.seekable() else _seekable(file)
        yield from _of_stream(seekable, form or form_of(path), uri_of(path))


def _of_address(url: str, form: Form | None) -> Iterator[TableRow]:
    from curta.http import fetch

    found = fetch(url, max_bytes=files.LIMIT)
    path = url.partition("#")[0].partition("?")[0]
    yield from _of_stream(BytesIO(found.body), form or form_of(path), url)


def form_of(path: str) -> Form | None:
    """What a file is by its name; None where the name does not say."""
    return _SUFFIXES.get(os.path.splitext(path)[1].lower())


def _standard_input() -> BinaryIO:
    import sys

    return sys.stdin.buffer


def _of_stream(file: BinaryIO, form: Form | None, name: str) -> Iterator[TableRow]:
    form = form or _recognised(file)
    if form == "json":
        return _of_array(file, name)
    return _of_lines(file, name) if form == "lines" else _of_table(file, form, name)


def _recognised(file: BinaryIO) -> Form:
    """JSON Lines when the first line is an object; else lines."""
    from curta.sources.nested import loads

    head = file.read(_HEAD)
    file.seek(0)
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    if not first.startswith(b"{"):
        return "lines"
    try:
        loads(first.decode("utf-8", "replace"))
    except ValueError:
        return "jsonl" if len(first) > _HEAD // 2 else "lines"
    return "jsonl"


def _of_table(file: BinaryIO, form: Any, name: str) -> Iterator[TableRow]:
    """The rows of a table; one that cannot be read is told before the next is read, and so keeps its place."""
    bad: list[SourceError] = []

    def told() -> Iterator[TableRow]:
        while bad:
            error = bad.pop(0)
            yield TableRow(error.what, {}, error)

    for number, row in numbered(file, form, name, bad.append):  # type: ignore[arg-type]  # they are SourceErrors
        yield from told()
        yield TableRow(f"line {number}", row)
    yield from told()


def _of_lines(file: BinaryIO, name: str) -> Iterator[TableRow]:
    """A row for each line that is not blank."""
    for line in lines(file, name):
        place = f"line {line.number}"
        if line.text is None:
            yield TableRow(place, {}, too_long(name, line.number))
        elif line.text.strip():
            yield TableRow(place, {LINE: line.text.rstrip("\r\n")})


def _of_array(file: BinaryIO, name: str) -> Iterator[TableRow]:
    from curta.sources.decode import decode
    from curta.sources.nested import loads

    try:
        value = loads(decode(file.read(), name))
    except ValueError as error:
        raise SourceError(f"{shown(name)} is not JSON.", why=f"{error}.") from error
    if not isinstance(value, list):
        raise SourceError(f"{shown(name)} is no array of rows.", then="For one object in each line: --format jsonl")
    for number, row in enumerate(value, 1):
        place = f"item {number}"
        if isinstance(row, dict):
            yield TableRow(place, row)
        else:
            yield TableRow(place, {}, SourceError(f"{shown(name)}, {place}, is no object."))


class _Rewound(RawIOBase):
    """A stream that cannot go back, made to go back to its beginning while no more than its head was read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._head = b""
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        target = offset + (self._position if whence == os.SEEK_CUR else 0)
        if not 0 <= target <= len(self._head):
            raise OSError("A pipe cannot go back so far.")
        self._position = target
        return target

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        piece = self._head[self._position : self._position + len(buffer)] or self._more(len(buffer))
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _more(self, size: int) -> bytes:
        read = getattr(self._stream, "read1", self._stream.read)
        piece: bytes = read(size) or b""
        if len(self._head) < 2 * _HEAD:
            self._head += piece
        return piece


def _seekable(stream: BinaryIO) -> BinaryIO:
    return BufferedReader(_Rewound(stream), _HEAD)
