"""The files of the guest: `open`, `os` and `io` over calls to the host, which decides what there is.

The component is given no folder by the WebAssembly system interface, so this is the only way to a file, and a guest
that undoes it finds none at all. Files opened here have descriptors from `FIRST` up.

Each call is `fs.NAME` with a JSON list of arguments. The reply begins with `+` and is JSON, or with `-` and is the
number of an error. Bytes travel as text, a character for each byte (Latin-1): lists of bytes cost a microsecond each.
"""

import _io
import builtins
import errno
import io
import json
import os
import posix
import stat

FIRST = 1 << 16
PIECE = 1 << 20
live = False
_opened: "dict[int, _Opened]" = {}
_folder = ["/"]


class _Opened:
    """An open file: its number at the host, and where reading goes on."""

    def __init__(self, handle: int, path: str, flags: int) -> None:
        self.handle, self.path, self.flags = handle, path, flags
        self.offset = 0


def folder() -> str:
    """The current folder."""
    return _folder[0]


def start(path: str) -> None:
    """From here on the files are the host's, and `path` is the current folder."""
    global live
    live, _folder[0] = True, path


def _call(name: str, argument: str) -> str:
    import wit_world

    reply: str = wit_world.call("fs." + name, argument)
    return reply


def _ask(name: str, *arguments: object, path: object = None) -> object:
    reply = _call(name, json.dumps(arguments))
    if reply[0] == "-":
        number = int(reply[1:])
        raise OSError(number, os.strerror(number), *([] if path is None else [path]))
    return json.loads(reply[1:]) if reply[1:] else None


def _absolute(path: object) -> str:
    name = os.fspath(path)
    text = os.fsdecode(name) if isinstance(name, bytes) else str(name)
    if "\0" in text:
        raise ValueError("embedded null byte")
    if not text:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    return text if text.startswith("/") else folder().rstrip("/") + "/" + text


def _file(descriptor: int) -> _Opened:
    try:
        return _opened[descriptor]
    except KeyError:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF)) from None


def _is_ours(descriptor: object) -> bool:
    return isinstance(descriptor, int) and descriptor >= FIRST


# Descriptors


def open_(path, flags, mode=0o777, *, dir_fd=None):  # in WASI, O_RDWR is O_RDONLY | O_WRONLY
    how = {"write": bool(flags & os.O_WRONLY), "create": bool(flags & os.O_CREAT)}
    how |= {"exclusive": bool(flags & os.O_EXCL), "truncate": bool(flags & os.O_TRUNC)}
    handle = _ask("open", _absolute(path), how, path=path)
    descriptor = FIRST + handle
    _opened[descriptor] = _Opened(handle, _absolute(path), flags)
    return descriptor


def close(descriptor):
    _ask("close", _file(descriptor).handle)
    del _opened[descriptor]


def read(descriptor, count):
    file = _file(descriptor)
    data = _pread(file, count, file.offset)
    file.offset += len(data)
    return data


def _pread(file, count, offset):
    reply = _call("read", json.dumps([file.handle, offset, min(count, PIECE)]))
    if reply[0] == "-":
        raise OSError(int(reply[1:]), os.strerror(int(reply[1:])))
    return reply[1:].encode("latin-1")


def write(descriptor, data):
    file = _file(descriptor)
    piece = bytes(memoryview(data).cast("B")[:PIECE])
    if file.flags & os.O_APPEND:
        file.offset = _ask("size", file.handle)
    reply = _call("write", f"{file.handle} {file.offset} " + piece.decode("latin-1"))
    if reply[0] == "-":
        raise OSError(int(reply[1:]), os.strerror(int(reply[1:])))
    file.offset += len(piece)
    return len(piece)


def lseek(descriptor, position, how):
    file = _file(descriptor)
    start = {os.SEEK_SET: 0, os.SEEK_CUR: file.offset}.get(how)
    start = _ask("size", file.handle) if start is None else start
    if start + position < 0:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    file.offset = start + position
    return file.offset


def ftruncate(descriptor, length):
    _ask("truncate", _file(descriptor).handle, length)


def fstat(descriptor):
    return _stat_of(_ask("fstat", _file(descriptor).handle))


def fsync(descriptor):
    _file(descriptor)


def isatty(descriptor):
    _file(descriptor)
    return False


# Paths


def stat_(path, *, dir_fd=None, follow_symlinks=True):
    if _is_ours(path):
        return fstat(path)
    return _stat_of(_ask("stat", _absolute(path), path=path))


def _stat_of(found):
    kind, size, modified, number = found
    mode = stat.S_IFDIR | 0o755 if kind == "folder" else stat.S_IFREG | 0o644
    seconds = modified // 1_000_000_000
    exact = {"st_atime_ns": modified, "st_mtime_ns": modified, "st_ctime_ns": modified}
    exact |= {"st_atime": modified / 1e9, "st_mtime": modified / 1e9, "st_ctime": modified / 1e9}
    return os.stat_result((mode, number, 0, 1, 0, 0, size, seconds, seconds, seconds), exact)


def listdir(path="."):
    return list(_ask("list", _absolute(path), path=path))


class DirEntry:
    """What `os.scandir` gives."""

    def __init__(self, name, path, kind):
        self.name, self.path, self._kind = name, path, kind

    def is_dir(self, *, follow_symlinks=True):
        return self._kind == "folder"

    def is_file(self, *, follow_symlinks=True):
        return self._kind == "file"

    def is_symlink(self):
        return False

    def is_junction(self):
        return False

    def stat(self, *, follow_symlinks=True):
        return stat_(self.path)

    def inode(self):
        return 0

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return f"<DirEntry {self.name!r}>"


class scandir:
    def __init__(self, path="."):
        shown = os.fspath(path)
        found = _ask("list", _absolute(path), path=path)
        self._entries = iter([DirEntry(name, os.path.join(shown, name), kind) for name, kind in found.items()])

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._entries)

    def close(self):
        self._entries = iter(())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def mkdir(path, mode=0o777, *, dir_fd=None):
    _ask("mkdir", _absolute(path), path=path)


def rmdir(path, *, dir_fd=None):
    _ask("rmdir", _absolute(path), path=path)


def unlink(path, *, dir_fd=None):
    _ask("unlink", _absolute(path), path=path)


def rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None):
    _ask("rename", _absolute(src), _absolute(dst), path=src)


def truncate(path, length):
    descriptor = open_(path, os.O_RDWR)
    try:
        ftruncate(descriptor, length)
    finally:
        close(descriptor)


def utime(path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True):
    import time

    modified = ns[1] if ns else int(times[1] * 1e9) if times else time.time_ns()
    _ask("utime", _absolute(path), modified, path=path)


def access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True):
    try:
        stat_(path)
    except OSError:
        return False
    return True


def chdir(path):
    if not stat.S_ISDIR(stat_(path).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
    _folder[0] = os.path.normpath(_absolute(path))


def getcwd():
    return folder()


def _no_links(*arguments, **how):
    raise OSError(errno.EPERM, "There are no links in the sandbox")


def readlink(path, *, dir_fd=None):
    stat_(path)
    raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)


# Streams


class FileIO(io.RawIOBase):
    """A raw stream over one of our descriptors."""

    def __init__(self, file, mode="r", closefd=True, opener=None):
        self._closefd, self._descriptor = closefd, None
        self.name, self.mode = file, mode if "b" in mode else mode + "b"
        self._can_read, self._can_write = "r" in mode or "+" in mode, mode.strip("bt") != "r"
        self._descriptor = file if isinstance(file, int) else self._open(file, mode, opener)
        if "a" in mode:
            self.seek(0, os.SEEK_END)

    def _open(self, path, mode, opener):
        flags = os.O_RDWR if "+" in mode else os.O_WRONLY if self._can_write else os.O_RDONLY
        flags |= {"w": os.O_CREAT | os.O_TRUNC, "x": os.O_CREAT | os.O_EXCL, "a": os.O_CREAT | os.O_APPEND}.get(
            next((letter for letter in "wxa" if letter in mode), ""), 0
        )
        return opener(path, flags) if opener else open_(path, flags, 0o666)

    def fileno(self):
        self._check()
        return self._descriptor

    def readable(self):
        self._check()
        return self._can_read

    def writable(self):
        self._check()
        return self._can_write

    def seekable(self):
        self._check()
        return True

    def isatty(self):
        return False

    def readinto(self, buffer):
        self._check("_can_read")
        view = memoryview(buffer).cast("B")
        data = read(self._descriptor, len(view))
        view[: len(data)] = data
        return len(data)

    def write(self, data):
        self._check("_can_write")
        return write(self._descriptor, data)

    def seek(self, position, how=os.SEEK_SET):
        self._check()
        return lseek(self._descriptor, position, how)

    def truncate(self, size=None):
        self._check("_can_write")
        size = self.tell() if size is None else size
        ftruncate(self._descriptor, size)
        return size

    def close(self):
        if not self.closed:
            try:
                super().close()
            finally:
                if self._closefd and self._descriptor is not None:
                    close(self._descriptor)

    def _check(self, ability=None):
        if self.closed:
            raise ValueError("I/O operation on closed file")
        if ability and not getattr(self, ability):
            raise io.UnsupportedOperation("not readable" if ability == "_can_read" else "not writable")


def open_stream(
    file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None
):  # the signature of the built-in open
    if not live or (isinstance(file, int) and not _is_ours(file)):
        return _real_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
    _check_mode(mode, buffering, encoding, errors, newline)
    raw = FileIO(file if isinstance(file, int) else os.fspath(file), mode.replace("t", ""), closefd, opener)
    if buffering == 0:
        return raw
    size = buffering if buffering > 1 else 1 << 16
    kind = io.BufferedRandom if "+" in mode else io.BufferedReader if "r" in mode else io.BufferedWriter
    binary = kind(raw, size)
    if "b" in mode:
        return binary
    text = io.TextIOWrapper(binary, encoding, errors, newline, line_buffering=buffering == 1)
    text.mode = mode
    return text


def _check_mode(mode, buffering, encoding, errors, newline):
    letters = mode.replace("U", "")
    if sum(letter in letters for letter in "rwxa") != 1 or set(letters) - set("rwxabt+") or len(set(mode)) != len(mode):
        raise ValueError(f"invalid mode: {mode!r}")
    if "b" in mode and ("t" in mode or encoding is not None or errors is not None or newline is not None):
        raise ValueError("binary mode takes neither text nor an encoding, errors or newline argument")
    if buffering == 0 and "b" not in mode:
        raise ValueError("can't have unbuffered text I/O")


def open_code(path):
    return open_stream(path, "rb")


# In place of the real ones

OURS = {
    "open": open_, "close": close, "read": read, "write": write, "lseek": lseek, "ftruncate": ftruncate,
    "fstat": fstat, "fsync": fsync, "isatty": isatty, "stat": stat_, "lstat": stat_, "listdir": listdir,
    "scandir": scandir, "mkdir": mkdir, "rmdir": rmdir, "unlink": unlink, "remove": unlink, "rename": rename,
    "replace": rename, "truncate": truncate, "utime": utime, "access": access, "chdir": chdir, "getcwd": getcwd,
    "link": _no_links, "symlink": _no_links, "readlink": readlink,
}  # fmt: skip
BY_DESCRIPTOR = {"close", "read", "write", "lseek", "ftruncate", "fstat", "fsync", "isatty"}
_real_open = builtins.open


def install() -> None:
    """Put our functions in place of those of `posix`, `os` and `io`; the real ones serve until the guest is live."""
    for name, ours in OURS.items():
        real = getattr(posix, name, None)
        chosen = _choosing(ours, real, name in BY_DESCRIPTOR)
        setattr(posix, name, chosen)
        setattr(os, name, chosen)
    os.scandir = posix.scandir = _choosing(scandir, posix.scandir, False)
    for module in (builtins, io, _io):
        module.open = open_stream
    io.open_code = _io.open_code = _choosing(open_code, _io.open_code, False)


def _choosing(ours, real, by_descriptor):
    def function(*arguments, **how):
        if live and not (by_descriptor and arguments and not _is_ours(arguments[0])):
            return ours(*arguments, **how)
        return real(*arguments, **how)

    function.__name__ = getattr(ours, "__name__", "").strip("_")
    return function
