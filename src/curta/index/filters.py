"""Conditions on documents that users write as SQL, such as `title LIKE '%report%' AND metadata->>'year' > 2020`.

A condition can look at the table of documents and at nothing else, and can change nothing: SQLite's authorizer says so.
"""

import re
import sqlite3

from curta.errors import UsageError

COLUMNS = ("uri", "title", "language", "trust", "loaded", "length", "metadata")
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE}
_TABLES = {"document", "json_each", "json_tree"}
_FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer"}


def chunks(db: sqlite3.Connection, condition: str) -> str:
    """The SQL that selects the ids of the chunks whose document fulfils `condition`. Raises UsageError."""
    _check(db, condition)
    return f"SELECT id FROM chunk WHERE doc_id IN (SELECT id FROM document WHERE ({condition}\n))"


def _check(db: sqlite3.Connection, condition: str) -> None:
    """Have SQLite compile the condition by itself, where it may do nothing but look."""
    if not condition.strip():
        raise UsageError("The filter is empty.", then=EXAMPLE)
    db.set_authorizer(_authorize)
    try:
        db.execute(f"EXPLAIN SELECT id FROM document WHERE ({condition}\n)")
        _require_balance(condition)
    except (sqlite3.DatabaseError, sqlite3.Warning, ValueError) as error:
        raise UsageError(f"The filter is no condition on documents: {error}.", then=EXAMPLE) from error
    finally:
        db.set_authorizer(None)


def _require_balance(condition: str) -> None:
    """Refuse what closes the bracket it stands in: it would be more than a condition."""
    depth = 0
    for mark in re.findall(r"[()]", re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", "", condition)):
        depth += 1 if mark == "(" else -1
        if depth < 0:
            raise ValueError("it has a `)` too many")


def _authorize(action: int, first: str | None, second: str | None, database: str | None, inner: str | None) -> int:
    if action in _ALLOWED:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and first in _TABLES:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and second not in _FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


EXAMPLE = f"For example: --filter \"title LIKE '%report%'\". There are: {', '.join(COLUMNS)}."
