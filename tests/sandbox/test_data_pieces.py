"""What the data engine is made of, without it: files on a shelf, a library packed, memory in a file."""

import errno
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from curta.sandbox.data import image, library
from curta.sandbox.namespace import Namespace
from curta.sandbox.shelf import Shelf

PAGE = 1 << 16


@pytest.fixture
def names() -> Namespace:
    namespace = Namespace({})
    namespace.place("/lib", Shelf({"a.txt": b"a", "deep/er/b.txt": b"bcd", "deep/c.txt": b""}))
    return namespace


def opened(namespace: Namespace, path: str, **how: bool) -> int:
    return namespace.open(path, **{"write": False, "create": False, "exclusive": False, "truncate": False, **how})


def test_a_shelf_has_folders_where_its_paths_say_so(names: Namespace) -> None:
    assert names.names("/lib") == {"a.txt": "file", "deep": "folder"}
    assert names.names("/lib/deep") == {"er": "folder", "c.txt": "file"}
    assert (names.stat("/lib/deep/er").kind, names.stat("/lib/deep/er/b.txt").size) == ("folder", 3)
    assert names.file(opened(names, "/lib/deep/er/b.txt")).read(1, 10) == b"cd"


@pytest.mark.parametrize(
    ("path", "how", "number"),
    [
        ("/lib/none", {}, errno.ENOENT),
        ("/lib/a.txt/x", {}, errno.ENOTDIR),
        ("/lib/deep/none/x", {}, errno.ENOENT),
        ("/lib/deep", {}, errno.EISDIR),
        ("/lib", {}, errno.EISDIR),
        ("/lib/a.txt", {"write": True}, errno.EROFS),
        ("/lib/new", {"create": True}, errno.EROFS),
        ("/lib/a.txt", {"truncate": True}, errno.EROFS),
    ],
)
def test_a_shelf_is_only_read(names: Namespace, path: str, how: dict[str, bool], number: int) -> None:
    with pytest.raises(OSError, match=os.strerror(number)) as told:
        opened(names, path, **how)
    assert told.value.errno == number


def test_what_lies_in_a_zip_within_the_library_is_found_below_it(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("fonts/ttf/a.ttf", b"font")
        archive.writestr("matplotlibrc", b"")
    with zipfile.ZipFile(tmp_path / "library.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("matplotlib/mpl-data.zip", inner.getvalue())
        archive.writestr("os.pyc", b"os")
    (tmp_path / "packed").write_bytes(library.pack(tmp_path / "library.zip"))
    namespace = Namespace({})
    library.Library(tmp_path / "library.zip", tmp_path / "packed").lay(namespace)
    path = "/usr/local/lib/python315.zip"
    assert namespace.names("/usr/local/lib") == {"python315.zip": "file"}
    assert namespace.stat(path).size == (tmp_path / "library.zip").stat().st_size
    assert namespace.names(f"{path}/matplotlib/mpl-data") == {"fonts": "folder", "matplotlibrc": "file"}
    font = opened(namespace, f"{path}/matplotlib/mpl-data/fonts/ttf/a.ttf")
    assert namespace.file(font).read(0, 100) == b"font"


class Guest:
    """An instance that has nothing but memory."""

    def __init__(self, engine: Any) -> None:
        module = wasmtime.Module(engine, '(module (memory (export "memory") 1 100))')
        self.store = wasmtime.Store(engine)
        self.memory: Any = wasmtime.Instance(self.store, module, []).exports(self.store)["memory"]

    def read(self, start: int, count: int) -> bytes:
        return bytes(self.memory.read(self.store, start, start + count))


def test_a_guest_begins_with_the_memory_of_another_and_changes_only_its_own(tmp_path: Path) -> None:
    engine = wasmtime.Engine()
    first = Guest(engine)
    first.memory.grow(first.store, 9)
    first.memory.write(first.store, b"known", 5 * PAGE + 100)
    with open(tmp_path / "image", "wb") as file:
        image.write(first.memory, first.store, file)
    kept = image.Image(tmp_path / "image")
    assert kept.size == 10 * PAGE
    assert (tmp_path / "image").stat().st_blocks * 512 < 3 * PAGE  # holes
    for _ in range(3):
        guest = Guest(engine)
        kept.lay(guest.memory, guest.store)
        assert guest.memory.data_len(guest.store) == 10 * PAGE
        assert guest.read(5 * PAGE + 99, 7) == b"\0known\0"
        guest.memory.write(guest.store, b"other", 5 * PAGE + 100)
        guest.memory.grow(guest.store, 5)
        assert guest.read(12 * PAGE, 4) == bytes(4)
        guest.store.close()
    assert first.read(5 * PAGE + 100, 5) == b"known"
    assert (tmp_path / "image").read_bytes()[5 * PAGE + 100 :][:5] == b"known"
