"""An answer into a file, whole or not at all; onto the clipboard, and a prompt from it."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Curta, Terminal
from tests.servers.openai import Answer

BEFORE = "what was there before\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "answer.md"
    path.write_text(BEFORE)
    return path


def test_the_answer_goes_into_the_file_and_nowhere_else(added: Curta, file: Path) -> None:
    file.chmod(0o600)
    done = added("-m", "hello", "hi", "-O", "answer.md")
    assert (done.code, done.out) == (0, "")
    assert file.read_text() == "Hello, wörld! 👋🏽\n"
    assert "Written to answer.md" in done.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("model", ["error-500", "cut", "refusal", "length", "garbage"])
def test_what_is_not_a_whole_answer_leaves_the_file_alone(added: Curta, file: Path, model: str) -> None:
    done = added("-m", model, "hi", "-O", "answer.md")
    assert done.code in (1, 4)
    assert file.read_text() == BEFORE
    assert sorted(path.name for path in file.parent.iterdir()) == ["answer.md", "home"]


def test_no_answer_is_paid_for_that_has_no_place(added: Curta, openai_server: Any, tmp_path: Path) -> None:
    assert added("-m", "hello", "hi", "-O", ".").code == 1
    assert added("-m", "hello", "hi", "-O", "no/such/folder/x.md").code == 1
    assert openai_server.requests == []


def test_a_block_json_and_a_checked_answer_go_there_too(added: Curta, openai_server: Any, file: Path) -> None:
    openai_server.script("Here:\n```python\nprint(1)\n```\n")
    added("-m", "hello", "hi", "-x", "-O", "answer.md")
    assert file.read_text() == "print(1)\n"
    added("-m", "hello", "hi", "--json", "-O", "answer.md")
    assert '"response": "Hello' in file.read_text()
    openai_server.script('"The barn is red."')
    assert added("-m", "hello", "hi", "--quotes", "-O", "answer.md", stdin="The barn is red.").code == 0
    assert file.read_text() == '"The barn is red."\n'


def test_ctrl_c_leaves_the_file_alone(added: Curta, terminal: Any, openai_server: Any, file: Path) -> None:
    running: Terminal = terminal("-m", "stall", "hi", "-O", "answer.md")
    openai_server.received.wait(20)
    running.interrupt()
    assert running.wait() == 130
    assert file.read_text() == BEFORE
    assert not list(file.parent.glob(".answer*"))


def test_a_chain_that_waits_for_approval_leaves_the_file_alone(added: Curta, openai_server: Any, file: Path) -> None:
    openai_server.script(Answer("Let me see.", calls=(("look", "{}"),), finish="tool_calls"))
    code = "def look() -> str:\n    'Look.'\n    return 'x'\n"
    done = added("-m", "hello", "hi", "--functions", code, "--ta", "-O", "answer.md")
    assert done.code == 5
    assert file.read_text() == BEFORE


def test_a_link_is_followed(added: Curta, file: Path) -> None:
    link = file.with_name("link.md")
    link.symlink_to(file)
    added("-m", "hello", "hi", "-O", "link.md")
    assert link.is_symlink()
    assert file.read_text().startswith("Hello")


PROGRAM = """#!/bin/sh
case "$*" in
*-out*) cat "{store}" ;;
*) cat > "{store}.new" && mv "{store}.new" "{store}" ;;
esac
"""


@pytest.fixture
def desktop(tmp_path: Path) -> dict[str, str]:
    """The environment of a desktop whose clipboard is a file, behind a program with xclip's name and flags."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "xclip"
    program.write_text(PROGRAM.format(store=tmp_path / "clipboard"))
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "DISPLAY": ":7"}


def test_the_answer_is_copied_as_the_model_wrote_it(
    added: Curta, openai_server: Any, tmp_path: Path, desktop: dict[str, str]
) -> None:
    done = added("-m", "hello", "hi", "--copy", **desktop)
    assert done.out == "Hello, wörld! 👋🏽\n"
    assert (tmp_path / "clipboard").read_text() == "Hello, wörld! 👋🏽"
    openai_server.script("Here:\n```sh\nls\n```\n")
    added("-m", "hello", "hi", "--copy", "-x", **desktop)
    assert (tmp_path / "clipboard").read_text() == "ls\n"


def test_the_clipboard_is_read_as_a_source(added: Curta, tmp_path: Path, desktop: dict[str, str]) -> None:
    (tmp_path / "clipboard").write_text("The ferry leaves at nine.")
    done = added("-m", "extractive", "When does the ferry leave?", "--paste", **desktop)
    assert done.out == "The ferry leaves at nine.\n"
    assert added("logs", "--json").json[0]["documents"][0]["uri"] == "clipboard"
    (tmp_path / "clipboard").write_text("")
    assert "no text on the clipboard" in added("-m", "extractive", "When?", "--paste", **desktop).err


@pytest.mark.parametrize("flag", ["--copy", "--paste"])
def test_without_a_clipboard_it_says_what_would_help(added: Curta, openai_server: Any, flag: str) -> None:
    done = added("-m", "hello", "hi", flag, DISPLAY="", WAYLAND_DISPLAY="", SSH_TTY="", PATH=os.defpath)
    assert done.code == 1
    assert "-O FILE" in done.err
    assert openai_server.requests == []
    assert "xclip" in added("-m", "hello", "hi", flag, DISPLAY=":7", SSH_TTY="", PATH="/nowhere").err


def test_a_program_that_fails_is_an_error(added: Curta, tmp_path: Path, desktop: dict[str, str]) -> None:
    (tmp_path / "bin" / "xclip").write_text("#!/bin/sh\necho 'Cannot open display' >&2\nexit 1\n")
    done = added("-m", "hello", "hi", "--copy", **desktop)
    assert (done.code, done.out) == (1, "Hello, wörld! 👋🏽\n")
    assert "Cannot open display" in done.err


def test_over_ssh_the_terminal_takes_it(added: Curta, terminal: Any) -> None:
    shown: Terminal = terminal("-m", "hello", "hi", "--copy", SSH_TTY="/dev/pts/9", DISPLAY="", PATH=os.defpath)
    assert shown.wait() == 0
    assert b"\x1b]52;c;SGVsbG8sIHfDtnJsZCEg8J+Ri/Cfj70=\x07" in shown.screen


@pytest.mark.parametrize("place", ["/dev/stdout", "/dev/fd/1"])
def test_a_pipe_is_written_into(added: Curta, place: str) -> None:
    assert added("-m", "hello", "hi", "-O", place).out == "Hello, wörld! 👋🏽\n"


def test_an_empty_answer_is_no_answer(added: Curta, openai_server: Any, file: Path) -> None:
    openai_server.script(Answer(""))
    assert added("-m", "hello", "hi", "-O", "answer.md").code == 1
    assert file.read_text() == BEFORE
