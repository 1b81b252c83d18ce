"""Which index is where, by name: those in a database are on record in `stores.json`, without passwords."""

import os
from typing import TYPE_CHECKING

import curta.index
from curta import config
from curta.errors import UnknownIndex, UsageError
from curta.index.stores import address
from curta.index.stores.store import Store

if TYPE_CHECKING:
    from curta.index.stores.postgres import PostgresIndex

FILE = "stores.json"


def open(name: "str | os.PathLike[str]", store: str | None = None, *, create: bool = False) -> Store:
    """The index called `name`, wherever it is; or that in the file at this path.

    store: the address of the database it is in, `postgresql://USER@HOST/DATABASE`, which is remembered; without it,
    the one that is on record, else a file of this computer. create: make it when it is not there.
    Raises UnknownIndex, IndexFileError, MissingExtra, and UsageError for a name that is taken by another index.
    """
    name = os.fspath(name)
    known = remembered(name)
    if store is None and known is None:
        return curta.index.open(name, create)
    if store is not None and known is None and curta.index.path_of(name).is_file():
        raise UsageError(f"The name {name} is taken by an index in a file of this computer.", then="Choose another.")
    wanted = address.parse(store or known or "")
    if store is not None and known not in (None, wanted.shown):
        raise UsageError(
            f"The index {name} is on record as one in {known}.", then=f"Forget that: curta index rm {name}"
        )
    return _opened(name, wanted, create, remember=known is None)


def _opened(name: str, wanted: address.Address, create: bool, remember: bool) -> "PostgresIndex":
    from curta.index.stores.postgres import PostgresIndex

    opened = PostgresIndex(name, wanted, create)
    if remember:
        with config.changing(FILE) as kept:
            kept[name] = wanted.shown
    return opened


def names() -> list[str]:
    """The names of all indexes there are, those in databases as far as they are on record."""
    return sorted({*curta.index.names(), *places()})


def remembered(name: str) -> str | None:
    """The address of the database that an index of this name is in."""
    return places().get(name)


def places() -> dict[str, str]:
    """The indexes in databases, and where they are."""
    return {name: where for name, where in config.read(FILE).items() if isinstance(where, str)}


def remove(name: str, store: str | None = None) -> None:
    """Delete an index with all that is in it, wherever it is. Raises UnknownIndex."""
    if store is None and remembered(name) is None:
        curta.index.remove(name)
        return
    with open(name, store) as opened:
        opened.remove()  # type: ignore[attr-defined]
    with config.changing(FILE) as kept:
        kept.pop(name, None)


def forget(name: str) -> None:
    """Take an index in a database from the record, and leave it as it is. Raises UnknownIndex."""
    with config.changing(FILE) as kept:
        if kept.pop(name, None) is None:
            raise UnknownIndex(f"No index {name!r} in a database is on record.")
