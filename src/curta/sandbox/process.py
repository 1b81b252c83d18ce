"""The parent's hold on a worker: started with nothing, asked one cell at a time, killed when it does not come back."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, cast

from curta.errors import SandboxError
from curta.sandbox import frames

GRACE = 0.5
STARTING = 60.0
ENVIRONMENT = ("LD_LIBRARY_PATH", "SYSTEMROOT")
"""What a process needs to be started at all. Nothing else of ours reaches the worker."""

OnOutput = Callable[[str, str], None]


class WorkerGone(Exception):
    """The worker ended, or was ended. `late`: because it did not answer in time."""

    def __init__(self, late: bool, why: str = "") -> None:
        super().__init__(why)
        self.late, self.why = late, why


class WorkerProcess:
    """A running worker. Raises SandboxError when it cannot be started."""

    def __init__(self, setup: Mapping[str, Any]) -> None:
        environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-m", "curta.sandbox.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if not sys.flags.dev_mode else None,
            env=environment,
            start_new_session=True,
            close_fds=True,
            cwd="/" if os.name == "posix" else None,
        )
        try:
            self._send(setup)
            ready = self._next(STARTING)
        except WorkerGone as gone:
            raise SandboxError(f"The sandbox did not start: {gone.why or 'its process ended'}.") from gone
        self.walls: tuple[str, ...] = tuple(ready["ready"])

    def ask(self, request: Mapping[str, Any], seconds: float, on_output: OnOutput) -> dict[str, Any]:
        """The worker's answer, for which it has `seconds`. on_output: told of output as it comes. Raises WorkerGone."""
        self._send(request)
        with self._killed_after(seconds + GRACE) as late:
            while True:
                message = self._message(late)
                if "result" in message:
                    return cast(dict[str, Any], message["result"])
                on_output(message["stream"], message["text"])

    def kill(self) -> None:
        """End the worker, whatever it does."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()

    def _send(self, message: Mapping[str, Any]) -> None:
        try:
            frames.send(cast(BinaryIO, self._process.stdin), message)
        except (OSError, ValueError) as error:
            raise WorkerGone(late=False) from error

    def _next(self, seconds: float) -> dict[str, Any]:
        with self._killed_after(seconds) as late:
            return self._message(late)

    def _message(self, late: "_Deadline") -> dict[str, Any]:
        try:
            message: dict[str, Any] = frames.receive(cast(BinaryIO, self._process.stdout))
        except (EOFError, ValueError, OSError) as error:
            raise WorkerGone(late.passed) from error
        if "broken" in message:
            raise WorkerGone(late=False, why=message["broken"])
        return message

    def _killed_after(self, seconds: float) -> "_Deadline":
        return _Deadline(self._process, seconds)


class _Deadline:
    """Kills a process when a block takes longer than it may. `passed`: whether it did."""

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        self.passed = False
        self._process = process
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def _end(self) -> None:
        self.passed = True
        self._process.kill()

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()
