"""Who is still at work: byte-range locks in `log.lock`, beside the log.

A process holds the byte at the row id of every call it is running. The system lets go of it when the process ends,
however it ends, so anybody can tell a call that runs from one whose process died: exactly, and without a clock.
Byte 0 is held by the one process that creates or migrates the log.

Rules:
1. POSIX forgets all locks a process has on a file as soon as it closes any descriptor of that file. So there is one
   descriptor per lock file and process, it is kept here, and nobody else opens the file.
2. POSIX never refuses a lock to the process that holds it, so a process remembers its own.
"""

import errno
import os
import sys
import time
from _thread import RLock
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curta.errors import LogUnavailable

CREATION = 0
_SPOOL = 2**61
_BATCH = 2**60
_TRANSIENT = 2.0

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int, byte: int) -> None:
        os.lseek(descriptor, byte, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int, byte: int) -> None:
        os.lseek(descriptor, byte, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int, byte: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)

    def _unlock(descriptor: int, byte: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, byte)


class LockFile:
    """This process's view of one lock file."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        self._own: set[int] = set()
        self._guard = RLock()

    def is_at(self, path: str) -> bool:
        """Whether this is still the file of that name: somebody may have removed the folder."""
        try:
            there, here = os.stat(path), os.fstat(self._descriptor)
        except OSError:
            return False
        return (there.st_ino, there.st_dev) == (here.st_ino, here.st_dev)

    def hold(self, byte: int, seconds: float = _TRANSIENT) -> bool:
        """Hold `byte` until `release` or the end of this process; False when another has it all that time.

        Who asks `is_held` holds the byte for a moment, hence the patience.
        """
        deadline = time.monotonic() + seconds
        while not self._grab(byte):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)
        return True

    def release(self, byte: int) -> None:
        with self._guard:
            self._own.discard(byte)
            _unlock(self._descriptor, byte)

    def is_held(self, byte: int) -> bool:
        """Whether a living process, this one included, holds `byte`. When the system cannot tell: yes."""
        with self._guard:
            if byte in self._own:
                return True
            try:
                _try_lock(self._descriptor, byte)
            except OSError:
                return True
            _unlock(self._descriptor, byte)
            return False

    def _grab(self, byte: int) -> bool:
        with self._guard:
            if byte in self._own:
                return False
            try:
                _try_lock(self._descriptor, byte)
            except OSError as error:
                if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
                    return False
                # A file system without locks: then `is_held` says yes of everything, and nothing is closed too early.
            self._own.add(byte)
            return True

    def forget(self) -> None:
        """Begin anew in a forked child, which inherits the descriptor and none of the locks."""
        self._own.clear()
        self._guard = RLock()


_files: dict[str, LockFile] = {}
_files_guard = RLock()


def _forget() -> None:
    global _files_guard
    _files_guard = RLock()
    for file in _files.values():
        file.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def lock_file(log: Path) -> LockFile:
    """The lock file of the log at `log`. Raises OSError when it cannot be made."""
    path = os.path.splitext(log)[0] + ".lock"
    with _files_guard:
        known = _files.get(path)
        if known is None or not known.is_at(path):
            # A lock file that was removed keeps its descriptor: calls that still run may hold bytes of it.
            known = _files[path] = LockFile(path)
        return known


def spool_byte(ulid: bytes) -> int:
    """The byte that stands for a call kept in the spool, far above all row ids."""
    return _SPOOL | int.from_bytes(ulid[-7:], "big")


def batch_byte(row: int) -> int:
    """The byte that stands for a batch: held by the one process that works on it."""
    return _BATCH | row


@contextmanager
def sole_creator(log: Path, seconds: float) -> Iterator[None]:
    """Be the only process, and the only thread, that creates or migrates this log. Raises LogUnavailable."""
    file = lock_file(log)
    if not file.hold(CREATION, seconds):
        raise LogUnavailable(
            f"Another process has been preparing the log {log} for {seconds:.0f} seconds.",
            then="Try again, or look for a stopped curta process.",
        )
    try:
        yield
    finally:
        file.release(CREATION)
