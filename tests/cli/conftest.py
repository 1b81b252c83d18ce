"""Runs the program as a user does: in a process of its own, with an empty home."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.warm import WarmProgram

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "curta"]


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Curta = Callable[..., Done]


@pytest.fixture
def curta(home: Path, tmp_path: Path, warm_curta: WarmProgram) -> Curta:
    """`curta("-m", "hello", "say hi", stdin="...")` runs the command without a terminal.

    With a PYTHONPATH of its own it starts cold: a warm process has chosen its modules already.
    """

    def run(*arguments: str, stdin: str | bytes = b"", **environment: str) -> Done:
        piped = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [*(PROGRAM if "PYTHONPATH" in environment else warm_curta.command), *arguments],
            input=piped,
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, **environment},
            timeout=60,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@dataclass
class Terminal:
    """A command that runs on a pseudo-terminal. `screen` is every byte it has written to it."""

    process: subprocess.Popen[bytes]
    master: int
    screen: bytes = b""

    def read_until(self, what: bytes, seconds: float = 30) -> bytes:
        end = time.monotonic() + seconds
        while what not in self.screen:
            assert time.monotonic() < end, f"{what!r} did not appear in {self.screen!r}"
            if not self._read():
                break
        return self.screen

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def press(self, key: bytes) -> None:
        """Type a key until it is taken: what is typed before the program waits for one is flushed, as it should be."""
        shown = len(self.screen)
        while self.process.poll() is None and b"\n" not in self.screen[shown:]:
            self.type(key)
            self._read()

    def interrupt(self) -> None:
        """Ctrl-C. Again after a while, as a person would: one that comes right before a blocking read waits for it."""
        for _ in range(5):
            self.process.send_signal(signal.SIGINT)
            end = time.monotonic() + 2
            while self.process.poll() is None and time.monotonic() < end:
                self._read()
            if self.process.poll() is not None:
                return

    def wait(self, seconds: float = 30) -> int:
        end = time.monotonic() + seconds
        while self._read() and time.monotonic() < end:
            pass
        return self.process.wait(seconds)

    def _read(self) -> bool:
        try:
            ready, _, _ = select.select([self.master], [], [], 0.1)
            data = os.read(self.master, 65536) if ready else None
        except OSError:
            return False
        self.screen += data or b""
        return data != b""


@pytest.fixture
def terminal(home: Path, tmp_path: Path) -> Any:
    """`terminal("-m", "hello", "hi")` runs the command on a pseudo-terminal of its own."""
    started: list[Terminal] = []

    def run(*arguments: str, **environment: str) -> Terminal:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [*PROGRAM, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=tmp_path,
            env={**os.environ, "TERM": "xterm-256color", **environment},
            start_new_session=True,
        )
        os.close(slave)
        started.append(Terminal(process, master))
        return started[-1]

    yield run
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
        os.close(each.master)


@pytest.fixture
def added(curta: Curta, openai_server: Any) -> Curta:
    """`curta`, with the loopback server's models added under their own names."""
    from curta.models import registry

    for name in (
        "hello",
        "echo",
        "schema",
        "refusal",
        "length",
        "cut",
        "garbage",
        "html",
        "stall",
        "quota",
        "reasoning",
        "endless",
        "error-500",
    ):
        registry.add(name, url=openai_server.url, model=name)
    return curta
