"""Folders for a while: removed when nobody needs them, and at the next start when their process was killed.

A folder is locked for as long as the process that made it lives. The lock (flock, on the folder itself) ends with the
process, however it ends, so what can be locked is left over: a process id, by then, may be somebody else's.
"""

import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

PREFIX = "curta-scratch-"
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_swept: set[str] = set()


class Scratch:
    """A new folder that only its owner may enter, until `close()`, or until this object or the process is gone.

    purpose: what its name says, after `PREFIX`. As a context manager it gives its path.
    """

    def __init__(self, purpose: str) -> None:
        sweep()
        self.path, lock = _made(purpose)
        self._remove = weakref.finalize(self, _remove, str(self.path), lock)

    def close(self) -> None:
        self._remove()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *error: object) -> None:
        self.close()


def sweep() -> None:
    """Remove what killed processes of this user left. A process looks once."""
    folder = tempfile.gettempdir()
    if os.name != "posix" or folder in _swept:
        return
    _swept.add(folder)
    with suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(PREFIX):
                _remove_what_is_left(os.path.join(folder, name))


def _remove_what_is_left(path: str) -> None:
    with suppress(OSError):
        lock = os.open(path, _FOLDER)
        try:
            if os.fstat(lock).st_uid == os.getuid() and _is_locked_now(lock, path, wait=False):
                shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(lock)


def _made(purpose: str) -> tuple[Path, int | None]:
    """A new folder, and the descriptor that holds its lock; None where folders have none."""
    while True:
        path = tempfile.mkdtemp(prefix=f"{PREFIX}{purpose}-")
        if os.name != "posix":
            return Path(path), None
        with suppress(FileNotFoundError):  # another process swept it before it was locked
            lock = os.open(path, _FOLDER)
            if _is_locked_now(lock, path, wait=True):
                return Path(path).resolve(), lock
            os.close(lock)


def _is_locked_now(descriptor: int, path: str, *, wait: bool) -> bool:
    """Whether `descriptor` is the folder at `path`, and holds its lock. wait: until it does.

    On a file system without locks it is nobody's to wait for, and nobody's to take away.
    """
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return wait
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    return False


def _remove(path: str, lock: int | None) -> None:
    shutil.rmtree(path, ignore_errors=True)
    if lock is not None:
        os.close(lock)
