"""JSON of any depth. `json.loads` recurses, and on Python 3.11 gives up at about 500 nested comments."""

import json
import re
from typing import Any, TypeAlias

_Container: TypeAlias = list[Any] | dict[str, Any]


def loads(text: str) -> Any:
    """What a JSON text says. Raises ValueError when it is not JSON."""
    try:
        return json.loads(text)
    except RecursionError:
        return _Reader(text).read()


class _Reader:
    """Reads with a list where others have a stack of calls; ten times slower."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.space = re.compile(r"[ \t\n\r]*")
        self.decoder = json.JSONDecoder()

    def read(self) -> Any:
        unfinished: list[_Container] = []
        keys: list[str | None] = []
        while True:
            value = self._scalar_or_opening()
            if isinstance(value, list | dict) and not self._take("]" if isinstance(value, list) else "}"):
                unfinished.append(value)
                keys.append(self._key(value))
                continue
            while unfinished:
                container = unfinished[-1]
                _put(container, keys.pop(), value)
                if self._take(","):
                    keys.append(self._key(container))
                    break
                self._expect("]" if isinstance(container, list) else "}")
                value = unfinished.pop()
            else:
                self._expect("")
                return value

    def _scalar_or_opening(self) -> Any:
        for opening, container in (("[", list), ("{", dict)):
            if self._take(opening):
                return container()
        value, self.place = self.decoder.raw_decode(self.text, self.place)
        return value

    def _key(self, container: _Container) -> str | None:
        """The name of the next member of an object; None in a list."""
        if isinstance(container, list):
            return None
        self._expect('"')
        key, self.place = self.decoder.raw_decode(self.text, self.place - 1)
        self._expect(":")
        return str(key)

    def _take(self, mark: str) -> bool:
        """Whether `mark` comes next, after white space; then go past it."""
        found = self.space.match(self.text, self.place)
        self.place = found.end() if found else self.place
        if not self.text.startswith(mark, self.place):
            return False
        self.place += len(mark)
        return True

    def _expect(self, mark: str) -> None:
        """Go past `mark`; '' stands for the end of the text."""
        if not self._take(mark) or (not mark and self.place < len(self.text)):
            raise json.JSONDecodeError(f"Expecting {mark or 'the end'}", self.text, self.place)


def _put(container: _Container, key: str | None, value: Any) -> None:
    if isinstance(container, dict):
        container[str(key)] = value
    else:
        container.append(value)
