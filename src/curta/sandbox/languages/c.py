"""C: compiled on this machine by ziglang (the extra `c`), in a process that is closed in, to WebAssembly with SIMD."""

import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from curta import config
from curta.errors import MissingExtra, SandboxError
from curta.sandbox.cache import OnCompile
from curta.sandbox.engines import Translated

SECONDS = 60
FIRST_SECONDS = 600
LONGEST_MESSAGE = 20_000
EMPTY = "int main(void) { return 0; }\n"


def translate(source: str, on_compile: OnCompile | None) -> Translated:
    """The module of a C program, or what the compiler says of it. Raises MissingExtra, SandboxError."""
    compiler = _compiler()
    cache = config.ensure_folder(config.ensure_folder(config.home()) / "c")
    _warm(compiler, cache, on_compile)
    return _compile(source, compiler, cache, SECONDS)


def _compiler() -> Path:
    found = find_spec("ziglang")
    if found is None or not found.submodule_search_locations:
        raise MissingExtra("C needs a compiler, ziglang, which is not installed.", extra="c")
    return Path(found.submodule_search_locations[0]).resolve()


def _warm(compiler: Path, cache: Path, on_compile: OnCompile | None) -> None:
    """Have the C library compiled, which is done once and takes far longer than any program."""
    done = cache / "library-is-compiled"
    if done.exists():
        return
    with config.exclusive(cache / "library.lock"):
        if done.exists():
            return
        if on_compile:
            on_compile("Compiling the C library, once; this takes a minute.")
        made = _compile(EMPTY, compiler, cache, FIRST_SECONDS)
        if made.error:
            raise SandboxError(f"C cannot be compiled here: {made.error.strip().splitlines()[-1]}")
        done.touch()


def _compile(source: str, compiler: Path, cache: Path, seconds: float) -> Translated:
    with tempfile.TemporaryDirectory(prefix="curta-c-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        (folder / "main.c").write_text(source, encoding="utf-8")
        command = [sys.executable, "-I", "-m", "curta.sandbox.languages.compiling_c"]
        try:
            done = subprocess.run(
                [*command, str(compiler), str(cache), str(folder)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                env={}, timeout=seconds, start_new_session=True,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Translated(error=f"The compiler was stopped after {seconds:g} seconds.")
        module = folder / "main.wasm"
        if done.returncode == 0 and module.exists():
            return Translated(module.read_bytes().decode("latin-1"))
    said = done.stderr.decode("utf-8", "replace").replace(f"{folder}/", "")
    return Translated(error=said[:LONGEST_MESSAGE] or f"The compiler ended with {done.returncode}.")
