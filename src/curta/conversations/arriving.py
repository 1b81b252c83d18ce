"""What an answer and a chain of answers have in common: each arrives once, and can be read again."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Generic, Literal, Self, TypeVar

Kind = TypeVar("Kind")


class Arriving(Generic[Kind]):
    """Something whose events arrive while it is iterated, from sync or async code.

    A subclass has a driver of each kind, which puts each event into `_events` and yields, and sets `_state`.

    error: what ended it, if anything did.
    """

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self._events: list[Kind] = []
        self._state: Literal["new", "running", "done"] = "new"
        self._driver: Generator[None, None, None] | None = None
        self._async_driver: AsyncGenerator[None, None] | None = None

    def _drive(self) -> Generator[None, None, None]:
        raise NotImplementedError

    def _adrive(self) -> AsyncGenerator[None, None]:
        raise NotImplementedError

    @contextmanager
    def _running(self) -> Iterator[None]:
        """What a driver does its work in: what ends it is kept in `error`."""
        self._state = "running"
        try:
            yield
        except BaseException as error:
            self.error = error
            raise
        finally:
            self._state = "done"

    def _words(self) -> Callable[[Kind], str]:
        """What tells the words of each event, which come in their order."""
        raise NotImplementedError

    def events(self) -> Generator[Kind, None, None]:
        """What happens, in order; whoever asks again gets the same events again.

        While async code drives it, sync code gets what has arrived, and the other way round.
        """
        if self._state == "new":
            self._driver = self._drive()
        driver, given = self._driver or iter(()), 0
        try:
            while given < len(self._events) or next(driver, driver) is not driver:
                yield self._events[given]
                given += 1
        except GeneratorExit:
            self.close()
            raise

    async def aevents(self) -> AsyncGenerator[Kind, None]:
        """`events()` for async code."""
        if self._state == "new":
            self._async_driver = self._adrive()
        driver, given = self._async_driver, 0
        try:
            while given < len(self._events) or (driver and await anext(driver, driver) is not driver):
                yield self._events[given]
                given += 1
        except GeneratorExit:
            if driver:
                await driver.aclose()
            raise

    def __iter__(self) -> Iterator[str]:
        words = self._words()
        for event in self.events():
            if text := words(event):
                yield text

    async def __aiter__(self) -> AsyncIterator[str]:
        words = self._words()
        async for event in self.aevents():
            if text := words(event):
                yield text

    def __await__(self) -> Generator[Any, None, Self]:
        async def drain() -> Self:
            async for _ in self.aevents():
                pass
            self._raise()
            return self

        return drain().__await__()

    def text(self) -> str:
        """All the words; waits for them. Raises what went wrong, if anything did."""
        for _ in self.events():
            pass
        self._raise()
        return self.partial()

    def partial(self) -> str:
        """The words that have arrived so far; never waits, never raises."""
        words = self._words()
        return "".join(words(event) for event in self._events)

    def close(self) -> None:
        """Interrupt it, if it is still going on; what had arrived is kept."""
        if self._driver is not None:
            self._driver.close()

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error
