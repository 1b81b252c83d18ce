"""Runs, logged: a program with all it was given, and what came of it, as the log keeps it.

An interrupted run is logged too. Files are logged by their hash and size; their bytes are not kept.
"""

import errno
import hashlib
import os
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.messages import sha256
from curta.sandbox import engines
from curta.sandbox.folder import Folder
from curta.sandbox.process import OnOutput
from curta.sandbox.result import Result
from curta.sandbox.sandbox import Sandbox
from curta.sandbox.setting import Setting

if TYPE_CHECKING:
    from curta.store import Log
    from curta.store.runs import RunRecord

MOST_CHANGES = 1000
"""How many changes of a folder the log lists; of the others, their number."""

SCRATCH_DEPTH = 3
"""A guest's bytes lie at WORLD/MOUNT/NUMBER in its scratch folder."""

_PIECE = 1 << 20


class Origin(NamedTuple):
    """Whose program it is. caller: `run`, `code`, `python`, ... call: the id of the call whose answer it was.

    tests: the id of the run that it judges, when it is a test. after: of a cell, the ids of those before it.
    """

    caller: str = "python"
    call: str | None = None
    tests: str | None = None
    after: tuple[str, ...] = ()


NOBODY = Origin()
Run = Callable[[OnOutput | None], Result]


def logged(
    run: Run,
    source: str,
    setting: Setting,
    *,
    log: "Log | None",
    origin: Origin = NOBODY,
    stdin: str = "",
    on_output: OnOutput | None = None,
) -> Result:
    """Do `run` and log what came of it, also when it is interrupted. on_output: told of output as it comes.

    log: None for no trace.
    """
    if log is None:
        return run(on_output)
    began, heard = datetime.now(UTC), Heard(on_output)
    try:
        result = run(heard)
    except (KeyboardInterrupt, BrokenPipeError):
        known = {**_given(setting, origin), "status": "interrupted"}
        log.record_run(_record(source, setting, "interrupted", stdin, heard.texts, origin, began, known))
        raise
    texts = {"stdout": result.stdout, "stderr": result.stderr}
    record = _record(source, setting, result.status, stdin, texts, origin, began, described(result, setting, origin))
    if warnings := tuple(log.record_run(record)):
        return replace(result, warnings=warnings)
    return replace(result, id=record.id)


class Heard:
    """The output of a run, as it comes: passed on, and kept."""

    def __init__(self, on_output: OnOutput | None) -> None:
        self.texts = {"stdout": "", "stderr": ""}
        self._on_output = on_output

    def __call__(self, stream: str, text: str) -> None:
        self.texts[stream] += text
        if self._on_output:
            self._on_output(stream, text)


def _record(
    source: str,
    setting: Setting,
    status: str,
    stdin: str,
    texts: Mapping[str, str],
    origin: Origin,
    began: datetime,
    known: Mapping[str, Any],
) -> "RunRecord":
    from curta.store.runs import RunRecord

    return RunRecord(
        setting.language,
        status,
        source,
        stdin,
        texts["stdout"],
        texts["stderr"],
        caller=origin.caller,
        call=origin.call,
        described=known,
        started=began,
    )


def described(result: Result, setting: Setting, origin: Origin) -> dict[str, Any]:
    """All that is logged of a run besides its texts."""
    told = result.to_dict()
    for name in ("id", "status", "stdout", "stderr", "effects"):
        del told[name]
    effects = {path: _shortened(done.to_dict()) for path, done in result.effects.items()}
    return {**_given(setting, origin), **told, "effects": effects, "files": files(result), "hashes": outcome(result)}


def _given(setting: Setting, origin: Origin) -> dict[str, Any]:
    engine = engines.find(setting.language)
    return {
        "setting": setting.to_dict(),
        "engine": engine.name,
        "box": engine.digest(),
        "tests": origin.tests,
        **({"after": list(origin.after)} if origin.after else {}),
    }


def outcome(result: Result) -> dict[str, str]:
    """What of a result can be compared with another run's, each as its SHA-256."""
    compared = {
        "how it ended": f"{result.status} {result.exit_code}",
        "output": result.stdout,
        "messages on stderr": result.stderr,
        "value": result.value,
        "error": result.error,
        "files": repr(files(result)),
    }
    return {name: sha256(text.encode("utf-8", "replace")) for name, text in compared.items()}


def files(result: Result) -> list[dict[str, Any]]:
    """The files that a run made or changed: path, size, SHA-256."""
    return [
        {"path": path, "size": size, "sha256": digest}
        for path, content in sorted(result.files.items())
        for size, digest in [_weighed(content)]
    ]


def _weighed(content: Path) -> tuple[int, str]:
    """Size and hash of a plain file; of what is none any more, nothing is read."""
    digest, size = hashlib.sha256(), 0
    try:
        with open(opened(content), "rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
    except OSError:
        return 0, ""
    return size, digest.hexdigest()


def opened(content: Path) -> int:
    """A descriptor of a plain file that a guest wrote, in its scratch folder (`SCRATCH_DEPTH`).

    Raises OSError for anything else: a link there or on the way, a second name of some other file.
    """
    scratch = Folder(content.parents[SCRATCH_DEPTH - 1])
    try:
        descriptor = scratch.open(content.parts[-SCRATCH_DEPTH:])
    finally:
        scratch.close()
    if os.fstat(descriptor).st_nlink != 1:
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, "It is no plain file of its own", content.name)
    return descriptor


def _shortened(told: dict[str, Any]) -> dict[str, Any]:
    changes, read = told["changes"], told["read"]
    left = {"more_changes": len(changes) - MOST_CHANGES} if len(changes) > MOST_CHANGES else {}
    left |= {"more_read": len(read) - MOST_CHANGES} if len(read) > MOST_CHANGES else {}
    return {"changes": changes[:MOST_CHANGES], "read": read[:MOST_CHANGES], **left}


def kept(result: Result, sandbox: Sandbox) -> Result:
    """The same, its files kept for as long as somebody has it."""
    weakref.finalize(result, sandbox.close)
    return result
