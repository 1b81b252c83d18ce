"""Embedders of plugins: of Curta's own, and of the user's `llm`.

Neither says which item it could not embed, so a batch that fails is asked again item by item.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from curta.errors import BadKey, MissingKey, ModelError, PluginError, RateLimited, Unreachable
from curta.models import keys
from curta.models.bridge.embedding import Embedder as BridgeEmbedder
from curta.models.embedding.asking import HOPELESS, batches, require_length
from curta.models.embedding.embedder import EmbedError, Item, Prefixes, Used, Vector
from curta.models.model import Facts
from curta.plugins import Provided

if TYPE_CHECKING:
    from curta.http import OnRetry

BATCH = 32


class _Plugged:
    """What is the same for both kinds. A subclass says how a batch is embedded."""

    def __init__(self, name: str, identity: str, facts: Facts, prefixes: Prefixes = Prefixes()) -> None:  # noqa: B008
        self.name, self.identity, self.facts, self.prefixes = name, identity, facts, prefixes
        self.used = Used()
        self.dim: int | None = None
        self.on_retry: OnRetry | None = None

    def embed(self, items: Sequence[Item], *, query: bool = False) -> Iterator[Vector | EmbedError]:
        """As `Embedder.embed`."""
        refused = 0
        for batch in batches(items, BATCH):
            for found in self._careful([self._prefixed(item, query) for item in batch], query):
                refused = refused + 1 if isinstance(found, ModelError) else 0
                if isinstance(found, ModelError):
                    if self.dim is None and refused >= HOPELESS:
                        raise found
                    yield EmbedError(found.what, found.why)
                else:
                    yield self._measured(found)

    def _prefixed(self, item: Item, query: bool) -> Item:
        return self.prefixes.put(item, query=query) if isinstance(item, str) else item

    def _careful(self, batch: Sequence[Item], query: bool) -> Iterator["Vector | EmbedError | ModelError"]:
        """The results of a batch; where it fails, of each of its items alone."""
        try:
            yield from self._vectors(batch, query)
            return
        except _FOR_ALL:
            raise
        except (ModelError, PluginError) as error:
            if len(batch) == 1:
                yield _as_model_error(error)
                return
        for item in batch:
            yield from self._careful([item], query)

    def _vectors(self, batch: Sequence[Item], query: bool) -> list[Vector | EmbedError]:
        """The results of a whole batch. Raises a ModelError or PluginError."""
        raise NotImplementedError

    def _measured(self, found: Vector | EmbedError) -> Vector | EmbedError:
        if isinstance(found, Vector):
            self.dim = self.dim or len(found)
            require_length(self.name, found, self.dim)
        return found


_FOR_ALL = (BadKey, MissingKey, RateLimited, Unreachable)
"""What no single item is to blame for."""


class PluginEmbedder(_Plugged):
    """An embedder of a plugin of Curta's."""

    def __init__(self, found: Provided, key: str | None = None) -> None:
        make, wanted = found.load()
        with found.plugin.blamed():
            self._embedder: Any = make(lambda: keys.require(wanted, key)) if wanted else make()
            facts = self._embedder.facts
        self._plugin = found.plugin
        super().__init__(found.name, f"plugin {found.plugin.name}: {found.name}", facts)

    def _vectors(self, batch: Sequence[Item], query: bool) -> list[Vector | EmbedError]:
        with self._plugin.blamed():
            found = [_vector(each) for each in self._embedder.embed(batch, query=query)]
        self.used.add(None)
        if len(found) != len(batch):
            raise PluginError(f"The plugin {self._plugin.label} made {len(found)} vectors of {len(batch)} items.")
        return found


class BridgedEmbedder(_Plugged):
    """An embedding model of a plugin of the user's `llm`."""

    def __init__(self, embedder: BridgeEmbedder, prefixes: Prefixes) -> None:
        self._embedder = embedder
        super().__init__(embedder.name, f"llm {embedder.name}", Facts(embedder.where), prefixes)

    def _vectors(self, batch: Sequence[Item], query: bool) -> list[Vector | EmbedError]:
        found: list[Vector | EmbedError] = [_vector(each) for each in self._embedder.embed(batch)]
        self.used.add(None)
        return found


def _vector(found: Any) -> Vector | EmbedError:
    """What a plugin gave for an item, as ours. Raises TypeError for what is no list of numbers."""
    if isinstance(found, EmbedError | Vector):
        return found
    values: Iterable[float] = found.tolist() if hasattr(found, "tolist") else found
    return Vector(values)


def _as_model_error(error: ModelError | PluginError) -> ModelError:
    return error if isinstance(error, ModelError) else ModelError(error.what, why=error.why, then=error.then)
