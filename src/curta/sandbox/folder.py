"""A folder of the host as a guest may see it: plain files and folders, reached without following a single link.

Every path is walked from the folder's own descriptor, one name at a time, with O_NOFOLLOW, so that neither `..` nor a
link nor a folder swapped for a link while we walk leads out. What is neither a plain file nor a folder (links, devices,
pipes, sockets) is not there, and neither is a name that is not UTF-8.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["file", "folder"]
Parts: TypeAlias = tuple[str, ...]
"""A path inside a view: the names from its root down; () is the root."""

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class Stat(NamedTuple):
    """What is known of a file or a folder. size: bytes. modified: nanoseconds since 1970. number: its own, or 0."""

    kind: Kind
    size: int = 0
    modified: int = 0
    number: int = 0


class Fingerprint(NamedTuple):
    """How a file was when it was first looked at; another one later means that somebody else has changed it."""

    size: int
    modified: int
    inode: int


class Folder:
    """`path` on the host, read-only. Its methods raise OSError as the system calls of the same names do."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._root = os.open(path, _FOLDER)

    def close(self) -> None:
        os.close(self._root)

    def stat(self, parts: Parts) -> tuple[Stat, Fingerprint]:
        with self._parent(parts) as (folder, name):
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        kind = _kind(found.st_mode)
        if kind is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        size = found.st_size if kind == "file" else 0
        return Stat(kind, size, found.st_mtime_ns), Fingerprint(size, found.st_mtime_ns, found.st_ino)

    def names(self, parts: Parts) -> dict[str, Kind]:
        """What is in the folder at `parts`."""
        with self._opened(parts) as folder, os.scandir(folder) as entries:
            found = ((entry.name, _kind_of(entry)) for entry in entries)
            return {name: kind for name, kind in found if kind is not None and _is_utf8(name)}

    def open(self, parts: Parts) -> int:
        """A descriptor to read the plain file at `parts` with."""
        with self._parent(parts) as (folder, name):
            file = os.open(name, _FILE, dir_fd=folder)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        return file

    def walk(self, parts: Parts) -> Iterator[tuple[Parts, Kind]]:
        """Everything below `parts`, folders before what is in them."""
        for name, kind in sorted(self.names(parts).items()):
            yield (*parts, name), kind
            if kind == "folder":
                yield from self.walk((*parts, name))

    @contextmanager
    def _parent(self, parts: Parts) -> Iterator[tuple[int, str]]:
        """The folder that holds the last name of `parts`, and that name."""
        with self._opened(parts[:-1]) as folder:
            yield folder, parts[-1] if parts else "."

    @contextmanager
    def _opened(self, parts: Parts) -> Iterator[int]:
        here = self._root
        try:
            for name in parts:
                below = os.open(name, _FOLDER, dir_fd=here)
                if here != self._root:
                    os.close(here)
                here = below
            yield here
        finally:
            if here != self._root:
                os.close(here)


def _kind(mode: int) -> Kind | None:
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else None


def _kind_of(entry: "os.DirEntry[str]") -> Kind | None:
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else None


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
