"""Where model files lie: in the cache of the Hugging Face Hub, shared with whoever else uses it, or in Curta's home.

The cache's layout (huggingface_hub, "Manage huggingface_hub cache-system"; llama.cpp, `common/hf-cache.cpp`):

    models--OWNER--REPOSITORY/blobs/SHA256                  the bytes
    models--OWNER--REPOSITORY/snapshots/COMMIT/FILE         a link to them
    models--OWNER--REPOSITORY/refs/REVISION                 the commit a branch or tag led to last
    .locks/models--OWNER--REPOSITORY/SHA256.lock            held while the bytes arrive
"""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from curta import config
from curta.engine.files.wanted import HubFile

PREFIX = "models--"
UNFINISHED = ".incomplete"
_CACHES = (
    ("LLAMA_CACHE", ""),
    ("HF_HUB_CACHE", ""),
    ("HUGGINGFACE_HUB_CACHE", ""),
    ("HF_HOME", "hub"),
    ("XDG_CACHE_HOME", "huggingface/hub"),
)


class Place(NamedTuple):
    """Where the bytes of a file go (`blob`), what is locked meanwhile, and the name it is used by (`path`)."""

    blob: Path
    lock: Path
    path: Path

    @property
    def unfinished(self) -> Path:
        return self.blob.with_name(self.blob.name + UNFINISHED)

    def make_folders(self) -> None:
        for folder in (self.blob.parent, self.lock.parent, self.path.parent):
            folder.mkdir(parents=True, exist_ok=True)

    def link(self) -> None:
        """Have `path` lead to the bytes: as a link, as a second name, or as a copy where the disk knows neither."""
        if self.path == self.blob or (self.path.exists() and self.path.samefile(self.blob)):
            return
        with suppress(FileNotFoundError):
            self.path.unlink()
        ways: tuple[Callable[[], object], ...] = (
            lambda: self.path.symlink_to(os.path.relpath(self.blob, self.path.parent)),
            lambda: os.link(self.blob, self.path),
        )
        for way in ways:
            with suppress(OSError, NotImplementedError):
                way()
                return
        shutil.copyfile(self.blob, self.path)


def hub_cache() -> Path:
    """The folder of the Hub's cache, found as llama.cpp and huggingface_hub find it."""
    for variable, below in _CACHES:
        if named := os.environ.get(variable):
            return Path(os.path.expandvars(named)).expanduser().absolute() / below
    return Path.home() / ".cache/huggingface/hub"


def folder(repo: str) -> Path:
    """The folder of a repository in the Hub's cache."""
    return hub_cache() / (PREFIX + repo.replace("/", "--"))


def of_hub(file: HubFile, commit: str, sha256: str) -> Place:
    """The place of a file of the hub. commit, sha256: as the hub names them, checked before."""
    repository = folder(file.repo)
    return Place(
        repository / "blobs" / sha256,
        hub_cache() / ".locks" / repository.name / f"{sha256}.lock",
        repository / "snapshots" / commit / file.file,
    )


def own() -> Path:
    """Curta's own folder of model files, for what comes from no hub."""
    return config.home() / "models"


def of_name(name: str) -> Place:
    """The place of a file that comes from no hub, under the name it will have."""
    blob = own() / f"{name.replace('/', '--')}.gguf"
    return Place(blob, own() / f".{blob.name}.lock", blob)


def remember_commit(file: HubFile, commit: str) -> None:
    """Note which commit a branch or tag led to, for those who are offline later."""
    if file.revision != commit:
        note = folder(file.repo) / "refs" / file.revision
        note.parent.mkdir(parents=True, exist_ok=True)
        with config.replacing(note) as draft:
            draft.write(commit)


def commit_known(file: HubFile) -> str:
    """The commit that a revision led to last, the revision itself when nothing is noted."""
    try:
        return (folder(file.repo) / "refs" / file.revision).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return file.revision


def hash_of_name(path: Path) -> str | None:
    """What the cache says the SHA-256 is: the name of what `path` leads to."""
    name = path.resolve().name
    return name if len(name) == 64 and not set(name) - set("0123456789abcdef") else None


def unfinished() -> list[Path]:
    """Downloads that were begun and are not complete."""
    found = [*hub_cache().glob(f"{PREFIX}*/blobs/*{UNFINISHED}"), *own().glob(f"*{UNFINISHED}")]
    return sorted(each for each in found if each.is_file())
