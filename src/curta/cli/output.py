"""What a person is shown: stdout for the result, stderr for everything else, colour only where it is wanted.

Text that Curta did not write itself goes through `safe` before a terminal sees it; a pipe gets it unchanged.
"""

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import IO, TypeAlias

from curta.errors import CurtaError

_quiet = False
_colour = "auto"
_reasoning = True

Piece: TypeAlias = str | tuple[str, str]
"""A text, or a text and the name of its style."""

COLUMN = 80
"""The widest a column of prose gets."""

STYLES = {"faint": "2", "bold": "1", "good": "32", "bad": "31", "accent": "36"}


def configure(*, quiet: bool, colour: str) -> None:
    """Take what the flags of the command line say about output."""
    global _quiet, _colour
    _quiet = quiet
    _colour = colour


def hide_reasoning() -> None:
    """Show no reasoning of models from now on."""
    global _reasoning
    _reasoning = False


def prepare_streams() -> None:
    """UTF-8 always, whatever the locale says; a stream that was closed by whoever started us swallows what it gets."""
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def is_terminal(stream: IO[str] | None = None) -> bool:
    """Whether a person looks at `stream` (stdout by default)."""
    stream = stream or sys.stdout
    return stream is not None and not stream.closed and stream.isatty()


def coloured(stream: IO[str]) -> bool:
    """Whether `stream` should have colour: https://no-color.org, FORCE_COLOR, `TERM=dumb`, `--color`."""
    if _colour in ("always", "never"):
        return _colour == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def style(text: str, name: str, stream: IO[str] | None = None) -> str:
    """`text` in one of STYLES, where the stream has colour."""
    if not text or not coloured(stream or sys.stdout):
        return text
    return f"\x1b[{STYLES[name]}m{text}\x1b[0m"


def safe(text: str, stream: IO[str] | None = None) -> str:
    """`text` as `stream` may have it: terminal-safe for a terminal, unchanged for a pipe."""
    if not is_terminal(stream):
        return text
    from curta.text.terminal import clean

    return clean(text)


def write(text: str) -> None:
    """Write to stdout at once: a piece of the result."""
    sys.stdout.write(safe(text))
    sys.stdout.flush()


def line(*pieces: Piece) -> None:
    """Write a line of the result. Each piece is made safe, then styled: a style in a text is text."""
    sys.stdout.write("".join(_shown(piece, sys.stdout) for piece in pieces) + "\n")


def prose(text: str) -> None:
    """Write lines of the result; for a person they are broken between words, at most COLUMN wide."""
    if not is_terminal():
        line(text)
        return
    from textwrap import wrap

    for each in text.split("\n"):
        indent = " " * (len(each) - len(each.lstrip()))
        for piece in wrap(each, min(COLUMN, columns()), subsequent_indent=indent, break_on_hyphens=False) or [""]:
            line(piece)


def note(*pieces: Piece, force: bool = False) -> None:
    """Tell the user something beside the result, on stderr; plain pieces are faint."""
    if _quiet and not force:
        return
    _result_first()
    faint = ((piece, "faint") if isinstance(piece, str) else piece for piece in pieces)
    sys.stderr.write("".join(_shown(piece, sys.stderr) for piece in faint) + "\n")
    sys.stderr.flush()


def _shown(piece: Piece, stream: IO[str]) -> str:
    text, name = (piece, "") if isinstance(piece, str) else piece
    return style(safe(text, stream), name, stream) if name else safe(text, stream)


def error(problem: CurtaError) -> None:
    """Say what happened, why, and what to do next, on stderr."""
    _result_first()
    head, *rest = safe(str(problem), sys.stderr).split("\n")
    sys.stderr.write(f"{style('curta:', 'bad', sys.stderr)} {head}\n")
    sys.stderr.writelines(f"  {text}\n" for text in rest)
    sys.stderr.flush()


def _result_first() -> None:
    """What was written of the result comes before what is told now."""
    with suppress(OSError):  # nobody reads it, or its disk is full: that may be what is told
        sys.stdout.flush()


def columns() -> int:
    """The width to write in."""
    from shutil import get_terminal_size

    return get_terminal_size().columns


def write_styled(text: str, name: str) -> None:
    """Write to stdout at once, in one of STYLES where stdout has colour."""
    sys.stdout.write(style(safe(text), name))
    sys.stdout.flush()


def note_piece(text: str) -> None:
    """A piece of the reasoning that streams beside the result, on stderr."""
    if _reasoning and not _quiet:
        sys.stderr.write(style(safe(text, sys.stderr), "faint", sys.stderr))
        sys.stderr.flush()
