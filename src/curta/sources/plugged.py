"""Sources that plugins load: `prefix:rest`."""

from collections.abc import Iterable
from typing import Any

from curta import plugins
from curta.errors import PluginError
from curta.messages import Document
from curta.plugins import Provided


def load(spec: str) -> list[Document] | None:
    """What the plugin loads whose prefix `spec` begins with; None when there is no such plugin. Raises PluginError."""
    if (found := prefixed(spec)) is None:
        return None
    loader = found.load()
    with found.plugin.blamed():
        loaded = loader(spec.partition(":")[2])
        documents = list(loaded) if isinstance(loaded, Iterable) else [loaded]
    return [_document(each, spec, found) for each in documents]


def prefixed(spec: str) -> Provided | None:
    """The source of a plugin whose prefix `spec` begins with."""
    prefix = spec.partition(":")[0]
    return plugins.find("sources", prefix.lower()) if is_prefix(prefix) else None


def is_prefix(text: str) -> bool:
    """Whether `text` could be the prefix of a plugin: most paths with a colon need no look at the plugins."""
    return len(text) > 1 and text.isascii() and text.replace("-", "").replace(".", "").replace("+", "").isalnum()


def _document(loaded: Any, spec: str, found: Provided) -> Document:
    if not isinstance(loaded, Document):
        raise PluginError(
            f"The plugin {found.plugin.label} failed: {spec} is {type(loaded).__name__}, not a Document.",
            why="A source keeps who said what and where: curta.Document(text, uri=..., title=...).",
        )
    return loaded
