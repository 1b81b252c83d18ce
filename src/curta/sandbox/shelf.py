"""Files in memory that a guest can read and not change: what Curta itself lays beside the folders that were granted.

A `Shelf` stands in a namespace where an `Overlay` may.
"""

import errno
import os
from collections.abc import Mapping
from typing import NoReturn, TypeAlias

from curta.sandbox.folder import Kind, Parts, Stat
from curta.sandbox.overlay import Node

Bytes: TypeAlias = bytes | memoryview


class Shelf:
    """files: the bytes of each, by its path on the shelf."""

    writable = False

    def __init__(self, files: Mapping[str, Bytes]) -> None:
        self._files = files
        self._folders: dict[str, dict[str, Kind]] = {"": {}}
        for path in files:
            self._list(path, "file")

    def _list(self, path: str, kind: Kind) -> None:
        """Enter a file or a folder into the folder it lies in, and that one into its own."""
        above, _, name = path.rpartition("/")
        if above not in self._folders:
            self._folders[above] = {}
            self._list(above, "folder")
        self._folders[above][name] = kind

    def stat(self, parts: Parts) -> Stat:
        return Stat("folder") if "/".join(parts) in self._folders else Stat("file", len(self._at(parts)))

    def names(self, parts: Parts) -> dict[str, Kind]:
        if (path := "/".join(parts)) in self._folders:
            return dict(self._folders[path])
        self._at(parts)
        raise _error(errno.ENOTDIR)

    def open(
        self,
        parts: Parts,
        *,
        write: bool = False,
        create: bool = False,
        exclusive: bool = False,
        truncate: bool = False,
    ) -> "ShelvedFile":
        if write or create or truncate:
            self.refuse()
        if "/".join(parts) in self._folders:
            raise _error(errno.EISDIR)
        return ShelvedFile(self._at(parts))

    def refuse(self, *_arguments: object) -> NoReturn:
        raise _error(errno.EROFS)

    make_folder = remove = remove_folder = rename = set_modified = refuse

    def close(self) -> None:
        """There is nothing to give back."""

    def _at(self, parts: Parts) -> Bytes:
        if any("/".join(parts[:count]) in self._files for count in range(1, len(parts))):
            raise _error(errno.ENOTDIR)
        if (path := "/".join(parts)) not in self._files:
            raise _error(errno.ENOENT)
        return self._files[path]


class ShelvedFile:
    """An open file of a shelf."""

    def __init__(self, data: Bytes) -> None:
        self.node = Node("file", size=len(data))
        self._data = data

    def read(self, offset: int, count: int) -> bytes:
        return bytes(self._data[offset : offset + count]) if count > 0 else b""

    def write(self, offset: int, data: bytes) -> NoReturn:
        raise _error(errno.EBADF)

    def truncate(self, size: int) -> NoReturn:
        raise _error(errno.EBADF)

    def close(self) -> None:
        """There is nothing to give back."""


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
