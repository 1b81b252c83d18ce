"""Collections: vectors under ids of their own, one text (or file) each, to find what is similar.

A collection is an index whose documents are one passage each (`indexed.py`), in `indexes/NAME.db` of Curta's home; or,
in a database that is named, rows in the form `llm` gives them (`database.py`), which `llm` reads and writes as well.
Collections in the `embeddings.db` of an `llm` on this computer are found by name after Curta's own, and only read.

Rules:
1. An item is known by its id; it is embedded again when the hash of its content is another, and only then.
2. A collection has vectors of one model. Another one is refused, naming both.
3. Items are written in batches, each in one transaction: a run that was stopped goes on where it was.

collection.py  the nouns          rows.py     items from CSV, TSV, JSON, JSON lines, SQL, files
indexed.py     in an index        database.py in a database of `llm`'s form
embedding.py   items into a collection, as a run that can be followed; what is similar

May import `index`, `models`, `llm_home`, `sources` and the ground.
"""

from pathlib import Path

from curta.collections.collection import Collection, Described, Entry, Item
from curta.errors import UnknownIndex, UsageError

__all__ = ["Collection", "Described", "Entry", "Item", "delete", "listed", "open", "place"]


def open(name: str, *, database: Path | None = None, create: bool = False) -> Collection:
    """The collection called `name`. database: a file in the form of `llm`'s; by default, Curta's own.

    create: make it when there is none. Raises UnknownIndex.
    """
    from curta.collections import database as of_llm
    from curta.collections import indexed

    if database is not None:
        return of_llm.open(name, database, create=create)
    if indexed.exists(name):
        return indexed.open(name)
    if (found := of_llm.of_user(name)) is not None:
        return found
    if create:
        return indexed.open(name, create=True)
    raise unknown(name)


def listed(database: Path | None = None) -> list[Described]:
    """The collections there are: Curta's own and those of `llm`; those of a file when it is named."""
    from curta.collections import database as of_llm
    from curta.collections import indexed

    if database is not None:
        return of_llm.listed(database)
    own = indexed.listed()
    names = {each.name for each in own}
    return [*own, *(each for each in of_llm.listed_of_user() if each.name not in names)]


def delete(name: str, database: Path | None = None) -> None:
    """Delete a collection with all that is in it. Raises UnknownIndex, and UsageError for one of `llm`'s own."""
    from curta.collections import database as of_llm
    from curta.collections import indexed

    if database is not None:
        of_llm.delete(name, database)
    elif indexed.exists(name):
        indexed.delete(name)
    elif of_llm.of_user(name) is not None:
        raise UsageError(f"The collection {name} is llm's, and what is llm's is only read.")
    else:
        raise unknown(name)


def place() -> Path:
    """The folder that Curta's own collections are in."""
    from curta.collections import indexed

    return indexed.folder()


def unknown(name: str, database: Path | None = None) -> UnknownIndex:
    have = [each.name for each in listed(database)]
    return UnknownIndex(
        f"Collection does not exist: {name}.",
        why=f"There is: {', '.join(have[:20])}." if have else "",
        then="`curta collections` lists them; `curta embed NAME ID` makes one.",
    )
