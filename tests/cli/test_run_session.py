"""`curta run -i`: cells are typed or piped in, and what one leaves is there for the next."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curta.cli.run_session import is_whole
from curta.store import open_log
from tests.boxes import _box_home, box
from tests.cli.conftest import Curta, Terminal
from tests.cli.test_chat_at_a_terminal import interrupt, leave, recall, say
from tests.cli.test_terminal_output import foreign
from tests.sandbox.attacks_terminal import COMMANDS

__all__ = ["_box_home", "box"]

PROMPT = b"> "
Begun = Callable[..., Terminal]


@pytest.fixture
def home(box: Path) -> Path:
    return box


@pytest.fixture
def session(home: Path, terminal: Any) -> Begun:
    """`session("--lang", "sql")` begins one and waits until it can be typed into."""

    def begin(*arguments: str) -> Terminal:
        begun: Terminal = terminal("run", "-i", *arguments)
        begun.read_until(PROMPT)
        return begun

    return begin


# At a terminal


def test_what_a_cell_leaves_the_next_one_finds(session: Begun) -> None:
    running = session()
    assert b"in the sandbox" in running.screen
    say(running, b"x = 41\r", PROMPT)
    say(running, b"x + 1\r", b"42\r\n")
    say(running, b"1 / 0\r", b"ZeroDivisionError")
    say(running, b"print(-x)\r", b"-41\r\n")
    assert leave(running) == 0
    assert [run.program for run in open_log().runs()] == ["print(-x)", "1 / 0", "x + 1", "x = 41"]


def test_a_block_goes_on_until_an_empty_line(session: Begun) -> None:
    running = session()
    say(running, b"def f(n):\r", b"def")
    say(running, b"return n * 2\r", b"return")
    say(running, b"\r", PROMPT)
    say(running, b"f(21)\r", b"42\r\n")
    assert leave(running) == 0


def test_ctrl_c_ends_a_cell_and_not_the_session(session: Begun) -> None:
    running = session("--timeout", "60")
    say(running, b"x = 41\r", PROMPT)
    say(running, b"import time; print('beg' + 'un', flush=True); time.sleep(60)\r", b"begun")
    interrupt(running, b"Stopped")
    say(running, b"x + 1\r", b"42\r\n")
    assert leave(running) == 0


def test_what_was_typed_in_an_earlier_session_is_offered_again(session: Begun) -> None:
    first = session()
    say(first, b"6 * 7\r", b"42\r\n")
    leave(first)
    second = session()
    recall(second, b"6 * 7")
    say(second, b"\r", b"42\r\n")
    assert leave(second) == 0


def test_no_value_commands_the_terminal(session: Begun, tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(f"class V:\n  def __repr__(self): return {COMMANDS!r}\nV()\n")
    running = session("p.py")
    shown = running.read_until(b"after")
    assert foreign(shown[shown.index(b"before") : shown.index(b"after")]) == []
    leave(running)


# From a pipe


def test_cells_come_from_a_pipe_too(curta: Curta) -> None:
    cells = "x = 20\ndef f(n):\n    return n * 2\n\nf(x) + 2\nfor i in range(2):\n  print(i)\n"
    done = curta("run", "-i", stdin=cells)
    assert (done.code, done.out, done.err) == (0, "42\n0\n1\n", "")


def test_the_first_error_of_a_pipe_is_its_exit_code(curta: Curta) -> None:
    done = curta("run", "-i", stdin="raise SystemExit(7)\nprint('on')\n1/0")
    assert (done.code, done.out) == (7, "on\n")


def test_a_file_is_the_first_cell(curta: Curta, tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("x = 6\ny = 7\n")
    assert curta("run", "-i", "p.py", stdin="x * y\nexit\nx").out == "42\n"


def test_json_has_a_line_for_each_cell(curta: Curta) -> None:
    lines = curta("run", "-i", "--json", stdin="x = 1\nx + 1\n").out.splitlines()
    assert [json.loads(line)["value"] for line in lines] == ["", "2"]


def test_each_cell_is_logged_and_can_be_repeated(curta: Curta) -> None:
    curta("run", "-i", stdin="x = 6\nprint(x * 7)\n")
    last, first = open_log().runs()
    assert (last.caller, last.described["after"]) == ("session", [first.id])
    assert curta("run", "--again", last.id).out == "42\n"


def test_files_that_were_made_come_out_at_the_end(curta: Curta, tmp_path: Path) -> None:
    done = curta(
        "run", "-i", "--out", "made", "-y", stdin="open('a.txt', 'w').write('a')\nopen('b.txt', 'w').write('b')\n"
    )
    assert done.code == 0
    assert sorted(each.name for each in (tmp_path / "made").iterdir()) == ["a.txt", "b.txt"]


def test_sql_is_a_session_too(curta: Curta) -> None:
    assert "1" in curta("run", "-i", "--lang", "sql", stdin="select\n1;\n").out


@pytest.mark.parametrize(
    ("arguments", "says"), [(["-"], "Leave out the -"), (["--lang", "cobol"], "cobol"), (["absent.py"], "No such file")]
)
def test_what_cannot_be_is_one_sentence(curta: Curta, arguments: list[str], says: str) -> None:
    done = curta("run", "-i", *arguments, stdin="1")
    assert done.code in (1, 2)
    assert says in done.err


# When Enter means the end


@pytest.mark.parametrize(
    ("language", "source", "whole"),
    [
        ("python", "x = 1", True),
        ("python", "if x:", False),
        ("python", "if x:\n  y", False),
        ("python", "if x:\n  y\n", True),
        ("python", "f(1,", False),
        ("python", "x = = 1", True),
        ("python", "'''\n", False),
        ("python", "x = 1\ny = 2", True),
        ("sql", "select 1", False),
        ("sql", "select 1\n", True),
        ("sql", "select 1;", True),
        ("sql", ".tables", True),
        ("javascript", "function f() {", False),
        ("javascript", "f(1)", True),
        ("lua", "print{", False),
        ("data", "f(", False),
    ],
)
def test_enter_ends_a_cell_that_is_whole(language: str, source: str, whole: bool) -> None:
    assert is_whole(language)(source) == whole
