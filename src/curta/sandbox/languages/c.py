"""C: compiled on this machine by ziglang (the extra `c`), in a process that is closed in, to WebAssembly with SIMD."""

import hashlib
import os
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from curta import config
from curta.errors import MissingExtra, SandboxError
from curta.sandbox import cache
from curta.sandbox.engines import Translated
from curta.sandbox.scratch import Scratch

SECONDS = 10
FIRST_SECONDS = 600
"""Seconds of processor time for each process of the compiler: for a program, and for the C library, once."""

WAIT = 60
"""Seconds on the clock after which a busy machine has had its chance."""

LONGEST_MESSAGE = 20_000
LARGEST_MODULE = 32 << 20
TOO_LARGE = f"The program is larger than {LARGEST_MODULE >> 20} MB when it is compiled. Read its data from a file."
EMPTY = "int main(void) { return 0; }\n"


def translate(source: str, on_compile: cache.OnCompile | None) -> Translated:
    """The module of a C program, or what the compiler says of it. Raises MissingExtra, SandboxError."""
    compiler = _compiler()
    library = cache.folder("c")
    _warm(compiler, library, on_compile)
    return _compile(source, compiler, library, SECONDS)


def is_warm() -> bool:
    """Whether the C library is compiled, so that a program takes a moment. Raises MissingExtra, SandboxError."""
    return _mark(_compiler(), cache.folder("c")).exists()


def _compiler() -> Path:
    found = find_spec("ziglang")
    if found is None or not found.submodule_search_locations:
        raise MissingExtra("C needs a compiler, ziglang, which is not installed.", extra="c")
    return Path(found.submodule_search_locations[0]).resolve()


def _warm(compiler: Path, library: Path, on_compile: cache.OnCompile | None) -> None:
    """Have the C library compiled, which is done once and takes far longer than any program."""
    done = _mark(compiler, library)
    if done.exists():
        return
    with config.exclusive(library / "library.lock", lambda: on_compile and on_compile(cache.ANOTHER)):
        if done.exists():
            return
        if on_compile:
            on_compile("Compiling the C library, once; this takes a minute.")
        made = _compile(EMPTY, compiler, library, FIRST_SECONDS)
        if made.error:
            raise SandboxError(f"C cannot be compiled here: {made.error.strip().splitlines()[-1]}")
        done.touch()


def _mark(compiler: Path, library: Path) -> Path:
    """The file that says that this very compiler has compiled its library."""
    found = (compiler / "zig").stat()
    which = f"{compiler} {found.st_size} {found.st_mtime_ns}"
    return library / f"library-{hashlib.sha256(which.encode()).hexdigest()[:16]}"


def _compile(source: str, compiler: Path, library: Path, seconds: int) -> Translated:
    with Scratch("c") as folder:
        (folder / "main.c").write_text(source, encoding="utf-8")
        code, module = _run_compiler(folder, compiler, library, seconds), folder / "main.wasm"
        if code != 0 or not module.exists():
            return Translated(error=_ending(code, seconds) + _said(folder))
        if module.stat().st_size > LARGEST_MODULE:
            return Translated(error=TOO_LARGE)
        return Translated(module.read_bytes().decode("latin-1"))


def _run_compiler(folder: Path, compiler: Path, library: Path, seconds: int) -> int | None:
    """Its exit code; None when it had to be stopped. Whatever it has started ends with it."""
    command = [sys.executable, "-I", "-m", "curta.sandbox.languages.compiling_c"]
    with open(folder / "said", "wb") as said:
        process = subprocess.Popen(
            [*command, str(compiler), str(library), str(folder), str(seconds)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, env={}, start_new_session=True,
        )  # fmt: skip
    try:
        return process.wait(max(seconds, WAIT))
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _ending(code: int | None, seconds: int) -> str:
    """What there is to say of how the compiler ended, beside its own words."""
    if code is None:
        return f"The compiler was stopped after {max(seconds, WAIT)} seconds.\n"
    if code < 0 or code >= 128:
        return f"The compiler was stopped: the program takes more than {seconds} seconds, or more memory, to compile.\n"
    return ""


def _said(folder: Path) -> str:
    """The compiler's words, without where it lies, and without its request for a report when it broke."""
    with open(folder / "said", "rb") as file:
        text = file.read(4 * LONGEST_MESSAGE).decode("utf-8", "replace")
    words, broke, _ = text.replace(f"{folder}/", "").partition("zig: error: clang frontend command failed")
    return words[:LONGEST_MESSAGE] + ("The compiler broke on this program.\n" if broke else "")
