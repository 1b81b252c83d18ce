"""A guest that had broken out of WebAssembly would speak for its process: nothing that it can say does any harm."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curta.sandbox import Result, Sandbox

NOTHING: dict[str, Any] = {"changes": [], "read": {}}
TOLD = {
    "status": "ok",
    "value": "",
    "error": "",
    "exit_code": 0,
    "alive": True,
    "truncated": [],
    "usage": {},
    "effects": {"/tmp": NOTHING, "/work": NOTHING},
}
SPEAKER = """
import sys, time
sys.stdin.readline()
print('{"ready": ["webassembly"]}', flush=True)
sys.stdin.readline()
sys.stdout.write(open(%r).read())
sys.stdout.flush()
time.sleep(600)
"""


def told(**other: object) -> dict[str, Any]:
    return {"result": {**TOLD, **other}}


def stealing(content: str) -> dict[str, Any]:
    made = ["created", "a", "file", None, None, 1, None, content]
    return told(effects={"/tmp": NOTHING, "/work": {"changes": [made], "read": {}}})


@pytest.fixture
def after(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The result of a run whose process says these messages, and then nothing."""

    def run(*messages: object) -> Result:
        lines = tmp_path / "lines"
        lines.write_text("".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in messages))
        monkeypatch.setattr("curta.sandbox.process.PROGRAM", SPEAKER % str(lines))
        with Sandbox() as sandbox:
            return sandbox.run("1")

    return run


@pytest.mark.parametrize(
    "message",
    [
        "no json",
        "[" * 100_000,
        "[1]",
        "{}",
        {"other": 1},
        {"began": True, "ended": True},
        {"result": 7},
        {"result": {}},
        told(status="root"),
        told(status=[]),
        told(exit_code="x"),
        told(usage={"seconds": 1, "root": 2}),
        told(effects=[]),
        stealing("../../../etc/passwd"),
        stealing("/etc/passwd"),
        stealing("1/.."),
        {"stream": "stdin", "text": "x"},
        {"stream": [], "text": "x"},
        {"stream": "stdout"},
        {"stream": "stdout", "text": 5},
        {"stream": "stdout", "text": "\u20ac"},
        {"stream": "stdout", "text": "x" * (2 << 20)},
    ],
    ids=lambda message: str(message)[:40],
)
def test_what_makes_no_sense_ends_the_process_and_not_the_host(after: Callable[..., Result], message: object) -> None:
    result = after({"began": True}, message, told())
    assert result.status == "ended"
    assert not result.files


def test_a_process_cannot_give_itself_more_time(after: Callable[..., Result]) -> None:
    assert after({"began": True}, {"began": True}).status == "ended"
    assert after({"began": True}, {"ended": True}, {"ended": True}).status == "ended"


def test_a_process_cannot_claim_walls(after: Callable[..., Result]) -> None:
    result = after({"began": True}, told(walls=["webassembly", "landlock"]))
    assert (result.status, result.walls) == ("ok", ("webassembly",))
