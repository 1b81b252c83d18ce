"""Runs a round of tool calls: side by side, each in its time, each with a result whatever happens.

A function that is not async runs in a thread of its own, so that one that hangs is left behind when its time is up.
Functions that share a state (a toolbox) are called one after another.
"""

import contextvars
import inspect
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.messages import ToolCall, ToolResult
from curta.tools.function import Function
from curta.tools.results import failure, result

if TYPE_CHECKING:
    import asyncio

TIMEOUT = 120.0
"""Seconds that a call may take."""

LANES = 16
"""How many calls run at the same time."""


class Job(NamedTuple):
    """A call to make, and the function that makes it."""

    call: ToolCall
    function: Function


def run(jobs: Sequence[Job], timeout: float | None = TIMEOUT) -> list[ToolResult]:
    """Make the calls; their results in the same order. Never raises but for what interrupts the caller.

    timeout: seconds for each; None for as long as it takes.
    """
    results: dict[int, ToolResult] = {}

    def follow(lane: list[int]) -> None:
        for n in lane:
            results[n] = _in_time(jobs[n], timeout)

    lanes = _lanes(jobs)
    threads = [_started(follow, lane) for lane in lanes]
    for thread in threads:
        thread.join()
    return [results[n] for n in range(len(jobs))]


async def arun(jobs: Sequence[Job], timeout: float | None = TIMEOUT) -> list[ToolResult]:
    """`run` for async code: async functions run in the loop of the caller."""
    import asyncio

    results: dict[int, ToolResult] = {}

    async def follow(lane: list[int]) -> None:
        for n in lane:
            results[n] = await _ain_time(jobs[n], timeout)

    await asyncio.gather(*(follow(lane) for lane in _lanes(jobs)))
    return [results[n] for n in range(len(jobs))]


def _lanes(jobs: Sequence[Job]) -> list[list[int]]:
    """The numbers of the jobs, in lists that are worked off side by side."""
    together: dict[Any, list[int]] = {}
    for n, job in enumerate(jobs):
        state = job.function.state
        together.setdefault(("alone", n) if state is None else id(state), []).append(n)
    lanes: list[list[int]] = [[] for _ in range(min(LANES, len(together)))]
    for n, numbers in enumerate(together.values()):
        lanes[n % LANES] += numbers
    return lanes


def _in_time(job: Job, timeout: float | None) -> ToolResult:
    made: list[ToolResult] = []
    thread = _started(lambda: made.append(_made(job)))
    thread.join(timeout)
    return made[0] if made else _late(job, timeout)


async def _ain_time(job: Job, timeout: float | None) -> ToolResult:
    import asyncio

    task = asyncio.ensure_future(_amade(job) if inspect.iscoroutinefunction(job.function.call) else _threaded(job))
    try:
        done, _ = await asyncio.wait({task}, timeout=timeout)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        task.cancel()
        return _late(job, timeout)
    return failure(job.call.id, "The tool was cancelled.") if task.cancelled() else task.result()


async def _threaded(job: Job) -> ToolResult:
    """Not `asyncio.to_thread`: its threads are waited for at the end of the program, also one that hangs."""
    import asyncio

    loop = asyncio.get_running_loop()
    made: asyncio.Future[ToolResult] = loop.create_future()

    def work() -> None:
        done = _made(job)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_hand_over, made, done)

    _started(work)
    return await made


def _hand_over(made: "asyncio.Future[ToolResult]", done: ToolResult) -> None:
    if not made.cancelled():
        made.set_result(done)


def _made(job: Job) -> ToolResult:
    """The result of a call, made in this thread."""
    try:
        value = job.function.call(**job.call.arguments)
        if inspect.isawaitable(value):
            import asyncio

            value = asyncio.run(_awaited(value))
        return result(job.call.id, value)
    except BaseException as error:  # also SystemExit and KeyboardInterrupt: in a thread they are the tool's own
        return failure(job.call.id, error)


async def _amade(job: Job) -> ToolResult:
    try:
        return result(job.call.id, await job.function.call(**job.call.arguments))
    except (Exception, SystemExit) as error:
        return failure(job.call.id, error)


async def _awaited(value: Any) -> Any:
    return await value


def _late(job: Job, timeout: float | None) -> ToolResult:
    return failure(job.call.id, f"{job.call.name} had not answered after {timeout:g} seconds, and was given up.")


def _started(work: Callable[..., Any], *arguments: Any) -> threading.Thread:
    """A thread that does `work` in the caller's context, and that the end of the program does not wait for."""
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(work, *arguments), daemon=True)
    thread.start()
    return thread
