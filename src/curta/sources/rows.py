"""Files of records, one Document for each: JSON Lines, CSV and TSV, JSON arrays.

Memory is that of one record. A row that is not what it should be is told to `problem`, with its line, and passed over.
"""

import csv
import json
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import BinaryIO, Literal, TypeAlias

from curta.errors import SourceError
from curta.messages import JSON
from curta.sources.lines import LONGEST, Line, lines, too_long
from curta.sources.names import shown
from curta.sources.records import USUAL, Fields, NoTextField, Problem, Record, record, refuse

Table: TypeAlias = Literal["jsonl", "csv", "tsv"]
Row: TypeAlias = Mapping[str, JSON]

_PATIENCE = 20  # rows that are looked at for the field of the text


def read_rows(
    file: BinaryIO, kind: Table, name: str, fields: Fields = USUAL, problem: Problem = refuse
) -> Iterator[Record]:
    """The Records of a file, in its order.

    file: at its beginning, and can go back to it. name: the uri of the file; a row's is `name#ID`, or `name#line=7`
    (as in RFC 5147) when it has no id. problem: told of each bad row; without it the first one is raised.
    Raises SourceNotText, and NoTextField when the rows have no field for the text.
    """
    for number, row in _require_text(numbered(file, kind, name, problem), name, fields):
        try:
            yield record(row, fields, name, f"line {number}", f"line={number}")
        except SourceError as error:
            problem(error)


def numbered(file: BinaryIO, kind: Table, name: str, problem: Problem) -> Iterator[tuple[int, Row]]:
    """The rows themselves, each with the number of its line; `file`, `name` and `problem` as for `read_rows`."""
    return _json_rows(file, name, problem) if kind == "jsonl" else _csv_rows(file, kind, name, problem)


def _require_text(rows: Iterator[tuple[int, Row]], name: str, fields: Fields) -> Iterator[tuple[int, Row]]:
    """The rows, when one of the first has a field for the text: else not a thousand errors but one."""
    first = list[tuple[int, Row]]()
    for each in islice(rows, _PATIENCE):
        first.append(each)
        if fields.text in each[1]:
            break
    if first and fields.text not in first[-1][1]:
        raise NoTextField(f"{shown(name)} has no field {fields.text!r}.", first[-1][1])
    yield from first
    yield from rows


def array_rows(text: str, name: str, fields: Fields = USUAL, problem: Problem = refuse) -> Iterator[Record] | None:
    """The Records of a JSON text that is an array of objects with texts; None for any other text."""
    if not text.lstrip("\ufeff \t\r\n").startswith("["):
        return None
    from curta.sources.nested import loads

    try:
        value = loads(text)
    except ValueError:
        return None
    if not (value and isinstance(value[0], dict) and fields.text in value[0]):
        return None
    return _array_records(value, name, fields, problem)


def _array_records(rows: list[JSON], name: str, fields: Fields, problem: Problem) -> Iterator[Record]:
    for index, row in enumerate(rows):
        place = f"item {index + 1}"
        try:
            if not isinstance(row, dict):
                raise SourceError(f"{shown(name)}, {place}, is no object.")
            yield record(row, fields, name, place, f"/{index}")  # a JSON pointer (RFC 6901)
        except SourceError as error:
            problem(error)


# JSON Lines


def _json_rows(file: BinaryIO, name: str, problem: Problem) -> Iterator[tuple[int, Row]]:
    for line in lines(file, name):
        if line.text is None:
            problem(too_long(name, line.number))
        elif line.text.strip():
            try:
                yield line.number, _object(line, name)
            except SourceError as error:
                problem(error)


def _object(line: Line, name: str) -> Row:
    from curta.sources.nested import loads

    try:
        value = loads(line.text or "")
    except ValueError as error:
        why = f"{error.msg} at character {error.pos + 1}." if isinstance(error, json.JSONDecodeError) else f"{error}."
        raise SourceError(f"{shown(name)}, line {line.number}, is not JSON.", why=why) from error
    if not isinstance(value, dict):
        raise SourceError(f"{shown(name)}, line {line.number}, is no JSON object.")
    return value


# CSV and TSV


def _csv_rows(file: BinaryIO, kind: Table, name: str, problem: Problem) -> Iterator[tuple[int, Row]]:
    """The rows below the header, each with the line on which it begins."""
    header: list[str] = []
    for number, cells in _cells(_Feed(lines(file, name), name), kind, problem):
        if not header:
            header = [column.strip() for column in cells]
        elif len(cells) > len(header):
            what = f"{shown(name)}, line {number}, has {len(cells)} columns, and the header {len(header)}."
            problem(SourceError(what, why="A comma in a text needs quotation marks around the text."))
        else:
            yield number, dict(zip(header, cells, strict=False))


def _cells(feed: "_Feed", kind: Table, problem: Problem) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST)  # of the whole process, and by default too small for a text
    reader = csv.reader(feed, delimiter="\t" if kind == "tsv" else _delimiter(feed.peek()))
    while True:
        feed.record.clear()
        try:
            cells = next(reader)
            feed.check()
        except StopIteration:
            return
        except csv.Error as error:
            problem(SourceError(f"{feed.place} cannot be read.", why=f"{error}."))
            feed.go_back()
        except SourceError as error:
            problem(error)
            feed.go_back()
        else:
            if any(cells):
                yield feed.record[0].number, cells


def _delimiter(header: str) -> str:
    """What stands between the columns: where a comma is the decimal mark, programs write semicolons."""
    bare = "".join(header.split('"')[::2])
    return max(",;\t|", key=bare.count)


class _Feed:
    """The lines of a CSV file as its reader takes them. record: those of the record that it is reading."""

    def __init__(self, source: Iterator[Line], name: str) -> None:
        self.source = source
        self.name = name
        self.waiting = deque[Line]()
        self.record = list[Line]()

    def peek(self) -> str:
        """The first line, which the reader gets all the same."""
        self.waiting.extend(islice(self.source, 1))
        return (self.waiting[0].text or "") if self.waiting else ""

    @property
    def place(self) -> str:
        return f"{shown(self.name)}, line {self.record[0].number},"

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else next(self.source)
        self.record.append(line)
        if line.text is None:
            raise too_long(self.name, line.number)
        return line.text

    def check(self) -> None:
        """Raise SourceError for a record of many lines whose last quotation mark is never closed."""
        if len(self.record) > 1 and sum((line.text or "").count('"') for line in self.record) % 2:
            raise SourceError(f"{self.place} has a quotation mark that is never closed.")

    def go_back(self) -> None:
        """Have what comes after the first line of a bad record read again, as records of their own."""
        self.waiting.extendleft(reversed(self.record[1:]))
