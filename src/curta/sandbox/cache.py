"""The compiled code of each engine, made once on this machine.

A file is trusted while it is the very one that was written (size, times and inode, kept beside it); anything else is
compiled again. One process compiles, the others wait for it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from curta import config
from curta.errors import SandboxError
from curta.sandbox import room, stale

OnCompile = Callable[[str], None]
ANOTHER = "Another process is compiling the sandbox; waiting for it."
BETWEEN = 15.0
"""Seconds between two words of progress."""


class Artefact(NamedTuple):
    """WebAssembly that ships with Curta or an extra. digest: what its compiled code is named by.

    cost: what is said of compiling it. memory: bytes that compiling takes, where that matters. sha256: of its bytes,
    where somebody vouches for them.
    """

    path: Path
    digest: str
    component: bool = False
    cost: str = "this takes some seconds"
    memory: int = 0
    sha256: str = ""


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
    return made(code, artefact.path, lambda: _compile(artefact, code, name, on_compile), on_compile)


def made(target: Path, artefact: Path, make: Callable[[], object], on_compile: OnCompile | None) -> Path:
    """`target`, as it was written; `make` writes it now if it is not there, or not as it was. One process makes it.

    artefact: what it is made of. What was made of an older one is cleared away (stale.py). on_compile: told when it is
    another process, which is waited for.
    """
    if is_as_written(target):
        with suppress(OSError):
            os.utime(_seal(target))  # it is in use
        return target
    with config.exclusive(target.with_suffix(".lock"), lambda: on_compile and on_compile(ANOTHER)):
        if not is_as_written(target):  # another process may have made it while we waited
            make()
            vouch_for(target, artefact)
            stale.sweep(target, artefact)
    return target


def vouch_for(target: Path, artefact: Path) -> None:
    """Trust `target`, as it is now, to be what was made of `artefact`."""
    told = {"look": _look(target), "of": str(artefact), "by": sys.prefix}
    _seal(target).write_text(json.dumps(told), encoding="utf-8")


def is_compiled(artefact: Artefact) -> bool:
    """Whether its compiled code is there."""
    from curta.sandbox.wasm import compiled_name

    return is_as_written(folder() / compiled_name(artefact.digest))


def _compile(artefact: Artefact, code: Path, name: str, on_compile: OnCompile | None) -> None:
    if artefact.memory:
        room.require(artefact.memory, f"Compiling the {name} sandbox")
    if on_compile:
        on_compile(f"Compiling the {name} sandbox, once; {artefact.cost}.")
    arguments = [str(artefact.path), str(code), str(int(artefact.component)), artefact.sha256]
    run_module("curta.sandbox.compiling", arguments, on_compile)


def run_module(module: str, arguments: Sequence[str], on_compile: OnCompile | None) -> None:
    """Make something in a process of its own: it takes memory and threads that nobody else needs.

    on_compile: told now and then that it is not done yet. Raises SandboxError when it cannot be made.
    """
    command, began = [sys.executable, "-I", "-m", module, *arguments], time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = _waited(process, lambda: on_compile and on_compile(f"  {time.monotonic() - began:.0f} s so far"))
        except BaseException:  # Ctrl-C: nobody waits for it any more
            process.kill()
            raise
    if process.returncode != 0:
        reason = (said.strip().splitlines() or [f"exit {process.returncode}"])[-1]
        raise SandboxError(f"The sandbox cannot be compiled: {reason}", then="`curta doctor` shows what is there.")


def _waited(process: "subprocess.Popen[str]", tell: Callable[[], object]) -> str:
    """What a process said on stderr, once it has ended."""
    while True:
        try:
            return process.communicate(timeout=BETWEEN)[1]
        except subprocess.TimeoutExpired:
            tell()


def is_as_written(code: Path) -> bool:
    """Whether the file is the very one that was made."""
    try:
        return bool(json.loads(_seal(code).read_text(encoding="utf-8"))["look"] == _look(code))
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _seal(code: Path) -> Path:
    return code.with_suffix(".json")


def _look(code: Path) -> list[int]:
    found = code.lstat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
