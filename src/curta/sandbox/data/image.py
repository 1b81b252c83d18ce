"""The memory of a guest in which the libraries are loaded: kept in a file, and what every later guest begins with.

All state of a module between two calls is its memory: its stack pointer is then where it began, it has no other global
that changes, and no file is open. So a new instance that is given this memory is that guest, again. The file is mapped
over the instance's memory, private and copied on write, as wasmtime does with a module's own data: nothing is read or
copied before the guest touches it.
"""

import ctypes
import mmap
import os
from pathlib import Path
from typing import Any, BinaryIO

PAGE = 1 << 16
FIXED = 0x10  # MAP_FIXED, of Linux and of macOS


def write(memory: Any, store: Any, file: BinaryIO) -> None:
    """Write a guest's memory to a new file, which gets holes where there are zeros."""
    size = memory.data_len(store)
    for start in range(0, size, PAGE):
        page = bytes(memory.read(store, start, start + PAGE))
        if page.strip(b"\0"):
            file.seek(start)
            file.write(page)
    file.truncate(size)


class Image:
    """The file, open for as long as guests are made from it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self._file).st_size

    def lay(self, memory: Any, store: Any) -> None:
        """Give this memory to a new instance. Raises OSError when the system will not map it."""
        memory.grow(store, (self.size - memory.data_len(store)) // PAGE)
        start = ctypes.addressof(memory.data_ptr(store).contents)
        how = mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | FIXED
        if _mmap()(start, self.size, *how, self._file, 0) != start:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


def _mmap() -> Any:
    call = ctypes.CDLL(None, use_errno=True).mmap
    call.restype = ctypes.c_void_p
    call.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int64]
    return call
