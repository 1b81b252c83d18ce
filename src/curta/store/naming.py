"""Names of conversations: given by the user, each to one conversation, found by the name or how it begins.

A name belongs to the conversation's id (the ULID of its first call), so it stays when that call is removed, and goes
with the last call of the conversation. Importing this module adds its table to the logs that are opened from then on.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence

from curta.errors import UnknownCall, UsageError
from curta.messages import well_formed
from curta.store import ids, migrations
from curta.store.database import Database

LONGEST = 100

_FIRST = """
CREATE TABLE conversation_name (ulid BLOB PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE) WITHOUT ROWID;
"""
migrations.register("names", [_FIRST])


def give(database: Database, conversation: str, name: str | None) -> None:
    """Name the conversation with this id; None takes its name away. Raises UsageError when the name cannot be."""
    ulid = ids.to_bytes(conversation)
    with database.writing() as connection:
        connection.execute("DELETE FROM conversation_name WHERE ulid = ?", (ulid,))
        if name is not None:
            check(connection, name)
            connection.execute("INSERT INTO conversation_name VALUES (?, ?, ?)", (ulid, name, name.casefold()))


def check(connection: sqlite3.Connection, name: str) -> None:
    """Raises UsageError for what cannot be a name, and for the name of another conversation."""
    if not name or name != name.strip() or not name.isprintable() or len(name) > LONGEST or name.startswith("-"):
        raise UsageError(
            f"{name[:LONGEST]!r} cannot be the name of a conversation.",
            then=f"A name is a line of at most {LONGEST} characters, without a space at its ends or a - before it.",
        )
    row = connection.execute("SELECT ulid FROM conversation_name WHERE folded = ?", (name.casefold(),)).fetchone()
    if row:
        raise UsageError(
            f"Another conversation is called {name!r} already: {ids.from_bytes(row[0])}.",
            then=f"Go on with it: --cid '{name}'. Or choose another name.",
        )


def free(database: Database, name: str) -> None:
    """Raises UsageError unless a conversation can be given this name."""
    with database.reading() as connection:
        if _is_there(connection):
            check(connection, name)


def of(connection: sqlite3.Connection, ulid: bytes) -> str | None:
    """The name of the conversation with this id."""
    if not _is_there(connection):
        return None
    row = connection.execute("SELECT name FROM conversation_name WHERE ulid = ?", (ulid,)).fetchone()
    return row and str(row[0])


def named(connection: sqlite3.Connection, text: str) -> str | None:
    """The id of the conversation that is called so."""
    found = _starting(connection, "folded = ?", text.casefold())
    return ids.from_bytes(found[0][0]) if found else None


def beginning(connection: sqlite3.Connection, text: str) -> str | None:
    """The id of the one conversation whose name begins so. Raises UnknownCall when there are several."""
    folded = text.casefold()
    found = _starting(connection, "substr(folded, 1, ?) = ?", len(folded), folded) if folded else []
    if len(found) > 1:
        names = ", ".join(name for _, name in found)
        raise UnknownCall(f"The names of several conversations begin with {text!r}.", why=f"Among them: {names}.")
    return ids.from_bytes(found[0][0]) if found else None


def having(connection: sqlite3.Connection, words: Sequence[str]) -> Iterator[bytes]:
    """The ids of the conversations whose names have all of these words."""
    for ulid, name in _starting(connection, "1", most=-1):
        if all(word.casefold() in name.casefold() for word in words):
            yield ulid


def rewrite(connection: sqlite3.Connection, substitute: Callable[[str], str]) -> None:
    """Take a text out of all names; a name that would then be another's, or nothing, goes."""
    for ulid, name in _starting(connection, "1", most=-1):
        new = substitute(name)
        if new != name:
            connection.execute("DELETE FROM conversation_name WHERE ulid = ?", (ulid,))
            if new.strip():
                row = (ulid, new, new.casefold())
                connection.execute("INSERT OR IGNORE INTO conversation_name VALUES (?, ?, ?)", row)


def sweep(connection: sqlite3.Connection) -> None:
    """Forget the names of conversations that have no call any more."""
    if _is_there(connection):
        connection.execute(
            "DELETE FROM conversation_name"
            " WHERE ulid NOT IN (SELECT ulid FROM call UNION ALL SELECT ulid FROM conversation)"
        )


def _starting(
    connection: sqlite3.Connection, condition: str, *values: object, most: int = 5
) -> list[tuple[bytes, str]]:
    if not _is_there(connection):
        return []
    query = f"SELECT ulid, name FROM conversation_name WHERE {condition} ORDER BY folded LIMIT {most}"
    return connection.execute(query, [well_formed(v) if isinstance(v, str) else v for v in values]).fetchall()


def _is_there(connection: sqlite3.Connection) -> bool:
    """Whether the log has names: one in a folder that cannot be written may be older than they are."""
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'conversation_name'").fetchone())
