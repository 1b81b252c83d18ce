"""The conversations of the log, latest first, as a listing shows them. Costs what is shown, not what the log holds."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from curta.store import ids, lineage, naming
from curta.store.database import Database
from curta.store.filtering import Filter, conditions, in_conversation, order

_PAGE = 200


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """A conversation.

    id: the id of its first call. prompt: the first words asked. turns: how often the user spoke.
    branches: how many ways it went (1 unless somebody went back). model: the last that was asked.
    """

    id: str
    name: str | None
    prompt: str
    turns: int
    branches: int
    model: str
    started: datetime
    latest: datetime

    def to_dict(self) -> dict[str, Any]:
        """What `curta logs conversations --json` shows."""
        return {
            "id": self.id,
            "name": self.name,
            "prompt": self.prompt,
            "turns": self.turns,
            "branches": self.branches,
            "model": self.model,
            "started_utc": self.started.isoformat(timespec="milliseconds"),
            "latest_utc": self.latest.isoformat(timespec="milliseconds"),
        }


def conversations(database: Database, query: str | None = None) -> Iterator[ConversationRecord]:
    """The conversations, the one with the latest call first.

    query: only those whose name has all these words, then those with a call that matches, as `search` describes.
    """
    seen: set[bytes] = set()
    for found in (_named(database, query), _called(database, Filter(query=query))):
        for ulid in found:
            if ulid not in seen:
                seen.add(ulid)
                with database.reading() as connection:
                    record = _record(connection, ulid)
                if record is not None:
                    yield record


def _named(database: Database, query: str | None) -> Iterator[bytes]:
    if query is None:
        return
    with database.reading() as connection:
        found = list(naming.having(connection, query.split()))
    yield from found


def _called(database: Database, filter: Filter) -> Iterator[bytes]:
    """The conversation of each call that passes, newest first."""
    position: int | None = None
    while True:
        required, values, source = conditions(filter)
        by = order(filter)
        if position is not None:
            required.append(f"{by} < ?")
            values.append(position)
        with database.reading() as connection:
            page = connection.execute(
                f"SELECT {by}, coalesce(first.ulid, detached.ulid, call.ulid) FROM {source}"
                " LEFT JOIN call AS first ON first.id = call.conversation"
                " LEFT JOIN conversation AS detached ON detached.id = call.conversation"
                f" WHERE {' AND '.join(required) or '1'} ORDER BY {by} DESC LIMIT {_PAGE}",
                values,
            ).fetchall()
        yield from (ulid for _, ulid in page)
        if len(page) < _PAGE:
            return
        position = page[-1][0]


def _record(connection: sqlite3.Connection, ulid: bytes) -> ConversationRecord | None:
    """None when its calls were removed meanwhile."""
    condition, *values = in_conversation(ids.from_bytes(ulid))
    rows = connection.execute(
        "SELECT call.id, call.started, model.text, CASE input.role WHEN 'user' THEN input.text END FROM call"
        " JOIN name AS model ON model.id = call.model LEFT JOIN message AS input ON input.id = call.input"
        f" WHERE {condition} ORDER BY call.id",
        values,
    ).fetchall()
    if not rows:
        return None
    return ConversationRecord(
        ids.from_bytes(ulid),
        naming.of(connection, ulid),
        next((words for *_, words in rows if words), ""),
        sum(words is not None for *_, words in rows),
        max(1, lineage.ends(connection, [row for row, *_ in rows])),
        rows[-1][2],
        datetime.fromtimestamp(rows[0][1] / 1000, UTC),
        datetime.fromtimestamp(rows[-1][1] / 1000, UTC),
    )
