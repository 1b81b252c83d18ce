"""What many requests will take, told before anything is sent."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from curta.batch.asking import Asking
from curta.batch.ending import Ending
from curta.batch.work import Work
from curta.messages import Request
from curta.models.forecast import Forecast, forecast

if TYPE_CHECKING:
    from curta.store.batches import WorkList

_REMEMBERED = 50_000
"""Requests that are looked for among those that come later, so that memory is the same for a million."""


class Estimate(NamedTuple):
    """rows: how many there are; of them `reused` are answered already, `bad` cannot be asked, and `calls` will be made.

    input: about how many tokens these send. most_output: the most they can be answered with. cost: about what sending
    costs. most_cost: the most that all of it can cost. In US dollars; None where it is not known.
    """

    rows: int = 0
    calls: int = 0
    reused: int = 0
    bad: int = 0
    input: int = 0
    most_output: int | None = 0
    cost: float | None = 0.0
    most_cost: float | None = 0.0

    def of_all(self, rows: int) -> "Estimate":
        """About what so many rows will take, when these are a sample of them."""
        times = rows / self.rows

        def scaled(count: float | None) -> float | None:
            return count and times * count

        reused, bad = round(times * self.reused), round(times * self.bad)
        tokens = round(times * self.input), self.most_output and round(times * self.most_output)
        return Estimate(rows, rows - reused - bad, reused, bad, *tokens, scaled(self.cost), scaled(self.most_cost))


def estimate(works: Iterable[Work], work_list: "WorkList | None", *, retry_failed: bool = False) -> Estimate:
    """What these works will take, at most. A request that is there several times is made once, and counted so as long
    as there are not too many to remember."""
    asking = Asking(Ending(), work_list=work_list, retry_failed=retry_failed)
    found, seen = Estimate(), set[int]()
    for work in works:
        found = found._replace(rows=found.rows + 1)
        if not isinstance(work.asked, Request):
            found = found._replace(bad=found.bad + 1)
            continue
        key = asking.key(work)
        past = asking.past(key)
        mark = hash(key)
        if mark in seen or (past and asking.settled(work, past)):
            found = found._replace(reused=found.reused + 1)
        else:
            found = _with(found, forecast(work.model, work.asked))
        if len(seen) < _REMEMBERED:
            seen.add(mark)
    return found


def _with(found: Estimate, more: Forecast) -> Estimate:
    return found._replace(
        calls=found.calls + 1,
        input=found.input + more.input,
        most_output=_sum(found.most_output, more.most_output),
        cost=_sum(found.cost, more.cost),
        most_cost=_sum(found.most_cost, more.most_cost),
    )


Number = TypeVar("Number", int, float)


def _sum(a: Number | None, b: Number | None) -> Number | None:
    return None if a is None or b is None else a + b
