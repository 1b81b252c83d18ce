"""Asks plugins what they provide, in a process of its own: one that hangs, prints or dies disturbs nothing here."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from curta.plugins.plugin import TOO_SLOW, Plugin

PATIENCE = 20.0
"""Seconds a plugin has for being imported and saying what it provides."""

_PROGRAM = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from curta.plugins.probe import main; main()"


def probed(plugins: Sequence[Plugin]) -> Iterator[Plugin]:
    """The plugins, with what each provides, or its error. One that ends the process costs the others a new one."""
    waiting = list(plugins)
    while waiting:
        answers = _answers(waiting)
        yield from (plugin._replace(**answer) for plugin, answer in zip(waiting, answers, strict=False))
        waiting = waiting[len(answers) :]


def _answers(plugins: Sequence[Plugin]) -> list[dict[str, Any]]:
    """What one child says of the plugins in turn, as far as it gets: at least of the first."""
    answers: list[dict[str, Any]] = []
    child = _child()
    try:
        lines: SimpleQueue[bytes] = SimpleQueue()
        Thread(target=_converse, args=(child, plugins, lines), daemon=True).start()
        while len(answers) < len(plugins):
            line = lines.get(timeout=PATIENCE)
            if not line.endswith(b"\n"):
                answers.append({"error": f"it ended the process that imported it (exit code {child.wait()})"})
                break
            answers.append(json.loads(line))
    except Empty:
        answers.append({"error": f"{TOO_SLOW} {PATIENCE:g} seconds to load"})
    finally:
        _end(child)
    return answers


def _child() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, json.dumps(sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _converse(child: "subprocess.Popen[bytes]", plugins: Sequence[Plugin], lines: "SimpleQueue[bytes]") -> None:
    """Ask, and put each line of the answer into the queue; after the last, an empty one."""
    assert child.stdin
    assert child.stdout
    with suppress(OSError, ValueError):  # it died, or was ended, in the middle
        child.stdin.write(json.dumps(plugins).encode() + b"\n")
        child.stdin.flush()  # and left open: its end tells the child that nobody waits any more
        for line in child.stdout:
            lines.put(line)
    lines.put(b"")


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End the child, and whatever it started."""
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
    child.wait()
    with suppress(OSError):
        assert child.stdin
        child.stdin.close()
