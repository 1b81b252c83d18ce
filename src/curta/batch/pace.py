"""How many requests at once a provider is sent: as many as it bears, found out as TCP does.

It begins with a few, and with each answer grows by one (so doubles in each round) until the provider complains; then it
is halved, and grows by one in each round (Chiu and Jain, "Analysis of the increase and decrease algorithms for
congestion avoidance in computer networks", 1989; Jacobson, "Congestion avoidance and control", 1988). When a provider
says how long to wait, nobody asks it meanwhile.
"""

import asyncio
from collections import deque
from contextlib import suppress

FIRST = 8
"""Requests at once, to begin with."""

COMPLAINTS = frozenset({"429", "503", "529"})
"""The statuses that mean "fewer, please"; so does a connection that is not made."""


class Pace:
    """The pace at which one provider is asked. ceiling: requests at once, at most. limit: how many just now."""

    def __init__(self, ceiling: int) -> None:
        self.ceiling = ceiling
        self.limit = float(min(FIRST, ceiling))
        self.active = 0
        self.closed = False
        self._doubling = True
        self._slowed = 0.0
        self._resumes = 0.0
        self._waiting = deque[asyncio.Future[None]]()
        self._timer: asyncio.TimerHandle | None = None

    async def enter(self) -> bool:
        """Wait for a turn; False when there are no more. Whoever got one leaves it with `leave`."""
        if self.closed:
            return False
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._admit()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and not self.closed:
                self.leave()
            raise
        return not self.closed

    def leave(self) -> None:
        self.active -= 1
        self._admit()

    def close(self) -> None:
        """Send away everybody who waits for a turn, and who comes."""
        self.closed = True
        if self._timer:
            self._timer.cancel()
        while self._waiting:
            with suppress(asyncio.InvalidStateError):
                self._waiting.popleft().set_result(None)

    def answered(self) -> None:
        """A request was answered: there may be more at once, where as many as there may be are nearly there."""
        if self.limit < self.ceiling and 2 * self.active >= int(self.limit):
            self.limit = min(self.ceiling, self.limit + (1.0 if self._doubling else 1.0 / self.limit))

    def slow_down(self, sent: float, wait: float) -> None:
        """The provider complained about a request that was sent then, and wants `wait` seconds to pass."""
        now = asyncio.get_running_loop().time()
        self._resumes = max(self._resumes, now + wait)
        if sent >= self._slowed:  # what was sent before the last complaint complains of the same
            self.limit = max(1.0, self.limit / 2)
            self._doubling, self._slowed = False, now

    def _admit(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and self.active < int(self.limit):
            if (wait := self._resumes - loop.time()) > 0:
                self._later(loop, wait)
                return
            place = self._waiting.popleft()
            if not place.done():
                self.active += 1
                place.set_result(None)

    def _later(self, loop: asyncio.AbstractEventLoop, wait: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = loop.call_later(wait, self._admit)
