"""What calls cost, summed by the days of this computer's clock, also where that is put back and forth."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from curta.events import UsageReport
from curta.messages import Request, assistant, user
from curta.store import Filter, Log, Outcome, ids
from curta.store.recording import Opening, close_call, insert_call
from curta.store.spending import Spending


def calls(log: Log, *made: tuple[datetime, float | None, str]) -> None:
    """Log calls: when they began, what they cost, of which model."""
    with log._database.writing() as connection:
        for began, cost, model in made:
            id = ids.new()
            opening = Opening(id, id, Request(model, (user("hi"),)), round(began.timestamp() * 1000))
            row, _ = insert_call(connection, opening)
            close_call(connection, row, id, Outcome("ok", assistant("yes"), None, UsageReport(10, 2), cost, "stop"))


@pytest.fixture(params=["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_each_call_counts_on_the_day_of_the_clock(log: Log, zone: str) -> None:
    began = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=7 * n + 0.4 * (n % 5)) for n in range(1_250)]
    calls(log, *((moment, 1.0, "m") for moment in began))
    expected: dict[str, int] = {}
    for moment in began:
        day = moment.astimezone().date().isoformat()
        expected[day] = expected.get(day, 0) + 1
    days = log.spending("day")
    assert {each.what: each.calls for each in days} == expected
    assert [each.what for each in days] == sorted(expected)
    assert sum(each.calls for each in log.spending("month")) == len(began)
    assert [each.what for each in log.spending("day", limit=2)] == sorted(expected)[-2:]


def test_what_is_unknown_is_counted_and_not_summed(log: Log) -> None:
    now = datetime.now(UTC)
    calls(log, *((now, cost, model) for cost, model in ((0.5, "a"), (None, "a"), (0.25, "b"), (None, "c"))))
    a, b, c = log.spending("model")
    assert a == Spending("a", 2, 0.5, 1, 0, 20, 4)
    assert (b.cost, c.cost, c.unknown) == (0.25, 0, 1)
    assert [each.what for each in log.spending("model", Filter(model="b"))] == ["b"]
    assert [each.what for each in log.spending("conversation", limit=1)] == [list(log.calls())[-1].id]


def test_an_empty_log_cost_nothing(log: Log) -> None:
    assert [log.spending(by) for by in ("day", "month", "model", "caller", "conversation")] == [[]] * 5
