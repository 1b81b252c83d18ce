"""Which embedding models there are, and how a name finds one.

A name is looked up in this order: the user's aliases; embedding models the user added (`embedders.json`); those whose
files are on this computer; the catalogue of providers; plugins; models added for chat, `URL#NAME`, and `PROVIDER/NAME`,
where their server speaks OpenAI's protocol; the plugins of the user's `llm` (`llm:NAME` asks for those alone); and,
when `OPENAI_BASE_URL` points somewhere, any name at all, for that server to judge.
"""

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from curta import config
from curta.engine.files import held
from curta.errors import ModelError, UnknownModel
from curta.models import registry
from curta.models.embedding import described
from curta.models.embedding.described import Described
from curta.models.embedding.embedder import Embedder, EmbedError, Item, Prefixes, Used, Vector
from curta.models.model import Facts

if TYPE_CHECKING:
    from curta.plugins import Provided

__all__ = [
    "EmbedError", "Embedder", "Item", "Listing", "Prefixes", "Used", "Vector", "default_embedder", "embedder",
    "embedders", "matching", "set_default_embedder",
]  # fmt: skip

SETTING = "default_embedder"
_WIRES = ("openai_chat", "openai_responses")


def embedder(name: str | None = None, key: str | None = None) -> Embedder:
    """The embedding model called `name`; without a name, the default one.

    key: the name of a saved key, or a key, to use instead of the model's own. Raises UnknownModel.
    """
    chosen = name or default_embedder()
    if chosen is None:
        raise UnknownModel(
            "You need to specify an embedding model: none is set as the default.",
            then="Name one with -m, or set it: curta embed-models default NAME. `curta embed-models` lists them.",
        )
    return _found(resolve(chosen), key)


def resolve(name: str) -> str:
    """The name of an embedding model, aliases followed."""
    own = config.read(registry.CONFIG_FILE).get("aliases", {})
    if name not in own and name in described.own():
        return name
    return own.get(name) or described.aliases().get(name, name)


def _found(name: str, key: str | None) -> Embedder:
    if what := described.own().get(name):
        return _served(what, key)
    if (file := held.find(name)) and file.kind == "embedding":
        from curta.models.embedding.local import LocalEmbedder

        return LocalEmbedder(file)
    if what := described.catalogued().get(name):
        return _served(what, key)
    if found := _plugged(name):
        from curta.models.embedding.plugged import PluginEmbedder

        return PluginEmbedder(found, key)
    if not name.startswith(registry.OF_LLM) and (what := _behind_a_chat_model(name)):
        return _served(what, key)
    if bridged := _bridged(name, key):
        return bridged
    if os.environ.get("OPENAI_BASE_URL") and not name.startswith(registry.OF_LLM):
        return _served(_of_entry(name, registry.find(name)), key)
    raise _unknown(name)


def _served(what: Described, key: str | None) -> Embedder:
    from curta.models.embedding.served import ServedEmbedder

    return ServedEmbedder(what, key)


def _plugged(name: str) -> "Provided | None":
    from curta import plugins

    return plugins.find("embedders", name)


def _behind_a_chat_model(name: str) -> Described | None:
    """A model that was added for chat, or is named by its address or provider: its server may embed as well."""
    entry = registry.known(name)
    return _of_entry(name, entry) if entry and entry.wire in _WIRES else None


def _of_entry(name: str, entry: registry.Entry) -> Described:
    facts, prefixes = Facts(entry.facts.where), described.known_prefixes(entry.id)
    return Described(name, entry.url, entry.id, entry.key, facts, prefixes=prefixes, headers=entry.headers)


def _bridged(name: str, key: str | None) -> Embedder | None:
    from curta.models import bridge

    bare = name.removeprefix(registry.OF_LLM)
    try:
        found = bridge.embedder(bare, key)
    except ModelError as error:
        what = f"There is no embedding model called {name!r} but perhaps in a plugin of llm. {error.what}"
        raise UnknownModel(what, why=error.why, then=error.then) from error
    if found is None:
        return None
    from curta.models.embedding.plugged import BridgedEmbedder

    return BridgedEmbedder(found, described.known_prefixes(bare))


def _unknown(name: str) -> UnknownModel:
    from difflib import get_close_matches

    from curta.engine.files.offered import how_to_use

    known = [each for listing in embedders() for each in (listing.name, *listing.aliases)]
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    return UnknownModel(
        f"There is no embedding model called {name!r}.",
        why=f"Close to it: {', '.join(close)}." if close else "",
        then=how_to_use(name)
        or "`curta embed-models` lists them; `curta embed-models add NAME --url URL --model ID` adds one.",
    )


# The default


def default_embedder() -> str | None:
    """The embedding model that is used when none is named: `CURTA_EMBEDDER`, the configured one, that of an `llm`."""
    chosen = os.environ.get("CURTA_EMBEDDER") or config.read(registry.CONFIG_FILE).get(SETTING)
    if chosen:
        return str(chosen)
    from curta.llm_home import settings

    return settings.chosen_embedding_model()


def set_default_embedder(name: str | None) -> None:
    """Make `name` the default; None has none. Raises UnknownModel."""
    if name is not None:
        name = embedder(name).name
    with config.changing(registry.CONFIG_FILE) as kept:
        kept.pop(SETTING, None)
        if name is not None:
            kept[SETTING] = name


# Listing


class Listing(NamedTuple):
    """An embedding model as listings show it. needs: the command that would make it ready; kind: what reaches it.

    images: whether it embeds pictures too, as far as that is known.
    """

    name: str
    aliases: tuple[str, ...]
    facts: Facts
    kind: str
    ready: bool
    needs: str = ""
    dimensions: int | None = None
    prefixes: Prefixes = Prefixes()
    images: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {**self._asdict(), "facts": self.facts.to_dict(), "prefixes": self.prefixes._asdict()}


def embedders() -> Iterator[Listing]:
    """Every embedding model that is known by name: the user's own, those on this computer, the catalogue's, those of
    plugins and of `llm`."""
    seen = set()
    for each in (*described.own().values(), *_on_this_computer(), *described.catalogued().values()):
        if each.name not in seen:
            seen.add(each.name)
            needs = "" if each.ready else f"curta keys set {each.key}"
            known = (each.dimensions, each.prefixes, each.images is not None)
            yield Listing(each.name, each.aliases, each.facts, "served", each.ready, needs, *known)
    yield from _of_plugins(seen)
    yield from _of_llm(seen)


def _on_this_computer() -> Iterator[Described]:
    from curta.models.embedding import local

    return (local.described(file) for file in held.held().values() if file.kind == "embedding")


def _of_plugins(seen: set[str]) -> Iterator[Listing]:
    from curta import plugins
    from curta.models import keys, plugged

    for name, found in plugins.provided("embedders").items():
        if name == found.name and name not in seen:
            seen.add(name)
            key = found.about.get("key")
            ready = not key or keys.find(key) is not None
            needs, aliases = "" if ready else f"curta keys set {key}", tuple(found.about.get("aliases", ()))
            yield Listing(name, aliases, plugged.facts(found), f"plugin {found.plugin.name}", ready, needs)


def _of_llm(seen: set[str]) -> Iterator[Listing]:
    from curta.models.bridge import manifest

    kept = manifest.listed()
    for each in kept.embedding_models if kept else ():
        if each["name"] not in seen:
            facts = Facts(f"through llm plugin {each['plugin']}")
            kind, images = f"llm plugin {each['plugin']}", bool(each.get("binary"))
            yield Listing(each["name"], tuple(each["aliases"]), facts, kind, ready=True, images=images)


def matching(queries: Sequence[str]) -> list[Listing]:
    """The embedding models in whose name or aliases each of `queries` is found."""
    wanted = [query.lower() for query in queries]
    return [
        each
        for each in embedders()
        if all(any(query in name.lower() for name in (each.name, *each.aliases)) for query in wanted)
    ]
