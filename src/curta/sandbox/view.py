"""What a guest is granted: a folder, to read or to work in, and what it did there."""

import os
import posixpath
from pathlib import Path
from typing import Literal

from curta.errors import SourceNotFound, UsageError
from curta.sandbox.effects import Effects

Mode = Literal["read", "work"]


class View:
    """A folder as a guest may see it. Whatever the guest does, the folder stays as it is.

    path: a folder on this machine. mode: `read`, or `work`: the guest may change what it sees, and `effects()` tells
    what it changed. at: where the guest finds it, by default `/work`, or `/read/NAME`.
    """

    def __init__(self, path: str | os.PathLike[str], mode: Mode = "work", *, at: str | None = None) -> None:
        self.path = Path(path).absolute()
        if mode not in ("read", "work"):
            raise UsageError(f"A view is for 'read' or for 'work', not {mode!r}.")
        if not self.path.is_dir():
            raise SourceNotFound(f"There is no folder {self.path}.", then="Name a folder to grant.")
        self.mode: Mode = mode
        self.at = _place(at or ("/work" if mode == "work" else f"/read/{_named(self.path)}"))
        self._effects = Effects()

    def effects(self) -> Effects:
        """What the last run did here, or a session so far."""
        return self._effects

    def take(self, done: Effects) -> None:
        self._effects = done


def _named(folder: Path) -> str:
    """What a folder is called; `photos/..` is called what it leads to."""
    return (folder.name if folder.name not in ("", "..") else folder.resolve().name) or "root"


def _place(at: str) -> str:
    """A path in the guest, written in the one way it is compared by. Raises UsageError for what is none."""
    place = posixpath.normpath(at)
    if not at.startswith("/") or not place.strip("/") or "\0" in at:
        raise UsageError(f"A folder cannot be at {at!r}.", then="`at` is a path such as /work or /data.")
    return "/" + place.lstrip("/")
