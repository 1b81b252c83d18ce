"""`curta eval report`: the same from the log in every form, drawn where a person looks."""

import json
from pathlib import Path
from typing import Any

import pytest

import curta as library
from tests.servers.crowd import Crowd

SPEC = {
    "name": "tone",
    "prompt": "$tone Say $text.",
    "factors": {"tone": {"please": "Please.", "now": "Now!", "slowly": "Slowly."}},
    "inputs": [{"id": f"row{number}", "text": f"word{number}"} for number in range(12)],
    "score": {"contains": "$text"},
    "rope": 0.2,
}


@pytest.fixture(autouse=True)
def _ran(crowd: Crowd) -> None:
    crowd.answer = lambda words: f"\x1b]52;c;{words}" if "Now!" in words else "no"
    library.experiment(SPEC, model="crowd").run()


def test_a_pipe_gets_sentences_and_a_terminal_drawings(curta: Any, terminal: Any) -> None:
    said = curta("eval", "report").out
    assert "\ntone now: better (+100 points, CS [" in said
    assert "├" not in said
    shown = terminal("eval", "report", COLUMNS="120").read_until(b"points")
    assert "▲".encode() in shown
    assert "├".encode() in shown
    assert b"tone now" in shown


def test_a_narrow_terminal_gets_sentences(terminal: Any) -> None:
    shown = terminal("eval", "report", COLUMNS="60").read_until(b"contains:")
    assert "├".encode() not in shown


def test_texts_are_shown_worst_first_and_safe_for_a_terminal(curta: Any, terminal: Any) -> None:
    piped = curta("eval", "report", "--items", "2").out
    assert piped.count("input row") == 2
    assert "tone slowly: no input differs" in piped
    shown = terminal("eval", "report", "--items", "1", COLUMNS="120").read_until(b"no input differs")
    assert b"\x1b]52" not in shown
    assert "␛]52;c;Now! Say".encode() in shown


def test_files_are_written_as_a_whole_and_said(curta: Any, tmp_path: Path) -> None:
    done = curta("eval", "report", "--html", "report.html", "--junit", "report.xml", "--items", "3")
    assert (done.code, done.out) == (0, "")
    assert "Written: report.html, " in done.err
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count('class="item"') == 3
    assert (tmp_path / "report.xml").read_text(encoding="utf-8").startswith("<?xml")
    assert not list(tmp_path.glob(".*draft"))


def test_one_form_at_a_time_goes_to_stdout(curta: Any) -> None:
    assert curta("eval", "report", "--html", "-").out.startswith("<!doctype html>")
    assert curta("eval", "report", "--csv").out.startswith("number,unit,input,repeat,factor:tone,score:contains,")
    assert json.loads(curta("eval", "report", "--json").out)["name"] == "tone"
    done = curta("eval", "report", "--csv", "--junit", "-")
    assert (done.code, done.out) == (2, "")


def test_what_cannot_be_written_or_is_not_there_is_an_error(curta: Any) -> None:
    assert curta("eval", "report", "--html", "no/such/folder/report.html").code == 1
    done = curta("eval", "report", "nonsense")
    assert (done.code, "curta eval list" in done.err) == (1, True)
