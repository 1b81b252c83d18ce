"""The WebAssembly system interface (preview 1) over a namespace: every module compiled for WASI sees the same views.

A module is given its arguments, standard input, two output streams, a clock, randomness and the namespace; nothing
else. Its root folder is `/work`, under which its own relative paths end; the other mounts are beside it.

Memory layouts and numbers are those of the WASI preview 1 specification (`wasi_snapshot_preview1.witx`).
"""

import errno
import os
import secrets
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from curta.sandbox.engine import Sink
from curta.sandbox.folder import Kind
from curta.sandbox.namespace import Namespace

MODULE = "wasi_snapshot_preview1"
WORK = "/work"
ROOT = 3
FIRST_FREE = 4
LARGEST_IO = 4 << 20
MOST_RANDOM = 1 << 20

ERRNO = {
    errno.EACCES: 2, errno.EAGAIN: 6, errno.EBADF: 8, errno.EBUSY: 10, errno.EDQUOT: 19, errno.EEXIST: 20,
    errno.EFBIG: 22, errno.EINVAL: 28, errno.EIO: 29, errno.EISDIR: 31, errno.ELOOP: 44, errno.EMFILE: 33,
    errno.ENAMETOOLONG: 37, errno.ENOENT: 44, errno.ENOSPC: 51, errno.ENOSYS: 52, errno.ENOTDIR: 54,
    errno.ENOTEMPTY: 55, errno.EPERM: 63, errno.EROFS: 69, errno.ESPIPE: 70, errno.EXDEV: 75,
}  # fmt: skip
"""The host's error numbers -> those of WASI. A link is not there, so a loop of links is no such file."""

CHARACTER_DEVICE, DIRECTORY, REGULAR_FILE = 2, 3, 4
CREATE, IS_DIRECTORY, EXCLUSIVE, TRUNCATE = 1, 2, 4, 8
APPEND = 1
RIGHT_TO_WRITE = 1 << 6
EVERY_RIGHT = (1 << 30) - 1
SET_NOW = 1 << 3
SET_TIME = 1 << 2


class Exit(Exception):
    """The program ended itself."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Late(Exception):
    """The program slept into its deadline."""


@dataclass
class Descriptor:
    """An open file (`number` in the namespace) or folder (`path`)."""

    path: str
    number: int | None = None
    offset: int = 0
    append: bool = False
    entries: list[tuple[str, Kind]] | None = None


class Wasi:
    """One program's view of the system.

    deadline: `time.monotonic()` after which nothing sleeps on. home: where paths lead that begin at no mount; None when
    the program has a working folder of its own, and such paths lead nowhere.
    """

    def __init__(
        self,
        namespace: Namespace,
        arguments: Sequence[str],
        stdin: bytes,
        stdout: Sink,
        stderr: Sink,
        *,
        home: str | None = WORK,
    ) -> None:
        self._namespace, self._home = namespace, home
        self._arguments = [argument.encode() + b"\0" for argument in arguments]
        self._stdin, self._read_so_far = stdin, 0
        self._sinks = {1: stdout, 2: stderr}
        self._open: dict[int, Descriptor] = {ROOT: Descriptor("/")}
        self.deadline = float("inf")
        self._memory: Any = None
        self._caller: Any = None

    def files_open(self) -> int:
        """How many files and folders the program has open, besides its root."""
        return len(self._open) - 1

    def close(self) -> None:
        """Close what the program left open."""
        for found in self._open.values():
            if found.number is not None:
                self._namespace.close_file(found.number)
        self._open.clear()

    def serve(self, name: str, caller: Any, arguments: Sequence[int]) -> int | None:
        """Do what a module asks for; an error number of WASI. Raises Exit, Late."""
        act: Callable[..., int | None] = getattr(self, "_" + name, self._not_there)
        self._caller, self._memory = caller, caller["memory"]
        try:
            return act(*arguments) or 0
        except OSError as error:
            return ERRNO.get(error.errno or errno.EIO, ERRNO[errno.EIO])
        except (ValueError, OverflowError, IndexError, struct.error, UnicodeError, MemoryError):
            return ERRNO[errno.EINVAL]

    def _not_there(self, *_arguments: int) -> int:
        return ERRNO[errno.ENOSYS]

    # Memory of the guest. Offsets arrive as signed 32-bit numbers.

    def _get(self, at: int, count: int) -> bytes:
        start = at & 0xFFFFFFFF
        return bytes(self._memory.read(self._caller, start, start + (count & 0xFFFFFFFF)))

    def _put(self, at: int, data: bytes) -> None:
        self._memory.write(self._caller, data, at & 0xFFFFFFFF)

    def _pack(self, at: int, layout: str, *values: int) -> None:
        self._put(at, struct.pack("<" + layout, *values))

    def _text(self, at: int, count: int) -> str:
        return self._get(at, count).decode()

    def _vectors(self, at: int, count: int) -> list[tuple[int, int]]:
        if not 0 <= count <= 1024:
            raise ValueError
        flat = struct.unpack(f"<{2 * count}I", self._get(at, 8 * count))
        return list(zip(flat[::2], flat[1::2], strict=True))

    # The process

    def _args_sizes_get(self, count: int, size: int) -> None:
        self._pack(count, "I", len(self._arguments))
        self._pack(size, "I", sum(map(len, self._arguments)))

    def _args_get(self, pointers: int, buffer: int) -> None:
        for place, argument in enumerate(self._arguments):
            self._pack(pointers + 4 * place, "I", buffer & 0xFFFFFFFF)
            self._put(buffer, argument)
            buffer += len(argument)

    def _environ_sizes_get(self, count: int, size: int) -> None:
        self._pack(count, "I", 0)
        self._pack(size, "I", 0)

    def _environ_get(self, _pointers: int, _buffer: int) -> None:
        """There is no environment."""

    def _proc_exit(self, code: int) -> None:
        raise Exit(code & 0xFF)

    def _sched_yield(self) -> None:
        """There is nobody to yield to."""

    def _random_get(self, at: int, count: int) -> None:
        if not 0 <= count <= MOST_RANDOM:
            raise ValueError
        self._put(at, secrets.token_bytes(count))

    def _clock_res_get(self, _clock: int, result: int) -> None:
        self._pack(result, "Q", 1000)

    def _clock_time_get(self, clock: int, _precision: int, result: int) -> None:
        now = time.time_ns() if clock == 0 else time.monotonic_ns()
        self._pack(result, "Q", now)

    def _poll_oneoff(self, subscriptions: int, events: int, count: int, result: int) -> None:
        """Sleep, or find a stream ready. In short steps, so that the deadline ends a sleep as it ends a loop."""
        if not 1 <= count <= 64:
            raise ValueError
        waits, ready = [], []
        for place in range(count):
            fields = struct.unpack("<QB7xI4xQQH", self._get(subscriptions + 48 * place, 42))
            user, kind, clock, timeout, _precision, flags = fields
            if kind == 0:
                now = time.time_ns() if clock == 0 else time.monotonic_ns()
                waits.append((max(0, timeout - now if flags & 1 else timeout), user))
            else:
                ready.append((user, kind))
        if not ready:
            nanoseconds, user = min(waits)
            self._sleep(nanoseconds)
            ready = [(user, 0)]
        for place, (user, kind) in enumerate(ready):
            self._put(events + 32 * place, struct.pack("<QHB5xQH6x", user, 0, kind, 1 << 16, 0))
        self._pack(result, "I", len(ready))

    def _sleep(self, nanoseconds: int) -> None:
        end = time.monotonic_ns() + nanoseconds
        while (left := end - time.monotonic_ns()) > 0:
            if time.monotonic() >= self.deadline:
                raise Late
            time.sleep(min(left, STEP) / 1e9)

    # Descriptors

    def _descriptor(self, fd: int) -> Descriptor:
        try:
            return self._open[fd]
        except KeyError:
            raise OSError(errno.EBADF, "") from None

    def _file(self, fd: int) -> tuple[Descriptor, int]:
        found = self._descriptor(fd)
        if found.number is None:
            raise OSError(errno.EISDIR, "")
        return found, found.number

    def _fd_prestat_get(self, fd: int, result: int) -> None:
        if fd != ROOT:
            raise OSError(errno.EBADF, "")
        self._pack(result, "BxxxI", 0, 1)

    def _fd_prestat_dir_name(self, fd: int, at: int, count: int) -> None:
        if fd != ROOT or count < 1:
            raise OSError(errno.EBADF, "")
        self._put(at, b"/")

    def _fd_fdstat_get(self, fd: int, result: int) -> None:
        if fd in (0, 1, 2):
            kind = CHARACTER_DEVICE
        else:
            kind = DIRECTORY if self._descriptor(fd).number is None else REGULAR_FILE
        append = APPEND if fd in self._open and self._open[fd].append else 0
        self._pack(result, "BxHxxxxQQ", kind, append, EVERY_RIGHT, EVERY_RIGHT)

    def _fd_fdstat_set_flags(self, fd: int, flags: int) -> None:
        self._descriptor(fd).append = bool(flags & APPEND)

    def _fd_read(self, fd: int, vectors: int, count: int, result: int) -> None:
        if fd == 0:
            self._pack(result, "I", self._scatter(vectors, count, self._from_stdin))
            return
        found, number = self._file(fd)

        def read(most: int) -> bytes:
            data = self._namespace.file(number).read(found.offset, most)
            found.offset += len(data)
            return data

        self._pack(result, "I", self._scatter(vectors, count, read))

    def _fd_pread(self, fd: int, vectors: int, count: int, offset: int, result: int) -> None:
        _, number = self._file(fd)
        place = [offset]

        def read(most: int) -> bytes:
            data = self._namespace.file(number).read(place[0], most)
            place[0] += len(data)
            return data

        self._pack(result, "I", self._scatter(vectors, count, read))

    def _from_stdin(self, most: int) -> bytes:
        data = self._stdin[self._read_so_far : self._read_so_far + most]
        self._read_so_far += len(data)
        return data

    def _scatter(self, vectors: int, count: int, read: Callable[[int], bytes]) -> int:
        """Fill the guest's buffers in turn; how many bytes there were."""
        total = 0
        for at, size in self._vectors(vectors, count):
            data = read(min(size, LARGEST_IO))
            self._put(at, data)
            total += len(data)
            if len(data) < size:
                break
        return total

    def _gather(self, vectors: int, count: int) -> bytes:
        pieces, room = [], LARGEST_IO
        for at, size in self._vectors(vectors, count):
            pieces.append(self._get(at, min(size, room)))
            room -= len(pieces[-1])
            if not room:
                break
        return b"".join(pieces)

    def _fd_write(self, fd: int, vectors: int, count: int, result: int) -> None:
        data = self._gather(vectors, count)
        if fd in self._sinks:
            self._sinks[fd](data)
        else:
            found, number = self._file(fd)
            file = self._namespace.file(number)
            found.offset = file.node.size if found.append else found.offset
            found.offset += file.write(found.offset, data)
        self._pack(result, "I", len(data))

    def _fd_pwrite(self, fd: int, vectors: int, count: int, offset: int, result: int) -> None:
        data = self._gather(vectors, count)
        self._namespace.file(self._file(fd)[1]).write(offset, data)
        self._pack(result, "I", len(data))

    def _fd_seek(self, fd: int, offset: int, whence: int, result: int) -> None:
        if fd in (0, 1, 2):
            raise OSError(errno.ESPIPE, "")
        found, number = self._file(fd)
        start = (0, found.offset, self._namespace.file(number).node.size)[whence]
        if start + offset < 0:
            raise ValueError
        found.offset = start + offset
        self._pack(result, "Q", found.offset)

    def _fd_tell(self, fd: int, result: int) -> None:
        self._pack(result, "Q", self._file(fd)[0].offset)

    def _fd_close(self, fd: int) -> None:
        if fd in (0, 1, 2):
            return
        found = self._descriptor(fd)
        if found.number is not None:
            self._namespace.close_file(found.number)
        del self._open[fd]

    def _fd_renumber(self, fd: int, to: int) -> None:
        found = self._descriptor(fd)
        if fd == to:
            return
        if to in self._open:
            self._fd_close(to)
        self._open[to] = found
        del self._open[fd]

    def _fd_sync(self, fd: int) -> None:
        """What is written is where it will ever be."""

    _fd_datasync = _fd_sync

    def _fd_advise(self, fd: int, _offset: int, _length: int, _advice: int) -> None:
        self._file(fd)

    def _fd_allocate(self, fd: int, offset: int, length: int) -> None:
        file = self._namespace.file(self._file(fd)[1])
        if offset + length > file.node.size:
            file.truncate(offset + length)

    def _fd_filestat_get(self, fd: int, result: int) -> None:
        if fd in (0, 1, 2):
            self._put_stat(result, CHARACTER_DEVICE, 0, 0, fd)
            return
        found = self._descriptor(fd)
        if found.number is None:
            self._put_path_stat(result, found.path)
        else:
            node = self._namespace.file(found.number).node
            self._put_stat(result, REGULAR_FILE, node.size, node.modified, node.number)

    def _fd_filestat_set_size(self, fd: int, size: int) -> None:
        if size < 0:
            raise ValueError
        self._namespace.file(self._file(fd)[1]).truncate(size)

    def _fd_filestat_set_times(self, fd: int, _accessed: int, modified: int, flags: int) -> None:
        self._set_times(self._descriptor(fd).path, modified, flags)

    def _fd_readdir(self, fd: int, buffer: int, size: int, cookie: int, result: int) -> None:
        """Entries from the one numbered `cookie` on; the last may be cut off, which says that there are more."""
        found = self._descriptor(fd)
        if cookie == 0 or found.entries is None:
            found.entries = self._entries(found.path)
        data = b""
        for place in range(cookie, len(found.entries)):
            name, kind = found.entries[place]
            encoded = name.encode()
            entry = struct.pack("<QQIB3x", place + 1, 0, len(encoded), DIRECTORY if kind == "folder" else REGULAR_FILE)
            data += entry + encoded
            if len(data) >= size:
                break
        self._put(buffer, data[:size])
        self._pack(result, "I", min(len(data), size))

    def _entries(self, path: str) -> list[tuple[str, Kind]]:
        if path != "/" or self._home is None:
            return sorted(self._namespace.names(path).items())
        return sorted({**self._namespace.names(self._home), **self._namespace.names("/")}.items())

    # Paths

    def _path(self, fd: int, at: int, count: int) -> str:
        """The path in the namespace that the guest means."""
        found = self._descriptor(fd)
        if found.number is not None:
            raise OSError(errno.ENOTDIR, "")
        name = self._text(at, count)
        if "\0" in name or not name:
            raise OSError(errno.ENOENT if not name else errno.EINVAL, "")
        path = os.path.normpath(
            found.path.rstrip("/") + "/" + name
        )  # clamps `..` at the root, where the guest's world ends
        first = path.lstrip("/").partition("/")[0]
        if self._home is None or not first or first in self._namespace.names("/"):
            return "/" + path.lstrip("/")
        return self._home + "/" + path.lstrip("/")

    def _path_open(
        self, fd: int, _links: int, at: int, count: int, how: int, rights: int, _more: int, flags: int, result: int
    ) -> None:
        path = self._path(fd, at, count)
        opened = self._open_folder(path) if self._wants_folder(path, how) else self._open_file(path, how, rights, flags)
        number = next(n for n in range(FIRST_FREE, FIRST_FREE + 4096) if n not in self._open)
        self._open[number] = opened
        self._pack(result, "I", number)

    def _wants_folder(self, path: str, how: int) -> bool:
        if how & IS_DIRECTORY:
            return True
        try:
            return not how & CREATE and self._namespace.stat(path).kind == "folder"
        except FileNotFoundError:
            return False

    def _open_folder(self, path: str) -> Descriptor:
        if self._namespace.stat(path).kind != "folder":
            raise OSError(errno.ENOTDIR, "")
        if len(self._open) > 512:
            raise OSError(errno.EMFILE, "")
        return Descriptor(path)

    def _open_file(self, path: str, how: int, rights: int, flags: int) -> Descriptor:
        write = bool(rights & RIGHT_TO_WRITE) and (how & (CREATE | TRUNCATE) != 0 or self._is_writable(path))
        number = self._namespace.open(
            path, write=write, create=bool(how & CREATE), exclusive=bool(how & EXCLUSIVE), truncate=bool(how & TRUNCATE)
        )
        return Descriptor(path, number, append=bool(flags & APPEND))

    def _is_writable(self, path: str) -> bool:
        """C libraries ask for every right they might use; where none to write is to be had, reading still is."""
        return self._namespace.is_writable(path)

    def _path_filestat_get(self, fd: int, _links: int, at: int, count: int, result: int) -> None:
        self._put_path_stat(result, self._path(fd, at, count))

    def _path_filestat_set_times(
        self, fd: int, _links: int, at: int, count: int, _accessed: int, modified: int, flags: int
    ) -> None:
        self._set_times(self._path(fd, at, count), modified, flags)

    def _set_times(self, path: str, modified: int, flags: int) -> None:
        if flags & (SET_TIME | SET_NOW):
            self._namespace.set_modified(path, modified if flags & SET_TIME else time.time_ns())

    def _path_create_directory(self, fd: int, at: int, count: int) -> None:
        self._namespace.make_folder(self._path(fd, at, count))

    def _path_remove_directory(self, fd: int, at: int, count: int) -> None:
        self._namespace.remove_folder(self._path(fd, at, count))

    def _path_unlink_file(self, fd: int, at: int, count: int) -> None:
        self._namespace.remove(self._path(fd, at, count))

    def _path_rename(self, fd: int, at: int, count: int, to: int, new: int, new_count: int) -> None:
        self._namespace.rename(self._path(fd, at, count), self._path(to, new, new_count))

    def _path_readlink(self, fd: int, at: int, count: int, _buffer: int, _size: int, _result: int) -> None:
        self._namespace.stat(self._path(fd, at, count))
        raise OSError(errno.EINVAL, "")

    def _path_symlink(self, *_arguments: int) -> None:
        """There are no links in the sandbox."""
        raise OSError(errno.EPERM, "")

    _path_link = _path_symlink

    def _put_path_stat(self, result: int, path: str) -> None:
        found = self._namespace.stat(path)
        kind = DIRECTORY if found.kind == "folder" else REGULAR_FILE
        self._put_stat(result, kind, found.size, found.modified, found.number)

    def _put_stat(self, result: int, kind: int, size: int, modified: int, number: int) -> None:
        self._pack(result, "QQB7xQQQQQ", 0, number, kind, 1, size, modified, modified, modified)


def define(linker: Any, system: Callable[[], Wasi]) -> None:
    """Define every function of the interface in `linker` (a `wasmtime.Linker`). system: of who runs just now."""
    import wasmtime

    kinds = {"i": wasmtime.ValType.i32(), "I": wasmtime.ValType.i64()}
    for name, parameters in SIGNATURES.items():
        results = [] if name == "proc_exit" else [kinds["i"]]
        kind = wasmtime.FuncType([kinds[letter] for letter in parameters], results)
        linker.define_func(MODULE, name, kind, _serving(name, system), access_caller=True)


def _serving(name: str, system: Callable[[], Wasi]) -> Callable[..., int | None]:
    def serve(caller: Any, *arguments: int) -> int | None:
        return system().serve(name, caller, arguments)

    return serve


STEP = 20_000_000  # nanoseconds

SIGNATURES = {
    "args_get": "ii", "args_sizes_get": "ii", "clock_res_get": "ii", "clock_time_get": "iIi", "environ_get": "ii",
    "environ_sizes_get": "ii", "fd_advise": "iIIi", "fd_allocate": "iII", "fd_close": "i", "fd_datasync": "i",
    "fd_fdstat_get": "ii", "fd_fdstat_set_flags": "ii", "fd_fdstat_set_rights": "iII", "fd_filestat_get": "ii",
    "fd_filestat_set_size": "iI", "fd_filestat_set_times": "iIIi", "fd_pread": "iiiIi", "fd_prestat_dir_name": "iii",
    "fd_prestat_get": "ii", "fd_pwrite": "iiiIi", "fd_read": "iiii", "fd_readdir": "iiiIi", "fd_renumber": "ii",
    "fd_seek": "iIii", "fd_sync": "i", "fd_tell": "ii", "fd_write": "iiii", "path_create_directory": "iii",
    "path_filestat_get": "iiiii", "path_filestat_set_times": "iiiiIIi", "path_link": "iiiiiii",
    "path_open": "iiiiiIIii", "path_readlink": "iiiiii", "path_remove_directory": "iii", "path_rename": "iiiiii",
    "path_symlink": "iiiii", "path_unlink_file": "iii", "poll_oneoff": "iiii", "proc_exit": "i", "proc_raise": "i",
    "random_get": "ii", "sched_yield": "", "sock_accept": "iii", "sock_recv": "iiiiii", "sock_send": "iiiii",
    "sock_shutdown": "ii",
}  # fmt: skip
"""The parameters of each function: i for 32 bits, I for 64. All but `proc_exit` return an error number."""
