"""What is known of a running engine, in a file of its own that it holds locked while it lives.

The folder is the user's own (0700), the file too (0600): it has the key. Its time is the moment until which the engine
stays warm; who is about to ask moves it on.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from curta import __version__, config

if TYPE_CHECKING:
    from curta.engine.files.held import ModelFile
    from curta.engine.process.settings import Settings

FOLDER = "engines"
LONGEST_SOCKET = 100
"""Bytes of a path that a Unix socket may have on every system."""

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a byte that is locked cannot be read by others

    def _lock(file: IO[Any]) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)
else:
    import fcntl

    def _lock(file: IO[Any]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Address(NamedTuple):
    """Where the engine of a model is, and what it is.

    url: of its API (`http://localhost/v1`). socket: the Unix socket behind which that is; empty when it has a port.
    key: what it wants to be told. sha256: of the model file. engine: its package and version.
    context: tokens for a prompt and its answer. slots: answers at once. threads: that compute.
    process: its number. started: seconds since 1970. bytes: of memory it was expected to need.
    """

    name: str
    url: str
    socket: str
    key: str
    sha256: str
    engine: str
    context: int
    slots: int
    threads: int
    process: int
    started: float
    bytes: int

    def __repr__(self) -> str:
        """Without the key."""
        return f"Address({self.name!r}, {self.url!r}, {self.socket!r})"


class Place(NamedTuple):
    """Where the files of an engine are."""

    folder: Path
    id: str

    @property
    def state(self) -> Path:
        return self.folder / f"{self.id}.json"

    @property
    def log(self) -> Path:
        """What the engine said while it started."""
        return self.folder / f"{self.id}.log"


def folder() -> Path:
    return config.home() / FOLDER


def place(file: "ModelFile", asked: "Settings") -> Place:
    """Where the engine of `file` with these settings is; another version of Curta has another one."""
    from curta.messages import sha256

    what = [__version__, file.sha256, file.kind, asked.context, asked.threads, asked.port]
    return Place(folder(), sha256(json.dumps(what).encode())[:16])


def places() -> Iterator[Place]:
    """Those of all engines that run or ran until they crashed."""
    found = sorted(folder().glob("*.json")) if folder().is_dir() else []
    return (Place(path.parent, path.stem) for path in found)


def read(place: Place) -> Address | None:
    """What the state file says; None when there is none, or one that makes no sense."""
    try:
        return Address(**json.loads(place.state.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def is_alive(place: Place) -> bool:
    """Whether an engine holds the state file."""
    try:
        with place.state.open("rb") as file:
            _lock(file)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def keep_warm(place: Place, idle: float) -> bool:
    """Have the engine stay for `idle` seconds from now at least; False when it has just ended."""
    until = time.time() + idle
    try:
        if place.state.stat().st_mtime < until:
            os.utime(place.state, (until, until))
    except OSError:
        return False
    return True


def socket_path(place: Place) -> Path:
    """A path for the engine's socket: beside the state file, or in a private folder where that would be too long."""
    near = place.folder / f"{place.id}.sock"
    if len(os.fsencode(near)) <= LONGEST_SOCKET:
        return near
    import tempfile

    return Path(tempfile.mkdtemp(prefix="curta-")) / "engine.sock"


def remove(place: Place, address: Address | None) -> None:
    """Remove the files of an engine that has ended."""
    if address is not None and address.socket:
        _remove_socket(Path(address.socket), place)
    for path in (place.state, place.log):
        path.unlink(missing_ok=True)


def _remove_socket(socket: Path, place: Place) -> None:
    with suppress(OSError):
        socket.unlink(missing_ok=True)
        if socket.parent != place.folder:
            socket.parent.rmdir()


class Held:
    """The state file in the hands of its engine: written, locked until the process ends, moved away at the end."""

    def __init__(self, place: Place, address: Address, idle: float) -> None:
        self._place, self._address, self._idle = place, address, idle
        place.state.unlink(missing_ok=True)
        descriptor = os.open(place.state, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = open(descriptor, "w+", encoding="utf-8")  # noqa: SIM115 - open as long as the process lives
        _lock(self._file)
        json.dump(address._asdict(), self._file)
        self._file.flush()
        self.stay()

    def stay(self) -> None:
        """Stay for the whole time of idleness from now."""
        if self.until - time.time() < self._idle:
            moment = time.time() + self._idle
            os.utime(self._file.fileno(), (moment, moment))

    @property
    def until(self) -> float:
        return os.fstat(self._file.fileno()).st_mtime

    @property
    def is_known(self) -> bool:
        """Whether who looks for this engine finds it; not when the folder was removed, or another took its place."""
        try:
            there, here = self._place.state.stat(), os.fstat(self._file.fileno())
        except OSError:
            return False
        return os.path.samestat(there, here)

    def withdraw(self) -> bool:
        """Be found no more; False when somebody asked for the engine in this very moment."""
        aside = self._place.state.with_suffix(".ending")
        os.replace(self._place.state, aside)
        if self.until > time.time():
            os.replace(aside, self._place.state)
            return False
        aside.unlink()
        return True

    def remove(self) -> None:
        """Remove what is left, at the end."""
        if self.is_known:
            remove(self._place, self._address)
        elif self._address.socket:
            _remove_socket(Path(self._address.socket), self._place)
        self._place.log.unlink(missing_ok=True)
