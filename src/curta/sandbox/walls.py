"""The second wall: what the system itself refuses the process that runs a guest, should the first one ever break.

Linux: Landlock, which needs no root: from `close_in` on, this process can open nothing but what is named, connect
nowhere and signal nobody. It binds the calling thread and the threads it starts later, so it comes before any other.
Every Unix: resource limits. Elsewhere there is one wall, and the result says so.
Numbers: linux/landlock.h; ABI levels as in the kernel's documentation of Landlock.
"""

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system calls, the same on every architecture since 5.13
NO_NEW_PRIVILEGES = 38
RULE_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_FOLDER, REMOVE_FILE = 1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5
MAKE_FOLDER, MAKE_FILE, MOVE, TRUNCATE = 1 << 7, 1 << 8, 1 << 13, 1 << 14
TO_READ = READ_FILE | READ_DIR
TO_WRITE = TO_READ | WRITE_FILE | REMOVE_FOLDER | REMOVE_FILE | MAKE_FOLDER | MAKE_FILE | TRUNCATE
"""In the scratch folder too nothing can be executed, linked, moved elsewhere or made a device, a pipe or a socket."""

OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
HEADROOM = 1 << 30
"""Bytes of memory for what is not the guest's own: the interpreter of the worker, its stacks, its tables of files."""

FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""ABI level -> how many rights over files it knows; 16 from level 5 on."""


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scope", ctypes.c_uint64)]


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def close_in(
    readable: Iterable[Path],
    writable: Iterable[Path],
    memory: int,
    *,
    programs: Iterable[Path] = (),
    workshops: Iterable[Path] = (),
) -> tuple[str, ...]:
    """Refuse this process, for good, everything but these folders; the names of the walls that stand.

    memory: bytes that a guest may have; the process may have `HEADROOM` more. programs: files it may execute.
    workshops: folders it may write in, and move files between.
    """
    walls = ["webassembly"]
    if sys.platform != "win32":
        limit_resources(memory + HEADROOM)
        walls.append("rlimits")
    if sys.platform == "linux" and _landlock(readable, writable, programs, workshops):
        walls.append("landlock")
    return tuple(walls)


def limit_resources(memory: int, largest_file: int = 4 << 30) -> None:
    """No core dump, few descriptors, no file beyond `largest_file` bytes, no more memory written to than `memory`."""
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for which, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_FSIZE, largest_file),
        (resource.RLIMIT_DATA, memory),
    ):
        _, hard = resource.getrlimit(which)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (least, least))


def landlock_level() -> int:
    """The level of Landlock that this kernel has; 0 for none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc().syscall(CREATE_RULESET, None, 0, 1)))


def _landlock(
    readable: Iterable[Path], writable: Iterable[Path], programs: Iterable[Path], workshops: Iterable[Path]
) -> bool:
    level = landlock_level()
    if not level:
        return False
    every = (1 << FILE_RIGHTS.get(level, 16)) - 1
    rules = _Ruleset(every, 3 if level >= 4 else 0, 3 if level >= 6 else 0)
    size = 24 if level >= 6 else 16 if level >= 4 else 8
    libc = _libc()
    ruleset = _checked(libc.syscall(CREATE_RULESET, ctypes.byref(rules), size, 0))
    for paths, allowed in (
        (readable, TO_READ),
        (writable, TO_WRITE),
        (programs, TO_READ | EXECUTE),
        (workshops, TO_WRITE | MOVE),
    ):
        for path in paths:
            _allow(ruleset, path, allowed & every)
    _checked(libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _checked(libc.syscall(RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)
    return True


def _allow(ruleset: int, path: Path, allowed: int) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _PathRule(allowed if path.is_dir() else allowed & OF_FILES, opened)
        _checked(_libc().syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(opened)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
