"""Models that plugins provide: found in the manifest, imported when asked, and named when they fail."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from curta import plugins
from curta.errors import PluginError
from curta.events import Event
from curta.messages import Request
from curta.models import keys
from curta.models.model import Decoder, Exchange, Facts, HTTPExchange, LocalExchange, Model, Option, Price
from curta.plugins import Plugin, Provided


class Plugged:
    """A plugin's model, under the name it was registered by.

    Whatever it raises that is no error of Curta's becomes a PluginError that names the plugin.
    """

    def __init__(self, name: str, model: Model, plugin: Plugin) -> None:
        self.name = name
        self._model = model
        self.plugin = plugin
        with plugin.blamed():
            self.facts: Facts = model.facts
            self.options: tuple[Option, ...] = tuple(model.options)

    def exchange(self, request: Request, *, stream: bool = True) -> Exchange:
        with self.plugin.blamed():
            exchange = self._model.exchange(request, stream=stream)
        if isinstance(exchange, LocalExchange):
            return LocalExchange(_blamed(exchange.events, self.plugin))
        if isinstance(exchange, HTTPExchange):
            return exchange._replace(decoder=_Decoder(exchange.decoder, self.plugin))
        raise PluginError(f"The plugin {self.plugin.label} failed: {self.name}.exchange() returned no exchange.")


class _Decoder:
    """A plugin's decoder."""

    def __init__(self, decoder: Decoder, plugin: Plugin) -> None:
        self._decoder = decoder
        self._plugin = plugin

    def feed(self, data: bytes) -> Iterator[Event]:
        with self._plugin.blamed():
            yield from self._decoder.feed(data)

    def close(self) -> Iterator[Event]:
        with self._plugin.blamed():
            yield from self._decoder.close()

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Any:
        with self._plugin.blamed():
            return self._decoder.failure(status, headers, body)


def find(name: str) -> Provided | None:
    """The plugin's model called `name`, not imported."""
    return plugins.find("models", name)


def make(found: Provided, key: str | None = None) -> Model:
    """The model. key: as for `registry.get`. Raises PluginError, also when it is no model."""
    make, wanted = found.load()
    with found.plugin.blamed():
        model = make(lambda: keys.require(wanted, key)) if wanted else make()
    return Plugged(found.name, model, found.plugin)


def facts(found: Provided) -> Facts:
    """What is known of the model without importing it."""
    known = dict(found.about.get("facts", {}))
    price = Price(**known["price"]) if known.get("price") else None
    modalities = tuple(known.get("modalities", ()))
    return Facts(**{"where": "unknown", **_of_now(known), "price": price, "modalities": modalities})


def _of_now(known: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in known.items() if name in Facts._fields}


def _blamed(events: Iterable[Event], plugin: Plugin) -> Iterator[Event]:
    with plugin.blamed():
        yield from events
