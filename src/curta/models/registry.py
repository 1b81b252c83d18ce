"""Which models there are, and how a name finds one.

A name is looked up in this order: the user's aliases; the built-in model; models the user added (`models.json`); model
files on this computer (`engine/`); the catalogue of providers (`catalogue.json`: facts and dated prices as data);
plugins; models of other servers on this computer (`ollama/NAME`); the models of `llm`'s own
`extra-openai-models.yaml`; `PROVIDER/anything`; a provider's naming pattern (`gpt-*`); the plugins of the user's `llm`
(`bridge/`; `llm:NAME` asks for those alone); and, when `OPENAI_BASE_URL` points somewhere, any name at all, for that
server to judge.
Nothing here is loaded before a name asks for it.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from curta import config
from curta.errors import ConfigError, ModelError, UnknownModel, UsageError
from curta.models import keys
from curta.models.model import Facts, Model, Price

if TYPE_CHECKING:
    from curta.engine.files.held import ModelFile
    from curta.plugins import Provided

BUILT_IN = "extractive"
DEFAULT_WIRE = "openai_chat"
MODELS_FILE, CONFIG_FILE, PRICES_FILE = "models.json", "config.json", "prices.json"
OF_LLM = "llm:"


class Entry(NamedTuple):
    """A model that is reached over HTTP: what is needed to build it.

    id: the name the provider knows it by.
    key: the name of its key; None when the server wants none.
    headers: what else to send with each request. streams: whether its answers may arrive piece by piece.
    """

    name: str
    wire: str
    url: str
    id: str
    key: str | None
    facts: Facts
    aliases: tuple[str, ...] = ()
    headers: Mapping[str, str] = MappingProxyType({})
    streams: bool = True

    @property
    def ready(self) -> bool:
        return self.key is None or keys.find(self.key) is not None


def get(name: str | None = None, *, key: str | None = None) -> Model:
    """The model called `name`; without a name, the default one.

    key: the name of a saved key, or a key, to use instead of the model's own.
    Raises UnknownModel, with names that are close.
    """
    name = resolve(name or default())
    if name == BUILT_IN:
        from curta.models.extractive import Extractive

        return Extractive()
    if file := held(name):
        from curta.models.local import Local

        return _at_own_price(Local(file))
    if found := _plugged(name):
        from curta.models import plugged

        return _at_own_price(plugged.make(found, key))
    if _is_of_a_server(name):
        from curta.models import servers

        return _at_own_price(servers.model(name, lambda: keys.find(name.partition("/")[0], key)))
    if bridged := _bridged(name, key):
        return _at_own_price(bridged)
    return _build(find(name), key)


def files() -> list[str]:
    """The names of the model files on this computer that can answer."""
    from curta.engine.files.held import held as all_held

    return [name for name in all_held() if held(name)]


def _at_own_price(model: Model) -> Model:
    """A plugin's model, which was just made, with the price the user gave for it, if any."""
    if (config.home() / PRICES_FILE).exists():
        from curta.models import price_table

        if price := price_table.in_effect(price_table.own(model.name).get(model.name, ())):
            object.__setattr__(model, "facts", model.facts._replace(price=price))
    return model


def require(name: str) -> None:
    """Raise UnknownModel when there is no model called `name`."""
    name = resolve(name)
    if name == BUILT_IN or held(name) or _plugged(name) or _is_of_a_server(name) or _bridged(name):
        return
    find(name)


def _is_of_a_server(name: str) -> bool:
    """Whether a server on this computer is meant (`ollama/NAME`), and no model that the user added is called so."""
    if not name.startswith(("ollama/", "lmstudio/", "llama-server/")) or name in _added():
        return False
    from curta.models import servers

    return servers.is_named(name)


def held(name: str) -> "ModelFile | None":
    """The model file on this computer that is called `name`, and hidden by no model the user added."""
    from curta.engine.files.held import find

    file = find(name)
    return file if file and file.kind == "chat" and name not in _added() else None


def not_found_elsewhere(names: Iterable[str]) -> list[str]:
    """Those of `names`, which plugins of the user's `llm` give to models, under which nothing else is found first."""
    from curta import plugins

    taken = {BUILT_IN, *_added(), *_catalogued(), *plugins.provided("models")}
    return [name for name in names if name not in taken and not _served(name)]


def _bridged(name: str, key: str | None = None) -> Model | None:
    """The model of a plugin of the user's `llm`, when nothing else of this name is known."""
    if not name.startswith(OF_LLM) and known(name):
        return None
    from curta.models import bridge

    try:
        return bridge.model(name, key, listed=_any_name_is_taken() and not name.startswith(OF_LLM))
    except ModelError as error:
        what = f"There is no model called {name!r} but perhaps in a plugin of llm. {error.what}"
        raise UnknownModel(what, why=error.why, then=error.then) from error


def _any_name_is_taken() -> bool:
    return any(what.get("takes_any_name") and os.environ.get(what["url_variable"]) for what in _providers().values())


def _plugged(name: str) -> "Provided | None":
    """The model of a plugin; it hides no model of the user's or the catalogue's, but a provider's naming pattern."""
    if name in _added() or name in _catalogued():
        return None
    from curta import plugins

    return plugins.find("models", name)


def resolve(name: str) -> str:
    """The name of a model, aliases followed; a model the user added is never hidden by an alias of the catalogue's."""
    own = config.read(CONFIG_FILE).get("aliases", {})
    if name not in own and (name == BUILT_IN or name in _added() or held(name) or _is_catalogued(name)):
        return name
    return _aliases_at_hand().get(name) or _aliases_of_extra_models().get(name, name)


def _is_catalogued(name: str) -> bool:
    return any(name in what["models"] for what in _providers().values())


def find(name: str) -> Entry:
    """What is known of the HTTP model called `name`. Raises UnknownModel."""
    return next(_with_own_prices((_found(name),)))


def _found(name: str) -> Entry:
    if entry := known(name):
        return entry
    for what in _providers().values():
        if what.get("takes_any_name") and os.environ.get(what["url_variable"]):
            return _of_provider(what, name, name)
    raise unknown(name)


def known(name: str) -> Entry | None:
    """What is known of a name without trying it on a server."""
    if name.startswith(("http://", "https://")):
        from curta.models import addresses

        return addresses.entry(name)
    if (entry := _added().get(name)) or (entry := _catalogued().get(name)) or (entry := of_llm().get(name)):
        return entry
    served = _served(name)
    return _of_provider(*served, name) if served else None


def _served(name: str) -> tuple[Mapping[str, Any], str] | None:
    """The provider whose prefix or naming pattern `name` has, and what the model is called there."""
    providers = _providers()
    if (prefix := name.partition("/")[0]) in providers and name != prefix:
        return providers[prefix], name.partition("/")[2]
    for what in providers.values():
        if any(fnmatchcase(name, pattern) for pattern in what["patterns"]):
            return what, name
    return None


def unknown(name: str) -> UnknownModel:
    from difflib import get_close_matches

    from curta import plugins
    from curta.engine.files.offered import how_to_use

    if missing := _not_spoken(name):
        what = f"{name} is described in llm's extra-openai-models.yaml for {missing}, which Curta does not speak."
        return UnknownModel(what, then="Where its server has chat completions too, `curta models add` describes it.")
    known = [*(entry.name for entry in entries()), BUILT_IN, *files(), *aliases(), *plugins.provided("models")]
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    from curta.models import servers

    if here := servers.holding(name):
        what = f"There is no model called {name!r}, but a server on this computer has one."
        return UnknownModel(what, then=f"Name the server too: -m {here[0]}")
    return UnknownModel(
        f"There is no model called {name!r}.",
        why=f"Close to it: {', '.join(close)}." if close else "",
        then=how_to_use(name)
        or plugins.missing()
        or "`curta models` lists them; `curta models add NAME --url URL --model ID` adds one.",
    )


def default() -> str:
    """The model that is used when none is named.

    `CURTA_MODEL`, the configured one, that of an `llm` on this computer where it can be asked, else the built-in one.
    """
    chosen = os.environ.get("CURTA_MODEL") or config.read(CONFIG_FILE).get("default_model")
    return chosen or _default_of_llm() or BUILT_IN


def _default_of_llm() -> str | None:
    from curta import llm_home

    if llm_home.folder() is None:
        return None
    from curta.llm_home import settings

    name = settings.default_model()
    if name is None:
        return None
    entry = known(resolve(name))
    if entry is None:
        return name if _may_be_bridged(name) else None
    return name if entry.ready else None


def _may_be_bridged(name: str) -> bool:
    try:
        return _bridged(resolve(name)) is not None
    except UnknownModel:
        return False


def set_default(name: str | None) -> None:
    """Make `name` the default; None goes back to the built-in one. Raises UnknownModel."""
    if name is not None:
        require(name)
    with config.changing(CONFIG_FILE) as settings:
        settings.pop("default_model", None)
        if name is not None:
            settings["default_model"] = name


def aliases() -> Mapping[str, str]:
    """Alias -> model. The user's own win over those set with `llm`, and these over the catalogue's."""
    return {**_aliases_of_extra_models(), **_aliases_at_hand()}


def _aliases_at_hand() -> dict[str, str]:
    from curta.llm_home import settings

    catalogued = {alias: name for what in _providers().values() for alias, name in what["aliases"].items()}
    return {**catalogued, **settings.aliases(), **config.read(CONFIG_FILE).get("aliases", {})}


def _aliases_of_extra_models() -> dict[str, str]:
    return {alias: entry.name for entry in of_llm().values() for alias in entry.aliases}


def add(
    name: str,
    *,
    url: str,
    model: str,
    key: str | None = None,
    wire: str = DEFAULT_WIRE,
    tools: bool | None = None,
    bytes: int | None = None,
) -> Entry:
    """Keep a model of the user's own. tools: whether it can call them; bytes: its size on disk; None: not known.

    Raises UsageError for what cannot be one.
    """
    if not name.strip() or name != name.strip() or name == BUILT_IN or not name.isprintable():
        raise UsageError(f"{name!r} cannot be the name of a model.", then="Choose another name.")
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{url!r} is not an http(s) URL.", then="For example: --url http://127.0.0.1:8080/v1")
    if wire not in _wires():
        raise UsageError(f"There is no wire called {wire!r}.", then=f"There are: {', '.join(_wires())}.")
    with config.changing(MODELS_FILE) as models:
        said = {each: value for each, value in (("tools", tools), ("bytes", bytes)) if value is not None}
        models[name] = {"wire": wire, "url": url.rstrip("/"), "model": model, "key": key, **said}
    return _added()[name]


def remove(name: str) -> None:
    """Forget a model the user added. Raises UnknownModel."""
    with config.changing(MODELS_FILE) as models:
        if models.pop(name, None) is None:
            raise UnknownModel(f"No added model is called {name!r}.", then="`curta models` lists them.")


def entries() -> Iterator[Entry]:
    """Every HTTP model that is known by name: the user's own first, then the catalogue's, then those of `llm`."""
    added, catalogued = _added(), _catalogued()
    known = (*added.values(), *(entry for name, entry in catalogued.items() if name not in added))
    others = (entry for name, entry in of_llm().items() if name not in added and name not in catalogued)
    yield from _with_own_prices((*known, *others))


def _with_own_prices(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The user's own prices win over the published ones."""
    if not (config.home() / PRICES_FILE).exists():
        return iter(entries)
    from curta.models import price_table

    own = price_table.own()
    current = {name: price for name, prices in own.items() if (price := price_table.in_effect(prices))}
    return (e._replace(facts=e.facts._replace(price=current.get(e.name, e.facts.price))) for e in entries)


def _build(entry: Entry, key: str | None) -> Model:
    from importlib import import_module

    from curta.models.wires.served import Endpoint

    def given_key() -> str | None:
        return None if entry.key is None and key is None else keys.require(entry.key or "", key)

    if entry.wire not in _wires():
        raise ConfigError(
            f"{entry.name} was added for the wire {entry.wire!r}, which is not there.",
            then=f"Add it again: `curta models rm {entry.name}`, then `curta models add`.",
        )
    module, name = _wires()[entry.wire]
    model: Model = getattr(import_module(module), name)(
        entry.name, entry.facts, Endpoint(entry.url, entry.id, None, entry.headers, entry.streams), given_key
    )
    return model


def _wires() -> Mapping[str, tuple[str, str]]:
    from curta.models.wires import WIRES

    return WIRES


@cache
def _providers() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8"))
    providers: dict[str, Any] = data["providers"]
    return providers


def _catalogued() -> dict[str, Entry]:
    return {name: _of_provider(what, name, name) for what in _providers().values() for name in what["models"]}


def _of_provider(what: Mapping[str, Any], id: str, name: str) -> Entry:
    url = os.environ.get(what["url_variable"]) or what["url"]
    known = {**_providers().get(what.get("models_of", ""), {}).get("models", {}), **what["models"]}
    facts = dict(known.get(id, {})) if url == what["url"] else {}
    if price := facts.get("price"):
        facts["price"] = _price_today(price, what.get("prices_from", ""))
    facts["modalities"] = tuple(facts.get("modalities", ()))
    return Entry(name, what["wire"], url.rstrip("/"), id, what["key"], Facts(where=where(url), **facts))


def _price_today(published: Any, source: str) -> Price | None:
    from curta.models import price_table

    return price_table.in_effect(price_table.read(published, source))


def _added() -> dict[str, Entry]:
    try:
        return {name: _described(name, what) for name, what in config.read(MODELS_FILE).items()}
    except (KeyError, TypeError, AttributeError) as error:
        path = config.home() / MODELS_FILE
        raise ConfigError(f"{path} does not describe models: {error!r}.", then="Mend it, or move it aside.") from error


def _described(name: str, what: Mapping[str, Any]) -> Entry:
    """An added model from what `models.json` says of it."""
    facts = Facts(
        where=where(what["url"]),
        modalities=tuple(what.get("modalities", ())),
        tools=what.get("tools"),
        bytes=what.get("bytes"),
    )
    sent = {"headers": what.get("headers", {}), "streams": what.get("streams", True)}
    return Entry(name, what["wire"], what["url"], what["model"], what.get("key"), facts, **sent)


def description(entry: Entry) -> dict[str, Any]:
    """What `models.json` would say of a model."""
    described: dict[str, Any] = {"wire": entry.wire, "url": entry.url, "model": entry.id, "key": entry.key}
    special = {"headers": dict(entry.headers), "modalities": list(entry.facts.modalities)}
    described |= {name: value for name, value in special.items() if value}
    facts = {"tools": entry.facts.tools, "bytes": entry.facts.bytes}
    described |= {name: value for name, value in facts.items() if value is not None}
    return described if entry.streams else {**described, "streams": False}


def of_llm() -> dict[str, Entry]:
    """The OpenAI-compatible models that an `llm` on this computer was told of, by name."""
    from curta import llm_home

    if not (llm_home.location() / llm_home.EXTRA_MODELS).is_file():
        return {}
    from curta.llm_home.extra_models import extra_models

    return {
        each.name: Entry(
            each.name, each.wire, each.url, each.model_name, each.key,
            Facts(where=where(each.url), modalities=each.modalities), each.aliases, each.headers, each.streams,
        )
        for each in extra_models()
        if not each.missing
    }  # fmt: skip


def _not_spoken(name: str) -> str:
    """What the extra model of `llm` called `name` needs that no wire here speaks; empty for any other name."""
    from curta.llm_home.extra_models import extra_models

    return next((each.missing for each in extra_models() if each.name == name), "")


def where(url: str) -> str:
    """Where words sent to `url` go: "this computer" or the host's name."""
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    name = host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    loopback = name in ("localhost", "::1") or (name.startswith("127.") and name.replace(".", "").isdigit())
    return "this computer" if loopback else name
