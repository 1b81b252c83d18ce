"""What an index can do wherever it is kept; and how it is searched, which is the same everywhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from curta.messages import JSON, Document

if TYPE_CHECKING:
    from curta.index.documents import Row, Written
    from curta.index.index import Stored
    from curta.index.info import Info
    from curta.index.kept import Kept
    from curta.index.search import Asked, Recipe, Results
    from curta.models.embedders import Embedder
    from curta.store import Log


class Store(Protocol):
    """An index: five calls, and what filling it from sources and taking it elsewhere needs beside them."""

    name: str

    # The five calls

    def upsert(
        self,
        document: Document,
        *,
        vectors: Mapping[str, Sequence[Sequence[float]]] | None = None,
        metadata: Mapping[str, JSON] | None = None,
        whole: bool = False,
        source: int | None = None,
    ) -> "Written":
        """Put `document` in the place of the one with its uri, if there is one; see `Index.add`."""

    def delete(self, uri: str) -> bool:
        """Remove the document with this uri; False when there is none."""

    def search(
        self,
        words: str,
        n: int = 10,
        *,
        filter: str | None = None,
        exact: bool = False,
        embed: "Embedder | None" = None,
        operators: bool = False,
        per_document: bool = False,
        recipe: "Recipe | None" = None,
        log: "Log | None" = None,
    ) -> "Results":
        """The `n` passages that answer `words` best: by words, and by vectors too when the index has some.

        filter: an SQL condition on the documents. exact: compare all vectors. embed: turns the question into a vector;
        by default the model that the index's vectors are of. operators: `"a phrase"`, `-word` and `title:word` mean
        something; without, every character is text. per_document: at most one passage of each document.
        recipe: how to rank, when not as this index was tuned. log: where it is logged that the question was embedded.
        Raises WrongVectors for another model's `embed`, UsageError for a bad filter or an empty question, ModelError.
        """
        from curta.index import search

        recipe = search.chosen(self, recipe, exact)
        asked = search.ask(self, words, operators=operators, embed=embed, lexical=recipe.lexical, log=log)
        return self.answer(asked, n, filter=filter, per_document=per_document, recipe=recipe)

    def answer(
        self, asked: "Asked", n: int, *, filter: str | None = None, per_document: bool = False, recipe: "Recipe"
    ) -> "Results":
        """`search` for a question that is embedded already."""

    def settings(self) -> dict[str, Any]:
        """What `tune` chose for it, by name: `weight`, and `columns` as JSON."""

    def choose(self, **settings: Any) -> None:
        """Keep settings; see `settings`."""

    def count(self) -> int:
        """How many documents there are."""

    def info(self) -> "Info":
        """What is in it, in numbers."""

    # Reading it

    def document(self, uri: str) -> Document | None:
        """The document with this uri, as it was given; None when there is none."""

    def documents(self) -> "list[Row]":
        """All documents without their texts, in the order of their uris."""

    def kept(self, model: str | None = None) -> "Iterator[Kept]":
        """All documents in full, with their passages and the vectors of `model`, all of one moment."""

    # Filling it

    def writing(self) -> AbstractContextManager[Any]:
        """One change: what is written in the block is there in whole, or not at all."""

    def add_source(self, spec: str) -> int:
        """The id of a source, which is put on record when it is new."""

    def sources(self) -> list[str]:
        """The sources on record."""

    def uris_of(self, source: int) -> list[str]:
        """The uris of the documents that came from a source."""

    def models(self) -> "list[Stored]":
        """The embedding models that there are vectors of, the one with the most first."""

    def pending(self, model: str) -> Iterator[tuple[int, str]]:
        """The passages without a vector of `model`, as (id, what to embed of it)."""

    def put_vectors(self, model: str, rows: Iterable[tuple[int, Sequence[float]]], identity: str = "") -> int:
        """Write vectors of `model` as (passage id, vector); see `Index.put_vectors`."""

    def close(self) -> None: ...

    def __enter__(self) -> "Store": ...

    def __exit__(self, *_: object) -> None: ...
