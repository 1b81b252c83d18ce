"""What a server writes to its stderr: the first megabyte in a file of Curta's home, the last words in memory."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

LARGEST = 1 << 20
LAST = 4096


class Complaints:
    """A pipe to hand to a process as its stderr (`writing`), which is always read, so that it never fills.

    Close it with `close()` once the process has it. The file begins anew with each process.
    """

    def __init__(self, path: Path) -> None:
        from threading import Thread

        self.last = b""
        reading, self.writing = os.pipe()
        self._thread = Thread(target=self._copy, args=(reading, _fresh(path)), daemon=True, name="curta-mcp-stderr")
        self._thread.start()

    def close(self) -> None:
        os.close(self.writing)

    @property
    def read(self) -> bool:
        """Whether all there will ever be has been read."""
        return not self._thread.is_alive()

    @property
    def last_line(self) -> str:
        """The last line that says something."""
        lines = self.last.decode("utf-8", "replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def _copy(self, reading: int, log: BinaryIO) -> None:
        left = LARGEST
        with open(reading, "rb", buffering=0) as pipe, log:
            while data := pipe.read(1 << 16):
                self.last = (self.last + data)[-LAST:]
                with suppress(OSError):  # a full disk must not stop the server
                    log.write(data[: max(left, 0)])
                left -= len(data)


def _fresh(path: Path) -> BinaryIO:
    """`path` as a new file: another process that still writes into the old one keeps that."""
    from curta import config

    config.ensure_folder(path.parent)
    path.unlink(missing_ok=True)
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", buffering=0)
