"""One large JSON object, read piece by piece: the elements of a long array come out one after the other."""

import codecs
import json
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO, TypeAlias

Path: TypeAlias = tuple[str, ...]

LARGEST = 256 * 2**20
"""Characters of one piece."""
_CHUNK = 2**18
_SPACE = " \t\n\r"


def pieces(file: BinaryIO, arrays: Collection[Path]) -> Iterator[tuple[Path, Any]]:
    """Where each piece of an object stands, and the piece, in the order of the file.

    arrays: the places of the arrays whose elements are pieces; every other value beside the way to them is one.
    Raises ValueError for what is no JSON object, and for what ends too soon.
    """
    reader = _Reader(file)
    yield from _members(reader, (), arrays)
    if reader.next():
        raise ValueError("something follows after its end")


def _members(reader: "_Reader", path: Path, arrays: Collection[Path]) -> Iterator[tuple[Path, Any]]:
    reader.expect("{")
    while reader.next() == '"':
        here = (*path, str(reader.value()))
        reader.expect(":")
        if here in arrays and reader.next() == "[":
            yield from _elements(reader, here)
        elif any(each[: len(here)] == here for each in arrays) and reader.next() == "{":
            yield from _members(reader, here, arrays)
        else:
            yield here, reader.value()
        if reader.next() != ",":
            break
        reader.expect(",")
    reader.expect("}")


def _elements(reader: "_Reader", path: Path) -> Iterator[tuple[Path, Any]]:
    reader.expect("[")
    while reader.next() != "]":
        yield path, reader.value()
        if reader.next() != ",":
            break
        reader.expect(",")
    reader.expect("]")


class _Reader:
    """A JSON text as it comes from a file, and where in it the reader stands."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._decoder = json.JSONDecoder()
        self._text, self._place = "", 0
        self._ended = False

    def next(self) -> str:
        """The next character that is no white space; '' at the end."""
        while True:
            while self._place < len(self._text):
                if self._text[self._place] not in _SPACE:
                    return self._text[self._place]
                self._place += 1
            if not self._more():
                return ""

    def expect(self, mark: str) -> None:
        """Go past `mark`."""
        found = self.next()
        if found != mark:
            raise ValueError(f"there is {found!r} where {mark!r} is expected" if found else "it ends too soon")
        self._place += 1

    def value(self) -> Any:
        """The next value, whole."""
        self.next()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._place)
            except RecursionError:
                raise ValueError("it is nested too deeply") from None
            except ValueError:
                if not self._more():
                    raise
            else:
                if end < len(self._text) or not self._more():  # a number may go on
                    self._place = end
                    return value

    def _more(self) -> bool:
        """Read as much again as is waiting, so that a long value is not looked through too often."""
        if self._ended:
            return False
        waiting = self._text[self._place :]
        if len(waiting) > LARGEST:
            raise ValueError("a piece of it is too large")
        data = self._file.read(max(_CHUNK, len(waiting)))
        self._ended = not data
        self._text, self._place = waiting + self._decode(data, self._ended), 0
        return True
