"""The nouns of collections."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from curta.errors import UsageError, WrongVectors

if TYPE_CHECKING:
    from curta.models.embedders import Embedder, Vector


class Item(NamedTuple):
    """What a collection holds a vector of. store: whether the content itself is kept beside it."""

    id: str
    content: str | bytes
    metadata: Mapping[str, Any] | None = None
    store: bool = False

    @property
    def data(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content.encode("utf-8", "surrogatepass")

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()


class Entry(NamedTuple):
    """What was found: how similar it is (the cosine), its text when that was kept, its metadata."""

    id: str
    score: float
    content: str | None
    metadata: dict[str, Any] | None


class Described(NamedTuple):
    """A collection as listings show it. model: None as long as it is empty. place: where it is kept."""

    name: str
    model: str | None
    size: int
    place: str


class Collection(Protocol):
    """Vectors under ids. model: of its vectors; None as long as it has none."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str | None: ...

    @property
    def writable(self) -> bool: ...

    def count(self) -> int: ...

    def unchanged(self, items: Sequence[Item]) -> set[str]:
        """The ids of those `items` whose content is what the collection has a vector of under this id."""

    def put(self, embedder: "Embedder", items: "Sequence[tuple[Item, Vector | None]]") -> None:
        """Write items with vectors of `embedder`, all or none; without a vector, all but the one that is there.

        Raises WrongVectors, UsageError.
        """

    def vector(self, id: str) -> "Vector | None":
        """The vector under this id."""

    def nearest(self, vector: "Vector", n: int, *, prefix: str = "", skip: str | None = None) -> list[Entry]:
        """The `n` entries with the largest cosine. prefix: of their ids. skip: an id that is left out."""

    def close(self) -> None: ...


def require_writable(collection: Collection) -> None:
    """Raise UsageError when a collection is only read."""
    if not collection.writable:
        raise UsageError(
            f"The collection {collection.name} is llm's, and what is llm's is only read.",
            then="Choose another name for yours.",
        )


def require_model(collection: Collection, model: str) -> None:
    """Raise WrongVectors, naming both, when the vectors of a collection are another model's."""
    if collection.model is not None and collection.model != model:
        raise WrongVectors(
            f"The collection {collection.name} was made with {collection.model}, not with {model}.",
            why="Vectors of two models cannot be compared.",
            then=f"Leave out -m to use {collection.model}, or begin another collection.",
        )
