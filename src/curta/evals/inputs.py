"""The inputs of an experiment: rows with an id, and the unit that those share which are not independent.

They are read once, whatever they come from, and kept in a file that goes with the process: so standard input will do,
memory is the same for a hundred thousand, and a table that changes meanwhile changes nothing.
"""

import hashlib
import json
import sqlite3
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from curta.errors import SourceError, UsageError
from curta.evals.scorers.settings import unknown
from curta.evals.spec import Spec
from curta.messages import JSON, well_formed
from curta.sources import tables
from curta.sources.records import as_words

_FRUGAL = ("PRAGMA journal_mode = OFF", "PRAGMA cache_size = -256")
_TABLES = (
    "CREATE TABLE unit (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE input (number INTEGER PRIMARY KEY, unit INTEGER NOT NULL, id TEXT NOT NULL, line TEXT NOT NULL,"
    " asked INTEGER NOT NULL)",
)


class Input(NamedTuple):
    """An input. id: its own; unit: what it shares with those that are not independent of it."""

    id: str
    unit: str
    values: Mapping[str, JSON]


class Inputs:
    """The inputs of a spec, in their order. Raises UsageError and SourceError as it reads them.

    An id is the column `id` where every row has one of its own, else the place of the row: a different id for the same
    row would not be paired with itself in another run.

    digest: a SHA-256, equal where all rows are. sizes: how many inputs each unit has, in the order in which units come.
    """

    def __init__(self, spec: Spec) -> None:
        self._unit, self._asked = spec.unit, sorted(spec.asked)
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)  # "": SQLite removes the file
        self._named = False
        with _room():
            self.digest = self._keep(spec)
            self.sizes = array("I", self._counted())
        self._count = sum(self.sizes)
        if not self.sizes:
            raise UsageError("The spec has no inputs.", why=_called(spec))
        if self._named:
            self._refuse_equal_ids()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Input]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, place: int) -> Input:
        """The input at this place in the order in which they were read."""
        if not 0 <= place < len(self):
            raise IndexError(place)
        return next(self._found("input.number = ?", place + 1))

    def of_unit(self, place: int) -> list[Input]:
        """The inputs of a unit, in their order; place: among the units, in the order of the first input of each."""
        return list(self._found("input.unit = ?" if self._unit else "input.number = ?", place + 1))

    @property
    def equal(self) -> int:
        """How many inputs ask what another one asks."""
        with _room():
            return int(self._rows.execute("SELECT count(*) - count(DISTINCT asked) FROM input").fetchone()[0])

    def _found(self, which: str, value: int) -> Iterator[Input]:
        query = f"SELECT input.number, id, line, name FROM input LEFT JOIN unit ON unit.number = unit WHERE {which}"
        with _room():
            found = self._rows.execute(f"{query} ORDER BY input.number", (value,)).fetchall()
        for number, own, line, unit in found:
            id = own if self._named else str(number)
            yield Input(id, unit if self._unit else id, json.loads(line))

    def _keep(self, spec: Spec) -> str:
        """Read all rows and put them away; what tells them from others."""
        digest, check = hashlib.sha256(), _checked(spec)
        for statement in (*_FRUGAL, *_TABLES, "BEGIN"):
            self._rows.execute(statement)
        for number, row in enumerate(_rows(spec), 1):
            check(row)
            digest.update(json.dumps(row.values, sort_keys=True, default=str).encode() + b"\n")
            self._put(number, row.values)
        self._rows.execute("CREATE INDEX input_unit ON input (unit)")
        self._rows.execute("COMMIT")
        return digest.hexdigest()

    def _put(self, number: int, values: Mapping[str, JSON]) -> None:
        id = well_formed(as_words(values["id"])) if "id" in values and self._unit != "id" else ""
        self._named = self._named or bool(id)
        asked = hash(json.dumps([values[each] for each in self._asked], default=str))
        kept = (number, self._number_of_unit(values), id, json.dumps(values, default=str), asked)
        self._rows.execute("INSERT INTO input VALUES (?, ?, ?, ?, ?)", kept)

    def _number_of_unit(self, values: Mapping[str, JSON]) -> int:
        """The place of its unit among the units, from 1 on; 0 where each input is a unit of its own."""
        if not self._unit:
            return 0
        name = (well_formed(as_words(values[self._unit])),)
        self._rows.execute("INSERT OR IGNORE INTO unit (name) VALUES (?)", name)
        return int(self._rows.execute("SELECT number FROM unit WHERE name = ?", name).fetchone()[0])

    def _counted(self) -> Iterator[int]:
        grouped = "unit" if self._unit else "number"
        return (count for (count,) in self._rows.execute(f"SELECT count(*) FROM input GROUP BY {grouped}"))

    def _refuse_equal_ids(self) -> None:
        query = "SELECT id FROM input GROUP BY id HAVING count(*) > 1 ORDER BY min(number) LIMIT 1"
        with _room():
            twice = self._rows.execute(query).fetchone()
        if twice:
            raise UsageError(
                f"Two inputs have the id {twice[0]!r}.",
                then="Give each its own; what several inputs share is named by `unit:`.",
            )


def read(spec: Spec) -> Inputs:
    """The inputs of a spec, each with what it names. Raises UsageError, SourceError."""
    return Inputs(spec)


def _rows(spec: Spec) -> Iterator[tables.TableRow]:
    given = spec.inputs
    for row in tables.read_table(given) if isinstance(given, str) else tables.of_mappings(given):
        if row.error:
            raise row.error
        yield row


def _checked(spec: Spec) -> Callable[[tables.TableRow], None]:
    """What refuses a row that has not the columns it should have."""
    factors, columns, called = {each.name for each in spec.factors}, spec.columns, _called(spec)

    def check(row: tables.TableRow) -> None:
        if both := sorted(factors & row.values.keys()):
            raise UsageError(
                f"{both[0]!r} is a factor, and a column of {row.place}.", then="Call one of them otherwise."
            )
        if missing := sorted(columns - row.values.keys()):
            raise unknown(f"column in {called}, {row.place},", missing[0], row.values)

    return check


def _called(spec: Spec) -> str:
    return spec.inputs if isinstance(spec.inputs, str) else "the spec's inputs"


@contextmanager
def _room() -> Iterator[None]:
    """Where the file that they are in fails, it says so."""
    try:
        yield
    except sqlite3.Error as error:
        raise SourceError(
            "The inputs cannot be kept while they are asked about.",
            why=f"{error}.",
            then="Free some of the disk, or set TMPDIR to a folder with more room.",
        ) from error
