"""Texts and pictures as vectors, and collections of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from curta.api.given import opened

if TYPE_CHECKING:
    from pathlib import Path

    from curta.collections import Collection, Entry
    from curta.collections.embedding import Progress
    from curta.models.embedders import EmbedError, Vector
    from curta.store import Log


@overload
def embed(  # type: ignore[overload-overlap]  # a text is a sequence of texts, but is meant as one
    what: str | bytes,
    *,
    model: str | None = None,
    query: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
) -> "Vector": ...


@overload
def embed(
    what: Sequence[str | bytes],
    *,
    model: str | None = None,
    query: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
) -> "list[Vector | EmbedError]": ...


def embed(
    what: str | bytes | Sequence[str | bytes],
    *,
    model: str | None = None,
    query: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
) -> "Vector | list[Vector | EmbedError]":
    """The vector of a text or of bytes; of several, a list with an EmbedError for each that has none.

    model: an embedding model, or the default one. query: it is what is searched for, where the model makes a
    difference. Raises UnknownModel, a ModelError when nothing can be embedded, WrongVectors for a single bad item.
    """
    from curta.collections.embedding import one
    from curta.index.embedding import embedded
    from curta.models.embedders import embedder

    voice = embedder(model, key)
    if isinstance(what, str | bytes):
        return one(voice, what, query=query, log=opened(log))
    return list(embedded(voice, list(what), query=query, log=opened(log)))


def collection(name: str, *, database: "Path | None" = None, create: bool = False) -> "Collection":
    """The collection of vectors called `name`. database: a file in the form of `llm`'s. Raises UnknownIndex."""
    from curta import collections

    return collections.open(name, database=database, create=create)


def keep(
    collection: "Collection",
    contents: Mapping[str, str | bytes],
    *,
    model: str | None = None,
    store: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
) -> "Progress":
    """Embed what is new or has changed among `contents` (by id), and keep it; what came of it.

    model: for a collection that is empty; otherwise its own. store: keep the contents too. Raises WrongVectors,
    ModelError.
    """
    from curta.collections import Item
    from curta.collections.embedding import Progress, embed_many, embedder_of

    voice, items = embedder_of(collection, model, key), [Item(id, each) for id, each in contents.items()]
    from dataclasses import replace

    failed: tuple[Any, ...] = ()
    last = Progress()
    for last in embed_many(collection, items, voice, store=store, log=opened(log)):
        failed += last.failed
    return replace(last, failed=failed)


def similar(
    collection: "Collection",
    content: str | bytes | None = None,
    *,
    id: str | None = None,
    n: int = 10,
    prefix: str = "",
    log: "Log | bool" = True,
    key: str | None = None,
) -> "list[Entry]":
    """The entries of a collection that are most similar to `content`, or to the entry `id`, best first."""
    from curta.collections import embedding

    return embedding.similar(collection, content, id=id, n=n, prefix=prefix, key=key, log=opened(log))
