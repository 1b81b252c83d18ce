"""Finds the engine of a model, or starts it. Of several who want to start one, one does and the others wait for it."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from curta import config, errors
from curta.engine.files.held import ModelFile
from curta.engine.process import state
from curta.engine.process.settings import Settings, configured
from curta.engine.process.state import Address, Place

if TYPE_CHECKING:
    import subprocess

    from curta.engine.facts import ModelFacts
    from curta.engine.process.plan import Plan

LARGE = 500_000_000
"""Bytes of a file from which on loading takes long enough to be told."""

_PROGRAM = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from curta.engine.process.main import main; main()"
_PASSED_ON = "HOME PATH LANG LD_LIBRARY_PATH SYSTEMROOT TEMP TMP TMPDIR USER USERPROFILE".split()
_PASSED_ON_GROUPS = ("CUDA_", "GGML_", "GOMP_", "HIP_", "KMP_", "LC_", "OMP_", "ROCR_", "VK_")

_started: list["subprocess.Popen[bytes]"] = []
"""The engines that this process started; asked how they are before the next start, so that none stays a zombie."""


def serve(file: ModelFile) -> Address:
    """Where the engine of `file` is. It is started when none runs, which takes as long as reading the file.

    Raises MissingExtra without the engine's package, BadModelFile for a file it cannot run, EngineError when this
    computer cannot run it.
    """
    asked = configured()
    place = state.place(file, asked)
    return _warm(place, asked) or _start_alone(file, place, asked)


def _warm(place: Place, asked: Settings) -> Address | None:
    """The engine that runs, which stays warm for the call to come."""
    address = state.read(place)
    if address is None or not state.is_alive(place) or not state.keep_warm(place, asked.idle):
        return None
    return address


def _start_alone(file: ModelFile, place: Place, asked: Settings) -> Address:
    config.ensure_folder(place.folder)
    waits = f"Waiting: another engine is being started ({file.name} is next)."
    with config.exclusive(place.folder / "start.lock", lambda: errors.tell(waits)):
        if address := _warm(place, asked):
            return address
        clear_away(place)
        return _start(file, place, asked)


def clear_away(place: Place) -> bool:
    """Remove what an engine left that did not end by itself, and tell; False when there was nothing."""
    if not place.state.exists() or state.is_alive(place):
        return False
    left = state.read(place)
    errors.tell(f"The engine of {left.name if left else 'a model'} ended unexpectedly.")
    state.remove(place, left)
    return True


def _start(file: ModelFile, place: Place, asked: Settings) -> Address:
    """Start it, and wait until it answers."""
    from curta.engine.facts import facts
    from curta.engine.process.failures import meaning
    from curta.engine.process.package import require_engine
    from curta.engine.process.plan import check_it_fits, plan
    from curta.text.sizes import size

    require_engine()
    known = facts(file)
    planned = plan(file, known, asked)
    check_it_fits(file, planned)
    if file.bytes >= LARGE:
        errors.tell(f"Loading {file.name} ({size(file.bytes)}).")
    with _process(file, place) as process:
        _send(process, _order(file, known, place, planned, asked))
        ready = process.stdout is not None and process.stdout.read()
        address = state.read(place) if ready else None
    if address is None:
        raise meaning(file, known, place, process.wait())
    return address


@contextmanager
def _process(file: ModelFile, place: Place) -> "Iterator[subprocess.Popen[bytes]]":
    """A process away from the terminal. It is ended when the block fails, Ctrl-C included."""
    import subprocess

    from curta.engine.process.package import search_path

    _started[:] = [each for each in _started if each.poll() is None]
    away: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        away = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    descriptor = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _PROGRAM, json.dumps(search_path()), f"engine of {file.name}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment(),
            **away,
        )
    _started.append(process)
    try:
        yield process
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def _environment() -> dict[str, str]:
    """What the engine may know of the environment: no keys.

    Threads that wait for each other sleep: by default they would spin, and take turns with whatever else runs here
    (0.7 tokens a second instead of 60, with two threads on two busy cores).
    """
    names = [name for name in os.environ if name in _PASSED_ON or name.startswith(_PASSED_ON_GROUPS)]
    return {"OMP_WAIT_POLICY": "PASSIVE", **{name: os.environ[name] for name in names}}


def _order(file: ModelFile, known: "ModelFacts", place: Place, planned: "Plan", asked: Settings) -> dict[str, Any]:
    """What the process is told. Its key is made by itself, and stands only in the state file."""
    return {
        "place": [str(place.folder), place.id],
        "name": file.name,
        "path": str(file.path),
        "sha256": file.sha256,
        "embeds": file.kind == "embedding",
        "context": planned.context,
        "slots": planned.slots,
        "threads": planned.threads,
        "bytes": planned.bytes,
        "port": asked.port,
        "idle": asked.idle,
        "title": known.name,
    }


def _send(process: "subprocess.Popen[bytes]", order: dict[str, Any]) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(order).encode())
        process.stdin.close()
    except OSError:
        return  # it ended before it read this; its exit says why
