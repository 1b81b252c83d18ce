"""Build every guest that a wheel carries: `python -m curta.sandbox.languages.build` (`make guests`).

Needs componentize-py, ziglang and pip. A guest is built again only when something it is made of has changed: its inputs
(sources, flags, versions) are digested into a file beside it.
"""

import hashlib
import lzma
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from curta.sandbox.languages.sources import LUA, QUICKJS, SQLITE, Release, fetch
from curta.sandbox.pocket import build as pocket

HERE = Path(__file__).parent
GUEST = HERE / "guest"
ZIG = [sys.executable, "-m", "ziglang", "cc", "-target", "wasm32-wasi", "-O2", "-s", "-w", "-Wl,-z,stack-size=8388608"]
EMULATED = [f"-D_WASI_EMULATED_{name}" for name in ("SIGNAL", "PROCESS_CLOCKS", "MMAN", "GETPID")]
LIBRARIES = [f"-lwasi-emulated-{name}" for name in ("signal", "process-clocks", "mman", "getpid")]


class Change(NamedTuple):
    """What is changed in a source file: `after` stands there once, and `insert` comes right behind it."""

    file: str
    after: str
    insert: str


class Interpreter(NamedTuple):
    """A language's interpreter. files: of the release; own: of `guest/`; flags: for the compiler."""

    release: Release
    files: tuple[str, ...]
    own: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


FRAME = '\n    char frame[512]; __asm__ volatile("" : : "r"(frame) : "memory");'
"""QuickJS measures its recursion on the stack in memory. A function that needs none of it would recurse unmeasured."""

INTERPRETERS = {
    "javascript": Interpreter(
        QUICKJS, ("quickjs.c", "libregexp.c", "libunicode.c", "dtoa.c"), ("javascript.c",), ("-D_GNU_SOURCE",),
        (Change("quickjs.c", "js_parse_unary(JSParseState *s, int parse_flags)\n{", FRAME),
         Change("quickjs.c", "json_parse_value(JSParseState *s, JSONParseRecord *pr)\n{", FRAME)),
    ),
    "lua": Interpreter(
        LUA,
        ("onelua.c",),
        ("longjmp.s",),
        # Lua leaves a function by longjmp, which in WebAssembly is an exception.
        ("-mexception-handling", "-mllvm", "-wasm-enable-sjlj", "-mllvm", "-wasm-use-legacy-eh=false",
         "-include", str(GUEST / "lua_host.h")),
    ),
    "sql": Interpreter(
        SQLITE,
        ("shell.c", "sqlite3.c"),
        (),
        ("-DSQLITE_THREADSAFE=0", "-DSQLITE_OMIT_LOAD_EXTENSION", "-DSQLITE_NOHAVE_SYSTEM", "-DSQLITE_OMIT_POPEN",
         "-DSQLITE_ENABLE_FTS5", "-DSQLITE_ENABLE_MATH_FUNCTIONS"),
    ),
}  # fmt: skip


def build_all() -> None:
    """Build what is missing or was made of something else."""
    _make(pocket.HERE / "box.wasm.xz", pocket.inputs(), pocket.build)
    for name, interpreter in INTERPRETERS.items():
        _make(HERE / f"{name}.wasm.xz", _inputs(interpreter), _compiling(interpreter))


def _make(target: Path, inputs: list[bytes], build: Callable[[Path], object]) -> None:
    digest = hashlib.sha256(b"\0".join(inputs)).hexdigest()
    note = target.with_suffix(".inputs")
    if target.exists() and note.exists() and note.read_text() == digest:
        return
    print(f"building {target.name}", file=sys.stderr, flush=True)  # noqa: T201 - a build step
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder) / "module.wasm"
        build(module)
        draft = target.with_suffix(f".{os.getpid()}")
        draft.write_bytes(lzma.compress(module.read_bytes(), preset=6))
        os.replace(draft, target)
    note.write_text(digest)


def _compiling(interpreter: Interpreter) -> Callable[[Path], None]:
    def build(target: Path) -> None:
        sources = fetch(interpreter.release, target.parent)
        for change in interpreter.changes:
            _make_change(sources, change)
        files = [*(GUEST / name for name in interpreter.own), *(sources / name for name in interpreter.files)]
        flags = [*interpreter.flags, *EMULATED, *LIBRARIES, f"-I{sources}"]
        subprocess.run([*ZIG, *flags, *map(str, files), "-o", str(target)], check=True)

    return build


def _make_change(sources: Path, change: Change) -> None:
    path = sources / change.file
    before, found, behind = path.read_text(encoding="utf-8").partition(change.after)
    if not found or change.after in behind:
        raise ValueError(f"{change.file} is not the file that was to be changed: {change.after}")
    path.write_text(before + change.after + change.insert + behind, encoding="utf-8")


def _inputs(interpreter: Interpreter) -> list[bytes]:
    ours = [path.read_bytes() for path in sorted(GUEST.iterdir())]
    named = [*interpreter.release, *interpreter.files, *ZIG[1:], *_portable(interpreter.flags), version("ziglang")]
    changed = [text for change in interpreter.changes for text in change]
    return [*ours, *(text.encode() for text in (*named, *changed))]


def _portable(flags: tuple[str, ...]) -> Iterator[str]:
    return (flag.replace(str(HERE), "") for flag in flags)


if __name__ == "__main__":
    build_all()
