"""What is done with an answer before it comes out, in a thread: it may take long, and ask models itself."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, TypeAlias

from curta.batch.work import Done, Work

_PATIENCE = 1.0
"""Seconds after which a thread that waits for an answer looks whether anybody is still there to give it."""


class Known:
    """What needs no asking, in the place of a task."""

    def __init__(self, done: Done) -> None:
        self._done = done

    def done(self) -> bool:
        return True

    def cancelled(self) -> bool:
        return False

    def result(self) -> Done:
        return self._done


Slot: TypeAlias = "Known | asyncio.Task[Done | None]"
"""What comes of a request, now or later; None when it is not asked any more."""

Ask: TypeAlias = Callable[[Work], Done]
"""Asks another request, and waits for what comes of it. Raises NotAsked."""


class NotAsked(BaseException):
    """The batch ends, and asks for nothing more. No Exception: who catches all that may go wrong shall not catch it."""


class After:
    """Does `what` with each answer, a number of them at a time. answer: what comes of a request of this batch."""

    def __init__(self, what: Callable[[Done, Ask], Any], answer: Callable[[Work], Slot], at_once: int) -> None:
        self._what, self._answer = what, answer
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="curta-after")
        self._asked: set[asyncio.Task[Done | None]] = set()
        self._ended = False

    async def follow(self, slot: Slot) -> Done | None:
        """What came of a request, with what was made of it; None when that has to be left for the next time."""
        done = slot.result() if isinstance(slot, Known) else await slot
        if done is None or not done.ok:
            return done
        loop = asyncio.get_running_loop()
        try:
            made = await loop.run_in_executor(self._threads, self._what, done, lambda work: self._ask(loop, work))
        except NotAsked:
            return None
        return done._replace(after=made)

    def interrupt(self) -> list[asyncio.Task[Done | None]]:
        """Begin nothing more, and give up what is asked meanwhile: so what waits for it in a thread ends."""
        self._ended = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for task in self._asked:
            task.cancel()
        return list(self._asked)

    def _ask(self, loop: asyncio.AbstractEventLoop, work: Work) -> Done:
        asking = self._answered(work)
        try:
            future = asyncio.run_coroutine_threadsafe(asking, loop)
        except RuntimeError:  # the loop is closed
            asking.close()
            raise NotAsked from None
        while not future.done() and not loop.is_closed():  # a loop that closes just now forgets what it was told
            wait([future], _PATIENCE)
        if not future.done() or future.cancelled() or (done := future.result()) is None:
            raise NotAsked
        return done

    async def _answered(self, work: Work) -> Done | None:
        if self._ended:
            return None
        slot = self._answer(work)
        if isinstance(slot, Known):
            return slot.result()
        self._asked.add(slot)
        slot.add_done_callback(self._asked.discard)
        return await slot
