"""Walking through one generation of `llm`'s log: what is the same for both.

Listings cost what they show: pages of rows along the primary key, which is a ULID and so in order of time.
"""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

from curta.llm_home.database import ForeignDatabase
from curta.llm_home.parts import ulid
from curta.llm_home.past_call import PastCall
from curta.messages import canonical
from curta.store import Filter, ids
from curta.store.search import parse

PAGE = 200
SLACK = timedelta(days=1)
"""How far the time in an id may be from the time in the row."""

Row = tuple[Any, ...]


class Generation(ABC):
    """One of the two forms in which `llm` has kept its calls.

    table: where the calls are. conversation: the column that says which conversation one belongs to.
    search: the full-text index. An `id` here is as the file has it; a ULID is what Curta makes of it.
    """

    table: ClassVar[str]
    conversation: ClassVar[str]
    search: ClassVar[str]

    def __init__(self, database: ForeignDatabase) -> None:
        self.database = database

    @property
    def is_there(self) -> bool:
        return self.table in self.database.tables

    @abstractmethod
    def select(self, simple: bool) -> str:
        """The query for the rows `call` understands, up to its WHERE.

        simple: without the tables that only make it quicker or fuller, for when one of those is damaged.
        """

    @abstractmethod
    def call(self, row: Row) -> PastCall: ...

    @abstractmethod
    def matching(self) -> str:
        """The condition that a row is found in the full-text index by `?`."""

    @abstractmethod
    def words(self) -> str:
        """The expression for the prompt and the answer of a row as one text."""

    def also(self) -> list[str]:
        """Conditions every row has to pass."""
        return []

    def calls(self, filter: Filter, size: int = PAGE) -> Iterator[PastCall]:
        """The calls that pass, newest or oldest first, read a page at a time."""
        if not self.is_there:
            return
        for row in self._walk(filter, size):
            call = self.call(row)
            if (
                (filter.since is None or filter.since <= call.started)
                and (filter.before is None or call.started < filter.before)
                and _carries(call, filter)
            ):
                yield call

    def count(self, filter: Filter) -> int:
        if not self.is_there:
            return 0
        if filter.since or filter.before or filter.schema or filter.documents:
            return sum(1 for _ in self.calls(filter))
        required, values = self._conditions(filter, simple=False)
        found = self.database.rows(f"SELECT count(*) FROM {self.table}{_where(required)}", values)
        return int(found[0][0]) if found else 0

    def ids_beginning(self, prefix: str, limit: int = 2) -> list[str]:
        """The ULIDs that begin so, of calls; at most `limit`."""
        if not self.is_there:
            return []
        required = " AND ".join([f"{self.table}.id >= ? AND {self.table}.id < ?", *self.also()])
        query = f"SELECT {self.table}.id FROM {self.table} WHERE {required} ORDER BY {self.table}.id LIMIT {limit}"
        found = [str(row[0]) for row in self.database.rows(query, (prefix, prefix + "{"))]
        return [ulid(id) for id in found] + [ulid(id) for id in self._odd("id") if ulid(id).startswith(prefix)]

    def has_conversation(self, conversation: str) -> bool:
        return self.is_there and next(self.calls(Filter(conversation=conversation), 1), None) is not None

    # Walking

    def _walk(self, filter: Filter, size: int) -> Iterator[Row]:
        """Rows in order. At a damaged place: what can be read up to it, then what can be read from the other end."""
        simple, position = False, None
        while True:
            rows, whole = self._page(filter, position, size, simple)
            yield from rows
            position = rows[-1][0] if rows else position
            if whole and len(rows) < size:
                return
            if not whole and simple:
                yield from self._from_the_other_end(filter, position)
                return
            simple = simple or not whole

    def _page(self, filter: Filter, position: str | None, size: int, simple: bool) -> tuple[list[Row], bool]:
        """The rows after `position`, and whether they could all be read."""
        required, values = self._conditions(filter, simple)
        if position is not None:
            required.append(f"{self.table}.id {'>' if filter.oldest_first else '<'} ?")
            values.append(position)
        direction = "ASC" if filter.oldest_first else "DESC"
        query = f"{self.select(simple)}{_where(required)} ORDER BY {self.table}.id {direction} LIMIT {size}"
        rows: list[Row] = []
        try:
            rows.extend(self.database.try_rows(query, values))
        except sqlite3.Error as error:
            if not simple:
                return [], False
            self.database.note(error)
            return self.database.readable_rows(query, values), False
        return rows, True

    def _from_the_other_end(self, filter: Filter, position: str | None) -> Iterator[Row]:
        required, values = self._conditions(filter, simple=True)
        if position is not None:
            required.append(f"{self.table}.id {'>' if filter.oldest_first else '<'} ?")
            values.append(position)
        direction = "DESC" if filter.oldest_first else "ASC"
        query = f"{self.select(True)}{_where(required)} ORDER BY {self.table}.id {direction}"
        yield from reversed(self.database.readable_rows(query, values))

    def _conditions(self, filter: Filter, simple: bool) -> tuple[list[str], list[Any]]:
        required: list[str] = self.also()
        values: list[Any] = []
        if filter.query is not None:
            more, given = self._search(filter.query, simple)
            required, values = required + more, values + given
        if filter.model is not None:
            resolved = f"{self.table}.resolved_model"
            has_resolved = "resolved_model" in self.database.columns(self.table)
            required.append(f"({self.table}.model = ?{f' OR {resolved} = ?' if has_resolved else ''})")
            values += [filter.model] * (1 + has_resolved)
        for column, wanted in (
            ("id", filter.ids or None),
            (self.conversation, filter.conversation and (filter.conversation,)),
        ):
            if wanted:
                known = self._as_in_file(column, wanted)
                required.append(f"{self.table}.{column} IN ({', '.join('?' * len(known))})")
                values += known
        for moment, sign, slack in ((filter.since, ">=", -SLACK), (filter.before, "<=", SLACK)):
            if moment is not None:
                required.append(f"({self.table}.id {sign} ? OR length({self.table}.id) <> {ids.LENGTH})")
                values.append(_lowest_ulid(moment + slack))
        return required, values

    def _search(self, text: str, simple: bool) -> tuple[list[str], list[Any]]:
        query = parse(text)
        indexed = self.search in self.database.tables and not simple
        contains = f"instr(lower({self.words()}), lower(?))"
        required: list[str] = []
        values: list[Any] = []
        if query.match and indexed:
            required, values = [self.matching()], [query.match]
        elif query.match:
            terms = [(term.strip('-"*'), not term.startswith("-")) for term in text.split()]
            query = query._replace(pieces=tuple(terms))
        for piece, must in query.pieces:
            required.append(f"{contains} {'>' if must else '='} 0")
            values.append(piece)
        return required, values

    def _as_in_file(self, column: str, ulids: tuple[str, ...]) -> list[str]:
        """The ids of these ULIDs as the file has them: the same, and those Curta has made a ULID for."""
        return [*ulids, *(id for id in self._odd(column) if ulid(id) in ulids)]

    def _odd(self, column: str) -> list[str]:
        """The ids that are no ULIDs, which only other programs than `llm` have written."""
        name = f"{self.table}.{column}"
        query = f"SELECT DISTINCT {name} FROM {self.table} WHERE length({name}) <> {ids.LENGTH}"
        return [str(row[0]) for row in self.database.rows(query)]


def _lowest_ulid(moment: datetime) -> str:
    return ids.from_int(max(0, round(moment.timestamp() * 1000)) << 80)


def _where(required: list[str]) -> str:
    return f" WHERE {' AND '.join(required)}" if required else ""


def _carries(call: PastCall, filter: Filter) -> bool:
    """Whether the call asked for the schema, and was sent with the documents, that the filter names."""
    if filter.schema is not None and (call.schema is None or canonical(call.schema) != canonical(filter.schema)):
        return False
    return not filter.documents or set(filter.documents) <= {record.sha256 for record in call.document_records}
