"""`curta chat` as a person meets it: on a pseudo-terminal, with every key that matters."""

import fcntl
import signal
import struct
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import curta
from tests.cli.conftest import Curta, Terminal
from tests.servers.openai import Bytes

CTRL_C, CTRL_D, UP, TAB, ALT_ENTER = b"\x03", b"\x04", b"\x1b[A", b"\t", b"\x1b\r"
PROMPT = b"> "
Begun = Callable[..., Terminal]


@pytest.fixture
def chat(added: Curta, terminal: Any) -> Begun:
    """`chat("-m", "hello")` begins a chat and waits until it can be typed into."""

    def begin(*arguments: str, **environment: str) -> Terminal:
        begun: Terminal = terminal("chat", *arguments, **environment)
        begun.read_until(PROMPT)
        return begun

    return begin


def ready(chat: Terminal) -> None:
    """Wait until keys are read as keys: a terminal has a meaning of its own for some of them until then."""
    end = time.monotonic() + 30
    while termios.tcgetattr(chat.master)[3] & termios.ICANON and chat.process.poll() is None:
        assert time.monotonic() < end, chat.screen
        chat._read()


def say(chat: Terminal, keys: bytes, shows: bytes) -> bytes:
    """Type, and wait for what it should show."""
    ready(chat)
    chat.screen = b""
    chat.type(keys)
    return chat.read_until(shows)


def recall(chat: Terminal, shows: bytes) -> None:
    """The arrow up, until what was asked before has been read from the log."""
    ready(chat)
    chat.screen = b""
    for _ in range(10):
        chat.type(UP)
        end = time.monotonic() + 3
        while time.monotonic() < end and shows not in chat.screen:
            chat._read()
        if shows in chat.screen:
            return
    raise AssertionError(f"{shows!r} was not offered: {chat.screen!r}")


def interrupt(chat: Terminal, shows: bytes) -> bytes:
    """Ctrl-C while the terminal is not read: a signal then, and no key."""
    chat.screen = b""
    chat.process.send_signal(signal.SIGINT)
    return chat.read_until(shows)


def leave(chat: Terminal) -> int:
    ready(chat)
    chat.type(CTRL_D)
    return chat.wait()


def calls() -> list[Any]:
    """The logged calls, oldest first, once they are all closed."""
    return list(curta.open_log().calls())[::-1]


def test_a_person_is_told_with_whom_they_talk_and_sees_markdown(chat: Begun, openai_server: Any) -> None:
    openai_server.script("This is **bold**.")
    talk = chat("-m", "hello")
    assert b"Chatting with" in talk.screen
    assert b"this computer" in talk.screen
    shown = say(talk, b"hi\r", b"bold")
    assert b"**" not in shown
    assert leave(talk) == 0
    assert [call.prompt for call in calls()] == ["hi"]


@pytest.mark.parametrize("ending", [b"exit\r", b"quit\r", CTRL_D])
def test_it_ends_when_it_should(chat: Begun, ending: bytes) -> None:
    talk = chat("-m", "hello")
    talk.type(ending)
    assert talk.wait() == 0
    assert not calls()


def test_ctrl_c_at_an_empty_prompt_hints_and_a_second_one_leaves(chat: Begun) -> None:
    talk = chat("-m", "hello")
    say(talk, CTRL_C, b"leaves")
    ready(talk)
    time.sleep(0.3)
    talk.type(CTRL_C)
    assert talk.wait() == 0


def test_ctrl_c_clears_what_was_typed(chat: Begun) -> None:
    talk = chat("-m", "echo")
    say(talk, b"not this", b"this")
    talk.type(CTRL_C)
    shown = say(talk, b"but that\r", b"fields")
    assert b"user: but that" in shown
    assert b"leaves" not in shown
    assert leave(talk) == 0
    assert [call.prompt for call in calls()] == ["but that"]


def test_ctrl_c_in_the_middle_of_an_answer_keeps_it_and_goes_on_from_it(chat: Begun, added: Curta) -> None:
    talk = chat("-m", "stall")
    say(talk, b"begin\r", b"Half")
    interrupt(talk, b"Stopped")
    ready(talk)
    say(talk, b"!model echo\r", b"The model is echo")
    say(talk, b"and then?\r", b"fields")
    assert b"assistant: Half" in talk.screen
    assert leave(talk) == 0
    interrupted, after = calls()
    assert (interrupted.status, interrupted.response) == ("interrupted", "Half")
    assert after.parent_id == interrupted.id
    assert "assistant: Half" in added("-c", "-m", "echo", "once more").out


def test_ctrl_c_before_the_first_word_leaves_no_trace_in_the_conversation(chat: Begun, openai_server: Any) -> None:
    thought = b'data: {"choices": [{"index": 0, "delta": {"reasoning_content": "Hm."}, "finish_reason": null}]}\n\n'
    openai_server.script(Bytes(thought, stall=True))
    talk = chat("-m", "echo")
    say(talk, b"first\r", b"Hm.")
    interrupt(talk, b"Stopped before anything was said")
    shown = say(talk, b"second\r", b"fields")
    assert b"user: first" not in shown
    ready(talk)
    assert leave(talk) == 0
    assert [call.status for call in calls()] == ["interrupted", "ok"]


def test_ctrl_c_held_down_is_one(chat: Begun) -> None:
    talk = chat("-m", "stall")
    say(talk, b"begin\r", b"Half")
    for _ in range(20):
        talk.process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    talk.read_until(b"Stopped")
    ready(talk)
    assert talk.process.poll() is None
    talk.process.kill()
    talk.process.wait()
    assert calls()[0].status == "interrupted"


def test_ctrl_c_within_several_lines_forgets_them(chat: Begun) -> None:
    talk = chat("-m", "echo")
    say(talk, b"!multi\r", b"one message")
    talk.type(b"a line\r")
    time.sleep(0.2)
    say(talk, CTRL_C, b"Forgotten")
    shown = say(talk, b"another\r", b"fields")
    assert b"user: another" in shown
    assert b"user: a line" not in shown
    assert leave(talk) == 0


def test_several_lines_by_command_by_key_and_by_pasting(chat: Begun) -> None:
    talk = chat("-m", "hello")
    say(talk, b"!multi\r", b"one message")
    say(talk, b"one\rtwo\r!end\r", "Hello, wörld!".encode())
    say(talk, b"three" + ALT_ENTER + b"four\r", "Hello, wörld!".encode())
    say(talk, b"\x1b[200~five\nsix\r\n\x1b[201~\r", "Hello, wörld!".encode())
    ready(talk)
    assert leave(talk) == 0
    assert [call.prompt for call in calls()] == ["one\ntwo", "three\nfour", "five\nsix"]


def test_a_pasted_megabyte_is_taken_whole_and_shown_as_a_note(chat: Begun, openai_server: Any) -> None:
    text = "ä🐦 word\n" * 80_000
    talk = chat("-m", "hello")
    pasted = b"\x1b[200~" + text.encode() + b"\x1b[201~"
    for start in range(0, len(pasted), 2000):
        talk.type(pasted[start : start + 2000])
    talk.read_until(b"[pasted 1: ")
    say(talk, b" what is it?\r", "Hello, wörld!".encode())
    ready(talk)
    assert leave(talk) == 0
    (call,) = calls()
    assert call.prompt == text + " what is it?"


def test_the_editor_writes_the_message(chat: Begun, tmp_path: Path) -> None:
    editor = tmp_path / "my editor.sh"
    editor.write_text('#!/bin/sh\nprintf \'%s\' "$(cat "$1") edited\nand more" > "$1"\n')
    editor.chmod(0o755)
    talk = chat("-m", "hello", EDITOR=f"'{editor}'", VISUAL="")
    shown = say(talk, b"!edit start\r", "Hello, wörld!".encode())
    assert b"and more" in shown
    ready(talk)
    recall(talk, b"and more")
    assert leave_with_text(talk) == 0
    assert calls()[0].prompt == "start edited\nand more"


def leave_with_text(chat: Terminal) -> int:
    chat.type(CTRL_C)
    time.sleep(0.2)
    return leave(chat)


@pytest.mark.parametrize(("editor", "said"), [("true", b"nothing was sent"), ("/no/such/editor", b"curta:")])
def test_an_editor_that_writes_nothing_sends_nothing(chat: Begun, editor: str, said: bytes) -> None:
    talk = chat("-m", "hello", EDITOR=editor, VISUAL="")
    say(talk, b"!edit\r", said)
    ready(talk)
    assert leave(talk) == 0
    assert not calls()


def test_what_was_asked_in_earlier_chats_is_offered_again(chat: Begun, added: Curta, home: Path) -> None:
    added("chat", "-m", "hello", stdin="first of all\nthe secret plan\n")
    added("-m", "hello", "no chat")
    added("logs", "redact", "secret", "--yes")
    talk = chat("-m", "hello")
    recall(talk, b"the [redacted] plan")
    recall(talk, b"first of all")
    assert leave_with_text(talk) == 0
    assert not [path.name for path in home.iterdir() if "hist" in path.name]
    assert b"secret" not in b"".join(path.read_bytes() for path in home.iterdir() if path.is_file())


def test_a_failure_is_shown_and_the_words_are_offered_again(chat: Begun) -> None:
    talk = chat("-m", "quota")
    say(talk, b"my question\r", b"curta:")
    ready(talk)
    recall(talk, b"my question")
    talk.type(CTRL_C)
    say(talk, b"!model echo\r", b"The model is echo")
    shown = say(talk, b"again\r", b"fields")
    assert b"my question" not in shown
    ready(talk)
    assert leave(talk) == 0


def test_tab_completes_commands_files_and_models(chat: Begun, tmp_path: Path) -> None:
    (tmp_path / "reading.txt").write_text("Something to read.")
    talk = chat("-m", "hello")
    say(talk, b"!mod" + TAB, b"el")
    say(talk, b" ech" + TAB, b"o")
    say(talk, b"\r", b"The model is echo")
    say(talk, b"!file read" + TAB, b"ing.txt")
    say(talk, b"\r", b"reading.txt (18 characters)")
    assert leave(talk) == 0


def test_it_works_in_a_narrow_window_and_with_any_script(chat: Begun) -> None:
    talk = chat("-m", "echo")
    fcntl.ioctl(talk.master, termios.TIOCSWINSZ, struct.pack("HHHH", 5, 12, 0, 0))
    talk.process.send_signal(signal.SIGWINCH)
    words = "日本語テキストの長い行 👩‍👩‍👧 שלום עולם и ещё"
    talk.screen = b""
    talk.type(words.encode() + b"\r")
    talk.read_until(b"fields")
    assert leave(talk) == 0
    assert calls()[0].prompt == words


@pytest.mark.parametrize("kind", ["dumb", ""])
def test_a_simple_terminal_is_enough(chat: Begun, kind: str) -> None:
    talk = chat("-m", "stall", TERM=kind)
    talk.type(b"begin\n")
    talk.read_until(b"Half")
    interrupt(talk, b"Stopped")
    for words, shows in ((b"!model hello", b"The model is hello"), ("grüezi".encode(), "Hello, wörld!".encode())):
        talk.read_until(PROMPT)
        talk.screen = b""
        talk.type(words + b"\n")
        talk.read_until(shows)
    talk.read_until(PROMPT)
    assert b"\x1b[" not in talk.screen
    talk.type(CTRL_D)
    assert talk.wait() == 0
    assert calls()[1].prompt == "grüezi"


def test_what_the_model_says_cannot_command_the_terminal(chat: Begun, openai_server: Any) -> None:
    openai_server.script("\x1b]52;c;AAAA\x07 and \x1b[2Jdone")
    talk = chat("-m", "hello")
    shown = say(talk, b"hi\r", b"done")
    assert b"\x1b]52" not in shown
    assert b"\x1b[2J" not in shown
    assert leave(talk) == 0
    assert "\x1b" in calls()[0].response


def test_going_on_shows_what_was_said_last(chat: Begun, added: Curta) -> None:
    added("chat", "-m", "hello", "--name", "birds", stdin="Tell me about pelicans\n")
    talk = chat("--cid", "birds")
    ready(talk)
    assert b"> Tell me about pelicans" in talk.screen
    assert "Hello, wörld!".encode() in talk.screen
    assert leave(talk) == 0


def test_reasoning_is_faint_and_can_be_hidden(chat: Begun) -> None:
    talk = chat("-m", "reasoning")
    assert b"Six" in say(talk, b"hi\r", b"42")
    assert leave(talk) == 0
    talk = chat("-m", "reasoning", "-R")
    assert b"Six" not in say(talk, b"hi\r", b"42")
    assert leave(talk) == 0
