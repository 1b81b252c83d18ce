"""What is in an index, in numbers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import curta.index
from curta.errors import CurtaError

if TYPE_CHECKING:
    from curta.index.index import Index


class Info(NamedTuple):
    """An index. bytes: of its file. languages: how many documents of each. vectors: of each model. weight: of vectors
    against words, when it was tuned."""

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
        sources = [spec for (spec,) in db.execute("SELECT spec FROM source ORDER BY id")]
        weight = db.execute("SELECT v FROM meta WHERE k = 'weight'").fetchone()
    vectors = {each.model: each.size for each in index.models()}
    size = sum(path.stat().st_size for path in index.path.parent.glob(f"{index.path.name}*"))
    counts = (documents, chunks, characters, size)
    return Info(index.name, str(index.path), *counts, dict(languages), vectors, sources, weight[0] if weight else None)


def every() -> Iterator[Info]:
    """All indexes of this user, in the order of their names. One that cannot be read is told of, and left out."""
    from curta import errors

    for name in curta.index.names():
        try:
            with curta.index.open(name) as opened:
                yield info(opened)
        except CurtaError as error:
            errors.tell(str(error))
