"""Waits for what happens in other processes, as long as a slow machine needs."""

import time
from collections.abc import Callable

LONGEST = 60.0


def until(happened: Callable[[], object]) -> None:
    """Return when `happened()` is true; fail when it never is."""
    end = time.monotonic() + LONGEST
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
