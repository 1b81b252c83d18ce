"""Files in memory that a guest can read and not change: what Curta itself lays beside the folders that were granted.

A `Shelf` stands in a namespace where an `Overlay` may; it has no folders.
"""

import errno
import os
from collections.abc import Mapping
from typing import NoReturn

from curta.sandbox.folder import Kind, Parts, Stat
from curta.sandbox.overlay import Node


class Shelf:
    """files: the bytes of each, by name."""

    writable = False

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def stat(self, parts: Parts) -> Stat:
        return Stat("file", len(self._at(parts))) if parts else Stat("folder")

    def names(self, parts: Parts) -> dict[str, Kind]:
        if parts:
            self._at(parts)
            raise _error(errno.ENOTDIR)
        return dict.fromkeys(self._files, "file")

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
        if not parts:
            raise _error(errno.EISDIR)
        return ShelvedFile(self._at(parts))

    def refuse(self, *_arguments: object) -> NoReturn:
        raise _error(errno.EROFS)

    make_folder = remove = remove_folder = rename = set_modified = refuse

    def close(self) -> None:
        """There is nothing to give back."""

    def _at(self, parts: Parts) -> bytes:
        if len(parts) > 1 and parts[0] in self._files:
            raise _error(errno.ENOTDIR)
        if len(parts) != 1 or parts[0] not in self._files:
            raise _error(errno.ENOENT)
        return self._files[parts[0]]


class ShelvedFile:
    """An open file of a shelf."""

    def __init__(self, data: bytes) -> None:
        self.node = Node("file", size=len(data))
        self._data = data

    def read(self, offset: int, count: int) -> bytes:
        return self._data[offset : offset + count] if count > 0 else b""

    def write(self, offset: int, data: bytes) -> NoReturn:
        raise _error(errno.EBADF)

    def truncate(self, size: int) -> NoReturn:
        raise _error(errno.EBADF)

    def close(self) -> None:
        """There is nothing to give back."""


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
