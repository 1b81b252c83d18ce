"""What calls cost, summed: one query along one index, however many calls there are.

Days are those of this computer's clock: its distance from UTC, with the moments at which that changes, goes into the
query, so that SQLite counts the days.
"""

import sqlite3
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple, TypeAlias

from curta.store import ids
from curta.store.database import Database
from curta.store.filtering import Filter, conditions

By: TypeAlias = Literal["day", "month", "model", "caller", "conversation"]
_EPOCH = date(1970, 1, 1)
_DAY = 86_400


class Spending(NamedTuple):
    """What a group of calls cost. what: the day, the model, ...

    cost: US dollars of the calls whose cost is known. unknown: how many there are of the others. repeated: how many
    answers came from the log. input_tokens, output_tokens: of all that reported them, in tokens.
    """

    what: str
    calls: int
    cost: float
    unknown: int
    repeated: int
    input_tokens: int
    output_tokens: int

    def plus(self, calls: int, cost: float, unknown: int, repeated: int, input: int, output: int) -> "Spending":
        """This and more of the same."""
        return Spending(
            self.what,
            self.calls + calls,
            self.cost + cost,
            self.unknown + unknown,
            self.repeated + repeated,
            self.input_tokens + input,
            self.output_tokens + output,
        )


def spending(database: Database, by: By, filter: Filter | None = None, limit: int | None = None) -> list[Spending]:
    """What the calls that pass `filter` cost: days and months in order, anything else dearest first.

    limit: at most so many groups, the latest or the dearest.
    """
    required, values, source = conditions(filter or Filter())
    where = " AND ".join(required) or "1"
    with database.reading() as connection:
        if by in ("day", "month"):
            form = "%Y-%m-%d" if by == "day" else "%Y-%m"
            found = _summed(connection, _day(connection), source, where, values)
            days = list(_merged(found, lambda day: (_EPOCH + timedelta(day)).strftime(form)))
            return days[-limit:] if limit else days
        column, names = _NAMES[by]
        found = sorted(_summed(connection, column, source, where, values), key=lambda row: (-row[2], -row[1], row[0]))
        return list(_merged(found[:limit], names(connection)))


def _summed(
    connection: sqlite3.Connection, group: str, source: str, where: str, values: list[object]
) -> list[tuple[int, ...]]:
    return connection.execute(
        f"SELECT {group}, count(*), total(call.cost), sum(call.cost IS NULL), sum(call.cached_from IS NOT NULL),"
        " coalesce(sum(iif(call.unit IS NULL, call.input_tokens, 0)), 0),"
        " coalesce(sum(iif(call.unit IS NULL, call.output_tokens, 0)), 0)"
        f" FROM {source} WHERE {where} GROUP BY 1 ORDER BY 1",
        values,
    ).fetchall()


def _merged(rows: Iterable[tuple[int, ...]], name: Callable[[int], str]) -> Iterator[Spending]:
    """Rows of the same name added up."""
    sums: dict[str, Spending] = {}
    for group, *figures in rows:
        what = name(group)
        before = sums.get(what, Spending(what, 0, 0.0, 0, 0, 0, 0))
        sums[what] = before.plus(*figures)
    yield from sums.values()


def _names(connection: sqlite3.Connection) -> Callable[[int], str]:
    known: dict[int, str] = dict(connection.execute("SELECT id, text FROM name"))
    return lambda id: known.get(id, "unknown")


def _conversations(connection: sqlite3.Connection) -> Callable[[int], str]:
    def name(row: int) -> str:
        table = "call" if row > 0 else "conversation"
        found = connection.execute(f"SELECT ulid FROM {table} WHERE id = ?", (row,)).fetchone()
        return ids.from_bytes(found[0]) if found else "unknown"

    return name


_NAMES = {
    "model": ("call.model", _names),
    "caller": ("call.caller", _names),
    "conversation": ("coalesce(call.conversation, call.id)", _conversations),
}
"""What to group by, and how the groups are named."""


def _day(connection: sqlite3.Connection) -> str:
    """SQL for the day a call began on, by this computer's clock, as days since 1970."""
    first, last = connection.execute("SELECT min(started), max(started) FROM call").fetchone()
    changes = _changes(first // 1000, last // 1000 + 1) if first is not None else []
    cases = "".join(f" WHEN call.started < {moment * 1000} THEN {before}" for moment, before in changes)
    offset = _offset(last // 1000) if last is not None else 0
    seconds = f"CASE{cases} ELSE {offset} END" if cases else str(offset)
    return f"(call.started / 1000 + {seconds}) / {_DAY}"


def _changes(first: int, last: int) -> list[tuple[int, int]]:
    """When the clock's distance from UTC changes between two moments, with what it was before, in seconds."""
    found = []
    for start in range(first, last, _DAY):
        end = min(start + _DAY, last)
        if (before := _offset(start)) != _offset(end):
            found.append((bisect_left(range(start, end), True, key=lambda at: _offset(at) != before) + start, before))
    return found


def _offset(seconds: int) -> int:
    """How far the clock is ahead of UTC at a moment, in seconds."""
    return time.localtime(seconds).tm_gmtoff
