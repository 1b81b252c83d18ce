"""The rows with their answers, as they come; and how far it is."""

from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from curta.batch import Batch, Done, Progress, Work
from curta.batch.batch import CONCURRENCY
from curta.batch.outcome import CUT_OFF
from curta.errors import CurtaError, UsageError
from curta.mapping.binding import Binding
from curta.messages import JSON, Request, canonical, sha256
from curta.models.wires import served
from curta.sources.tables import TableRow

if TYPE_CHECKING:
    from curta.batch.estimate import Estimate
    from curta.conversations.budget import Budget
    from curta.http import Retry
    from curta.store import Log
    from curta.store.batches import Counts, WorkList

KIND = "map"
ANSWER, CALL, ERROR = "answer", "call", "error"
_LOOKED_AT = 20
"""Rows that are looked at to know which columns there are."""

Row = dict[str, JSON]


class Mapped:
    """Rows with their answers. Iterate over it, from sync or async code, once.

    binding: what is asked. rows: about what. answer: the column that answers go into; by default `answer`, or one for
    each field of the schema. total: how many rows there are, when that is known. place: where the rows are from. What
    the same binding asked earlier about rows from there is not asked again; again: ask everything afresh.

    Each row that comes out is the row that went in, with the answer, `call` (its id in the log), and `error` where
    something went wrong. Raises, before anything is asked, what can be known to be wrong.
    """

    def __init__(
        self,
        binding: Binding,
        rows: Iterable[TableRow],
        *,
        answer: str | None = None,
        total: int | None = None,
        limit: int | None = None,
        log: "Log | None" = None,
        again: bool = False,
        retry_failed: bool = False,
        concurrency: int = CONCURRENCY,
        ordered: bool = True,
        budget: "Budget | None" = None,
        tokens: int | None = None,
        caller: str = KIND,
        place: str = "",
        on_retry: "Callable[[Retry], None] | None" = None,
    ) -> None:
        remaining = islice(rows, limit)
        first = list(islice(remaining, _LOOKED_AT))
        self.columns = _columns(first)
        self.total = total if limit is None or total is None else min(limit, total)
        self.before: Counts | None = None
        self._binding, self._rows = binding, chain(first, remaining)
        self._log, self._again, self._place = log, again, place
        self._list: WorkList | None = None
        self._how: dict[str, Any] = {"log": log, "retry_failed": retry_failed, "concurrency": concurrency}
        self._how |= {"ordered": ordered, "budget": budget, "tokens": tokens, "caller": caller, "on_retry": on_retry}
        self._batch: Batch | None = None
        if self.columns:
            binding.bind(self.columns)
            self._check_first(first)
        self._answer = answer
        self.added = self._added()

    # Going through it

    def open(self) -> "Counts | None":
        """Look up what was asked earlier; how much of it was answered and how much failed. Raises UsageError, LogError.

        Nobody else works on the same from now on, until this is iterated to its end, or closed.
        """
        if self._log is not None and self._list is None:
            self._list = self._log.batch(KIND, self._identity(), again=self._again)
            self.before = self._list.counts()
        return self.before

    def close(self) -> None:
        if self._list is not None:
            self._list.close()
        self._list = None

    def stop(self, told: Callable[[int], object] | None = None) -> None:
        """Ask for nothing more; what is under way is waited for. told: as for `Batch.stop`."""
        if self._batch:
            self._batch.stop(told)

    def give_up(self) -> None:
        """Stop, and wait for nothing: what is under way is interrupted."""
        if self._batch:
            self._batch.give_up()

    def __iter__(self) -> Generator[Row, None, None]:
        """Raises what ends it early, after all rows that are done: TooExpensive, a ModelError, LogError."""
        try:
            for done in self._begun():
                yield self._row(done)
        finally:
            self.close()

    async def __aiter__(self) -> AsyncIterator[Row]:
        try:
            async for done in self._begun():
                yield self._row(done)
        finally:
            self.close()

    def estimate(self) -> "Estimate":
        """What asking about all rows will take and cost. The rows are gone afterwards."""
        from curta.batch.estimate import estimate

        self.open()
        try:
            return estimate(self._works(), self._list, retry_failed=self._how["retry_failed"])
        finally:
            self.close()

    @property
    def progress(self) -> Progress:
        return self._batch.progress if self._batch else Progress()

    @property
    def stopped(self) -> bool:
        return self._batch is not None and self._batch.stopped

    @property
    def columns_out(self) -> tuple[str, ...]:
        """The columns of the rows that come out."""
        kept = (name for name in self.columns if name not in (CALL, ERROR))
        return (*kept, *self.added, CALL, ERROR)

    # In and out

    def _begun(self) -> Batch:
        if self._batch is not None:
            raise UsageError("These rows have been asked about already.", then="Begin anew with curta.map(...).")
        self.open()
        self._batch = Batch(self._works(), work_list=self._list, **self._how)
        return self._batch

    def _works(self) -> Iterator[Work]:
        for row in self._rows:
            yield Work(self._binding.model, self._asked(row), row, template=self._binding.template)

    def _asked(self, row: TableRow) -> Request | CurtaError:
        if row.error is not None:
            return row.error
        try:
            return self._binding.request(row)
        except CurtaError as error:
            return error

    def _row(self, done: Done) -> Row:
        row: Row = {name: value for name, value in done.work.tag.values.items() if name not in (CALL, ERROR)}
        if done.ok or done.error == CUT_OFF:
            row |= self._said(done)
        row |= {CALL: done.call} if done.call else {}
        return row if done.ok else {**row, ERROR: done.error}

    def _said(self, done: Done) -> Row:
        if done.ok and self.added != (self._answer or ANSWER,) and isinstance(done.value, dict):
            return dict(done.value)
        return {self._answer or ANSWER: done.text if done.value is None else done.value}

    def _added(self) -> tuple[str, ...]:
        """The columns that the answer goes into. Raises UsageError when the rows have one of them already."""
        schema = self._schema
        fields = tuple(schema.get("properties", ())) if schema and self._answer is None else ()
        added = fields or (self._answer or ANSWER,)
        if taken := [name for name in added if name in (*self.columns, CALL, ERROR)]:
            raise UsageError(
                f"The answers would go into the column {taken[0]!r}, which the rows have already.",
                then="Name another column for them: --as NAME",
            )
        return added

    def _check_first(self, first: Sequence[TableRow]) -> None:
        """Ask for the first request without sending it. Raises MissingKey, UnsupportedRequest."""
        sound = next(row for row in first if row.error is None)
        request = self._asked(sound)
        self._schema = request.schema if isinstance(request, Request) else self._binding.schema
        if isinstance(request, Request):
            self._binding.try_out(request)

    _schema: Mapping[str, JSON] | None = None

    def _identity(self) -> str:
        model = self._binding.model
        asked = {**self._binding.identity, "model": [model.name, served.place(model)], "rows": self._place}
        return sha256(canonical(asked))


def _columns(rows: Sequence[TableRow]) -> tuple[str, ...]:
    """The columns of the first rows, in order. Raises the error of the first when none of them can be read."""
    if rows and all(row.error for row in rows):
        raise rows[0].error or UsageError("No row can be read.")
    return tuple(dict.fromkeys(name for row in rows for name in row.values))
