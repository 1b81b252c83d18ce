"""Files out of the sandbox: copied to a folder of this computer because somebody asked, never by themselves.

Names and bytes are a guest's. So: plain files only; no link is followed on either side; no name that is hidden, leads
elsewhere or would look like another one on a terminal; nothing that is there is replaced unless told so; never
executable.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from curta.errors import UsageError
from curta.sandbox.record import opened
from curta.sandbox.result import Result
from curta.text.terminal import clean

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_RESERVED = set('<>:"|?*\\')


class Taken(NamedTuple):
    """What was copied (names below the folder), and what was not, with the reason."""

    copied: tuple[str, ...]
    refused: dict[str, str]


class Found(NamedTuple):
    """A file that a guest made: its name below `/work`, or wherever it lies; where its bytes are; their number."""

    name: str
    content: Path
    size: int


def found(result: Result) -> list[Found]:
    """The files that a run made or changed."""
    return [
        Found(path.removeprefix("/work/").lstrip("/"), content, _size(content))
        for path, content in sorted(result.files.items())
    ]


def take(files: Iterable[Found], folder: str | os.PathLike[str], *, replace: bool = False) -> Taken:
    """Copy files into `folder`, which is made when it is not there. replace: also over files that are there.

    Raises UsageError for a folder that is none, OSError when it cannot be written.
    """
    place = Path(folder)
    if place.exists() and not place.is_dir():
        raise UsageError(f"{place} is not a folder.")
    place.mkdir(parents=True, exist_ok=True)
    copied, refused = [], {}
    root = os.open(place, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        for each in files:
            why = wrong(each.name) or _copied(each, root, replace)
            if why:
                refused[each.name] = why
            else:
                copied.append(each.name)
    finally:
        os.close(root)
    return Taken(tuple(copied), refused)


def wrong(name: str) -> str:
    """Why a file of this name is not copied out; empty when it may be."""
    parts = name.split("/")
    if any(part.startswith(".") or not part.strip() for part in parts):
        return "its name is hidden"
    if any(part.startswith("-") or part.endswith((" ", ".")) or part != part.strip() for part in parts):
        return "its name begins or ends with a character that misleads"
    if clean(name) != name or "\n" in name or "\t" in name or _RESERVED & set(name):
        return "its name has characters that mislead"
    return ""


def _copied(file: Found, root: int, replace: bool) -> str:
    """Copy one file; why not, if it was not."""
    *folders, name = file.name.split("/")
    try:
        with _inside(root, folders) as folder:
            _write(file.content, folder, name, replace)
    except FileExistsError:
        return "there is one of this name"
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


@contextmanager
def _inside(root: int, folders: list[str]) -> Iterator[int]:
    """The folder below `root`, made where it is not there; a link on the way is an error."""
    here = os.dup(root)
    try:
        for name in folders:
            with suppress(FileExistsError):
                os.mkdir(name, 0o755, dir_fd=here)
            below = os.open(name, _FOLDER, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def _write(content: Path, folder: int, name: str, replace: bool) -> None:
    """The bytes under `name`: complete, or not there at all."""
    if not replace:
        _fill(content, folder, name)
        return
    _check_replaceable(folder, name)
    draft = f".curta-{os.urandom(8).hex()}"
    _fill(content, folder, draft)
    os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)  # a link of this name is replaced, not followed


def _fill(content: Path, folder: int, name: str) -> None:
    """Write a new file."""
    with open(opened(content), "rb") as source, open(os.open(name, _NEW, 0o644, dir_fd=folder), "wb") as target:
        try:
            shutil.copyfileobj(source, target, 1 << 20)
        except BaseException:
            os.unlink(name, dir_fd=folder)
            raise


def _check_replaceable(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)


def _size(content: Path) -> int:
    try:
        return content.lstat().st_size
    except OSError:
        return 0
