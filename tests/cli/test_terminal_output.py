"""What a person sees on a real (pseudo-)terminal, and what can never reach it."""

import re
from pathlib import Path
from typing import Any

import pytest

from curta.models import registry
from tests.servers.openai import Answer

ATTACK = "before\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m\u202eafter\rover\x08"
OURS = re.compile(rb"\x1b\[(0|1|2|31|32|36)m")


def foreign(screen: bytes) -> list[str]:
    """Control characters on the screen that are not Curta's own colours or the line ends of a terminal."""
    text = OURS.sub(b"", screen).replace(b"\r\n", b"\n").decode()
    return [
        c for c in text if (ord(c) < 0x20 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E
    ]


@pytest.fixture
def server(openai_server: Any) -> Any:
    for name in ("hello", "stall", "echo", "error-500"):
        registry.add(name, url=openai_server.url, model=name)
    return openai_server


def test_a_model_cannot_command_the_terminal(terminal: Any, server: Any) -> None:
    server.script(Answer(ATTACK, reasoning=ATTACK))
    shown = terminal("-m", "hello", "hi")
    assert shown.wait() == 0
    assert "␛]52" in shown.screen.decode()
    assert foreign(shown.screen) == []


def test_a_file_and_its_name_cannot_command_the_terminal(terminal: Any, tmp_path: Path) -> None:
    name = "bad\x1b[2J\nname.txt"
    (tmp_path / name).write_text("The pond \x1b]0;owned\x07 froze over in the month of March.\n")
    shown = terminal("-f", name, "When did the pond freeze?", "-m", "extractive")
    shown.wait()
    assert b"froze" in shown.screen
    assert foreign(shown.screen) == []


def test_an_error_of_a_server_cannot_command_the_terminal(terminal: Any, server: Any) -> None:
    from tests.servers.openai import Failure

    server.script(Failure(400, ATTACK))
    shown = terminal("-m", "hello", "hi")
    assert shown.wait() == 1
    assert foreign(shown.screen) == []


def test_the_log_cannot_command_the_terminal(terminal: Any, server: Any) -> None:
    server.script(Answer(ATTACK))
    terminal("-m", "hello", ATTACK.replace("\x00", "")).wait()
    for command in (["logs"], ["logs", "-s"], ["logs", "-r"]):
        shown = terminal(*command)
        assert shown.wait() == 0
        assert b"before" in shown.screen
        assert foreign(shown.screen) == []


def test_a_pipe_gets_the_bytes_unchanged(added: Any, openai_server: Any) -> None:
    openai_server.script(Answer(ATTACK))
    assert added("-m", "hello", "hi").out == ATTACK + "\n"


def test_where_a_quotation_stands_is_shown_beside_it(terminal: Any, tmp_path: Path) -> None:
    (tmp_path / "pond.txt").write_text("The winter was long.\nThe pond froze over in the month of March.\n")
    shown = terminal("-f", "pond.txt", "When did the pond freeze?")
    shown.wait()
    assert b"pond.txt:2" in shown.screen


def test_no_colour_when_it_is_not_wanted(terminal: Any, tmp_path: Path) -> None:
    (tmp_path / "pond.txt").write_text("The pond froze over in the month of March.\n")
    for wish in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        shown = terminal("-f", "pond.txt", "When did the pond freeze?", **wish)
        shown.wait()
        assert b"\x1b[" not in shown.screen


def test_ctrl_c_ends_with_130_and_keeps_what_had_arrived(terminal: Any, server: Any, added: Any) -> None:
    shown = terminal("-m", "stall", "hi")
    shown.read_until(b"Half")
    shown.interrupt()
    assert shown.wait() == 130
    assert b"Traceback" not in shown.screen
    (call,) = added("logs", "--json").json
    assert (call["status"], call["response"]) == ("interrupted", "Half")


def test_alone_in_a_terminal_it_shows_what_it_can_do(terminal: Any) -> None:
    shown = terminal()
    shown.read_until(b"curta --help")
    assert b"summarize-thread" in shown.screen
    shown.press(b"m")
    assert shown.wait() == 0
    assert b"extractive" in shown.screen


@pytest.mark.parametrize("key", [b"s", b"a", b"l", b"d"])
def test_every_key_of_the_welcome_works(terminal: Any, key: bytes) -> None:
    shown = terminal()
    shown.read_until(b"curta --help")
    shown.press(key)
    assert shown.wait(60) == 0
    assert b"Traceback" not in shown.screen


def test_leaving_the_welcome_does_nothing(terminal: Any, home: Path) -> None:
    shown = terminal()
    shown.read_until(b"curta --help")
    shown.press(b"q")
    assert shown.wait() == 0
    assert not (home / "log.db").exists()
