"""Whether an answer matches a regular expression, in a process of its own that is ended when that takes too long."""

import atexit
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from curta.errors import UsageError
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample, Score

SECONDS = 5.0
"""The longest a match may take."""
_PROGRAM = Path(__file__).with_name("regex_process.py")


def regex(sample: Sample, pattern: str) -> Rated:
    """Whether `pattern` occurs in the answer. `(?i)` at its beginning ignores case."""
    try:
        found = _matcher.search(pattern, sample.output)
    except TimeoutError:
        return Score(None, failure=f"the pattern {pattern!r} takes longer than {SECONDS:g} seconds on this answer")
    return float(found is not None), {"at": found}


class _Matcher:
    """The process, begun when it is first needed, and again after it ended or in a fork of this one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def search(self, pattern: str, text: str) -> list[int] | None:
        """Where `pattern` is found. Raises TimeoutError."""
        asked = json.dumps({"pattern": pattern, "text": text, "seconds": SECONDS}).encode() + b"\n"
        with self._lock:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(asked)
                process.stdin.flush()
                answer = process.stdout.readline()
            except BrokenPipeError:
                answer = b""
            if not answer:
                self.close()
                raise TimeoutError
        found: list[int] | None = json.loads(answer)
        return found

    def close(self) -> None:
        if self._process and self._owner == os.getpid():
            self._process.kill()
            self._process.communicate()
        self._process = None

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._owner != os.getpid():
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._owner = os.getpid()
        return self._process


_matcher = _Matcher()
atexit.register(_matcher.close)


def _prepare(settings: dict[str, Any]) -> dict[str, Any]:
    try:
        re.compile(settings["pattern"])
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"{settings['pattern']!r} is no regular expression: {error}.") from error
    return settings


KINDS: Mapping[str, Kind] = {"regex": Kind(regex, prepare=_prepare, slow=True)}
