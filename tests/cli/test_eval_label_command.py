"""`curta eval label`: at a terminal by single keys, in a pipe by lines, elsewhere by a table."""

import signal
from pathlib import Path
from typing import Any

import pytest

from tests.servers.crowd import Crowd

SPEC = """
prompt: "$tone Greet $name."
factors:
  tone: {please: "Please.", now: "Now!"}
inputs: [{id: a, name: Ada}, {id: b, name: Bob}, {id: c, name: Cyd}]
score: {judge: {asks: "Is it polite?", model: crowd}}
"""
KEYS = "g good · b bad · 1-5 bad to good · s skip · u undo · q quit"


@pytest.fixture(autouse=True)
def _run(curta: Any, crowd: Crowd, tmp_path: Path) -> None:
    crowd.answer = lambda words: "yes" if "Judge it" in words else f"\x1b]0;owned\x07Hello to {words}"
    (tmp_path / "greet.yml").write_text(SPEC)
    curta("eval", "greet.yml", "-m", "crowd")


def test_lines_of_a_pipe_are_keys_and_the_command_goes_on_where_it_stopped(curta: Any) -> None:
    first = curta("eval", "label", stdin="g\nx\nbad\nu\n2\nq\n")
    assert first.out.splitlines()[0] == "2 of 6 answers are labelled."
    assert first.err.startswith("Is it polite?\n\n1 of 6\n")
    assert first.err.count(KEYS) == 5  # what is no key is passed over; the one taken back is shown again
    second = curta("eval", "label", "--limit", "1", stdin="s\ng\n")
    assert second.err.startswith("Is it polite?\n\n3 of 6\n")
    assert second.out.splitlines()[1].startswith("judge, tone: agrees with 50 % of 2 labels (")


def test_which_way_of_asking_it_was_is_not_shown(curta: Any) -> None:
    done = curta("eval", "label", stdin="g\n" * 9)
    assert done.out.splitlines()[0] == "6 of 6 answers are labelled."
    assert "please" not in done.err
    assert "now" not in done.err.replace("Now!", "")


def test_single_keys_at_a_terminal(terminal: Any) -> None:
    at = terminal("eval", "label")
    at.read_until(b"q quit")
    assert b"\x1b]0;owned" not in at.screen
    at.type(b"\x1b[B")  # an arrow is no b
    at.type(b"gg")
    at.read_until(b"3 of 6")
    at.type(b"q")
    at.read_until(b"2 of 6 answers are labelled.")
    assert at.process.wait(30) == 0


def test_ctrl_c_keeps_what_was_said(terminal: Any, curta: Any) -> None:
    at = terminal("eval", "label")
    at.read_until(b"1 of 6")
    at.type(b"b")
    at.read_until(b"2 of 6")
    at.process.send_signal(signal.SIGINT)
    assert at.process.wait(30) == 130
    assert curta("eval", "label", stdin="").out.startswith("1 of 6 answers are labelled.")


def test_a_table_goes_out_and_comes_back(curta: Any, tmp_path: Path) -> None:
    curta("eval", "label", "--export", "labels.csv")
    table = tmp_path / "labels.csv"
    assert oct(table.stat().st_mode)[-3:] == "600"
    lines = table.read_text().splitlines()
    table.write_text("\n".join([lines[0], *(line + "good" for line in lines[1:])]))
    done = curta("eval", "label", "--import", "labels.csv")
    assert done.out.splitlines()[0] == "6 of 6 answers are labelled."
    assert curta("eval", "label", "--import", "none.csv").code == 1


def test_what_was_answered_is_scored_anew(curta: Any, crowd: Crowd) -> None:
    asked = crowd.asked.total()
    (old,) = (each["id"] for each in curta("eval", "list", "--json").json)
    done = curta("eval", "rescore", old, "--score", "icontains: hello", "--score", "contains: Now")
    assert "6 answers scored anew. Before: curta eval report" in done.err
    assert "icontains: please 1 · now 1" in done.out
    assert "contains: please 0 · now 1" in done.out
    assert crowd.asked.total() == asked
    assert len(curta("eval", "list", "--json").json) == 2
    assert curta("eval", "rescore", old, "--score", "contains: $name").code == 2


def test_an_unknown_experiment_and_an_unknown_judge_are_refused(curta: Any) -> None:
    assert curta("eval", "label", "01zzz").code == 1
    assert curta("eval", "label", "--about", "nobody").code == 2
