"""Items into a collection, and what in it is similar to something."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curta.collections.collection import Collection, Entry, Item, require_model, require_writable
from curta.collections.rows import Misread, Read
from curta.errors import SourceNotFound, UnknownIndex, UsageError, WrongVectors
from curta.index.embedding import Run, embedded
from curta.models import embedders
from curta.models.embedders import Embedder, EmbedError, Vector

if TYPE_CHECKING:
    from curta.store import Log

BATCH = 100
"""Items that are embedded and written together, each batch in one transaction."""


@dataclass(frozen=True)
class Progress:
    """Where a run is. new: embedded in this run (or found in the cache). unchanged: there already, with this content.

    failed: what the last batch had no vectors of, with the reasons. cut: ids of which only the beginning was embedded.
    failures: how many in all.
    """

    done: int = 0
    new: int = 0
    unchanged: int = 0
    failures: int = 0
    failed: tuple[Misread, ...] = field(default=())
    cut: tuple[str, ...] = field(default=())


def opened(name: str, *, database: Path | None = None, model: str | None = None, key: str | None = None) -> Collection:
    """The collection `name`, made when there is none and there is a model for it. Raises as `embedder_of`."""
    from curta import collections

    try:
        return collections.open(name, database=database)
    except UnknownIndex:
        embedders.embedder(model, key)  # a misspelt model leaves no empty collection behind
        return collections.open(name, database=database, create=True)


def embedder_of(collection: Collection, model: str | None = None, key: str | None = None) -> Embedder:
    """The embedder of a collection: the one its vectors are of; for an empty one `model`, or the default.

    Raises UnknownModel, WrongVectors.
    """
    chosen = embedders.embedder(model or collection.model, key)
    require_model(collection, chosen.name)
    return chosen


def embed_many(
    collection: Collection,
    items: Iterable[Read],
    embedder: Embedder,
    *,
    prefix: str = "",
    prepend: str = "",
    store: bool = False,
    batch: int = BATCH,
    log: "Log | None" = None,
) -> Iterator[Progress]:
    """Embed what is new or has changed among `items`, and write it; where the run is, after each batch.

    prefix: put before the ids. prepend: put before the texts. store: keep the contents beside the vectors. log: where
    the run is logged. What was written stays when the run is stopped, and is not embedded again.
    Raises WrongVectors for another model than the collection's, and a ModelError when nothing can be embedded.
    """
    if batch < 1:
        raise UsageError("A batch has at least one item.")
    require_writable(collection)
    require_model(collection, embedder.name)
    remaining, progress = iter(items), Progress()
    with Run(embedder, log=log, about=f"Embed items for the collection {collection.name}") as run:
        while rows := list(islice(remaining, batch)):
            some = {each.id: each for each in _ready(rows, prefix, prepend, store)}
            misread = [each for each in rows if isinstance(each, Misread)]
            progress = _embed_some(collection, list(some.values()), misread, run, progress)
            yield progress


def _ready(rows: Iterable[Read], prefix: str, prepend: str, store: bool) -> Iterator[Item]:
    for each in rows:
        if isinstance(each, Item):
            content = prepend + each.content if isinstance(each.content, str) else each.content
            yield each._replace(id=prefix + each.id, content=content, store=store or each.store)


def _embed_some(
    collection: Collection, items: Sequence[Item], misread: Sequence[Misread], run: Run, progress: Progress
) -> Progress:
    """Embed and write one batch, in which no id comes twice."""
    known = collection.unchanged(items)
    new = [item for item in items if item.id not in known]
    found = [(item, _usable(each)) for item, each in zip(new, run.embed([item.content for item in new]), strict=True)]
    made = [(item, vector) for item, vector in found if isinstance(vector, Vector)]
    told = [(item, None) for item in items if item.id in known and (item.store or item.metadata)]
    if made or told:
        collection.put(run.embedder, [*made, *told])
    failed = (*misread, *(Misread(item.id, str(error)) for item, error in found if isinstance(error, EmbedError)))
    return Progress(
        progress.done + len(items) + len(misread),
        progress.new + len(made),
        progress.unchanged + len(known),
        progress.failures + len(failed),
        failed,
        tuple(item.id for item, vector in made if vector.cut is not None),
    )


def _usable(found: Vector | EmbedError) -> Vector | EmbedError:
    if isinstance(found, Vector) and found.unit() is None:
        return EmbedError("Its vector has no direction.", "It is all zeros.")
    return found


def similar(
    collection: Collection,
    content: str | bytes | None = None,
    *,
    id: str | None = None,
    n: int = 10,
    prefix: str = "",
    key: str | None = None,
    log: "Log | None" = None,
) -> list[Entry]:
    """The entries that are most similar to `content`, or to the entry `id`, best first.

    prefix: only ids that begin so. Raises SourceNotFound for an id that is not there, a ModelError, UsageError.
    """
    if n < 1:
        raise UsageError(f"There is no list of {n} entries.", then="-n takes a number from 1 on.")
    if id is not None:
        vector = collection.vector(id)
        if vector is None:
            raise SourceNotFound(f"ID not found in collection: {id}.")
        return collection.nearest(vector, n, prefix=prefix, skip=id)
    if not content:
        raise UsageError("There is nothing to compare with.", then="Give text with -c, a file with -i, or an id.")
    if collection.model is None:
        return []
    found = one(embedder_of(collection, key=key), content, query=True, log=log)
    return collection.nearest(found, n, prefix=prefix)


def one(embedder: Embedder, content: str | bytes, *, query: bool = False, log: "Log | None" = None) -> Vector:
    """The vector of one item. Raises WrongVectors when it has none, a ModelError."""
    (found,) = embedded(embedder, [content], query=query, log=log)
    if isinstance(found, EmbedError):
        raise WrongVectors(found.what, why=found.why)
    return found


def embed_one(
    collection: Collection,
    id: str,
    content: str | bytes,
    embedder: Embedder,
    *,
    metadata: Mapping[str, Any] | None = None,
    store: bool = False,
    log: "Log | None" = None,
) -> None:
    """Embed one item, unless it is there with this content, and write it. Raises as `one` and `embed_many`."""
    require_writable(collection)
    require_model(collection, embedder.name)
    item = Item(id, content, metadata, store)
    vector = None if collection.unchanged([item]) else one(embedder, content, log=log)
    collection.put(embedder, [(item, vector)])
