"""`curta code`: each round as it happens, the program and its output at the end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curta.models import registry
from tests.boxes import _box_home, box
from tests.cli.conftest import Curta

__all__ = ["_box_home", "box"]

WRONG = "```python\nprint(6 * )\n```"
RIGHT = "Sorry.\n```python\nprint(6 * 7)\n```"
MAKES = "```python\nopen('chart.txt', 'w').write('|||')\n```"


@pytest.fixture
def home(box: Path) -> Path:
    return box


@pytest.fixture
def programmer(home: Path, openai_server: Any) -> Callable[..., Any]:
    registry.add("programmer", url=openai_server.url, model="hello")
    return lambda *answers: openai_server.script(*answers)


def test_rounds_on_stderr_program_and_output_on_stdout(curta: Curta, programmer: Any) -> None:
    programmer(WRONG, RIGHT)
    done = curta("code", "6 * 7", "-m", "programmer")
    assert done.code == 0
    assert done.out == "```python\nprint(6 * 7)\n```\n\n42\n"
    assert "Round 1" in done.err
    assert "SyntaxError" in done.err
    assert "+1 -1 lines" in done.err
    assert "curta code --replay" in done.err


def test_json_has_every_round(curta: Curta, programmer: Any) -> None:
    programmer(WRONG, RIGHT)
    found = curta("code", "6 * 7", "-m", "programmer", "--json").json
    assert (found["ok"], found["program"], found["result"]["stdout"]) == (True, "print(6 * 7)\n", "42\n")
    assert [each["ok"] for each in found["rounds"]] == [False, True]
    assert all(each["call"] and each["run"] for each in found["rounds"])


def test_the_rounds_run_again_without_the_model(curta: Curta, programmer: Any) -> None:
    programmer(WRONG, RIGHT)
    ids = [each["call"] for each in curta("code", "6 * 7", "-m", "programmer", "--json").json["rounds"]]
    for id in (*ids, ""):
        done = curta("code", "--replay", id)
        assert (done.code, done.out) == (0, "2 runs: the same as then.\n")
        assert "Round 1, the program: SyntaxError" in done.err
        assert "Round 2, the program: it works" in done.err


def test_a_round_that_comes_to_something_else_is_exit_3(curta: Curta, programmer: Any) -> None:
    programmer("```python\nimport random\nprint(random.random())\n```")
    curta("code", "a number", "-m", "programmer")
    done = curta("code", "--replay", "")
    assert (done.code, done.out) == (3, "1 run: 1 came to something else.\n")
    assert "it differs in output" in done.err
    (told,) = curta("code", "--replay", "", "--json", "-n").json
    assert (told["round"], told["same"], told["differs"]) == (1, False, ["output"])


def test_what_cannot_be_replayed_is_a_sentence(curta: Curta, programmer: Any) -> None:
    assert "No task of `curta code` is logged" in curta("code", "--replay", "").err
    assert "zzz" in curta("code", "--replay", "zzz").err
    assert "What is the program to do?" in curta("code", "-m", "programmer").err


def test_the_program_is_saved_and_never_over_another(curta: Curta, programmer: Any, tmp_path: Path) -> None:
    programmer(RIGHT)
    assert curta("code", "6 * 7", "-m", "programmer", "--save", "p.py").code == 0
    assert (tmp_path / "p.py").read_text() == "print(6 * 7)\n"
    assert curta("run", "p.py").out == "42\n"
    done = curta("code", "6 * 7", "-m", "programmer", "--save", "p.py")
    assert (done.code, "exists already" in done.err) == (2, True)


def test_files_come_out_when_somebody_agreed(curta: Curta, programmer: Any, tmp_path: Path) -> None:
    programmer(MAKES, MAKES)
    assert curta("code", "a chart", "-m", "programmer", "--out", "charts").code == 5
    assert not (tmp_path / "charts").exists()
    assert curta("code", "a chart", "-m", "programmer", "--out", "charts", "-y").code == 0
    assert (tmp_path / "charts/chart.txt").read_text() == "|||"


def test_a_failing_test_is_exit_3_and_a_failing_program_exit_1(curta: Curta, programmer: Any, tmp_path: Path) -> None:
    (tmp_path / "judge.py").write_text("assert 0, 'never'")
    programmer(RIGHT, WRONG)
    done = curta("code", "6 * 7", "-m", "programmer", "--test", "judge.py", "--rounds", "1")
    assert (done.code, "never" in done.err) == (3, True)
    done = curta("code", "6 * 7", "-m", "programmer", "--rounds", "1")
    assert (done.code, "Stopped after 1 round;" in done.err) == (1, True)


def test_the_built_in_model_says_what_to_configure(curta: Curta, home: Path) -> None:
    done = curta("code", "6 * 7")
    assert done.code == 2
    assert "cannot write a program" in done.err
    assert "curta models add" in done.err


def test_escape_sequences_do_not_reach_a_terminal(terminal: Any, programmer: Any) -> None:
    programmer("```python\nprint('\\x1b]52;c;aGk=\\x07')  # \x1b]0;title\x07\n```")
    running = terminal("code", "harm", "-m", "programmer")
    screen = running.read_until(b"1 round;")
    assert b"\x1b]52" not in screen
    assert b"\x1b]0;title" not in screen
