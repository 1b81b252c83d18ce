"""What is in an index, in numbers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from curta.errors import CurtaError

if TYPE_CHECKING:
    from curta.index.index import Index
    from curta.index.stores.store import Store


class Info(NamedTuple):
    """An index. path: its file, or the address of its database. bytes: of it. languages: how many documents of each.

    vectors: of each model. weight: of vectors against words, when it was tuned.
    """

    name: str
    path: str
    documents: int
    chunks: int
    characters: int
    bytes: int
    languages: dict[str, int]
    vectors: dict[str, int]
    sources: list[str]
    weight: float | None


def info(index: "Index") -> Info:
    """What is in `index`."""
    with index.reading() as db:
        documents, characters = db.execute("SELECT count(*), coalesce(sum(length), 0) FROM document").fetchone()
        (chunks,) = db.execute("SELECT count(*) FROM chunk").fetchone()
        languages = db.execute(
            "SELECT coalesce(language, ''), count(*) FROM document GROUP BY language ORDER BY count(*) DESC, language"
        ).fetchall()
    vectors = {each.model: each.size for each in index.models()}
    size = sum(path.stat().st_size for path in index.path.parent.glob(f"{index.path.name}*"))
    counts = (documents, chunks, characters, size)
    return Info(index.name, str(index.path), *counts, dict(languages), vectors, index.sources(), weight_of(index))


def weight_of(index: "Store") -> float | None:
    """The weight of vectors that `tune` chose, if it did."""
    weight = index.settings().get("weight")
    return None if weight is None else float(weight)


def every() -> Iterator[Info]:
    """All indexes of this user, in the order of their names. One that cannot be read is told of, and left out."""
    from curta import errors
    from curta.index.stores import places

    for name in places.names():
        try:
            with places.open(name) as opened:
                yield opened.info()
        except CurtaError as error:
            errors.tell(str(error))
