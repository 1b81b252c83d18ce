"""The promises of the log, under real processes that are really killed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from curta.messages import Message, Reasoning, Request, Text, user
from curta.store import Entry, Filter, Log, Outcome, open_log

Say = Callable[..., Entry]

FIRST_CALLS = """
import os, sys, time
from curta.messages import Request, assistant, user
from curta.store import Outcome, open_log
start = time.monotonic() + 0.3
children = []
for number in range(32):
    child = os.fork()
    if child == 0:
        time.sleep(max(0, start - time.monotonic()))
        entry = open_log().begin(Request("m", (user(f"from {number}"),)))
        entry.finish(Outcome("ok", assistant("answer")))
        print("\\n".join(entry.warnings), file=sys.stderr, end="", flush=True)
        os._exit(0)
    children.append(child)
print([os.waitpid(child, 0)[1] for child in children])
"""

STREAMING = """
import sys, time
from curta.messages import Request, user
from curta.store import open_log
entry = open_log().begin(Request("m", (user("count"),)))
pieces, reasoning = [], []
for number in range(100_000):
    pieces.append(f"{number} ")
    reasoning.append("hm ")
    entry.checkpoint(pieces, reasoning)
    print(number, time.monotonic(), entry.warnings, flush=True)
    time.sleep(float(sys.argv[1]) if number < 20 else 60)
"""


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], text=True, **pipes)  # type: ignore[call-overload, no-any-return]


def kill(process: subprocess.Popen[str]) -> str:
    """Kill a process without a word of warning. Returns what it had printed."""
    os.kill(process.pid, signal.SIGKILL)
    return process.communicate()[0]


@pytest.mark.parametrize("trial", range(3))
def test_thirty_two_first_processes_at_once_all_log(log: Log, home: Path, trial: int) -> None:
    assert python(FIRST_CALLS).communicate() == (f"{[0] * 32}\n", "")
    assert {call.prompt for call in log.calls()} == {f"from {number}" for number in range(32)}
    assert not (home / "spool").exists()
    assert sorted(path.name for path in home.iterdir() if path.name.startswith(".")) == []


def test_call_is_in_the_log_before_it_is_answered(log: Log) -> None:
    entry = log.begin(Request("m", (user("anyone there?"),)))
    seen = open_log().call(entry.id)
    assert (seen.prompt, seen.status, seen.response) == ("anyone there?", "running", "")


@pytest.mark.parametrize("pause", [0.01, 0.15])
def test_killed_process_leaves_what_had_arrived_a_second_before(log: Log, pause: float) -> None:
    process = python(STREAMING, str(pause))
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(random.uniform(1.5, 2.5))
    killed = time.monotonic()
    printed = [line.split(maxsplit=2) for line in (first + kill(process)).splitlines()]
    older = [int(number) for number, at, _ in printed if float(at) < killed - 1]
    seen = log.call()
    assert seen.status == "interrupted"
    assert [int(number) for number in seen.response.split()][: len(older)] == older
    assert older
    assert seen.reasoning.count("hm") >= len(older)
    log.settle()
    settled = log.call()
    assert (settled.status, settled.response, settled.reasoning) == ("interrupted", seen.response, seen.reasoning)
    assert settled.message() == Message("assistant", (Reasoning(seen.reasoning), Text(seen.response)))


def test_living_and_dead_writers_are_told_apart(log: Log) -> None:
    living, dead = python(STREAMING, "60"), python(STREAMING, "60")
    for process in (living, dead):
        assert process.stdout is not None
        process.stdout.readline()
    ours = log.begin(Request("m", (user("ours"),)))
    kill(dead)
    try:
        log.settle()
        assert sorted(call.status for call in log.calls()) == ["interrupted", "running", "running"]
        assert log.count(Filter(status="ok")) == 0
        assert [call.status for call in log.calls(Filter(status="interrupted"))] == ["interrupted"]
        assert [call.status for call in log.calls(Filter(status="running", limit=1))] == ["running"]
    finally:
        kill(living)
    ours.finish(Outcome("ok"))
    assert sorted(call.status for call in log.calls()) == ["interrupted", "interrupted", "ok"]


def test_next_call_closes_what_a_dead_process_left(log: Log, home: Path) -> None:
    process = python(STREAMING, "60")
    assert process.stdout is not None
    process.stdout.readline()
    kill(process)
    open_log().begin(Request("m", (user("next"),))).finish(Outcome("ok"))
    with log._database.reading() as connection:
        statuses = connection.execute("SELECT status FROM call ORDER BY id").fetchall()
    assert statuses == [("interrupted",), ("ok",)]
    assert [call.prompt for call in log.calls(Filter(query="count"))] == ["count"]


def test_answer_that_stalls_is_checkpointed_without_another_piece(log: Log) -> None:
    entry = log.begin(Request("m", (user("?"),)))
    entry.checkpoint("so far")
    deadline = time.monotonic() + 5
    while (seen := open_log().call(entry.id).response) != "so far" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert seen == "so far"
    entry.finish(Outcome("failed", error="cut"))
    assert log.call(entry.id).response == "so far"


def test_pieces_of_an_answer_cost_no_statements(log: Log) -> None:
    entry = log.begin(Request("m", (user("?"),)))
    statements: list[str] = []
    with log._database.reading() as connection:
        connection.set_trace_callback(statements.append)
    pieces = []
    for number in range(1000):
        pieces.append(f"{number} ")
        entry.checkpoint(pieces)
    assert len(statements) <= 12
    entry.finish(Outcome("interrupted"))
    assert log.call(entry.id).response == "".join(pieces)


def test_threads_share_a_log(log: Log) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def one(number: int) -> list[str]:
        entry = log.begin(Request("m", (user(f"thread {number}"),)))
        entry.checkpoint([str(number)])
        entry.finish(Outcome("ok"))
        return entry.warnings

    with ThreadPoolExecutor(8) as pool:
        assert [warning for warnings in pool.map(one, range(100)) for warning in warnings] == []
    assert log.status().calls == {"ok": 100}


def test_failed_call_without_an_answer_has_none(log: Log) -> None:
    entry = log.begin(Request("m", (user("?"),)))
    tip = entry.finish(Outcome("failed", Message("assistant", ()), error="no network"))
    assert tip.length == 1
    call = log.call(entry.id)
    assert (call.message(), call.error, call.response) == (None, "no network", "")


def test_call_that_is_finished_twice_is_logged_once(log: Log) -> None:
    entry = log.begin(Request("m", (user("twice"),)))
    entry.finish(Outcome("failed"))
    entry.finish(Outcome("ok", Message("assistant", (Text("better"),))))
    assert [(call.status, call.response) for call in log.calls(Filter(query="twice"))] == [("ok", "better")]
    with log._database.reading() as connection:
        connection.execute("INSERT INTO call_search (call_search, rank) VALUES ('integrity-check', 1)")
