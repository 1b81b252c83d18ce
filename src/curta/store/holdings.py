"""What the log holds beside calls: the documents that were sent, the schemas that were asked for.

Both are stored once however often they were used; how often and when is read from the calls.
"""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from curta.errors import SourceNotFound
from curta.messages import Document, canonical
from curta.store.contents import get_blob, get_document, unpack_json
from curta.store.database import Database

SHORTEST_HASH = 6
"""Fewer characters of a hash name nothing: they could be a word."""


class HeldDocument(NamedTuple):
    """A document in the log. characters: the length of its text. times: calls it was sent with; latest: when, UTC."""

    sha256: str
    uri: str
    title: str
    characters: int
    times: int
    latest: datetime | None


class HeldSchema(NamedTuple):
    """A schema in the log. times: calls that asked for it; latest: when, UTC."""

    schema: dict[str, Any]
    times: int
    latest: datetime


def documents(database: Database, queries: Sequence[str] = ()) -> list[HeldDocument]:
    """Every document that was sent, the one used longest ago first.

    queries: only documents with each of these in their hash's beginning, name, title or text.
    """
    with database.reading() as connection:
        rows = connection.execute(_DOCUMENTS).fetchall()
        found = [(_held(row), row[-1]) for row in rows]
        return [held for held, blob in found if all(_matches(connection, held, blob, query) for query in queries)]


_DOCUMENTS = """
SELECT document.hash, document.uri, document.title, document.characters, count(call.id), max(call.started),
       document.text
FROM document
LEFT JOIN message_document ON message_document.document = document.id
LEFT JOIN call ON call.input = message_document.message
GROUP BY document.id ORDER BY max(call.started), document.id
"""


def document(database: Database, hash: str) -> Document | None:
    """The document whose SHA-256, or that of its text, begins with `hash`; None when there is none.

    Raises SourceNotFound when several begin so.
    """
    wanted = hash.lower()
    if len(wanted) < SHORTEST_HASH or not set(wanted) <= set("0123456789abcdef"):
        return None
    with database.reading() as connection:
        rows = connection.execute(_BY_HASH, (f"{wanted}%", f"{wanted}%")).fetchall()
        if len(rows) > 1:
            named = ", ".join(f"{own.hex()[:12]} ({uri})" for own, uri in rows)
            raise SourceNotFound(f"The hashes of several documents begin with {hash!r}.", why=f"Among them: {named}.")
        return get_document(connection, rows[0][0].hex()) if rows else None


_BY_HASH = """
SELECT document.hash, document.uri FROM document JOIN blob ON blob.id = document.text
WHERE lower(hex(document.hash)) LIKE ? OR lower(hex(blob.hash)) LIKE ? ORDER BY document.id DESC LIMIT 4
"""


def schemas(database: Database) -> list[HeldSchema]:
    """Every schema that was asked for, the one used longest ago first."""
    with database.reading() as connection:
        rows = connection.execute(_USED).fetchall()
    found: dict[bytes, HeldSchema] = {}
    for times, latest, value in rows:
        schema = unpack_json(value).get("schema")
        if schema is not None:
            key, when = canonical(schema), datetime.fromtimestamp(latest / 1000, UTC)
            before = found.get(key)
            found[key] = HeldSchema(
                schema, times + (before.times if before else 0), max(when, before.latest) if before else when
            )
    return sorted(found.values(), key=lambda held: held.latest)


_USED = """
SELECT count(*), max(call.started), parameters.value
FROM call JOIN parameters ON parameters.id = call.parameters GROUP BY call.parameters
"""


def _held(row: tuple[Any, ...]) -> HeldDocument:
    hash, uri, title, characters, times, latest, _ = row
    when = None if latest is None else datetime.fromtimestamp(latest / 1000, UTC)
    return HeldDocument(hash.hex(), uri, title, characters, times, when)


def _matches(connection: sqlite3.Connection, held: HeldDocument, blob: int, query: str) -> bool:
    wanted = query.casefold()
    if held.sha256.startswith(wanted) or wanted in f"{held.uri}\n{held.title}".casefold():
        return True
    return wanted in get_blob(connection, blob).decode().casefold()
