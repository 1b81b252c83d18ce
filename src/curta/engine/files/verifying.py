"""Is a model file still what it was? Every byte of it is read again."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from curta.engine.files.held import ModelFile

State = Literal["ok", "changed", "missing", "unreadable"]


class Verified(NamedTuple):
    """What came of reading a file again. found: the SHA-256 it has now; empty when it could not be read."""

    file: ModelFile
    state: State
    found: str = ""


def sha256_of(path: Path, on_bytes: Callable[[int], object] = lambda count: None) -> str:
    """The SHA-256 of a file, in hexadecimal. on_bytes: told how many bytes were read so far."""
    digest, done = hashlib.sha256(), 0
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
            done += len(piece)
            on_bytes(done)
    return digest.hexdigest()


def verify(files: Iterable[ModelFile], on_bytes: Callable[[int], object] = lambda count: None) -> Iterator[Verified]:
    """Each of `files`, read whole and compared with the SHA-256 it had when it was pulled or adopted."""
    for file in files:
        yield _verified(file, on_bytes)


def _verified(file: ModelFile, on_bytes: Callable[[int], object]) -> Verified:
    try:
        found = sha256_of(file.path, on_bytes)
    except FileNotFoundError:
        return Verified(file, "missing")
    except OSError:
        return Verified(file, "unreadable")
    return Verified(file, "ok" if found == file.sha256 else "changed", found)
