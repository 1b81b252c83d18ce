"""A model of a plugin of the user's `llm`, as any other model here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from curta.messages import Request
from curta.models import keys
from curta.models.bridge import history
from curta.models.bridge.answer import Events
from curta.models.model import Facts, LocalExchange, Option

TYPES: Mapping[str, type] = {"integer": int, "number": float, "boolean": bool, "array": list, "object": dict}


class PluginModel:
    """A model that a plugin provides. entry: what the manifest says of it. key: as it was given with the call.

    name: what it was asked for as, when that is not simply its own.
    """

    def __init__(self, python: str, entry: Mapping[str, Any], key: str | None = None, name: str = "") -> None:
        self.name = name or str(entry["name"])
        self.plugin: str = entry["plugin"]
        self.facts = facts(entry)
        self._python = python
        self._entry = entry
        self._key = key

    @property
    def options(self) -> tuple[Option, ...]:
        """As its plugin declares them; the plugin itself decides what it takes."""
        return tuple(
            Option(each["name"], TYPES.get(each["type"], str), each["help"], each["default"])
            for each in self._entry["options"]
        )

    def exchange(self, request: Request, *, stream: bool = True) -> LocalExchange:
        """Begin an answer. Raises UnsupportedRequest, and MissingKey for the name of a key that is not saved."""
        key = given_key(self._entry, self._key)
        return LocalExchange(Events(self._python, history.question(request, self._entry, stream=stream, key=key)))


def given_key(entry: Mapping[str, Any], given: str | None) -> str | None:
    """The key to pass to a plugin: the one given, or the one saved in Curta; without either it looks for its own."""
    if not entry["key"]:
        return None
    return keys.find(entry["key"], given) if given is not None else keys.saved().get(entry["key"])


def facts(entry: Mapping[str, Any]) -> Facts:
    """What is known of a plugin's model. Where its words go only the plugin knows."""
    return Facts(
        where=f"through llm plugin {entry['plugin']}",
        modalities=tuple(_modalities(entry["attachments"])),
        schema=entry["schema"],
        tools=entry["tools"],
    )


def _modalities(types: Sequence[str]) -> Iterator[str]:
    kinds = {each.partition("/")[0] for each in types}
    yield from (kind for kind in ("image", "audio", "video") if kind in kinds)
    if "application/pdf" in types:
        yield "pdf"
