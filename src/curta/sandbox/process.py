"""The parent's hold on a worker: started with nothing, asked one cell at a time, killed when it does not come back.

A worker is not believed: should a guest ever break out of WebAssembly, it is the guest that speaks from here on. What
it sends is parsed as JSON, is limited in size, and opens nothing.
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from curta.errors import SandboxError
from curta.sandbox import frames

GRACE = 0.5
STARTING = 60.0
"""Seconds for what is no guest's doing: to start, to clear away the last guest's files, to tell what was done."""

ENVIRONMENT = ("LD_LIBRARY_PATH", "SYSTEMROOT")
"""What a process needs to be started at all. Nothing else of ours reaches the worker."""

PROGRAM = "import gc, sys; gc.disable(); sys.path += sys.argv[1:]; from curta.sandbox.worker import main; main()"
"""While modules are imported there is no garbage; `main` collects again."""

OnOutput = Callable[[str, str], None]


class WorkerGone(Exception):
    """The worker ended, or was ended. `late`: because it did not answer in time, `seconds` after the guest began."""

    def __init__(self, late: bool, why: str = "", seconds: float = 0.0) -> None:
        super().__init__(why)
        self.late, self.why, self.seconds = late, why, seconds


@contextmanager
def understood() -> Iterator[None]:
    """While a block looks at what a worker said: what cannot be made sense of is the end of that worker."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise WorkerGone(late=False, why="Its process said what makes no sense.") from error


class WorkerProcess:
    """A running worker. Raises SandboxError when it cannot be started."""

    def __init__(self, setup: Mapping[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-X", "utf8", "-c", PROGRAM, *_module_folders()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if not sys.flags.dev_mode else None,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            start_new_session=True,
            close_fds=True,
            cwd="/" if os.name == "posix" else None,
        )
        self._replies = _Replies(cast(BinaryIO, self._process.stdout).fileno())
        try:
            self._send(setup)
            ready = self._replies.next(time.monotonic() + STARTING)
        except WorkerGone as gone:
            self.kill()
            raise SandboxError(f"The sandbox did not start: {gone.why or 'its process ended'}.") from gone
        except BaseException:
            self.kill()
            raise
        self.walls: tuple[str, ...] = tuple(ready["ready"])

    def ask(self, request: Mapping[str, Any], seconds: float, on_output: OnOutput) -> dict[str, Any]:
        """The worker's answer. Its guest has `seconds`. on_output: told of output as it comes. Raises WorkerGone."""
        self._send(request)
        began = time.monotonic()
        until = began + STARTING
        given = {"began": seconds + GRACE, "ended": STARTING}  # once each: a worker cannot give itself more time
        while True:
            try:
                message = self._replies.next(until)
            except WorkerGone as gone:
                gone.seconds = time.monotonic() - began
                raise
            if "result" in message:
                return cast(dict[str, Any], message["result"])
            if "stream" in message:
                with understood():
                    stream, text = message["stream"], message["text"]
                on_output(stream, text)
                continue
            with understood():
                (moment,) = message
                until = time.monotonic() + given.pop(moment)
            if moment == "began":
                began = time.monotonic()

    def kill(self) -> None:
        """End the worker, whatever it does."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(OSError):  # what was still to be sent has nobody to go to
                    stream.close()

    def _send(self, message: Mapping[str, Any]) -> None:
        try:
            frames.send(cast(BinaryIO, self._process.stdin), message)
        except (OSError, ValueError) as error:
            raise WorkerGone(late=False) from error


class _Replies:
    """The messages of a worker, each waited for until a moment on the monotonic clock."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)
        self._data = bytearray()

    def next(self, until: float) -> dict[str, Any]:
        """The next message. Raises WorkerGone when none comes in time, or none will come."""
        try:
            message = json.loads(self._line(until))
        except (EOFError, ValueError, OSError, RecursionError) as error:
            raise WorkerGone(isinstance(error, TimeoutError)) from error
        if not isinstance(message, dict):
            raise WorkerGone(late=False)
        if "broken" in message:
            raise WorkerGone(late=False, why=message["broken"])
        return message

    def _line(self, until: float) -> str:
        searched = 0
        while (end := self._data.find(b"\n", searched)) < 0:
            searched = len(self._data)
            if searched > frames.LARGEST:
                raise EOFError
            self._data += self._read(until)
        line = self._data[:end].decode()
        del self._data[: end + 1]
        return line

    def _read(self, until: float) -> bytes:
        left = max(0.0, until - time.monotonic())  # what has already come is taken, however late we look
        if not self._poll.poll(left * 1000 + 1):
            raise TimeoutError
        piece = os.read(self._descriptor, 1 << 16)
        if not piece:
            raise EOFError
        return piece


def _module_folders() -> list[str]:
    """Where the worker finds Curta and what it needs: where packages are installed, never the folder one stands in."""
    installed = (path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages"))
    return [str(Path(__file__).parents[2]), *installed]
