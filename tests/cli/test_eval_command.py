"""`curta eval`: the plan, the verdicts, exit codes for scripts; Ctrl-C and kill lose nothing that was paid for."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import PROGRAM
from tests.servers.crowd import Crowd, wait_for
from tests.servers.openai import Failure

ASK = ("eval", "tone.yml", "-m", "crowd")
SPEC = """
name: tone
prompt: "$tone Say $text."
factors:
  tone: {please: "Please.", now: "Now!"}
inputs: rows.csv
score: {contains: $text}
rope: 0.2
"""


@pytest.fixture(autouse=True)
def _spec(crowd: Crowd, tmp_path: Path) -> None:
    (tmp_path / "tone.yml").write_text(SPEC)
    (tmp_path / "rows.csv").write_text("id,text\n" + "".join(f"{number},word{number}\n" for number in range(30)))
    crowd.answer = lambda words: words if "Now!" in words else "no"


def test_the_plan_is_told_and_the_verdict_is_the_result(curta: Any, crowd: Crowd) -> None:
    done = curta(*ASK)
    assert done.out.splitlines()[0].startswith("tone: better (+100 points, CS [+")
    assert done.out.splitlines()[1:] == ["contains: please 0 · now 1"]
    assert done.err.startswith("30 inputs, 2 ways of asking: at most 60 calls.\n")
    assert "One wording: what is found of it may not hold of another." in done.err
    assert "All is known after 10 inputs." in done.err
    assert done.code == 0


def test_a_plan_says_what_it_can_see_and_asks_nothing(curta: Any, crowd: Crowd) -> None:
    planned = curta("eval", "plan", "tone.yml", "-m", "crowd")
    assert planned.out.startswith("30 inputs, 2 ways of asking: at most 60 calls.\n")
    assert "Decided by evidence that may be looked at after every input, alpha 0.05, margin 0.2.\n" in planned.out
    assert planned.out.splitlines()[-3:-1] == [
        "independent inputs           20     30     50    100    200    500  1,000",
        "points, 1 in 4 differs     31.3   25.6   19.8     14   9.91   6.26   4.43",
    ]
    told = curta("eval", "plan", "tone.yml", "-m", "crowd", "--json").json
    assert (told["units"], told["calls"], told["estimate"]["calls"], told["branch"]) == (30, 60, 60, None)
    assert not crowd.asked


def test_a_change_for_the_worse_fails_a_check(curta: Any, crowd: Crowd) -> None:
    crowd.answer = lambda words: "no" if "Now!" in words else words
    done = curta(*ASK, "--json")
    (result,) = done.json["results"]
    assert (done.code, result["outcome"], done.json["ended"]) == (3, "worse", "decided")
    assert done.json["plan"]["calls"] == 60


def test_answers_that_fail_are_counted_and_what_they_could_hide_is_said(curta: Any, crowd: Crowd) -> None:
    crowd.answer = lambda words: Failure(400, "No.") if words.endswith("word3.") else "no"
    done = curta(*ASK)
    assert done.code == 1
    assert "failed answers could make it anything from -4 to +4 points" in done.out
    assert "contains: please 0 (1 of 26 failed) · now 0 (1 of 26 failed)\n  failed: 127.0.0.1" in done.out
    assert done.out.count("  failed: ") == 1
    assert "  failed: 127.0.0.1" in curta("eval", "report").out


def test_the_log_is_read_again_and_listed(curta: Any, crowd: Crowd) -> None:
    assert "No experiment is logged" in curta("eval", "list").err
    ran = curta(*ASK)
    id, asked = ran.err.split()[-1], crowd.asked.total()
    assert curta("eval", "list").out.startswith(id)
    assert curta("eval", "report", id[:20]).out.splitlines()[2:] == ran.out.splitlines()
    assert curta("eval", "report", "--json").json["results"] == curta(*ASK, "--json").json["results"]
    assert crowd.asked.total() == asked
    assert curta("eval", "report", "zzz").code == 1


def test_what_cannot_be_meant_is_refused_before_anything_is_asked(curta: Any, crowd: Crowd, tmp_path: Path) -> None:
    (tmp_path / "tone.yml").write_text(SPEC.replace("rope", "ropes"))
    done = curta(*ASK)
    assert done.code == 2
    assert "Did you mean 'rope'?" in done.err
    assert curta("eval", "nothing.yml").code == 2
    assert "Did you mean `curta eval report`?" in curta("eval", "reprot").err
    assert curta("eval").code == 2
    assert not crowd.asked


def test_a_provider_that_refuses_the_key_ends_it_with_its_reason(curta: Any, crowd: Crowd) -> None:
    crowd.key = "the right one"
    done = curta(*ASK)
    assert (done.code, done.out) == (1, "")
    assert "refused the key" in done.err


@pytest.fixture
def held(crowd: Crowd) -> tuple[threading.Event, threading.Event]:
    """The server waits with its seventh answer. Gives: it was asked for, and: give it."""
    asked, given = threading.Event(), threading.Event()

    def answer(words: str) -> str:
        if crowd.asked.total() == 7:
            asked.set()
            wait_for(given)
        return words if "Now!" in words else "no"

    crowd.answer = answer
    return asked, given


def start(tmp_path: Path) -> "subprocess.Popen[str]":
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*PROGRAM, *ASK, "-j", "1", "--json"], cwd=tmp_path, env=os.environ, text=True, **pipes)


def test_ctrl_c_ends_it_with_the_verdict_so_far(
    curta: Any, crowd: Crowd, tmp_path: Path, held: tuple[threading.Event, threading.Event]
) -> None:
    asked, given = held
    process = start(tmp_path)
    wait_for(asked)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "Waiting for an answer" not in (line := process.stderr.readline()):
        assert line
    given.set()
    out, told = process.communicate(timeout=60)
    so_far = json.loads(out)
    assert (process.returncode, so_far["ended"], so_far["units"]) == (130, "stopped", 3)
    assert so_far["results"][0]["outcome"] == "undecided"
    assert "goes on from there" in told
    assert curta(*ASK).code == 0
    assert set(crowd.asked.values()) == {1}


def test_a_run_that_leaves_no_trace_does_not_promise_to_go_on(curta: Any, crowd: Crowd) -> None:
    crowd.answer = lambda words: Failure(503)
    done = curta(*ASK, "--no-log")
    assert done.code == 1
    assert "could not go on" in done.err
    assert "goes on from there" not in done.err


def test_after_a_kill_only_what_was_under_way_is_asked_again(
    curta: Any, crowd: Crowd, tmp_path: Path, held: tuple[threading.Event, threading.Event]
) -> None:
    asked, given = held
    process = start(tmp_path)
    wait_for(asked)
    process.kill()
    process.communicate(timeout=60)
    given.set()
    assert curta(*ASK).out.startswith("tone: better")
    assert sorted(crowd.asked.values())[-2:] == [1, 2]
