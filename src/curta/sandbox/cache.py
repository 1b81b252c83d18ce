"""The compiled code of each engine, made once on this machine.

A file is trusted while it is the very one that was written (size, times and inode, kept beside it); anything else is
compiled again. One process compiles, the others wait for it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from curta import config
from curta.errors import SandboxError

OnCompile = Callable[[str], None]


class Artefact(NamedTuple):
    """WebAssembly that ships with Curta or an extra. digest: what its compiled code is named by."""

    path: Path
    digest: str
    component: bool = False


def folder(name: str = "wasm") -> Path:
    """Where compiled code lies; only its owner may enter. Raises SandboxError when it is somebody else's."""
    place = config.ensure_folder(config.ensure_folder(config.home()) / name)
    found = place.lstat()
    if hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & 0o022):
        raise SandboxError(
            f"{place} can be written by others, and what lies there would be run.",
            then=f"Make it yours alone: chmod 700 {place}",
        )
    return place


def compiled(artefact: Artefact, name: str, on_compile: OnCompile | None = None) -> Path:
    """The compiled code of `artefact`, compiled now if it never was. on_compile: told, before that, what is done."""
    from curta.sandbox.wasm import compiled_name

    code = folder() / compiled_name(artefact.digest)
    if _is_as_written(code):
        return code
    with config.exclusive(code.with_suffix(".lock")):
        if not _is_as_written(code):  # another process may have made it while we waited
            if on_compile:
                on_compile(f"Compiling the {name} sandbox, once; this takes some seconds.")
            _compile(artefact, code)
    return code


def is_compiled(artefact: Artefact) -> bool:
    """Whether its compiled code is there."""
    from curta.sandbox.wasm import compiled_name

    return _is_as_written(folder() / compiled_name(artefact.digest))


def _compile(artefact: Artefact, code: Path) -> None:
    """Compile in a process of its own: it takes memory and threads that nobody else needs."""
    command = [sys.executable, "-I", "-m", "curta.sandbox.compiling", str(artefact.path), str(code)]
    done = subprocess.run([*command, str(int(artefact.component))], capture_output=True, text=True)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        raise SandboxError(f"The sandbox cannot be compiled: {reason}", then="`curta doctor` shows what is there.")
    _seal(code).write_text(json.dumps(_look(code)), encoding="utf-8")


def _is_as_written(code: Path) -> bool:
    try:
        return bool(json.loads(_seal(code).read_text(encoding="utf-8")) == _look(code))
    except (OSError, ValueError):
        return False


def _seal(code: Path) -> Path:
    return code.with_suffix(".json")


def _look(code: Path) -> list[int]:
    found = code.lstat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
