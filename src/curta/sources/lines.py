"""Files of any length, line by line, in flat memory: encodings told from the beginning, endless lines passed over."""

import io
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from curta.errors import SourceTooLarge
from curta.sources.decode import BOMS, decode, is_text
from curta.sources.names import shown

LONGEST = 16 * 2**20  # characters of one line, and of one record
_HEAD = 2**16


class Line(NamedTuple):
    """One line with its end, None for one that is longer than LONGEST. number: counted from 1."""

    number: int
    text: str | None


def lines(file: BinaryIO, name: str) -> Iterator[Line]:
    """The lines of a text that ends with `\\n`, `\\r\\n` or `\\r`.

    file: at its beginning, and can go back to it. The text is read as a byte-order mark says, as UTF-8 (a bad byte
    becomes U+FFFD), or as Windows-1252 when its beginning is not UTF-8. Raises SourceNotText.
    """
    head = file.read(_HEAD)
    encoding, mark = _encoding(head, name)
    file.seek(mark)
    text = io.TextIOWrapper(file, encoding, "replace", newline="")
    try:
        number = 0
        while line := text.readline(LONGEST):
            number += 1
            if _ends(line):
                yield Line(number, line)
            else:
                _go_past(text)
                yield Line(number, None)
    finally:
        with suppress(ValueError):  # of a file that was closed before its lines were done with
            text.detach()


def too_long(name: str, number: int) -> SourceTooLarge:
    """The error for a line, or for a record that begins with it."""
    return SourceTooLarge(f"{shown(name)}, line {number}, is longer than {LONGEST >> 20} million characters.")


def _encoding(head: bytes, name: str) -> tuple[str, int]:
    """The encoding of a text that begins with `head`, and the length of its mark."""
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    if not is_text(head):
        decode(head, name)  # says what it is instead
    try:
        getincrementaldecoder("utf-8")().decode(head)  # a character may be cut at its end
    except UnicodeDecodeError:
        return ("utf-8" if "\ufffd" in decode(head, name) else "cp1252"), 0
    return "utf-8", 0


def _ends(line: str) -> bool:
    return line[-1] in "\r\n" or len(line) < LONGEST


def _go_past(text: io.TextIOWrapper) -> None:
    """Read what is left of a line that is too long."""
    while (more := text.readline(LONGEST)) and not _ends(more):
        pass
