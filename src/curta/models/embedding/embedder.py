"""The nouns of embedding."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import hypot, isfinite
from sys import byteorder
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, cast

from curta.models.model import Facts

if TYPE_CHECKING:
    from curta.http import OnRetry

Item: TypeAlias = str | bytes


class Vector(array):  # type: ignore[type-arg]  # of floats, which a base class cannot say before Python 3.12
    """A vector of 32-bit floats, as the model gave it.

    cut: how many characters of the text it was made from, when the whole was too long for the model; else None.
    """

    cut: int | None = None

    def __new__(cls, values: Iterable[float] | bytes = ()) -> "Vector":
        return cast("Vector", super().__new__(cls, "f", values))

    @classmethod
    def unpacked(cls, data: bytes) -> "Vector":
        """From little-endian 32-bit floats; bytes at the end that are no whole number do not count."""
        vector = cls(data[: len(data) // 4 * 4])
        if byteorder == "big":
            vector.byteswap()
        return vector

    def packed(self) -> bytes:
        """As little-endian 32-bit floats."""
        if byteorder == "little":
            return self.tobytes()
        swapped = array("f", self)
        swapped.byteswap()
        return swapped.tobytes()

    def shortest(self) -> list[float]:
        """The numbers with as few digits as tell each from its neighbours."""
        return [_shortest(value) for value in self]

    def unit(self) -> "Vector | None":
        """Of length 1; None when it has no direction: all zeros, or no numbers at all."""
        length = hypot(*self)
        return Vector(value / length for value in self) if length and isfinite(length) else None


def _shortest(value: float) -> float:
    candidates = (float(f"{value:.{digits}g}") for digits in (6, 7, 8))
    return next((each for each in candidates if array("f", [each])[0] == value), float(f"{value:.9g}"))


class EmbedError(NamedTuple):
    """Why an item has no vector."""

    what: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.why}".strip()


class Prefixes(NamedTuple):
    """What a model wants before a text, for the two sides of a search."""

    query: str = ""
    document: str = ""

    def put(self, text: str, *, query: bool) -> str:
        """`text` with its prefix, unless it has it already."""
        prefix = self.query if query else self.document
        return text if not prefix or text.startswith(prefix) else prefix + text


@dataclass
class Used:
    """What an embedder has consumed so far. tokens: as its server counts; None when it did not say."""

    requests: int = 0
    tokens: int | None = None

    def add(self, tokens: int | None) -> None:
        self.requests += 1
        if tokens is not None:
            self.tokens = (self.tokens or 0) + tokens


class Embedder(Protocol):
    """Whatever turns texts into vectors.

    name: as `-m` takes it. identity: what its vectors depend on besides the text: vectors of one identity can be
    compared and kept, whatever name it goes by. dim: the length of its vectors; None until the first came. on_retry:
    told before each wait for another attempt.
    """

    on_retry: "OnRetry | None"

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str: ...

    @property
    def facts(self) -> Facts: ...

    @property
    def prefixes(self) -> Prefixes: ...

    @property
    def used(self) -> Used: ...

    @property
    def dim(self) -> int | None: ...

    def embed(self, items: Sequence[Item], *, query: bool = False) -> Iterator[Vector | EmbedError]:
        """A vector for each item, in order, as they come; an EmbedError for one that has none.

        query: the items are what is searched for, not what is searched. Raises a ModelError when none can be embedded.
        """
