"""Bytes of a file from a server to the disk: hashed as they come, resumed where the line was cut.

What has arrived stays in the unfinished file whatever happens (Ctrl-C, `kill -9`, a full disk), and the next pull goes
on from there, after hashing it again. What turns out to be wrong is deleted.
"""

import errno
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import random
from types import TracebackType
from typing import NamedTuple

from curta import http
from curta.engine.files.hub import Remote, refusal
from curta.errors import BrokenAnswer, ModelError, ModelFileError, TimedOut, Unreachable, WrongFile

MAGIC = b"GGUF"
PIECE = 1 << 20
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Progress(NamedTuple):
    """How far a file has come. total: None when nobody says. began: what was there before, seconds: since then."""

    done: int
    total: int | None
    began: int
    seconds: float

    @property
    def rate(self) -> float:
        """Bytes per second."""
        return (self.done - self.began) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        return (self.total - self.done) / self.rate if self.total and self.rate else None


OnProgress = Callable[[Progress], object]


class Got(NamedTuple):
    """What was fetched: the SHA-256 and the size of all of it."""

    sha256: str
    bytes: int


class _Unfinished:
    """The file that the bytes go to, with the hash of what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digest = hashlib.sha256()
        self.size = 0
        self.began = 0
        self.started = time.monotonic()
        self.validator = ""
        self._file = open(path, "r+b" if path.exists() else "w+b", buffering=0)  # noqa: SIM115 - closed by __exit__

    def take_up(self) -> None:
        """Hash what an earlier pull has left."""
        while piece := self._file.read(PIECE):
            self.digest.update(piece)
            self.size += len(piece)
        self.began, self.started = self.size, time.monotonic()

    def add(self, piece: bytes) -> None:
        written = 0
        while written < len(piece):
            written += self._file.write(memoryview(piece)[written:])
        self.digest.update(piece)
        self.size += len(piece)

    def empty(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self.digest, self.size, self.began = hashlib.sha256(), 0, 0

    def has(self, sha256: str | None) -> bool:
        return sha256 is None or self.digest.hexdigest() == sha256

    def sync(self) -> None:
        os.fsync(self._file.fileno())

    def __enter__(self) -> "_Unfinished":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        if isinstance(error, WrongFile):
            self.path.unlink(missing_ok=True)


def download(
    remote: Remote,
    path: Path,
    *,
    sha256: str | None,
    on_progress: OnProgress = lambda progress: None,
    on_retry: http.OnRetry | None = None,
) -> Got:
    """Bring all of `remote` into `path`, on from what is there.

    sha256: what it must have; None to take it as it comes, and then from its beginning.
    Raises WrongFile for bytes that are not what was promised (and deletes them), ModelFileError when the host refuses
    or the disk is full, a ModelError when the line was cut again and again without a byte in between.
    """
    try:
        with _Unfinished(path) as file:
            file.take_up()
            if sha256 is None:
                file.empty()
            _receive_all(remote, file, on_progress, on_retry)
            if file.began and not file.has(sha256):  # what an earlier pull had left may be damaged
                file.empty()
                _receive_all(remote, file, on_progress, on_retry)
            _check(remote, file, sha256)
            file.sync()
            return Got(file.digest.hexdigest(), file.size)
    except OSError as error:
        raise _not_written(error, path) from error


def _receive_all(remote: Remote, file: _Unfinished, on_progress: OnProgress, on_retry: http.OnRetry | None) -> None:
    """Ask for what is missing until nothing is. Gives up after some attempts in a row that brought nothing."""
    failures = 0
    while remote.bytes is None or file.size != remote.bytes:
        before = file.size
        try:
            if _receive(remote, file, on_progress, on_retry) and remote.bytes in (None, file.size):
                return
            cut: ModelError = BrokenAnswer(f"{remote.url} ends before all of it has come.", then="Try again later.")
        except (BrokenAnswer, TimedOut, Unreachable) as error:
            cut = error
        failures = 0 if file.size > before else failures + 1
        if failures >= http.ATTEMPTS or (isinstance(cut, Unreachable) and file.size == file.began):
            raise cut
        delay = random() * min(http.LONGEST_DELAY, http.BASE_DELAY * 2.0**failures)
        if failures and on_retry:
            on_retry(http.Retry(delay, "the line was cut", failures + 1))
        http.sleep(delay)


def _receive(remote: Remote, file: _Unfinished, on_progress: OnProgress, on_retry: http.OnRetry | None) -> bool:
    """Take what one answer brings; whether it came to its end."""
    url = remote.url
    for _ in range(http.REDIRECTS):
        request = http.HTTPRequest("GET", url, {**remote.headers(url), **_asked(file)})
        with http.stream(request, on_retry=on_retry) as reply:
            if not (target := http.redirection(reply, url)):
                return _take(reply, remote, file, on_progress)
        url = target
    raise ModelFileError(f"{remote.url} redirects in circles.")


def _asked(file: _Unfinished) -> dict[str, str]:
    """The headers that ask for what is missing, if need be of the very same file."""
    headers = {"accept-encoding": "identity"}
    if file.size:
        headers["range"] = f"bytes={file.size}-"
        if file.validator:
            headers["if-range"] = file.validator
    return headers


def _take(reply: http.Reply[Iterator[bytes]], remote: Remote, file: _Unfinished, on_progress: OnProgress) -> bool:
    if reply.status == 416:  # nothing is behind what is there: it is longer than the file, or was another one's
        if remote.bytes is not None and file.size > file.began:
            raise _wrong_size(remote, f"{file.size:,}")
        file.empty()
        return False
    if reply.status >= 300:
        raise refusal(reply.status, reply.headers, remote.url)
    if reply.status != 206 or not _goes_on(reply.headers.get("content-range", ""), file.size):
        file.empty()
        if reply.status == 206:
            return False
    etag = reply.headers.get("etag", "")
    file.validator = "" if etag.startswith("W/") else etag
    length = reply.headers.get("content-length", "")
    total = file.size + int(length) if length.isdecimal() else remote.bytes
    if total is not None and remote.bytes not in (None, total):
        raise _wrong_size(remote, f"{total:,}")
    _find_room(file.path, (total or 0) - file.size)
    for chunk in reply.chunks:
        if not file.size and not MAGIC.startswith(chunk[:4]) and not chunk.startswith(MAGIC):
            raise WrongFile(f"{remote.url} is no GGUF file: it begins with {chunk[:12]!r}.", why="It was deleted.")
        file.add(chunk)
        if remote.bytes is not None and file.size > remote.bytes:
            raise _wrong_size(remote, f"more than {remote.bytes:,}")
        on_progress(Progress(file.size, total, file.began, time.monotonic() - file.started))
    return True


def _goes_on(content_range: str, size: int) -> bool:
    match = _RANGE.fullmatch(content_range)
    return match is not None and int(match[1]) == size


def _wrong_size(remote: Remote, found: str) -> WrongFile:
    return WrongFile(
        f"{remote.url} has {found} bytes.", why=f"It should have {remote.bytes:,}. What had come was deleted."
    )


def _find_room(path: Path, needed: int) -> None:
    free = shutil.disk_usage(path.parent).free
    if needed > free:
        raise ModelFileError(
            f"There is no room for {needed:,} more bytes in {path.parent}.",
            why=f"{free:,} bytes are free.",
            then="Free some, or keep models on another disk: set HF_HUB_CACHE to a folder there.",
        )


def _check(remote: Remote, file: _Unfinished, sha256: str | None) -> None:
    if file.size < len(MAGIC):
        raise WrongFile(f"{remote.url} is no GGUF file: it has {file.size} bytes.")
    if not file.has(sha256):
        raise WrongFile(
            f"What came from {remote.url} is not the file it should be.",
            why=f"Its SHA-256 is {file.digest.hexdigest()}, not {sha256}. It was deleted.",
            then="Pull it again; if it happens again, the file on the server is damaged or was changed.",
        )


def _not_written(error: OSError, path: Path) -> ModelFileError:
    if error.errno in _FULL:
        kept = 0
        with suppress(OSError):
            kept = path.stat().st_size
        return ModelFileError(
            f"The disk that holds {path.parent} is full.",
            why=f"{kept:,} bytes have come and are kept.",
            then="Free some room and pull again: it goes on from there.",
        )
    return ModelFileError(
        f"Cannot write {path}: {error.strerror or error}.", then="Set HF_HUB_CACHE to another folder."
    )
