"""`curta run` on a terminal: whatever a program says or makes, it commands nothing there."""

from pathlib import Path
from typing import Any

import pytest

from curta.store import open_log
from tests.boxes import _box_home, box
from tests.cli.test_terminal_output import foreign
from tests.sandbox.attacks import AT_A_TERMINAL, ATTACKS, Attack
from tests.sandbox.attacks_terminal import COMMANDS

__all__ = ["_box_home", "box"]

SAID = ("before", "after", "title", "a\u240db")


@pytest.fixture
def home(box: Path) -> Path:
    return box


@pytest.mark.parametrize(
    "attack", [each for each in ATTACKS if each.language == AT_A_TERMINAL], ids=lambda each: each.aim
)
def test_a_program_cannot_command_the_terminal(home: Path, terminal: Any, tmp_path: Path, attack: Attack) -> None:
    (tmp_path / "p.py").write_text(f"COMMANDS = {COMMANDS!r}\n{attack.program}")
    running = terminal("run", "p.py", "--work", ".")
    running.wait()
    assert any(words in running.screen.decode() for words in SAID), running.screen
    assert foreign(running.screen) == []


def test_what_was_logged_of_it_cannot_either(home: Path, terminal: Any, tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(
        f"print({COMMANDS!r}); open('a\\x1b[2J', 'w').close(); raise ValueError({COMMANDS!r})"
    )
    assert terminal("run", "p.py", "--json").wait() == 1
    id = open_log().run().id
    for arguments in (["logs", "runs"], ["logs", "runs", id], ["logs", "runs", "--json"], ["run", "--again", id]):
        running = terminal(*arguments)
        running.wait()
        assert "before" in running.screen.decode(), arguments
        assert foreign(running.screen) == []
