"""The thread that writes what has arrived of the answers of this process, about once a second.

One thread for all calls, started by the first piece of an answer and gone when nothing is left to write. It is why an
answer that stalls is in the log up to its last word, and why a piece of an answer costs its caller nothing.
"""

import os
import time
from _thread import allocate_lock, start_new_thread
from typing import Protocol

PERIOD = 0.75  # seconds, so that with the time to write what is lost stays under one


class Writer(Protocol):
    """Whoever has something to write soon."""

    def write_checkpoint(self) -> None: ...


_guard = allocate_lock()
_waiting: list[Writer] = []
_running = False


def write_soon(writer: Writer) -> None:
    """Have `writer.write_checkpoint()` called within `PERIOD`."""
    global _running
    with _guard:
        _waiting.append(writer)
        if not _running:
            _running = True
            start_new_thread(_write, ())


def _write() -> None:
    while writers := _next():
        for writer in writers:
            writer.write_checkpoint()


def _next() -> list[Writer]:
    """Who has something to write after the next period. When nobody has, the thread ends."""
    global _running
    time.sleep(PERIOD)
    with _guard:
        writers = list(_waiting)
        _waiting.clear()
        _running = bool(writers)
        return writers


def _forget() -> None:
    """A forked child has no thread, and the calls of its parent are not its own."""
    global _guard, _running
    _guard = allocate_lock()
    _waiting.clear()
    _running = False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
