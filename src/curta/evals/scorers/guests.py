"""Guests of the sandbox for scorers: no more at once than the machine has cores, however many answers there are."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from curta.sandbox import Limits, Sandbox

_turns = BoundedSemaphore(os.cpu_count() or 1)


@contextmanager
def guest(seconds: float) -> Iterator[Sandbox]:
    """A fresh guest whose programs may take so many seconds; waits for its turn."""
    with _turns, Sandbox(limits=Limits(seconds=seconds)) as sandbox:
        yield sandbox
