"""A decoder around another that sees each event before it is passed on."""

from collections.abc import Callable, Iterable, Iterator

from curta.events import Event
from curta.models.model import Decoder


class Passing:
    """Passes on what `decoder` makes of an answer, each event as `see` returns it."""

    def __init__(self, decoder: Decoder, see: Callable[[Event], Event]) -> None:
        self._decoder = decoder
        self._see = see
        self.failure = decoder.failure

    def feed(self, data: bytes) -> Iterator[Event]:
        return self._passed(self._decoder.feed(data))

    def close(self) -> Iterator[Event]:
        return self._passed(self._decoder.close())

    def _passed(self, events: Iterable[Event]) -> Iterator[Event]:
        return map(self._see, events)
