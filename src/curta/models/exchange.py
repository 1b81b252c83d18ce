"""Drives an exchange and gives its events as they arrive, to sync or to async code.

Closing the generator, or an exception in whoever reads it, closes the connection at once.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from typing import TYPE_CHECKING

from curta.errors import BrokenAnswer, ModelError, TimedOut
from curta.events import Event, Finish
from curta.models.model import Exchange, HTTPExchange, LocalExchange, PreparedExchange

if TYPE_CHECKING:
    from curta.http import OnRetry

LONGEST_ERROR = 64 * 1024


def events(exchange: Exchange, on_retry: "OnRetry | None" = None) -> Iterator[Event]:
    """The events of the answer. Raises a ModelError; the events that had arrived before it have been given.

    on_retry: told before each wait for another attempt.
    """
    if isinstance(exchange, LocalExchange):
        yield from exchange.events
        return
    if isinstance(exchange, PreparedExchange):
        with _meant(exchange):
            yield from events(exchange.prepare(), on_retry)
        return
    from curta import http

    with http.stream(exchange.request, on_retry=on_retry) as reply:
        answer = _Answer(exchange, reply.status, reply.headers)
        for chunk in _arriving(reply.chunks, answer):
            yield from answer.take(chunk)
        yield from answer.end()


async def aevents(exchange: Exchange, on_retry: "OnRetry | None" = None) -> AsyncGenerator[Event, None]:
    """`events` for async code. A local answer is computed, or its server started, in a thread: the loop goes on."""
    if isinstance(exchange, LocalExchange):
        async for event in _computed(exchange.events):
            yield event
        return
    if isinstance(exchange, PreparedExchange):
        import asyncio

        with _meant(exchange):
            async with aclosing(aevents(await asyncio.to_thread(exchange.prepare), on_retry)) as prepared:
                async for event in prepared:
                    yield event
        return
    from curta import http

    async with http.astream(exchange.request, on_retry=on_retry) as reply:
        answer = _Answer(exchange, reply.status, reply.headers)
        async for chunk in _aarriving(reply.chunks, answer):
            for event in answer.take(chunk):
                yield event
        for event in answer.end():
            yield event


@contextmanager
def _meant(exchange: PreparedExchange) -> Iterator[None]:
    try:
        yield
    except ModelError as error:
        meant = exchange.meant(error)
        if meant is error:
            raise
        raise meant from error


class _Answer:
    """What is done with the bytes of an answer, whoever brings them.

    broken: why no more bytes came. enough: no more bytes are wanted.
    """

    def __init__(self, exchange: HTTPExchange, status: int, headers: Mapping[str, str]) -> None:
        self.broken: ModelError | None = None
        self.enough = False
        self._exchange = exchange
        self._status = status
        self._headers = headers
        self._error = b""
        self._finished = False

    def take(self, chunk: bytes) -> Iterator[Event]:
        """The events of some bytes; none for the body of an error."""
        if self._status >= 300:
            self._error += chunk[: LONGEST_ERROR - len(self._error)]
            self.enough = len(self._error) >= LONGEST_ERROR
            return
        self.enough = self._finished
        for event in self._exchange.decoder.feed(chunk):
            self._finished = self._finished or isinstance(event, Finish)
            yield event

    def end(self) -> Iterator[Event]:
        """The last events, or the error the answer comes to. Bytes that break off after a whole answer are no loss."""
        if self._status >= 400:
            raise self._exchange.decoder.failure(self._status, self._headers, self._error)
        if self._status >= 300:
            raise _redirected(self._exchange, self._headers.get("location", ""))
        try:
            yield from self._exchange.decoder.close()
        except ModelError as error:
            raise self.broken or error from error


def _redirected(exchange: HTTPExchange, location: str) -> BrokenAnswer:
    """A redirect is not followed: the key and the words were meant for one host."""
    return BrokenAnswer(
        f"{exchange.request.shown_url()} redirects to another address.",
        why=f"It names {location[:300]!r}.",
        then="If you trust that address, give it as the model's URL.",
    )


def _arriving(chunks: Iterator[bytes], answer: _Answer) -> Iterator[bytes]:
    try:
        for chunk in chunks:
            yield chunk
            if answer.enough:
                return
    except (BrokenAnswer, TimedOut) as error:
        answer.broken = error


async def _aarriving(chunks: AsyncIterator[bytes], answer: _Answer) -> AsyncIterator[bytes]:
    try:
        async for chunk in chunks:
            yield chunk
            if answer.enough:
                return
    except (BrokenAnswer, TimedOut) as error:
        answer.broken = error


async def _computed(events: Iterable[Event]) -> AsyncIterator[Event]:
    import asyncio

    iterator = iter(events)
    try:
        while (event := await asyncio.to_thread(next, iterator, None)) is not None:
            yield event
    finally:
        with suppress(ValueError):  # a generator that computes just now ends by itself
            getattr(iterator, "close", lambda: None)()
