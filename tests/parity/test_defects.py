"""Defects that `llm` 0.36 has, each as a test that would fail on it."""

import os
import subprocess
from pathlib import Path

import pytest

from curta.store import open_log
from tests.cli.conftest import PROGRAM, Curta, added, curta, terminal

__all__ = ["added", "curta", "terminal"]


def test_a_call_that_fails_in_the_middle_is_logged_with_what_had_arrived(added: Curta) -> None:
    """`llm logs` has nothing of it."""
    assert added("-m", "cut", "Say something").code == 1
    (call,) = added("logs", "--json").json
    assert (call["status"], call["response"]) == ("failed", "Half an ans")


def test_an_interrupted_call_is_logged_with_what_had_arrived(added: Curta, terminal, openai_server) -> None:
    running = terminal("-m", "stall", "Say something")
    running.read_until(b"Half")
    running.interrupt()
    assert running.wait() == 130
    (call,) = added("logs", "--json").json
    assert (call["status"], call["response"]) == ("interrupted", "Half")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_the_log_is_readable_by_its_owner_alone(added: Curta, home: Path) -> None:
    """That of `llm` is readable by everybody."""
    added("-m", "hello", "Hi")
    assert (home / "log.db").stat().st_mode & 0o777 == 0o600


def test_a_new_system_prompt_in_a_continued_conversation_is_sent(added: Curta, openai_server) -> None:
    """`llm -c -s` drops it."""
    added("-m", "echo", "-s", "Be kind", "Hello")
    added("-c", "-s", "Be stern", "Again")
    systems = [each["content"] for each in openai_server.requests[-1].body["messages"] if each["role"] == "system"]
    assert "Be stern" in systems


def test_the_very_first_calls_may_be_many_at_once(added: Curta, home: Path) -> None:
    """Of eight first calls of `llm` at once three to five fail, and some break the log for good."""
    started = [
        subprocess.Popen([*PROGRAM, "-m", "hello", f"Number {n}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for n in range(8)
    ]
    assert [each.wait(60) for each in started] == [0] * 8
    assert open_log().count() == 8


def test_a_call_to_an_endpoint_is_logged(added: Curta, openai_server) -> None:
    """`llm openai endpoint` never is."""
    assert added("openai", "endpoint", openai_server.url, "-m", "hello", "Hi").code == 0
    (call,) = added("logs", "--json").json
    assert call["prompt"] == "Hi"
    assert call["model"].startswith(openai_server.url)
