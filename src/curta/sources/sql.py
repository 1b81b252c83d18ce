"""Rows of an SQLite database, one Document for each: `sqlite:PATH?SELECT id, title, text FROM ...`.

The database is opened read-only and the query may only read: it can write nothing, attach no other file and load no
extension.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from curta.errors import SourceError, SourceNotText
from curta.messages import JSON, Document
from curta.sources.files import read_head
from curta.sources.names import shown, uri_of
from curta.sources.records import USUAL, Fields, NoTextField, Problem, Record, at_once, record, refuse, tell

PREFIX = "sqlite:"
_STEPS = 100_000  # of SQLite's machine, between looks at whether somebody pressed Ctrl-C
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})


def load_rows(spec: str) -> list[Document]:
    """The Documents of `sqlite:PATH?QUERY`, at most LIMIT characters in all."""
    return at_once(read_spec(spec, USUAL, tell()), spec)


def read_spec(spec: str, fields: Fields, problem: Problem) -> Iterator[Record]:
    """The Records of `sqlite:PATH?QUERY`. Raises as `read_sql` does."""
    path, _, query = spec[len(PREFIX) :].partition("?")
    return read_sql(path, query, fields, problem)


def read_sql(path: str, query: str, fields: Fields = USUAL, problem: Problem = refuse) -> Iterator[Record]:
    """One Record for each row of a query.

    fields: columns of the query; name others with AS. A row's uri is `PATH#ID`, or `PATH#row=7` without an id.
    problem: told of each row without text; without it the first one is raised.
    Raises SourceNotFound, SourceNotText when the file is no database, SourceError when the query cannot be run, and
    NoTextField when it has no column for the text.
    """
    uri = uri_of(path)
    for number, row in enumerate(rows(path, query), 1):
        if number == 1 and fields.text not in row:
            raise NoTextField(f"The query of {shown(path)} has no column {fields.text!r}.", row)
        try:
            yield record(row, fields, uri, f"row {number}", f"row={number}")
        except SourceError as error:
            problem(error)


def rows(path: str, query: str) -> Iterator[dict[str, JSON]]:
    """The rows of a query as they are. Raises as `read_sql` does."""
    with closing(_open(path)) as database:
        if not query.strip():
            raise SourceError(f"No query was given for {shown(path)}.", why=_tables(database), then=_example(path))
        yield from _rows(database, path, query)


def _example(path: str) -> str:
    return f"For example: '{PREFIX}{shown(path)}?SELECT id, title, body AS text FROM notes'"


def _open(path: str) -> sqlite3.Connection:
    if not read_head(path, 16).startswith(b"SQLite format 3\0"):
        raise SourceNotText(f"{shown(path)} is no SQLite database.")
    from urllib.parse import quote

    return sqlite3.connect(f"file:{quote(os.path.abspath(path))}?mode=ro", uri=True)


def _tables(database: sqlite3.Connection) -> str:
    try:
        names = database.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') LIMIT 20").fetchall()
    except sqlite3.Error as error:
        return f"{error}."
    return f"Its tables: {', '.join(shown(name) for (name,) in names) or 'none'}."


def _rows(database: sqlite3.Connection, path: str, query: str) -> Iterator[dict[str, JSON]]:
    database.set_progress_handler(lambda: 0, _STEPS)  # in which Ctrl-C is heard, and ends the query
    database.text_factory = lambda data: data.decode("utf-8", "replace")
    try:
        database.set_authorizer(_may)
        cursor = database.execute(query)
        columns = [column[0] for column in cursor.description or ()]
        for values in cursor:
            yield dict(zip(columns, map(_value, values), strict=True))
    except (sqlite3.Error, sqlite3.Warning) as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from error
        what = f"The query of {shown(path)} cannot be run."
        raise SourceError(what, why=f"{_reason(error)} {_tables(database)}", then=_example(path)) from error


def _reason(error: Exception) -> str:
    reason = str(error).rstrip(".")
    return f"{reason}; it may only read." if reason.startswith("not authorized") else f"{reason}."


def _value(value: JSON) -> JSON:
    """A value as JSON has it: a blob is its text, or nothing."""
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _may(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    harmless = action in _READING and second != "load_extension"
    return sqlite3.SQLITE_OK if harmless else sqlite3.SQLITE_DENY
