"""A batch: requests are taken from their source as there is room, asked at once, and come out in their order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from curta.batch.after import After, Ask, Known, Slot
from curta.batch.asking import Asking, Key
from curta.batch.ending import Ending
from curta.batch.outcome import in_one_line
from curta.batch.work import Done, Progress, Work
from curta.errors import CurtaError, UsageError

if TYPE_CHECKING:
    from curta.conversations.budget import Budget
    from curta.http import Retry
    from curta.store import Log
    from curta.store.batches import WorkList

CONCURRENCY = 8
WINDOW = 4
"""So many times the concurrency is how many requests are there at a time: asked for, waiting, or not released yet."""


class Batch:
    """Many requests. Iterate over what comes of them, from sync or async code, once.

    works: what to ask, taken as there is room for it. log: where each call is logged. work_list: what the log knows of
    this batch from earlier (`Log.batch`); without one nothing is remembered. concurrency: requests at once, at most,
    to each server. budget: what all calls may cost. tokens: how many they may use.
    ordered: they come out in the order of `works`; otherwise as they end. retry_failed: ask again what failed before.
    after: what to do with each answer before it comes out (`Done.after`), in a thread, so that whatever it takes no
    request waits for it. It may ask models itself by calling what it is given, as part of this batch.

    at_hand: how many come out after the last one without any waiting.

    stop() ends it early, and so does what no further request could change; `reason` is then raised after the last Done,
    unless it was stop(). What was not asked for is asked when a batch with the same work list is begun again.
    """

    def __init__(
        self,
        works: Iterable[Work],
        *,
        log: "Log | None" = None,
        work_list: "WorkList | None" = None,
        concurrency: int = CONCURRENCY,
        budget: "Budget | None" = None,
        tokens: int | None = None,
        ordered: bool = True,
        retry_failed: bool = False,
        caller: str = "batch",
        on_retry: "Callable[[Retry], None] | None" = None,
        after: Callable[[Done, Ask], Any] | None = None,
    ) -> None:
        if concurrency < 1:
            raise UsageError("At least one request is made at a time.")
        if work_list is not None and log is None:
            raise UsageError("What is not logged cannot be remembered: a work list needs the log that it is of.")
        self._works = iter(works)
        self._list = work_list
        self._concurrency, self._ordered = concurrency, ordered
        self._ending = Ending(tokens)
        self._asking = Asking(
            self._ending,
            log=log,
            work_list=work_list,
            concurrency=concurrency,
            budget=budget,
            retry_failed=retry_failed,
            caller=caller,
            on_retry=on_retry,
        )
        self._waiting = deque[Slot]()
        self._leaders: dict[Key, asyncio.Task[Done | None]] = {}
        self._something_ended = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._after = After(after, self._answer, concurrency) if after else None
        self.at_hand = 0

    @property
    def progress(self) -> Progress:
        return self._asking.progress

    @property
    def stopped(self) -> bool:
        """Whether it ends, or ended, before everything was asked."""
        return self._ending.stopped

    @property
    def lost(self) -> frozenset[str]:
        """The calls that failed only because their server was gone: they count as not made."""
        return frozenset(self._ending.lost)

    @property
    def unsure(self) -> bool:
        """Whether a server failed just now: the calls that it failed may yet count as not made."""
        return self._ending.unsure

    def stop(self, told: Callable[[int], object] | None = None) -> None:
        """Ask for nothing more. What is under way is waited for and comes out.

        told: hears how many requests that are, if any. May be called from any thread, and from a signal handler.
        """
        self._ending.stop()
        self._soon(lambda: self._close(told))

    def give_up(self) -> None:
        """Stop, and wait for nothing: what is under way is interrupted. May be called from anywhere, as `stop`."""
        self._ending.stop()
        self._soon(self._interrupt)

    def _soon(self, what: Callable[[], object]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what)

    def _close(self, told: Callable[[int], object] | None) -> None:
        self._asking.close()
        if told and self._asking.running:
            told(self._asking.running)

    # Driving

    def __iter__(self) -> Generator[Done, None, None]:
        """Raises what ended it early (TooExpensive, a ModelError, LogUnavailable), after all that came of it."""
        _refuse_within_async_code()
        with asyncio.Runner() as runner:  # closing it cancels what is under way
            runner.get_loop().set_default_executor(ThreadPoolExecutor(self._concurrency))  # for answers computed here
            groups = self._groups()
            while (group := runner.run(_next(groups))) is not None:
                yield from self._counted_down(group)

    async def __aiter__(self) -> AsyncGenerator[Done, None]:
        async with aclosing(self._groups()) as groups:
            async for group in groups:
                for done in self._counted_down(group):
                    yield done

    def _counted_down(self, group: list[Done]) -> Iterator[Done]:
        for self.at_hand, done in zip(reversed(range(len(group))), group, strict=True):
            yield done

    async def _groups(self) -> AsyncGenerator[list[Done], None]:
        """What comes of the requests: each time, all that can be released."""
        self._loop = asyncio.get_running_loop()
        try:
            while self._fill():
                self._something_ended.clear()
                if group := self._released():
                    yield group
                elif self._ending.stopped and all(slot.done() for slot in self._waiting):
                    break  # those that are left were not asked, or come after one that was not
                else:
                    await self._something_ended.wait()
        finally:
            await self._cancel()
        self._give_back()
        if self._ending.reason:
            raise self._ending.reason

    def _fill(self) -> bool:
        """Take as many works as there is room for. Whether there is anything to wait for."""
        while not self._ending.stopped and len(self._waiting) < WINDOW * self._concurrency:
            try:
                self._waiting.append(self._begun(next(self._works)))
            except StopIteration:
                break
            except CurtaError as error:  # the source of the works, or the log, cannot be read
                self._ending.stop(error)
        if self._ending.stopped:
            self._asking.close()
        return bool(self._waiting)

    def _begun(self, work: Work) -> Slot:
        if isinstance(work.asked, CurtaError):
            return Known(Done(work, error=in_one_line(work.asked)))
        answer = self._answer(work)
        if self._after is None or (isinstance(answer, Known) and not answer.result().ok):
            return self._waking(answer)
        return self._waking(asyncio.get_running_loop().create_task(self._after.follow(answer)))

    def _answer(self, work: Work) -> Slot:
        """What comes of a request; one that is there several times is made once."""
        key, loop = self._asking.key(work), asyncio.get_running_loop()
        if leader := self._leaders.get(key):
            return loop.create_task(_followed(leader, work))
        past = self._asking.past(key)
        if past and (done := self._asking.settled(work, past)):
            return Known(done)
        task = loop.create_task(self._asking.ask(work, past.id if past else None))
        self._leaders[key] = task
        task.add_done_callback(lambda _: self._leaders.pop(key, None))
        return task

    def _waking(self, slot: Slot) -> Slot:
        """It is looked at when it ends."""
        if isinstance(slot, asyncio.Task):
            slot.add_done_callback(lambda _: self._something_ended.set())
        return slot

    def _released(self) -> list[Done]:
        """Take out what can be released now: what has ended, up to the first that has not where order matters."""
        group, left = list[Done](), deque[Slot]()
        while self._waiting and not (left and self._ordered):
            slot = self._waiting.popleft()
            done = slot.result() if slot.done() and not slot.cancelled() else None
            if done is None:
                left.append(slot)
            else:
                group.append(done)
        self._waiting.extendleft(reversed(left))
        self._count(group)
        return group

    def _count(self, group: list[Done]) -> None:
        failed, reused = sum(not done.ok for done in group), sum(done.reused for done in group)
        self._asking.released(len(group), failed, reused)

    async def _cancel(self) -> None:
        await asyncio.gather(*self._interrupt(), return_exceptions=True)

    def _interrupt(self) -> list[asyncio.Task[Done | None]]:
        tasks = [slot for slot in self._waiting if isinstance(slot, asyncio.Task)]
        for task in tasks:
            task.cancel()
        return tasks + (self._after.interrupt() if self._after else [])

    def _give_back(self) -> None:
        """Have what failed only because its server was gone asked again the next time."""
        if self._list and self._ending.lost:
            self._list.forget(self._ending.lost)


async def _followed(leader: "asyncio.Task[Done | None]", work: Work) -> Done | None:
    """What came of the same request, asked for another work."""
    done = await asyncio.shield(leader)
    return done and done._replace(work=work, reused=True)


async def _next(groups: AsyncGenerator[list[Done], None]) -> list[Done] | None:
    return await anext(groups, None)


def _refuse_within_async_code() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise UsageError("Within async code (a notebook, too) a batch is iterated with `async for`.")
