"""Everything that decides what a program can see and use up, as a value: what a run is given, and is logged with."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curta.errors import SourceNotFound, UsageError
from curta.sandbox import cache, engines
from curta.sandbox.limits import Limits
from curta.sandbox.sandbox import Sandbox
from curta.sandbox.scratch import Scratch
from curta.sandbox.view import View


@dataclass(frozen=True, slots=True)
class Setting:
    """What a program can see and use up.

    read: folders it may read, each as `/read/NAME`. work: a folder it sees as `/work`, and may change a view of.
    files: files and folders it finds in `/work`, as copies; only without `work`. wheels: pure Python packages.
    """

    language: str = "python"
    read: tuple[str, ...] = ()
    work: str | None = None
    files: tuple[str, ...] = ()
    wheels: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        language = self.language.lower()
        object.__setattr__(self, "language", engines.ALIASES.get(language, language))

    @contextmanager
    def sandbox(self, on_compile: cache.OnCompile | None = None) -> Iterator[Sandbox]:
        """A Sandbox that is so set. When the block ends its processes do; what guests wrote stays until it is closed.

        Raises UsageError and SourceError for what cannot be granted.
        """
        if self.files and self.work:
            raise UsageError("Files are put into /work, and a folder is there.", then="Put them into that folder.")
        with _beside_each_other(self.files) as place:
            views = [View(each, "read") for each in self.read]
            work = place or self.work
            views += [View(work, "work", at="/work")] if work else []
            sandbox = Sandbox(*views, limits=self.limits, wheels=self.wheels, on_compile=on_compile)
            try:
                yield sandbox
            except BaseException:
                sandbox.close()
                raise
            finally:
                sandbox.rest()

    def to_dict(self) -> dict[str, Any]:
        """Paths are absolute, so that a run can be repeated from anywhere."""
        paths = {name: [os.path.abspath(each) for each in getattr(self, name)] for name in ("read", "files", "wheels")}
        work = None if self.work is None else os.path.abspath(self.work)
        return {"language": self.language, **paths, "work": work, "limits": self.limits._asdict()}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Setting":
        lists = (tuple(told[name]) for name in ("read", "files", "wheels"))
        read, files, wheels = lists
        return cls(told["language"], read, told["work"], files, wheels, Limits(**told["limits"]))


def limited(seconds: float, memory: int) -> Limits:
    """Limits of so many seconds and MB of memory. Raises UsageError for those that cannot be."""
    return Limits(seconds=seconds, memory=memory << 20 if memory > 0 else 0).checked()


@contextmanager
def _beside_each_other(files: Sequence[str]) -> Iterator[str | None]:
    """A temporary folder with copies of these files and folders; None when there are none. Links are left out."""
    if not files:
        yield None
        return
    with Scratch("files") as folder:
        for each in files:
            _copy(Path(each), folder)
        yield str(folder)


def _copy(source: Path, folder: Path) -> None:
    target = folder / source.absolute().name
    if target.exists():
        raise UsageError(f"Two of the files are called {target.name}.", then="Rename one of them.")
    try:
        if source.is_dir():
            shutil.copytree(source, target, ignore=_links)
        else:
            shutil.copyfile(source, target)
    except (OSError, shutil.Error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceNotFound(f"Cannot read {source}: {why}.", then="Name a file or a folder.") from error


def _links(folder: str, names: list[str]) -> list[str]:
    """What of a folder is no plain file or folder."""
    paths = ((name, os.path.join(folder, name)) for name in names)
    return [name for name, path in paths if os.path.islink(path) or not (os.path.isfile(path) or os.path.isdir(path))]
