"""Server-sent events: bytes to the data of each event. (WHATWG HTML, section 9.2.6, "Interpreting an event stream".)

Only `data` is kept: no provider of models needs the event's name, id or retry time to be understood.
"""

from collections.abc import Iterator

from curta.errors import BrokenAnswer

LONGEST_LINE = 64 * 2**20


class EventStream:
    """Splits bytes, cut anywhere, into the data of events."""

    def __init__(self) -> None:
        self._line: list[bytes] = []
        self._size = 0
        self._data: list[str] = []
        self._after_return = False

    def feed(self, data: bytes) -> Iterator[str]:
        """The data of each event that `data` completes. Raises BrokenAnswer for a line that never ends."""
        if not data:
            return
        rest = data.removeprefix(b"\n") if self._after_return else data
        self._after_return = data.endswith(b"\r")
        for line in rest.splitlines(keepends=True):
            self._line.append(line)
            if line.endswith((b"\n", b"\r")):
                yield from self._end_line()
            else:
                self._guard(len(line))

    def close(self) -> Iterator[str]:
        """The data of an event whose closing blank line was forgotten."""
        yield from self._end_line()
        yield from self._end_event()

    def _guard(self, more: int) -> None:
        self._size += more
        if self._size > LONGEST_LINE:
            raise BrokenAnswer(f"The answer holds a line of more than {LONGEST_LINE >> 20} MB.")

    def _end_line(self) -> Iterator[str]:
        line = b"".join(self._line).rstrip(b"\r\n").removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
        self._line, self._size = [], 0
        if not line:
            yield from self._end_event()
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))

    def _end_event(self) -> Iterator[str]:
        data, self._data = self._data, []
        if data:
            yield "\n".join(data)
