"""When a batch stops: what it may spend is spent, nothing is answered, the log cannot be written, somebody says so."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from curta import http
from curta.batch import Batch, Work
from curta.batch.ending import HOPELESS
from curta.conversations.budget import Budget
from curta.errors import BadKey, ProviderError, TooExpensive, UnsupportedRequest
from curta.models import price_table, registry
from curta.models.prices import Price
from curta.store import Log
from curta.store.batches import WorkList
from tests.servers.crowd import Crowd, wait_for
from tests.servers.openai import Failure

Works = Callable[..., list[Work]]
Held = Callable[..., WorkList]

DOWN = Failure(500, "Out of order.", headers={"x-should-retry": "false"})


def until_it_ends(batch: Batch) -> tuple[list[Any], Exception | None]:
    found = []
    try:
        for done in batch:
            found.append(done)
    except Exception as error:
        return found, error
    return found, None


# Money and tokens


@pytest.fixture
def priced(crowd: Crowd) -> Any:
    """A model at a dollar for a thousand tokens."""
    price_table.set_own("crowd", Price(1_000, 1_000, "2020-01-01"))
    return registry.get("crowd")


def test_it_stops_before_it_could_cost_more(priced: Any, crowd: Crowd, works: Works, log: Log, held: Held) -> None:
    budget, asked = Budget(0.25), [each._replace(model=priced) for each in works(50, options={"max_tokens": 50})]
    found, error = until_it_ends(Batch(asked, log=log, work_list=held(), budget=budget))
    assert isinstance(error, TooExpensive)
    assert 0 < len(found) < 50
    assert all(done.ok for done in found)
    assert sum(done.cost for done in found) == pytest.approx(budget.spent)
    assert budget.spent <= 0.25
    more, _ = until_it_ends(Batch(asked, log=log, work_list=held(), budget=Budget(100)))
    assert [done.reused for done in more].count(True) == len(found)
    assert set(crowd.asked.values()) == {1}


def test_requests_wait_for_what_others_leave_of_the_budget(priced: Any, works: Works) -> None:
    """One request may cost 0.08 and costs less than 0.01: all fit one after the other, two do not fit at once."""
    asked = [each._replace(model=priced) for each in works(6, options={"max_tokens": 50})]
    found, error = until_it_ends(Batch(asked, budget=Budget(0.15)))
    assert (len(found), error) == (6, None)


def test_it_stops_when_its_tokens_are_used(works: Works) -> None:
    found, error = until_it_ends(Batch(works(50), concurrency=1, tokens=20))
    assert isinstance(error, TooExpensive)
    assert 20 <= sum(done.tokens for done in found) < 30


# Servers


def test_a_server_that_goes_down_ends_it_and_what_it_missed_is_asked_the_next_time(
    crowd: Crowd, works: Works, log: Log, held: Held
) -> None:
    crowd.answer = lambda words: words if int(words) < 5 else DOWN
    found, error = until_it_ends(Batch(works(100), log=log, work_list=held(), concurrency=1))
    assert isinstance(error, ProviderError)
    assert [done.ok for done in found] == [True] * 5 + [False] * HOPELESS
    crowd.answer = lambda words: words
    again, error = until_it_ends(Batch(works(100), log=log, work_list=held(), concurrency=4))
    assert ([done.ok for done in again], error) == ([True] * 100, None)
    assert crowd.asked["0"] == 1
    assert crowd.asked["5"] == 2


def test_a_bad_key_ends_it_at_once(crowd: Crowd, works: Works) -> None:
    crowd.key = "the right one"
    found, error = until_it_ends(Batch(works(50), concurrency=1))
    assert isinstance(error, BadKey)
    assert len(found) == 1


def test_what_no_request_of_the_model_can_do_ends_it_at_once(works: Works, crowd: Crowd) -> None:
    found, error = until_it_ends(Batch(works(50, options={"colour": "red"}), concurrency=1))
    assert isinstance(error, UnsupportedRequest)
    assert not crowd.asked
    assert len(found) == 1


def test_complaints_are_waited_out_and_nothing_fails(crowd: Crowd, works: Works) -> None:
    wait = {"retry-after": "0.01"}
    crowd.answer = lambda words: Failure(429, headers=wait) if crowd.asked[words] <= 2 else words
    told: list[http.Retry] = []
    found, error = until_it_ends(Batch(works(12), on_retry=told.append))
    assert ([done.text for done in found], error) == ([str(number) for number in range(12)], None)
    assert {retry.delay for retry in told} == {0.01}


def test_a_request_whose_attempts_are_used_up_is_asked_again_when_the_server_said_when(
    crowd: Crowd, works: Works, log: Log, held: Held
) -> None:
    wait = {"retry-after": "0.01"}
    crowd.answer = lambda words: Failure(429, headers=wait) if crowd.asked[words] <= http.ATTEMPTS else words
    (done,) = Batch(works(1), log=log, work_list=held())
    assert done.ok
    assert [call.status for call in log.calls()] == ["ok", "failed"]
    assert held().counts() == (1, 0)


# People, disks


def test_stopping_waits_for_what_is_under_way_and_asks_for_nothing_more(
    crowd: Crowd, works: Works, log: Log, held: Held
) -> None:
    stopped = threading.Event()

    def answer(words: str) -> str:
        if words == "2":
            batch.stop()
            stopped.set()
        wait_for(stopped)
        return words

    crowd.answer = answer
    batch = Batch(works(50), log=log, work_list=held(), concurrency=3)
    found, error = until_it_ends(batch)
    assert ([done.text for done in found], error) == (["0", "1", "2"], None)
    assert batch.stopped
    assert set(crowd.asked) == {"0", "1", "2"}


FULL = """
import resource, sys
from curta.batch import Batch, Work
from curta.messages import Request, user
from curta.models import registry
from curta.store import open_log

model, log = registry.get("crowd"), open_log()
work_list = log.batch("test", "ab" * 32)

def works():
    for number in range(1000):
        if number == 20:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 12, resource.RLIM_INFINITY))
        yield Work(model, Request("crowd", (user(str(number)),)))

for done in Batch(works(), log=log, work_list=work_list, concurrency=2):
    print(done.text, flush=True)
"""


def test_a_full_disk_ends_it_and_the_answers_that_came_are_given(model: Any, crowd: Crowd) -> None:
    done = subprocess.run([sys.executable, "-c", FULL], env=os.environ, capture_output=True, text=True, timeout=60)
    assert "LogUnavailable: The log cannot be written" in done.stderr
    answers = done.stdout.splitlines()
    assert answers == [f"Answer to {number}" for number in range(len(answers))]
    assert 10 <= len(answers) == len(crowd.asked) < 40
