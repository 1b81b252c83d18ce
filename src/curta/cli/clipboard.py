"""The clipboard of this desktop, by the programs that own it; over ssh, the terminal's own (copying only)."""

import os
import subprocess
import sys
from collections.abc import Sequence
from shutil import which
from tempfile import TemporaryFile
from typing import NamedTuple

from curta.errors import CurtaError, SourceNotFound
from curta.messages import Document

SECONDS = 10
LONGEST_BY_TERMINAL = 74_000
"""Characters. What terminals take in one sequence, once it is in base 64 (xterm's limit is about 100,000 bytes)."""


class Programs(NamedTuple):
    """How a desktop's clipboard is written and read. variable: is set where this desktop is."""

    variable: str
    copy: tuple[str, ...]
    paste: tuple[str, ...]


_WINDOWS_PASTE = (
    "powershell.exe",
    "-NoProfile",
    "-Command",
    "[Console]::OutputEncoding=[Text.Encoding]::UTF8; Get-Clipboard -Raw",
)
_ALL = (
    Programs("", ("pbcopy",), ("pbpaste",)),
    Programs("WAYLAND_DISPLAY", ("wl-copy",), ("wl-paste", "--no-newline")),
    Programs("DISPLAY", ("xclip", "-selection", "clipboard"), ("xclip", "-selection", "clipboard", "-out")),
    Programs("DISPLAY", ("xsel", "--clipboard", "--input"), ("xsel", "--clipboard", "--output")),
    Programs("TERMUX_VERSION", ("termux-clipboard-set",), ("termux-clipboard-get",)),
    Programs("", ("clip.exe",), _WINDOWS_PASTE),
)


def copy(text: str) -> str:
    """Put `text` on the clipboard; returns how, for people. Raises CurtaError where there is none."""
    if programs := _programs():
        encoding = "utf-16-le" if programs.copy[0] == "clip.exe" else "utf-8"
        _run(programs.copy, text.encode(encoding, "replace"))
        return f"by {programs.copy[0]}"
    if _by_terminal(text):
        return "by the terminal"
    raise _none("copy")


def paste() -> Document:
    """The text on the clipboard, as a source. Raises SourceNotFound where there is no clipboard or nothing on it."""
    programs = _programs()
    if programs is None:
        raise _none("paste")
    text = _run(programs.paste).decode("utf-8", "replace").replace("\r\n", "\n")
    if not text.strip():
        raise SourceNotFound("There is no text on the clipboard.", then="Copy some, and try again.")
    return Document(text, "clipboard")


def require() -> None:
    """Raises CurtaError where nothing could be copied: before an answer is paid for."""
    if not (_programs() or _terminal_takes_it()):
        raise _none("copy")


def _programs() -> Programs | None:
    """The first whose desktop is here and which is installed."""
    there = (each for each in _ALL if not each.variable or os.environ.get(each.variable))
    return next((each for each in there if which(each.copy[0]) and which(each.paste[0])), None)


def _run(command: Sequence[str], given: bytes = b"") -> bytes:
    """What the program prints. Its stderr goes to a file: some stay in the background, and would keep a pipe open."""
    copying = bool(given)
    with TemporaryFile() as told:
        try:
            done = subprocess.run(
                command,
                input=given if copying else None,
                stdin=None if copying else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if copying else subprocess.PIPE,
                stderr=told,
                timeout=SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CurtaError(f"The clipboard cannot be used: {error}.") from error
        told.seek(0)
        why = told.read(2000).decode("utf-8", "replace").strip()
    if done.returncode:
        raise CurtaError(f"{command[0]} cannot use the clipboard (it ended with {done.returncode}).", why=why)
    return done.stdout or b""


def _by_terminal(text: str) -> bool:
    """OSC 52: the terminal a person sits at takes the text, also through ssh (https://invisible-island.net/xterm/)."""
    if not _terminal_takes_it() or len(text) > LONGEST_BY_TERMINAL:
        return False
    from base64 import b64encode

    sequence = f"\x1b]52;c;{b64encode(text.encode('utf-8', 'replace')).decode()}\x07"
    if os.environ.get("TMUX"):
        sequence = "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    sys.stderr.write(sequence)
    sys.stderr.flush()
    return True


def _terminal_takes_it() -> bool:
    return bool(os.environ.get("SSH_TTY")) and sys.stderr.isatty()


def _none(what: str) -> SourceNotFound:
    names = "wl-clipboard (Wayland) or xclip (X11)"
    there = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    return SourceNotFound(
        f"There is no clipboard to {what} {'to' if what == 'copy' else 'from'}.",
        why="" if there else "There is no desktop here (neither WAYLAND_DISPLAY nor DISPLAY is set).",
        then=f"Install {names}." if there else "Use a file: -O FILE for the answer, -f FILE for a source.",
    )
