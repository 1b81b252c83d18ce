"""What was asked is not asked again: not in a later run, not after a process that was killed, not twice in one run."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curta.batch import Batch, Work
from curta.errors import UsageError
from curta.store import Log
from curta.store.batches import Counts, WorkList
from tests.servers.crowd import Crowd, wait_for
from tests.servers.openai import Answer, Failure

Works = Callable[..., list[Work]]
Held = Callable[..., WorkList]


def run(works: list[Work], log: Log, work_list: WorkList, **how: Any) -> list[Any]:
    return list(Batch(works, log=log, work_list=work_list, **how))


def test_a_second_run_asks_only_what_is_new(crowd: Crowd, log: Log, works: Works, held: Held) -> None:
    first = run(works(3), log, held())
    second = run(works(5), log, held())
    assert [done.reused for done in second] == [True, True, True, False, False]
    assert [done.text for done in second[:3]] == [done.text for done in first]
    assert [done.call for done in second[:3]] == [done.call for done in first]
    assert set(crowd.asked.values()) == {1}


def test_the_order_may_have_changed(crowd: Crowd, log: Log, works: Works, held: Held) -> None:
    run(works("a", "b"), log, held())
    assert [done.text for done in run(works("b", "a"), log, held())] == ["Answer to b", "Answer to a"]
    assert set(crowd.asked.values()) == {1}


def test_begun_afresh_it_asks_everything_again(crowd: Crowd, log: Log, works: Works, held: Held) -> None:
    run(works(2), log, held())
    assert not any(done.reused for done in run(works(2), log, held(again=True)))
    assert set(crowd.asked.values()) == {2}


def test_without_a_list_nothing_is_remembered(crowd: Crowd, log: Log, works: Works) -> None:
    for _ in range(2):
        list(Batch(works(1), log=log))
    assert crowd.asked["0"] == 2


def test_equal_questions_of_one_run_are_asked_once(crowd: Crowd, log: Log, works: Works, held: Held) -> None:
    found = run(works("same", "other", "same"), log, held())
    assert [done.reused for done in found] == [False, False, True]
    assert crowd.asked["same"] == 1


def test_repetitions_are_calls_of_their_own(crowd: Crowd, log: Log, works: Works, held: Held) -> None:
    (work,) = works("same")
    run([work._replace(repetition=number) for number in range(3)], log, held())
    assert not run([work._replace(repetition=3)], log, held())[0].reused
    assert crowd.asked["same"] == 4


def test_another_option_is_another_question(crowd: Crowd, log: Log, works: Works, held: Held) -> None:
    run(works(1), log, held())
    assert not run(works(1, options={"temperature": 1}), log, held())[0].reused


def test_what_failed_is_asked_again_only_when_that_is_wanted(crowd: Crowd, log: Log, works: Works, held: Held) -> None:
    crowd.answer = lambda words: Failure(400, "No.") if words == "1" else words
    run(works(3), log, held())
    crowd.answer = lambda words: "better now"
    assert [done.ok for done in run(works(3), log, held())] == [True, False, True]
    assert [done.text for done in run(works(3), log, held(), retry_failed=True)] == ["0", "better now", "2"]
    assert crowd.asked == {"0": 1, "1": 2, "2": 1}
    assert held().counts() == Counts(done=3, failed=0)


def test_a_removed_call_is_asked_again(crowd: Crowd, log: Log, works: Works, held: Held) -> None:
    first, _ = run(works(2), log, held())
    log.remove([first.call])
    assert [done.reused for done in run(works(2), log, held())] == [False, True]


def test_a_redacted_call_is_asked_again(crowd: Crowd, log: Log, works: Works, held: Held) -> None:
    run(works("my secret"), log, held())
    log.redact("secret")
    assert not run(works("my secret"), log, held())[0].reused


def test_a_batch_is_worked_on_in_one_place_at_a_time(log: Log, held: Held) -> None:
    held()
    with pytest.raises(UsageError, match="just now"):
        log.batch("test", "ab" * 32)
    assert not log.batch("test", "cd" * 32).resumed


PROGRAM = """
from curta.batch import Batch, Work
from curta.messages import Request, user
from curta.models import registry
from curta.store import open_log

model, log = registry.get("crowd"), open_log()
works = [Work(model, Request("crowd", (user(str(number)),))) for number in range(8)]
for done in Batch(works, log=log, work_list=log.batch("test", "ab" * 32), concurrency=1):
    print(done.reused, done.text, flush=True)
"""


def test_after_kill_9_only_what_was_under_way_is_asked_again(model: Any, crowd: Crowd, home: Path) -> None:
    reached, never = threading.Event(), threading.Event()

    def answer(words: str) -> str | Answer:
        if words == "5" and crowd.asked["5"] == 1:
            reached.set()
            wait_for(never)
        return words

    crowd.answer = answer
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], env=os.environ, stdout=subprocess.DEVNULL)
    wait_for(reached)
    process.send_signal(signal.SIGKILL)
    process.wait()
    never.set()
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=os.environ, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == [f"{number < 5} {number}" for number in range(8)], done.stderr
    assert crowd.asked == {**dict.fromkeys("0123467", 1), "5": 2}
