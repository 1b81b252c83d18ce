"""Everything a guest can see: the folders it was granted, each at a path of its own, and open files by number."""

import errno
import os
from collections.abc import Mapping

from curta.sandbox.folder import Kind, Parts, Stat
from curta.sandbox.overlay import File, Overlay, parts_of
from curta.sandbox.shelf import Shelf, ShelvedFile

MOST_OPEN = 256


class Namespace:
    """The guest's root: `mounts` maps an absolute path, such as `/work`, to what is there. Nothing else exists."""

    def __init__(self, mounts: Mapping[str, Overlay]) -> None:
        self._mounts: dict[Parts, Overlay | Shelf] = {parts_of(path): overlay for path, overlay in mounts.items()}
        self._files: dict[int, File | ShelvedFile] = {}
        self._opened = 0

    def place(self, path: str, shelf: Shelf) -> None:
        """Set a shelf at `path`, in the place of one that was there before. Of two places the inner one comes first."""
        self._mounts[parts_of(path)] = shelf

    def stat(self, path: str) -> Stat:
        overlay, parts = self._at(path)
        return Stat("folder") if overlay is None else overlay.stat(parts)

    def names(self, path: str) -> dict[str, Kind]:
        overlay, parts = self._at(path)
        if overlay is None:
            return {mount[len(parts)]: "folder" for mount in self._mounts if mount[: len(parts)] == parts}
        return overlay.names(parts)

    def is_writable(self, path: str) -> bool:
        """Whether anything at `path` may be changed."""
        overlay, _ = self._at(path)
        return overlay is not None and overlay.writable

    def make_folder(self, path: str) -> None:
        overlay, parts = self._inside(path)
        overlay.make_folder(parts)

    def remove(self, path: str) -> None:
        overlay, parts = self._inside(path)
        overlay.remove(parts)

    def remove_folder(self, path: str) -> None:
        overlay, parts = self._inside(path)
        overlay.remove_folder(parts)

    def set_modified(self, path: str, modified: int) -> None:
        overlay, parts = self._inside(path)
        overlay.set_modified(parts, modified)

    def rename(self, old: str, new: str) -> None:
        before, here = self._inside(old)
        after, there = self._inside(new)
        if before is not after:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        before.rename(here, there)

    def open(self, path: str, *, write: bool, create: bool, exclusive: bool, truncate: bool) -> int:
        """Open a file; its number. Raises OSError, EMFILE when too many are open."""
        if len(self._files) >= MOST_OPEN:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        overlay, parts = self._inside(path)
        file = overlay.open(parts, write=write, create=create, exclusive=exclusive, truncate=truncate)
        self._opened += 1
        self._files[self._opened] = file
        return self._opened

    def file(self, number: int) -> File | ShelvedFile:
        try:
            return self._files[number]
        except KeyError:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF)) from None

    def close_file(self, number: int) -> None:
        self.file(number).close()
        del self._files[number]

    def close(self) -> None:
        for number in list(self._files):
            self.close_file(number)
        for overlay in self._mounts.values():
            overlay.close()

    def _at(self, path: str) -> tuple[Overlay | Shelf | None, Parts]:
        """What is at `path`: the overlay and the path in it; None for a folder above the mounts."""
        parts = parts_of(path)
        for mount, overlay in self._mounts.items():
            if parts[: len(mount)] == mount:
                return overlay, parts[len(mount) :]
        if any(mount[: len(parts)] == parts for mount in self._mounts):
            return None, parts
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    def _inside(self, path: str) -> tuple[Overlay | Shelf, Parts]:
        """What is at `path`, for those who change it: above the mounts nothing can be changed."""
        overlay, parts = self._at(path)
        if overlay is None:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)
        return overlay, parts
