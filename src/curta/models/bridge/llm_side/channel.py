"""The protocol: JSON lines on descriptors of its own, one question at a time, and a way to stop it.

A question is `{"id": n, "op": ..., ...}`; its answer is lines that repeat the `id`, the last of which says `done`.
`{"id": n, "op": "cancel"}` stops it: the main thread is interrupted wherever it is, also in a blocking call.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
from typing import Any

LONGEST_LEAVE = 1.0
"""Seconds that are left to a plugin to end in when nobody listens any more."""


class Cancelled(KeyboardInterrupt):
    """Nobody wants this answer any more."""


class Channel:
    """Made first of all, before any plugin has run: what prints to stdout then prints to stderr."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb")
        self._in = os.fdopen(os.dup(0), "rb")
        os.dup2(2, 1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        self._questions: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._running: int | None = None
        self._unwanted: int | None = None
        self._sending = False
        signal.signal(signal.SIGINT, self._interrupted)
        threading.Thread(target=self._read, daemon=True).start()

    def next(self, longest_wait: float) -> dict[str, Any] | None:
        """The next question; None when there will be none, or none came for so long."""
        try:
            return self._questions.get(timeout=longest_wait)
        except queue.Empty:
            return None

    def begin(self, number: int) -> None:
        """From here to `end` this question can be cancelled. Raises Cancelled when it has been already."""
        self._running = number
        self._stop_if_unwanted()

    def end(self) -> None:
        self._running = None

    def send(self, **line: Any) -> None:
        """Write a line. A cancellation waits for its end, so that no line is ever cut."""
        self._sending = True
        try:
            self._out.write(json.dumps(line, default=str).encode("ascii") + b"\n")
            self._out.flush()
        except BrokenPipeError:
            os._exit(0)
        finally:
            self._sending = False
        self._stop_if_unwanted()

    def _read(self) -> None:
        for line in self._in:
            question = json.loads(line)
            if question["op"] == "cancel":
                self._unwanted = question["id"]
                _wake_the_main_thread()
            else:
                self._questions.put(question)
        self._leave()

    def _leave(self) -> None:
        """Whoever asked is gone: end what is going on, and the process soon after whatever that says."""
        self._questions.put(None)
        self._unwanted = self._running
        _wake_the_main_thread()
        time.sleep(LONGEST_LEAVE)
        sys.stderr.flush()
        os._exit(0)

    def _interrupted(self, *_: object) -> None:
        if not self._sending:
            self._stop_if_unwanted()

    def _stop_if_unwanted(self) -> None:
        if self._running is not None and self._running == self._unwanted:
            self._unwanted = None
            raise Cancelled


def _wake_the_main_thread() -> None:
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        import _thread

        _thread.interrupt_main()
