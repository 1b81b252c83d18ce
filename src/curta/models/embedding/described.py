"""What is known of an embedding model, and where it is kept.

`catalogue.json` describes those of providers, with dated prices; `embedders.json` in Curta's home those the user added.
`prefixes` of the catalogue say what families of open models want before a text, wherever they are served; each is from
the model's own card.
"""

import json
import os
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from curta import config
from curta.errors import ConfigError, UnknownModel, UsageError
from curta.models import keys
from curta.models.embedding.embedder import Prefixes
from curta.models.model import Facts
from curta.models.registry import where

if TYPE_CHECKING:
    from curta.models.embedding.pictures import Form

FILE = "embedders.json"
BATCH = 100
"""Texts in one request, unless the model's row says otherwise."""


class Described(NamedTuple):
    """An embedding model behind a URL: what is needed to ask it.

    id: the name its server knows it by. key: the name of its key, or None. dimensions: asked for, when not the model's
    own. batch: texts in one request at most. provider: whose it is, where that is known. images: how its server takes
    pictures; None when it takes texts alone.
    """

    name: str
    url: str
    id: str
    key: str | None
    facts: Facts
    aliases: tuple[str, ...] = ()
    dimensions: int | None = None
    prefixes: Prefixes = Prefixes()
    batch: int = BATCH
    headers: Mapping[str, str] = {}
    provider: str = ""
    images: "Form | None" = None

    @property
    def identity(self) -> str:
        """What its vectors depend on besides the text. A provider's model is the same behind a gateway's URL."""
        dimensions = f":{self.dimensions}" if self.dimensions else ""
        return f"{self.provider or self.url}#{self.id}{dimensions}"

    @property
    def ready(self) -> bool:
        return self.key is None or keys.find(self.key) is not None


def own() -> dict[str, Described]:
    """The embedding models the user added. Raises ConfigError."""
    try:
        return {name: _of_user(name, what) for name, what in config.read(FILE).items()}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        path = config.home() / FILE
        then = "Mend it, or move it aside."
        raise ConfigError(f"{path} does not describe embedding models: {error!r}.", then=then) from error


def catalogued() -> dict[str, Described]:
    """The embedding models of providers."""
    return {
        name: _of_provider(name, provider, what)._replace(provider=label)
        for label, provider in _catalogue()["providers"].items()
        for name, what in provider["models"].items()
    }


def aliases() -> dict[str, str]:
    """Short names of the catalogue -> the models."""
    return {alias: each.name for each in catalogued().values() for alias in each.aliases}


def add(
    name: str,
    *,
    url: str,
    model: str,
    key: str | None = None,
    dimensions: int | None = None,
    prefixes: Prefixes | None = None,
    batch: int | None = None,
    images: "Form | None" = None,
) -> Described:
    """Keep an embedding model of the user's own. prefixes: by default what is known of a model of this name.

    Raises UsageError for what cannot be one.
    """
    if not name.strip() or name != name.strip() or not name.isprintable() or name.startswith("-"):
        raise UsageError(f"{name!r} cannot be the name of a model.", then="Choose another name.")
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{url!r} is not an http(s) URL.", then="For example: --url http://127.0.0.1:8080/v1")
    if any(number is not None and number < 1 for number in (dimensions, batch)):
        raise UsageError("Dimensions and the size of a batch are at least 1.")
    described = {"url": url.rstrip("/"), "model": model, "key": key, "dimensions": dimensions, "batch": batch}
    described["images"] = images
    put = None if prefixes is None else {"prefix_query": prefixes.query, "prefix_document": prefixes.document}
    with config.changing(FILE) as kept:
        kept[name] = {each: value for each, value in {**described, **(put or {})}.items() if value is not None}
    return own()[name]


def remove(name: str) -> None:
    """Forget an embedding model the user added. Raises UnknownModel."""
    with config.changing(FILE) as kept:
        if kept.pop(name, None) is None:
            then = "`curta embed-models` lists them."
            raise UnknownModel(f"No added embedding model is called {name!r}.", then=then)


def known_prefixes(id: str) -> Prefixes:
    """What a model of this name wants before its texts, wherever it is served; nothing for one that is not known."""
    base = id.lower().rpartition("/")[2]
    for pattern, (query, document) in _catalogue()["prefixes"].items():
        if fnmatchcase(base, pattern):
            return Prefixes(query, document)
    return Prefixes()


def _of_user(name: str, what: Mapping[str, Any]) -> Described:
    url, id = str(what["url"]), str(what["model"])
    given = "prefix_query" in what or "prefix_document" in what
    put = Prefixes(str(what.get("prefix_query", "")), str(what.get("prefix_document", "")))
    dimensions, batch = what.get("dimensions"), int(what.get("batch") or BATCH)
    prefixes = put if given else known_prefixes(id)
    facts, images = Facts(where(url)), what.get("images")
    return Described(name, url, id, what.get("key"), facts, (), dimensions, prefixes, batch, images=images)


def _of_provider(name: str, provider: Mapping[str, Any], what: Mapping[str, Any]) -> Described:
    variable = os.environ.get(provider.get("url_variable", ""))
    url = variable or provider["url"]
    price = _price(provider, what) if url == provider["url"] else None
    facts = Facts(where(url), context=what.get("context"), price=price)
    id, short = what.get("id", name), tuple(what.get("aliases", ()))
    return Described(name, url.rstrip("/"), id, provider["key"], facts, short, what.get("dimensions"))


def _price(provider: Mapping[str, Any], what: Mapping[str, Any]) -> Any:
    from curta.models import price_table

    if "price" not in what:
        return None
    dated: Iterable[Any] = what["price"] if isinstance(what["price"], list) else [what["price"]]
    return price_table.in_effect(price_table.read([{"output": 0, **each} for each in dated], provider["prices_from"]))


@cache
def _catalogue() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8"))
    return data
