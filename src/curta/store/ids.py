"""ULIDs: 48 bits of milliseconds and 80 bits of chance, so that sorting by id is sorting by time.

The text form is Crockford's base 32 in lower case, 26 characters (https://github.com/ulid/spec); the log stores
16 bytes.
"""

import os
import time
from _thread import allocate_lock

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
_DIGITS = frozenset(ALPHABET)
LARGEST = 2**128 - 1

_TO_BASE_32 = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_lock = allocate_lock()
_last = 0


def _forget() -> None:
    """A forked child makes ids of its own, not those its parent makes next."""
    global _lock, _last
    _lock, _last = allocate_lock(), 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def new() -> str:
    """A new id, greater than every id this process has made, even when the clock goes backwards.

    Within a millisecond ids grow by chance too, so that a few characters tell them apart.
    """
    global _last
    with _lock:
        milliseconds = max(0, min(time.time_ns() // 1_000_000, 2**48 - 1))
        fresh = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
        _last = fresh if fresh >> 80 > _last >> 80 else _last + 1 + (fresh & 2**64 - 1)
        return from_int(_last)


def from_int(value: int) -> str:
    return "".join(ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))


def from_bytes(value: bytes) -> str:
    return from_int(int.from_bytes(value, "big"))


def to_bytes(text: str) -> bytes:
    """Raises ValueError for what is not a whole ULID."""
    value = _value(text)
    if len(text) != LENGTH or value > LARGEST:
        raise ValueError(f"not a ULID: {text!r}")
    return value.to_bytes(16, "big")


def is_whole(text: str) -> bool:
    """Whether `text` is a whole ULID."""
    return len(text) == LENGTH and _DIGITS.issuperset(text.lower())


def prefix_range(prefix: str) -> tuple[bytes, bytes]:
    """The lowest and the highest id that begin with `prefix`. Raises ValueError when none can."""
    missing = 5 * (LENGTH - len(prefix))
    if missing < 0 or (lowest := _value(prefix) << missing) > LARGEST:
        raise ValueError(f"no ULID begins with {prefix!r}")
    highest = min(lowest | (1 << missing) - 1, LARGEST)
    return lowest.to_bytes(16, "big"), highest.to_bytes(16, "big")


def _value(digits: str) -> int:
    """The number that these digits are. Raises ValueError for other characters."""
    digits = digits.lower()
    if not _DIGITS.issuperset(digits):
        raise ValueError(f"not digits of a ULID: {digits!r}")
    return int(digits.translate(_TO_BASE_32) or "0", 32)
