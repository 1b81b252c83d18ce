"""Take a model file away: from the names that are known and, where Curta fetched it, from the disk."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from curta.engine.files import held, places
from curta.engine.files.held import ModelFile
from curta.errors import ModelFileError


class Removal(NamedTuple):
    """What removing a file means. paths: what is deleted. bytes: what that frees. kept: why nothing is, if so."""

    file: ModelFile
    paths: tuple[Path, ...] = ()
    bytes: int = 0
    kept: str = ""


def removal(name: str) -> Removal:
    """What `remove` would do. Raises UnknownModel."""
    file = held.require(name)
    others = [each for each in held.held().values() if each.name != file.name]
    if file.adopted:
        return Removal(file, kept="it belongs to another program")
    if any(os.path.realpath(each.path) == os.path.realpath(file.path) for each in others):
        return Removal(file, kept="another name stands for the same file")
    blob = Path(os.path.realpath(file.path))
    links = _links_to(blob) if file.path.is_relative_to(places.hub_cache()) else []
    paths = tuple(dict.fromkeys((file.path, *links, blob)))
    if not blob.exists():
        return Removal(file, tuple(path for path in paths if path.is_symlink()), 0, "it is gone already")
    return Removal(file, paths, blob.stat().st_size)


def _links_to(blob: Path) -> list[Path]:
    """Every name in the snapshots of a repository that leads to `blob`."""
    snapshots = blob.parent.parent / "snapshots"
    return [each for each in snapshots.glob("*/**/*") if not each.is_dir() and os.path.realpath(each) == str(blob)]


def remove(name: str) -> Removal:
    """Forget the model file `name`, and delete it where Curta fetched it. Raises UnknownModel, ModelFileError."""
    done = removal(name)
    held.forget(done.file.name)
    try:
        for path in done.paths:
            path.unlink(missing_ok=True)
        for repository in {each for path in done.paths for each in path.parents if each.parent == places.hub_cache()}:
            _tidy(repository)
    except OSError as error:
        raise ModelFileError(f"Cannot delete {error.filename}: {error.strerror}.") from error
    return done


def _tidy(repository: Path) -> None:
    """Remove from the Hub's cache what is empty now, and what points to it; a repository without files as a whole."""
    for folder in sorted((repository / "snapshots").glob("**/"), reverse=True):
        with suppress(OSError):  # it holds other files
            folder.rmdir()
    for note in (repository / "refs").glob("**/*"):
        if note.is_file() and not (repository / "snapshots" / note.read_text(encoding="utf-8").strip()).exists():
            note.unlink()
    if not any(each.is_file() or each.is_symlink() for each in repository.rglob("*")):
        shutil.rmtree(repository)
