"""Defects that `llm` 0.36 has, each as a test that would fail on it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from curta.models import registry
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


def test_many_that_are_embedded_again_leave_no_stale_row(added: Curta, openai_server, tmp_path: Path) -> None:
    """`llm embed-multi` keeps B as it was, when another id comes with what B had."""
    rows = tmp_path / "rows.csv"
    for content in ("id,content\nA,W\nB,X\n", "id,content\nB,Y changed\nC,X\n"):
        rows.write_text(content)
        assert added("embed-multi", "things", "rows.csv", "-m", f"{openai_server.url}#embed", "--store").code == 0
    found = [json.loads(line) for line in added("similar", "things", "-c", "Y").out.splitlines()]
    assert {each["id"]: each["content"] for each in found} == {"A": "W", "B": "Y changed", "C": "X"}


def test_one_bad_row_stops_no_other(added: Curta, openai_server, tmp_path: Path) -> None:
    """`llm embed-multi` ends with the error, and has none of the batch."""
    (tmp_path / "rows.csv").write_text("id,content\na,good\nb,BAD\nc,fine\n")
    done = added("embed-multi", "things", "rows.csv", "-m", f"{openai_server.url}#embed-picky")
    assert done.code == 1
    assert "b: " in done.err
    assert len(added("similar", "things", "-c", "good").out.splitlines()) == 2


def test_a_file_in_utf_8_is_read_as_such(added: Curta, openai_server, tmp_path: Path) -> None:
    """`llm embed-multi --files` tries UTF-8, then takes what the next encoding makes of it."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text("Überstraße", encoding="utf-8")
    model = f"{openai_server.url}#embed"
    assert added("embed-multi", "things", "--files", "notes", "*.md", "-m", model, "--store").code == 0
    assert json.loads(added("similar", "things", "-c", "x").out)["content"] == "Überstraße"


def test_the_catalogue_is_read_once_however_many_models_are_looked_up(home: Path) -> None:
    """llm makes its registry anew for each lookup."""
    registry._providers.cache_clear()
    for name in ["gpt-5-mini", "openai/anything", "gpt-4o"] * 20:
        registry.find(name)
    assert registry._providers.cache_info().misses == 1
