"""The log of experiments: what was planned before the first call, and the score of each answer.

What was asked and answered is in the calls; of an experiment there is only its plan, without its inputs, the names
of its units, and numbers. From these the verdicts are computed again at any time. A score goes when its call goes.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

from curta.messages import well_formed
from curta.store import ids, lookup, migrations
from curta.store.batches import WorkList
from curta.store.contents import pack_json, unpack_json
from curta.store.database import Database

_FIRST = """
CREATE TABLE experiment (
    id INTEGER PRIMARY KEY,
    ulid BLOB NOT NULL UNIQUE,
    batch BLOB NOT NULL UNIQUE,
    started INTEGER NOT NULL,
    name TEXT NOT NULL,
    plan NOT NULL
);

CREATE TABLE score (
    experiment INTEGER NOT NULL REFERENCES experiment,
    number INTEGER NOT NULL,
    scorer INTEGER NOT NULL,
    cell INTEGER NOT NULL,
    call INTEGER REFERENCES call,
    value REAL,
    failure TEXT NOT NULL,
    PRIMARY KEY (experiment, number, scorer)
) WITHOUT ROWID;
CREATE INDEX score_call ON score (call) WHERE call IS NOT NULL;

CREATE TRIGGER score_goes_with_its_call AFTER DELETE ON call BEGIN DELETE FROM score WHERE call = old.id; END;
"""

_UNITS = """
CREATE TABLE unit (
    experiment INTEGER NOT NULL REFERENCES experiment,
    pos INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (experiment, pos)
) WITHOUT ROWID;
"""
"""What the block at each place in the order was about, by which it is paired with that of another experiment."""

_KNOWN = """
CREATE TABLE known (
    experiment INTEGER PRIMARY KEY REFERENCES experiment,
    version INTEGER NOT NULL DEFAULT 0,
    told
);
INSERT INTO known (experiment) SELECT id FROM experiment;
CREATE TRIGGER known_is_nothing AFTER INSERT ON experiment BEGIN INSERT INTO known (experiment) VALUES (new.id); END;
""" + "".join(
    f"CREATE TRIGGER known_no_more_{table}_{event} AFTER {event} ON {table} BEGIN"
    f" UPDATE known SET version = version + 1, told = NULL WHERE experiment {which}; END;\n"
    for table, event, which in (
        ("experiment", "UPDATE", "= new.id"),
        ("score", "INSERT", "= new.experiment"),
        ("score", "UPDATE", "= new.experiment"),
        ("score", "DELETE", "= old.experiment"),
        ("work", "DELETE", "IN (SELECT experiment FROM score WHERE call = old.call)"),
    )
)
"""What is known of each experiment, in short: gone, in the same transaction, with whatever it rests on that changes.

version: counts the changes, so that nothing is kept that was made from what was there before one.
"""

migrations.register("experiments", [_FIRST, _UNITS, _KNOWN])

_AT_ONCE = 1_000
_SCORES = (
    "SELECT score.number, score.scorer, score.cell, call.ulid, score.value, score.failure FROM score"
    " LEFT JOIN call ON call.id = score.call LEFT JOIN work ON work.call = score.call"
    " WHERE score.experiment = ? AND score.number >= ? AND score.number < ?"
    " AND (score.call IS NULL OR work.call IS NOT NULL) ORDER BY score.number, score.scorer"
)
_SELECT = "SELECT experiment.ulid, experiment.started, experiment.name, experiment.plan FROM experiment"


class ExperimentRecord(NamedTuple):
    """An experiment. plan: what was written down before the first call, as JSON."""

    id: str
    started: datetime
    name: str
    plan: Mapping[str, Any]


class ScoreRecord(NamedTuple):
    """What a scorer says of an answer. number: the place of the answer in the order; cell: the way it was asked.

    call: its id, None where nothing could be asked. value: None when it could not be scored; then `failure` says why.
    """

    number: int
    scorer: int
    cell: int
    call: str | None
    value: float | None
    failure: str = ""


class KnownRecord(NamedTuple):
    """What is known of an experiment, as it was kept; told None where something changed since. version: of what is
    there now."""

    id: str
    version: int
    told: Any


class CallRecord(NamedTuple):
    """What an answer took. model: that answered; cost: US dollars, None where nobody knows; reused: not asked anew."""

    model: str
    status: str
    started: datetime
    duration_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None
    reused: bool


class Experiments:
    """The experiments of a log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, work_list: WorkList, name: str, plan: Mapping[str, Any]) -> str:
        """The id of the experiment whose calls are in this list; it keeps the plan that it was begun with."""
        batch, now = ids.to_bytes(work_list.id), time.time_ns() // 1_000_000
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO experiment (ulid, batch, started, name, plan) VALUES (?, ?, ?, ?, ?)",
                (ids.to_bytes(ids.new()), batch, now, name, pack_json(plan)),
            )
            found = connection.execute("SELECT ulid FROM experiment WHERE batch = ?", (batch,)).fetchone()
        return ids.from_bytes(found[0])

    def amend(self, id: str, plan: Mapping[str, Any]) -> None:
        """Another plan for an experiment; it says itself what was changed after looking (`evals.lineage`)."""
        with self._database.writing() as connection:
            connection.execute("UPDATE experiment SET plan = ? WHERE id = ?", (pack_json(plan), _row(connection, id)))

    def put(self, id: str, scores: Iterable[ScoreRecord], units: Iterable[tuple[int, str]] = ()) -> None:
        """Keep these scores, all or none. units: the blocks they are of, each by its place and its unit."""
        with self._database.writing() as connection:
            row = _row(connection, id)
            connection.executemany(
                "INSERT OR REPLACE INTO unit VALUES (?, ?, ?)", [(row, pos, well_formed(name)) for pos, name in units]
            )
            connection.executemany(
                "INSERT OR REPLACE INTO score VALUES (?, ?, ?, ?, (SELECT id FROM call WHERE ulid = ?), ?, ?)",
                [
                    (row, each.number, each.scorer, each.cell, _bytes(each.call), each.value, each.failure)
                    for each in scores
                ],
            )

    def drop(self, id: str, numbers: Iterable[int]) -> None:
        """Take back the scores of these answers."""
        with self._database.writing() as connection:
            gone = [(_row(connection, id), number) for number in numbers]
            connection.executemany("DELETE FROM score WHERE experiment = ? AND number = ?", gone)

    def scores(self, id: str) -> dict[int, list[ScoreRecord]]:
        """The scores of each answer, as `answers` has them, by its number."""
        return {each[0].number: each for each in self.answers(id)}

    def answers(self, id: str) -> Iterator[list[ScoreRecord]]:
        """The scores of each answer in the order of the scorers, answers in their order; read some at a time.

        Without those of calls that count as not made, since they failed for nothing of their own.
        """
        first, last = 0, self._last(id)
        while first <= last:
            for _, scores in groupby(self._some(id, first), lambda each: each.number):
                yield list(scores)
            first += _AT_ONCE

    def _last(self, id: str) -> int:
        """The number of the last answer that has a score; -1 without any."""
        with self._database.reading() as connection:
            query = "SELECT coalesce(max(number), -1) FROM score WHERE experiment = ?"
            return int(connection.execute(query, (_row(connection, id),)).fetchone()[0])

    def _some(self, id: str, first: int) -> list[ScoreRecord]:
        with self._database.reading() as connection:
            rows = connection.execute(_SCORES, (_row(connection, id), first, first + _AT_ONCE)).fetchall()
        return [
            ScoreRecord(number, scorer, cell, call and ids.from_bytes(call), value, failure)
            for number, scorer, cell, call, value, failure in rows
        ]

    def units(self, id: str) -> dict[int, str]:
        """The unit of each block that was scored, by its place in the order."""
        with self._database.reading() as connection:
            if not lookup.has_table(connection, "unit"):
                return {}
            query = "SELECT pos, name FROM unit WHERE experiment = ? ORDER BY pos"
            return dict(connection.execute(query, (_row(connection, id),)))

    def calls(self, id: str) -> dict[str, CallRecord]:
        """What each answer that was scored took, by the id of its call."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT call.ulid, coalesce(resolved.text, model.text), status, started, duration, input_tokens,"
                " output_tokens, cost, cached_from IS NOT NULL FROM call JOIN name AS model ON model.id = call.model"
                " LEFT JOIN name AS resolved ON resolved.id = call.resolved"
                " WHERE call.id IN (SELECT call FROM score WHERE experiment = ?)",
                (_row(connection, id),),
            )
            return {
                ids.from_bytes(ulid): CallRecord(
                    model, status, _datetime(started), duration, sent, received, cost, bool(reused)
                )
                for ulid, model, status, started, duration, sent, received, cost, reused in rows
            }

    def one(self, id: str | None = None) -> ExperimentRecord:
        """The experiment with this id or beginning of one; the latest without. Raises UnknownCall."""
        with self._database.reading() as connection:
            return _record(lookup.one(connection, _SELECT, "experiment", id, "`curta eval list` lists them."))

    def all(self) -> list[ExperimentRecord]:
        """All there are, newest first."""
        with self._database.reading() as connection:
            if not lookup.has_table(connection, "experiment"):
                return []
            return [_record(row) for row in connection.execute(f"{_SELECT} ORDER BY experiment.ulid DESC")]

    def known(self) -> list[KnownRecord]:
        """What was kept of each experiment, newest first."""
        query = "SELECT ulid, version, told FROM experiment JOIN known ON known.experiment = experiment.id"
        with self._database.reading() as connection:
            if not lookup.has_table(connection, "known"):
                return [KnownRecord(each.id, 0, None) for each in self.all()]
            rows = connection.execute(f"{query} ORDER BY ulid DESC").fetchall()
        return [KnownRecord(ids.from_bytes(ulid), version, told and unpack_json(told)) for ulid, version, told in rows]

    def keep_known(self, known: KnownRecord) -> None:
        """Keep what is known of an experiment, unless something has changed since its version."""
        with self._database.writing() as connection:
            values = (pack_json(known.told), _row(connection, known.id), known.version)
            connection.execute("UPDATE known SET told = ? WHERE experiment = ? AND version = ?", values)


# Keeping house


def rewrite(
    connection: sqlite3.Connection, words: Callable[[str], str], tree: Callable[[Any], Any], calls: list[bytes] | None
) -> None:
    """Change the words of all plans and failures, or of the experiments that these calls were made for."""
    concerned = "SELECT score.experiment FROM score JOIN call ON call.id = score.call WHERE call.ulid = ?"
    only = None if calls is None else {row for each in calls for (row,) in connection.execute(concerned, (each,))}
    for id, name, plan in connection.execute("SELECT id, name, plan FROM experiment").fetchall():
        if only is None or id in only:
            values = (words(name), pack_json(tree(unpack_json(plan))), id)
            connection.execute("UPDATE experiment SET name = ?, plan = ? WHERE id = ?", values)
            _rewrite_failures(connection, id, words)
            _rewrite_units(connection, id, words)


def _rewrite_failures(connection: sqlite3.Connection, id: int, words: Callable[[str], str]) -> None:
    query = "SELECT DISTINCT failure FROM score WHERE experiment = ? AND failure != ''"
    for (failure,) in connection.execute(query, (id,)).fetchall():
        values = (words(failure), id, failure)
        connection.execute("UPDATE score SET failure = ? WHERE experiment = ? AND failure = ?", values)


def _rewrite_units(connection: sqlite3.Connection, id: int, words: Callable[[str], str]) -> None:
    for pos, name in connection.execute("SELECT pos, name FROM unit WHERE experiment = ?", (id,)).fetchall():
        if words(name) != name:
            values = (words(name), id, pos)
            connection.execute("UPDATE unit SET name = ? WHERE experiment = ? AND pos = ?", values)


def _row(connection: sqlite3.Connection, id: str) -> int:
    return int(connection.execute("SELECT id FROM experiment WHERE ulid = ?", (ids.to_bytes(id),)).fetchone()[0])


def _bytes(id: str | None) -> bytes | None:
    return None if id is None else ids.to_bytes(id)


def _record(row: tuple[Any, ...]) -> ExperimentRecord:
    ulid, started, name, plan = row
    return ExperimentRecord(ids.from_bytes(ulid), _datetime(started), name, unpack_json(plan))


def _datetime(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
