"""Indexes: documents that can be searched by their words and by their meaning, one SQLite file each.

Rules:
1. One file holds everything, and every change is one transaction per document: no second store that could drift.
2. Offsets are characters of the document's text. A chunk is that text from its start to its end, and nothing else.
3. Words can always be searched; vectors are there when an embedding model is. What was used is said with each answer.
4. numpy is imported only where vectors are.

What to open: `index` (the class that others use), `file` (tables, transactions), `documents` and `lexicon` (what is
written of a document), `adding` (sources read and kept in step), `vectors` and `scan` (vectors written, vectors
searched), `filling` (passages embedded; `embedding` and `cache` do it for every room), `search` (both sides of a
question), `query` and `lexical` (by words), `fusion`, `filters` (conditions in SQL), `evaluation` and `measures` (how
well it finds), `synthetic` (questions where there are none), `tuning`, `check` and `compact` (keeping it sound and
small), `info`, `export` and `export_parquet` (taking it elsewhere), `kept` and `restoring` (what is in it in full,
and an index made of that again), `stores` (an index that is not in a file).

May import `models` (embedders), `store` (the log of what was embedded), `sources`, `text`, `messages`, `events`,
`config`, `errors`.
"""

import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from curta import config
from curta.errors import UnknownIndex, UsageError

if TYPE_CHECKING:
    from curta.index.index import Index

FOLDER = "indexes"
_NAME = re.compile(r"\w[\w.-]*")


def open(name: str | os.PathLike[str], create: bool = False) -> "Index":
    """The index called `name`, or at this path (anything with a `/` or ending in `.db`).

    create: make it when it is not there. Raises UnknownIndex, IndexFileError, and UsageError for what cannot be a name,
    or is the name of another.
    """
    from curta.index.file import create as make
    from curta.index.index import Index

    path = path_of(name)
    if create:
        if not path.is_file():
            _require_free(os.fspath(name))
        make(path)
    elif not path.is_file():
        raise _unknown(str(name))
    return Index(path)


def names() -> list[str]:
    """The names of the indexes there are, in order."""
    folder = config.home() / FOLDER
    return sorted(path.stem for path in folder.glob("*.db") if not path.name.startswith(".")) if folder.is_dir() else []


def remove(name: str | os.PathLike[str]) -> None:
    """Delete an index with all that is in it. Raises UnknownIndex."""
    path = path_of(name)
    if not path.is_file():
        raise _unknown(str(name))
    for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        each.unlink(missing_ok=True)


def path_of(name: str | os.PathLike[str]) -> Path:
    """Where the index of this name is, or would be. Raises UsageError."""
    given = os.fspath(name)
    if os.sep in given or given.endswith(".db"):
        return Path(given).expanduser().absolute()
    if not _NAME.fullmatch(given):
        raise UsageError(
            f"{given!r} cannot be the name of an index.",
            then="Use letters, digits, dots and dashes. The name comes first, then the rest.",
        )
    return config.home() / FOLDER / f"{given}.db"


def _require_free(name: str) -> None:
    """Refuse a name that an index in a database is known by. Raises UsageError."""
    from curta.index.stores.places import remembered

    if where := remembered(name):
        raise UsageError(f"The name {name} is taken by an index in {where}.", then="Choose another.")


def _unknown(name: str) -> UnknownIndex:
    from curta.index.stores.places import names, remembered

    if where := remembered(name):
        return UnknownIndex(
            f"The index {name} is in {where}.",
            why="This can be done with an index in a file only.",
            then=f"Make it one: curta index export {name} -o FILE, then curta index import OTHER FILE",
        )
    have = names()
    return UnknownIndex(
        f"There is no index {name!r}.",
        why=f"There is: {', '.join(have)}." if have else "",
        then=f"Make it: curta index add {name} FOLDER",
    )


class _Room(ModuleType):
    """This package, that can also be called: `curta.index(name)` is `curta.index.open(name)`."""

    def __call__(self, name: str | os.PathLike[str], create: bool = False) -> "Index":
        return open(name, create)


sys.modules[__name__].__class__ = _Room
