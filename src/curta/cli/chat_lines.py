"""Where the messages of a chat come from: an editor for a person at a terminal, else plain lines."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from curta.cli import output

if TYPE_CHECKING:
    from curta.cli.chat_loop import Lines
    from curta.cli.chat_session import Session

PROMPT = "> "


def opened(session: "Session") -> "Lines":
    """The lines of a chat."""

    def editor() -> "Lines":
        from curta.cli.chat_editor import ChatCompleter, Editor, Past, asked

        return Editor(Past(session.log, asked), ChatCompleter())

    return best(editor)


def best(editor: "Callable[[], Lines]") -> "Lines":
    """The best way to read that standard input has. editor: makes the one for a person at a terminal."""
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        return Piped()
    if os.environ.get("TERM", "") in ("", "dumb", "unknown") or not _shows_something():
        return Plain()
    return editor()


def _shows_something() -> bool:
    return output.is_terminal() or output.is_terminal(sys.stderr)


class Plain:
    """Lines of a terminal that can do nothing but write."""

    interactive = True

    def read(self, *, more: bool = False) -> str:
        sys.stdout.flush()
        if not more:
            sys.stderr.write(PROMPT)
            sys.stderr.flush()
        return _line()

    def remember(self, message: str) -> None:
        """Such a terminal offers nothing again."""


class Piped:
    """Lines of a pipe or a file: each is a message."""

    interactive = False

    def read(self, *, more: bool = False) -> str:
        return _line()

    def remember(self, message: str) -> None:
        """Nobody looks back."""


def _line() -> str:
    """The next line of standard input, whatever its bytes. Raises EOFError."""
    if sys.stdin is None or sys.stdin.closed or not (line := sys.stdin.buffer.readline()):
        raise EOFError
    return line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r\n")
