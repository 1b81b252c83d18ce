"""One process under the user's interpreter of `llm`, and the questions put to it.

It is in a session of its own, so that Ctrl-C at the terminal reaches this process alone, which then tells it to stop.
It ends when its stdin is closed: with this process, however that ends.
"""

import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic, sleep
from typing import Any, Self

from curta.errors import ModelError

SIDE = Path(__file__).parent
BEGIN = """\
import sys
sys.path[:] = [sys.argv.pop(1), *filter(None, sys.path)]
import llm_side
del sys.path[0]
llm_side.main()"""
"""Without the current folder, where a `json.py` may lie; and without ours, once the package has been imported."""

GRACE = 1.0
"""Seconds that a plugin has to stop in when it is told to; after that its process is ended."""

LONGEST_LEAD = 1000
"""How many lines a child may be ahead of whoever reads them."""

TICK = 0.25
"""Seconds of one wait for a line."""

PAUSE = 0.005
"""Seconds until a child that is too far ahead is looked after again."""

LONGEST_TAIL = 8000


class ChildEnded(ModelError):
    """The process has ended in the middle of an answer. tail: the last it wrote to stderr."""

    def __init__(self, code: int | None, tail: str) -> None:
        super().__init__(f"The process of llm's plugin ended{f' with exit code {code}' if code else ''}.")
        self.tail = tail


class Child:
    """A process, and who it works for: one question at a time."""

    def __init__(self, python: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "__PYVENV_LAUNCHER__"}
        try:
            self._process = subprocess.Popen(
                [python, "-c", BEGIN, str(SIDE)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise ModelError(f"The interpreter of llm does not start: {python}.", why=f"{error.strerror}.") from error
        # Not a Queue: Ctrl-C between two steps of it would leave it locked, and the thread that fills it waiting.
        self._lines: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._tail = b""
        self._number = 0
        self._writing = threading.Lock()
        self._readers = [threading.Thread(target=each, daemon=True) for each in (self._read, self._listen)]
        for reader in self._readers:
            reader.start()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def put(self, question: Mapping[str, Any]) -> int:
        """Put a question; the number by which it can be cancelled. Raises ChildEnded."""
        self._number += 1
        try:
            self._write({**question, "id": self._number})
        except OSError:
            raise self._ended() from None
        return self._number

    def next(self, seconds: float | None = None) -> dict[str, Any]:
        """The next line of the answer. Raises ChildEnded, and Empty when none came within `seconds`."""
        line = self._get(seconds)
        if line is None:
            self._lines.put(None)  # for whoever asks again
            raise self._ended()
        return line

    def _get(self, seconds: float | None) -> dict[str, Any] | None:
        """A wait without end would not hear of a Ctrl-C that came just before it began."""
        while seconds is None:
            with suppress(Empty):
                return self._lines.get(timeout=TICK)
        return self._lines.get(timeout=seconds)

    def cancel(self, number: int) -> None:
        """Tell it to stop; whatever it says until its last line is of no use any more. From any thread."""
        try:
            self._write({"id": number, "op": "cancel"})
        except OSError:
            self.kill()

    def settle(self) -> None:
        """Wait for the last line of what was cancelled; end the process when it does not come."""
        end = monotonic() + GRACE
        try:
            while not self.next(max(0.0, end - monotonic())).get("done"):
                pass
        except (Empty, ChildEnded):
            self.kill()

    def close(self) -> None:
        """Let it end, or end it."""
        try:
            if self._process.stdin:
                self._process.stdin.close()
            self._process.wait(GRACE)
        except (OSError, subprocess.TimeoutExpired):
            self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _write(self, line: Mapping[str, Any]) -> None:
        assert self._process.stdin
        data = json.dumps(line).encode("ascii") + b"\n"
        with self._writing:
            self._process.stdin.write(data)
            self._process.stdin.flush()

    def _read(self) -> None:
        """Take the lines as they come. What is not of the protocol ends it: it can only be a broken process."""
        assert self._process.stdout
        for data in self._process.stdout:
            try:
                line = json.loads(data)
            except ValueError:
                break
            while self._lines.qsize() >= LONGEST_LEAD and self.alive:
                sleep(PAUSE)
            self._lines.put(line)
        self._lines.put(None)

    def _listen(self) -> None:
        """Keep the end of what it writes to stderr."""
        assert self._process.stderr
        while data := os.read(self._process.stderr.fileno(), 4096):
            self._tail = (self._tail + data)[-LONGEST_TAIL:]

    def _ended(self) -> ChildEnded:
        self.close()
        self._readers[1].join(GRACE)
        return ChildEnded(self._process.returncode, self._tail.decode("utf-8", "replace"))


class Answer(Iterator[dict[str, Any]]):
    """The lines that answer a question, the last of which says `done`. It is put when the first is asked for.

    `close()`, from any thread, stops the plugin; so does whatever interrupts the wait for a line.
    process: the one to put it to, when it must be a certain one; otherwise one is borrowed.
    """

    def __init__(self, python: str, question: Mapping[str, Any], process: Child | None = None) -> None:
        self._python = python
        self._question = question
        self._process = process
        self._child: Child | None = None
        self._number = 0
        self._over = False
        self._closed = False
        self._waiting = False
        self._turn = threading.Lock()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> dict[str, Any]:
        with self._turn:
            if self._over or self._closed:
                raise StopIteration
            self._waiting = True
        try:
            line, closed = self._next()
        except ChildEnded:
            self._release()
            raise
        except BaseException:
            self._waiting = False
            self.close()
            raise
        if closed or line.get("cancelled"):
            raise StopIteration
        return line

    def _next(self) -> tuple[dict[str, Any], bool]:
        """The next line, and whether nobody wants it any more; then the child has settled."""
        line = (self._child or self._begin()).next()
        with self._turn:
            self._waiting = False
            closed = self._closed
        if line.get("done"):
            self._release()
        elif closed:
            self._settle()
        return line, closed

    def close(self) -> None:
        """Stop the plugin, when it has been asked and has not ended."""
        with self._turn:
            self._closed = True
            if self._over or self._child is None:
                return
            waited_for = self._waiting
            self._child.cancel(self._number)
        if waited_for:  # whoever waits sees to the rest, unless the plugin does not stop
            timer = threading.Timer(GRACE, self._end_at_last)
            timer.daemon = True
            timer.start()
        else:
            self._settle()

    def _begin(self) -> Child:
        from curta.models.bridge import pool

        self._child = self._process or pool.borrow(self._python, self._question.get("plugin"))
        self._number = self._child.put(self._question)
        return self._child

    def _settle(self) -> None:
        assert self._child
        self._child.settle()
        self._release()

    def _end_at_last(self) -> None:
        if not self._over and self._child is not None:
            self._child.kill()

    def _release(self) -> None:
        from curta.models.bridge import pool

        self._over = True
        if self._child is not None and self._process is None:
            pool.give_back(self._python, self._question.get("plugin"), self._child)


def ask(
    python: str, question: Mapping[str, Any], process: Child | None = None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Put a question and wait: its lines, and the last one, which may tell an error. Raises ChildEnded."""
    *lines, last = Answer(python, question, process)
    return lines, last
