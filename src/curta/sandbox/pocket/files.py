"""The host's side of `files.py`: what a guest asks of its files, answered from the namespace it was given.

Whatever the guest sends, the answer is a reply; a request that makes no sense is an invalid argument.
"""

import errno
import json
from collections.abc import Callable
from typing import Any

from curta.sandbox.namespace import Namespace

# The guest's numbers are those of WASI, which the C library of the guest uses for errno.
NUMBERS = {
    errno.EACCES: 2, errno.EBADF: 8, errno.EBUSY: 10, errno.EDQUOT: 19, errno.EEXIST: 20, errno.EINVAL: 28,
    errno.EIO: 29, errno.EISDIR: 31, errno.EMFILE: 33, errno.ENAMETOOLONG: 37, errno.ENOENT: 44, errno.ENOSPC: 51,
    errno.ENOTDIR: 54, errno.ENOTEMPTY: 55, errno.EPERM: 63, errno.EROFS: 69, errno.EXDEV: 75, errno.ELOOP: 44,
}  # fmt: skip
LONGEST_READ = 1 << 20
LONGEST_QUESTION = 256 << 10
"""Characters of a question that is JSON: some paths. More would only be a way to fill the host's memory."""


class Files:
    """Answers the calls of one guest."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self._answers: dict[str, Callable[..., Any]] = {
            "open": lambda path, how: namespace.open(path, **{name: bool(how[name]) for name in HOW}),
            "close": namespace.close_file,
            "size": lambda number: namespace.file(number).node.size,
            "fstat": self._fstat,
            "truncate": lambda number, size: namespace.file(number).truncate(int(size)),
            "stat": namespace.stat,
            "list": namespace.names,
            "mkdir": namespace.make_folder,
            "rmdir": namespace.remove_folder,
            "unlink": namespace.remove,
            "rename": namespace.rename,
            "utime": lambda path, modified: namespace.set_modified(path, int(modified)),
        }

    def answer(self, name: str, arguments: str) -> str:
        try:
            if name == "read":
                return "+" + self._read(*json.loads(arguments)).decode("latin-1")
            if name == "write":
                self._write(*arguments.split(" ", 2))
                return "+"
            if len(arguments) > LONGEST_QUESTION:
                return f"-{NUMBERS[errno.ENAMETOOLONG]}"
            return "+" + json.dumps(self._answers[name](*json.loads(arguments)))
        except OSError as error:
            return f"-{NUMBERS.get(error.errno or errno.EIO, NUMBERS[errno.EIO])}"
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            return f"-{NUMBERS[errno.EINVAL]}"

    def _read(self, number: int, offset: int, count: int) -> bytes:
        return self._namespace.file(number).read(int(offset), min(int(count), LONGEST_READ))

    def _write(self, number: str, offset: str, data: str) -> None:
        self._namespace.file(int(number)).write(int(offset), data.encode("latin-1"))

    def _fstat(self, number: int) -> tuple[str, int, int, int]:
        node = self._namespace.file(number).node
        return node.kind, node.size, node.modified, node.number


HOW = ("write", "create", "exclusive", "truncate")
