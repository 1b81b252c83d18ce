"""Model files that other programs have downloaded: found, verified, used where they are, and never written to.

Ollama      $OLLAMA_MODELS or ~/.ollama/models: manifests/HOST/NAMESPACE/NAME/TAG names a blob by its SHA-256
LM Studio   ~/.lmstudio/models, ~/.cache/lm-studio/models: PUBLISHER/REPOSITORY/FILE.gguf, without a hash
the Hub     the cache in `places`: the name of a blob is its SHA-256
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from curta.engine.files import held, places
from curta.engine.files.held import ModelFile
from curta.engine.files.reading import described
from curta.engine.files.transfer import MAGIC
from curta.engine.files.verifying import sha256_of
from curta.errors import ModelFileError, UnknownModel, UsageError, WrongFile

Program = Literal["Ollama", "LM Studio", "Hub cache"]
LARGEST_MANIFEST = 1 << 20
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_MODEL, _LICENCE = "application/vnd.ollama.image.model", "application/vnd.ollama.image.license"
_NO_MODEL = re.compile(r"mmproj|-\d{5}-of-\d{5}\.gguf$")  # a projector for pictures; a piece of a model


class Found(NamedTuple):
    """A model file of another program. sha256: None where the program notes none. name: what it would be called."""

    name: str
    path: Path
    bytes: int
    sha256: str | None
    program: Program
    origin: str
    licence: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {**self._asdict(), "path": str(self.path)}


class Adopted(NamedTuple):
    """A file that is known now. said: whether its program's own hash was there to compare with."""

    file: ModelFile
    said: bool


def found() -> list[Found]:
    """The model files of other programs that are not known yet, by program and name."""
    known = {os.path.realpath(each.path) for each in held.held().values()}
    every = (*_of_ollama(), *_of_lm_studio(), *_of_hub_cache())
    return [each for each in every if os.path.realpath(each.path) not in known]


def adopt(name: str, *, as_name: str | None = None, on_bytes: Callable[[int], object] = lambda count: None) -> Adopted:
    """Know a found file by its name, once all of it was read and its hash compared with what its program noted.

    name: as `found` lists it, or its path. as_name: what to call it instead.
    Raises UnknownModel, WrongFile, UsageError when the name is taken, ModelFileError when the file cannot be read.
    """
    each = _named(name)
    held.check_name(as_name or each.name)
    if as_name is None and each.name in held.held():
        raise UsageError(f"There is a model file called {each.name} already.", then="Give this one a name: --name NAME")
    sha256 = _checked(each, on_bytes)
    facts = described(each.path)
    file = ModelFile(
        name=as_name or each.name,
        path=each.path,
        sha256=sha256,
        bytes=each.bytes,
        kind=facts.kind,
        origin=each.origin,
        licence=each.licence or facts.licence,
        context=facts.context,
        adopted=True,
    )
    held.keep(file)
    return Adopted(file, each.sha256 is not None)


def _named(name: str) -> Found:
    every = found()
    matching = [each for each in every if name in (each.name, str(each.path))]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise UsageError(f"Several files are called {name}.", then="Name one by its path, as the list shows it.")
    raise UnknownModel(
        f"No model file of another program is called {name!r}.",
        why=f"There are: {', '.join(each.name for each in every)}." if every else "None was found that is not known.",
    )


def _checked(each: Found, on_bytes: Callable[[int], object]) -> str:
    try:
        with open(each.path, "rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise WrongFile(f"{each.path} is no GGUF file.")
        sha256 = sha256_of(each.path, on_bytes)
    except OSError as error:
        raise ModelFileError(f"Cannot read {each.path}: {error.strerror}.") from error
    if each.sha256 and sha256 != each.sha256:
        raise WrongFile(
            f"{each.path} is damaged.",
            why=f"Its SHA-256 is {sha256}, not {each.sha256}, as {each.program} noted.",
            then=f"Have {each.program} fetch it again.",
        )
    return sha256


# Ollama


def _of_ollama() -> Iterator[Found]:
    for folder in _ollama_folders():
        for manifest in sorted((folder / "manifests").glob("*/*/*/*")):
            if each := _in_manifest(folder, manifest):
                yield each


def _ollama_folders() -> list[Path]:
    if named := os.environ.get("OLLAMA_MODELS"):
        return [Path(named).expanduser()]
    return [Path.home() / ".ollama/models", Path("/usr/share/ollama/.ollama/models")]


def _in_manifest(folder: Path, manifest: Path) -> Found | None:
    """The model that an Ollama manifest names; None when it names none that is here in one GGUF file."""
    layers = _layers(manifest)
    models = [blob for kind, blob in layers if kind == _MODEL]
    if len(models) != 1 or not (path := folder / "blobs" / f"sha256-{models[0]}").is_file():
        return None
    licences = [folder / "blobs" / f"sha256-{blob}" for kind, blob in layers if kind == _LICENCE]
    host, namespace, name, tag = manifest.relative_to(folder / "manifests").parts
    full = (name if namespace == "library" else f"{namespace}/{name}") + ("" if tag == "latest" else f":{tag}")
    origin = f"ollama:{full}" if host == "registry.ollama.ai" else f"ollama:{host}/{full}"
    return Found(full, path, path.stat().st_size, models[0], "Ollama", origin, _first_line(licences))


def _layers(manifest: Path) -> list[tuple[str, str]]:
    """Media type and SHA-256 of each layer; empty when it is no manifest."""
    try:
        if not manifest.is_file() or manifest.stat().st_size > LARGEST_MANIFEST:
            return []
        layers = json.loads(manifest.read_bytes())["layers"]
        pairs = [(str(each["mediaType"]), _DIGEST.fullmatch(str(each["digest"]))) for each in layers]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return [(kind, match[1]) for kind, match in pairs if match]


def _first_line(paths: list[Path]) -> str:
    for path in paths:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                lines = (" ".join(line.split()) for line in file.read(4096).splitlines())
                return next((line[:60] for line in lines if line), "")
        except OSError:
            continue
    return ""


# LM Studio


def _of_lm_studio() -> Iterator[Found]:
    for folder in _lm_studio_folders():
        for path in sorted(folder.glob("*/*/*.gguf")):
            if path.is_file() and not _NO_MODEL.search(path.name):
                origin = f"lmstudio:{path.relative_to(folder).as_posix()}"
                yield Found(path.stem, path, path.stat().st_size, None, "LM Studio", origin)


def _lm_studio_folders() -> list[Path]:
    home = Path.home()
    try:  # where the user moved LM Studio's folder to
        pointed = (home / ".lmstudio-home-pointer").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        pointed = ""
    every = [Path(pointed) / "models"] if pointed else []
    every += [home / ".lmstudio/models", home / ".cache/lm-studio/models"]
    return list(dict.fromkeys(every))


# The Hub's cache


def _of_hub_cache() -> Iterator[Found]:
    cache = places.hub_cache()
    for path in sorted(cache.glob(f"{places.PREFIX}*/snapshots/*/**/*.gguf")):
        if path.is_file() and not _NO_MODEL.search(path.name):
            folder, _, commit, *file = path.relative_to(cache).parts
            repo = folder.removeprefix(places.PREFIX).replace("--", "/", 1)
            origin = f"hf:{repo}/{'/'.join(file)}@{commit}"
            yield Found(path.stem, path, path.stat().st_size, places.hash_of_name(path), "Hub cache", origin)
