"""A line on stderr that says where something long is: redrawn for a person, written now and then into a file."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from curta.cli import output

if TYPE_CHECKING:
    from curta.http import Retry

_REDRAWN = 0.1
_TOLD = 60.0
"""Seconds between two lines for those who read them in a file."""
_RETRIES_TOLD = 5.0


class LiveLine:
    """The line, and the lines it makes room for."""

    def __init__(self) -> None:
        self._live = output.is_terminal(sys.stderr)
        self._drawn = False
        self._next = 0.0 if self._live else time.monotonic() + _TOLD
        self._next_retry = 0.0

    def tell(self, where: Callable[[], str]) -> None:
        """Where the run is, if it is time to say it again."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (_REDRAWN if self._live else _TOLD)
        if self._live:
            self.clear()
            sys.stderr.write(where()[: output.columns() - 1])
            sys.stderr.flush()
            self._drawn = True
        else:
            output.note(where())

    def clear(self) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False

    def say_retry(self, retry: "Retry") -> None:
        now = time.monotonic()
        if now >= self._next_retry:
            self._next_retry = now + _RETRIES_TOLD
            self.clear()
            output.note(f"{str(retry).partition(', attempt')[0]} ...")


def duration(seconds: float) -> str:
    """`20 s`, `4 min`, `3 h 20 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
