"""The last steps before the snapshot is taken, so that a guest starts in a millisecond.

A guest shares the pages of the snapshot until it writes to one, which is then copied: what a start costs is, above all,
how many pages it writes to. This file runs in the guest, when the component is built.
"""

import gc
import io
import linecache
import sys
from collections.abc import Callable

import cells

TIMES = 30
PROGRAMS = (
    "1 + 1",
    "print(1 + 1)",
    "numbers = [n for n in range(10)]\ndef more(n): return n + 1\nfor n in numbers: more(n)\nprint(f'{n}', {1: 'a'})",
    "def wrong():\n  return 1 / 0\nwrong()",
    "no program",
)
LARGEST_HOLE = 1 << 22

fillings: list[bytes] = []


class Nowhere(io.RawIOBase):
    """Takes what is written and forgets it."""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        return len(data)


def warm(run: Callable[[str, str, str], object]) -> None:
    """Run cells, so that what Python makes at first use, and how it adapts to use, is in the snapshot."""
    before, stdout = dict(cells.world), sys.stdout
    sys.stdout = cells.stream(Nowhere())
    for _ in range(TIMES):
        for program in PROGRAMS:
            run(program, "main", "")
    sys.stdout = stdout
    linecache.cache.clear()
    cells.world.clear()
    cells.world.update(before)


def pack() -> None:
    """Fill the holes of the heap, so that what a guest makes lies together; free the collector of all there is."""
    gc.collect()
    end, size = id(bytes(LARGEST_HOLE)), LARGEST_HOLE
    while size > 1:  # an object of one byte is the same one each time
        while id(filling := b"." * size) < end:  # zeros are not stored, and a snapshot with little in it is not shared
            fillings.append(filling)
        size = min(size * 7 // 8, size - 4)
    gc.freeze()
