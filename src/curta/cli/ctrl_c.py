"""Ctrl-C that is heard at once, also when it comes in the instant before a read that waits.

Python notes a signal and acts on it between two steps of the program. One that arrives after the last look and before a
blocking read begins interrupts nothing: it is acted on when the next byte comes, perhaps never. So a thread is told of
each Ctrl-C by the operating system (`signal.set_wakeup_fd`), and interrupts the read with a signal that means nothing;
Python then looks, and finds the Ctrl-C it had noted.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

_KICKS = (0.02, 0.1, 0.5)
"""Seconds after which the main thread is woken; several times, for it may be on its way into the read."""


def hear_at_once() -> None:
    """From now on no Ctrl-C waits for a read. Does nothing outside the main thread, or where it has been called."""
    if not hasattr(signal, "pthread_kill") or threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGURG) is not signal.SIG_DFL:
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    if (before := signal.set_wakeup_fd(writer, warn_on_full_buffer=False)) != -1:
        signal.set_wakeup_fd(before)  # somebody else is told already
        os.close(reader)
        os.close(writer)
        return
    signal.signal(signal.SIGURG, lambda number, frame: None)
    threading.Thread(target=_wake, args=(reader, threading.main_thread().ident), daemon=True).start()


def _wake(reader: int, main: int) -> None:
    while told := os.read(reader, 64):
        if signal.SIGINT in told:
            for seconds in _KICKS:
                time.sleep(seconds)
                signal.pthread_kill(main, signal.SIGURG)


class Stoppable(Protocol):
    """Many requests, as `batch.Batch` stops them."""

    def stop(self, told: Callable[[int], object] | None = None) -> None: ...
    def give_up(self) -> None: ...


@contextmanager
def interruptible(work: Stoppable, say_stopping: Callable[[int], object]) -> Iterator[list[int]]:
    """The first Ctrl-C stops asking and waits for the answers under way; the second gives up on them.

    say_stopping: hears how many those are. Gives a list, which is not empty when there was one. An exception is the
    last resort: raised from a signal handler it may hit any line, also one that ignores it. For the same reason nothing
    is written here.
    """
    pressed: list[int] = []

    def hear(number: int, frame: object) -> None:
        pressed.append(number)
        if len(pressed) > 2:
            raise KeyboardInterrupt
        if len(pressed) > 1:
            work.give_up()
            return
        work.stop(say_stopping)

    before = signal.signal(signal.SIGINT, hear)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
