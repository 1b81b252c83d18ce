"""The log of labels: what a person says of an answer, kept with its call, and gone with it."""

import sqlite3
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from curta.messages import well_formed
from curta.store import ids, lookup, migrations
from curta.store.database import Database

_FIRST = """
CREATE TABLE label (
    call INTEGER NOT NULL REFERENCES call,
    about TEXT NOT NULL,
    value REAL,
    at INTEGER NOT NULL,
    PRIMARY KEY (call, about)
) WITHOUT ROWID;

CREATE TRIGGER label_goes_with_its_call AFTER DELETE ON call BEGIN DELETE FROM label WHERE call = old.id; END;
"""
"""at: microseconds since 1970, by which labels have an order."""

migrations.register("labels", [_FIRST])


class LabelRecord(NamedTuple):
    """What a person says of an answer. call: its id; value: in [0, 1], None where it was skipped."""

    call: str
    value: float | None


class Labels:
    """The labels of a log. about: the question that they answer, such as that of a judge."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, about: str, labels: Iterable[LabelRecord]) -> None:
        """Keep these labels, all or none, over earlier ones. What is said of a call that is gone is dropped."""
        now, question = time.time_ns() // 1_000, well_formed(about)
        query = "INSERT OR REPLACE INTO label SELECT id, ?, ?, ? FROM call WHERE ulid = ?"
        rows = [(question, each.value, at, ids.to_bytes(each.call)) for at, each in enumerate(labels, now)]
        with self._database.writing() as connection:
            connection.executemany(query, rows)

    def take_back(self, about: str, call: str) -> None:
        """Forget what was said of an answer."""
        query = "DELETE FROM label WHERE about = ? AND call = (SELECT id FROM call WHERE ulid = ?)"
        with self._database.writing() as connection:
            connection.execute(query, (well_formed(about), ids.to_bytes(call)))

    def has(self, experiment: str) -> bool:
        """Whether anything was said of an answer of this experiment."""
        query = (
            "SELECT 1 FROM label WHERE call IN (SELECT score.call FROM score JOIN experiment"
            " ON experiment.id = score.experiment WHERE experiment.ulid = ?) LIMIT 1"
        )
        with self._database.reading() as connection:
            if not lookup.has_table(connection, "label"):
                return False
            return connection.execute(query, (ids.to_bytes(experiment),)).fetchone() is not None

    def of(self, about: str, experiment: str) -> dict[str, float | None]:
        """What was said of the answers of an experiment, by call, in the order in which it was said."""
        query = (
            "SELECT call.ulid, label.value FROM label JOIN call ON call.id = label.call WHERE label.about = ? AND"
            " label.call IN (SELECT score.call FROM score JOIN experiment ON experiment.id = score.experiment"
            " WHERE experiment.ulid = ?) ORDER BY label.at, label.call"
        )
        with self._database.reading() as connection:
            if not lookup.has_table(connection, "label"):
                return {}
            rows = connection.execute(query, (well_formed(about), ids.to_bytes(experiment)))
            return {ids.from_bytes(ulid): value for ulid, value in rows}


def rewrite(
    connection: sqlite3.Connection, words: Callable[[str], str], tree: Callable[[Any], Any], calls: list[bytes] | None
) -> None:
    """Change the words of the questions of all labels, or of those of these calls."""
    found = connection.execute("SELECT label.call, about, ulid FROM label JOIN call ON call.id = label.call").fetchall()
    for call, about, ulid in found:
        if (calls is None or ulid in calls) and words(about) != about:
            values = (words(about), call, about)
            connection.execute("UPDATE OR REPLACE label SET about = ? WHERE call = ? AND about = ?", values)
