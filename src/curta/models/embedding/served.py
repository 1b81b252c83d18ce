"""An embedding model behind a URL."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING

from curta.models import keys
from curta.models.embedding import driving
from curta.models.embedding.asking import Asking
from curta.models.embedding.described import Described
from curta.models.embedding.embedder import EmbedError, Item, Prefixes, Used, Vector
from curta.models.model import Facts
from curta.models.wires.served import Endpoint

if TYPE_CHECKING:
    from curta.http import OnRetry


class ServedEmbedder:
    """An embedding model behind a URL. key: the name of a saved key, or a key, to use instead of the model's own.

    on_retry: told before each wait for another attempt.
    """

    def __init__(self, described: Described, key: str | None = None) -> None:
        self.described = described
        self.used = Used()
        self.dim: int | None = described.dimensions
        self.on_retry: OnRetry | None = None
        self._key = key

    @property
    def name(self) -> str:
        return self.described.name

    @property
    def identity(self) -> str:
        return self.described.identity

    @property
    def facts(self) -> Facts:
        return self.described.facts

    @property
    def prefixes(self) -> Prefixes:
        return self.described.prefixes

    def embed(self, items: Sequence[Item], *, query: bool = False) -> Iterator[Vector | EmbedError]:
        """As `Embedder.embed`. Raises MissingKey before anything is sent."""
        asking = self._asking()
        for found in driving.run(asking.steps(items, query=query), self.on_retry):
            self.dim = asking.dim
            yield found

    async def aembed(self, items: Sequence[Item], *, query: bool = False) -> AsyncIterator[Vector | EmbedError]:
        """`embed` for async code."""
        asking = self._asking()
        async for found in driving.arun(asking.steps(items, query=query), self.on_retry):
            self.dim = asking.dim
            yield found

    def _asking(self) -> Asking:
        described, wanted = self.described, self.described.key
        key = None if wanted is None and self._key is None else keys.require(wanted or "", self._key)
        endpoint = Endpoint(described.url, described.id, key.strip() if key else None, described.headers)
        return Asking(described, endpoint, self.used, self.dim)
