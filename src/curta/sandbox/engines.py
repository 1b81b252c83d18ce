"""Which languages run here, and what runs them."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from curta.errors import SandboxError, UsageError
from curta.sandbox.cache import Artefact

LONGEST_SOURCE = 10 << 20


class EngineEntry(NamedTuple):
    """An engine. loader: where its class is. imports: what must be imported before the process closes itself in."""

    name: str
    loader: str
    artefact: Callable[[], Artefact]
    imports: tuple[str, ...] = ("wasmtime", "wasmtime.component")


def find(language: str) -> EngineEntry:
    """The engine of a language. Raises UsageError for one that nobody knows here."""
    name = ALIASES.get(language.lower(), language.lower())
    if name not in ENGINES:
        raise UsageError(f"Curta does not run {language!r}.", then=f"It runs: {', '.join(sorted(ENGINES))}.")
    return ENGINES[name]


def readable(source: str) -> str:
    """A program as a guest can be given it. Raises UsageError for one that is too long."""
    if len(source) > LONGEST_SOURCE:
        raise UsageError(
            f"The program has {len(source):,} characters; {LONGEST_SOURCE:,} are the most.",
            then="Put its data into a file, and grant the folder.",
        )
    return source.encode("utf-8", "replace").decode()


def _pocket() -> Artefact:
    import hashlib

    folder = Path(__file__).parent / "pocket"
    for name in ("box.wasm.xz", "box.wasm"):
        if (path := folder / name).exists():
            found = path.stat()
            digest = hashlib.sha256(f"{path} {found.st_size} {found.st_mtime_ns}".encode()).hexdigest()
            return Artefact(path, digest, component=True)
    raise SandboxError(
        "The Python sandbox has not been built in this checkout.",
        then="Build it: make guests   (a wheel of Curta has it built in)",
    )


ENGINES = {"python": EngineEntry("Python", "curta.sandbox.pocket.engine:Pocket", _pocket)}
ALIASES = {"py": "python", "python3": "python"}
SUFFIXES = {".py": "python"}


def by_suffix(name: str) -> str | None:
    """The language of a file of this name; None when its ending says nothing."""
    return SUFFIXES.get(Path(name).suffix.lower())
