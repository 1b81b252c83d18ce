"""Ctrl-C and outages as a person sees them: wherever it comes, with the verdict so far."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from curta.models import registry
from tests.cli.conftest import PROGRAM
from tests.evals.tones import SPEC, obeys
from tests.servers.crowd import Crowd, wait_for
from tests.servers.openai import Failure


@pytest.fixture
def spec(tmp_path: Path) -> Any:
    """`spec(inputs=...)` is the name of a file with the experiment."""

    def write(**change: Any) -> str:
        path = tmp_path / "spec.yml"
        path.write_text(json.dumps({**SPEC, **change}))
        return str(path)

    return write


def start(path: str, stdin: int = subprocess.DEVNULL) -> "subprocess.Popen[str]":
    pipes: dict[str, Any] = {"stdin": stdin, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*PROGRAM, "eval", path, "-m", "crowd"], env=os.environ, text=True, **pipes)


def test_ctrl_c_while_inputs_are_waited_for(crowd: Crowd, spec: Any) -> None:
    process = start(spec(inputs="-"), subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write("a word\n" * 50_000)  # more than a pipe holds: when all is written, some of it was read
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    out, told = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in told
    assert not crowd.asked


def test_ctrl_c_twice_while_a_judge_is_asked(crowd: Crowd, spec: Any) -> None:
    judging, given = threading.Event(), threading.Event()

    def answer(words: str) -> str:
        if "somebody answered" in words:
            judging.set()
            wait_for(given)
        return obeys(words)

    registry.add("referee", url=crowd.url, model="hello")
    crowd.answer = answer
    process = start(spec(score={"judge": {"asks": "Did it obey?", "model": "referee"}}))
    wait_for(judging)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "Waiting for" not in (line := process.stderr.readline()):
        assert line
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    given.set()
    assert process.returncode == 130, told
    assert "Stopped after" in told


def test_a_provider_that_goes_down_is_told_with_what_is_known_and_how_to_go_on(
    curta: Any, crowd: Crowd, spec: Any
) -> None:
    down = Failure(500, "Out of order.", headers={"x-should-retry": "false"})
    crowd.answer = lambda words: down if crowd.asked.total() > 12 else "no"
    done = curta("eval", spec(), "-m", "crowd", "-j", "1")
    assert done.code == 1
    assert done.out.startswith("tone: undecided (0 points")
    assert "failed answers" not in done.out
    assert "It could not go on after 6 inputs. The same command goes on from there." in done.err
    assert "Out of order." in done.err
