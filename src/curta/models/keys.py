"""Keys for providers: a file only its owner can read (`keys.json`, mode 0600), else the environment.

Order: the name or value given with the call, then the file, then the keys an `llm` on this computer has saved, then
the environment variable, then the places of plugins.
A key is handed to the wire that sends it and to nobody else: it is never logged, shown or put into an error.
"""

import os
from collections.abc import Mapping

from curta import config
from curta.errors import MissingKey, UsageError

FILE = "keys.json"
SHORTEST_KEY = 16
ALSO = {"gemini": "GOOGLE_API_KEY"}
"""Name of a key -> a second variable in which its provider's own programs expect it."""


def saved() -> Mapping[str, str]:
    """The keys in the file, by name."""
    return {name: value for name, value in config.read(FILE).items() if isinstance(value, str)}


def save(name: str, value: str) -> None:
    """Keep `value` under `name`. Raises UsageError for what cannot be a key."""
    value = value.strip().strip("'\"")
    if not name.strip() or not value or not value.isprintable() or not value.isascii() or " " in value:
        raise UsageError("A key is one word of plain characters.", then="Paste it without line breaks.")
    with config.changing(FILE) as keys:
        keys[name] = value


def remove(name: str) -> None:
    with config.changing(FILE) as keys:
        if keys.pop(name, None) is None:
            raise MissingKey(f"There is no saved key named {name!r}.", then="curta keys lists the names.")


def environment_variable(name: str) -> str:
    """The variable in which a key named `name` is expected: `openai` -> `OPENAI_API_KEY`."""
    return "".join(c if c.isalnum() else "_" for c in name.upper()) + "_API_KEY"


def find(name: str, given: str | None = None) -> str | None:
    """The key to use for `name`, or None.

    given: what the user passed with the call: the name of a saved key, or a key itself.
    Raises MissingKey when it is neither.
    """
    keys = saved()
    if given is not None:
        return _named_or_literal(given, {**saved_by_llm(), **keys})
    variables = filter(None, (environment_variable(name), ALSO.get(name)))
    return keys.get(name) or _key_of_llm(name) or next(filter(None, map(os.environ.get, variables)), None)


def of_llm() -> list[str]:
    """The names of the keys that an `llm` on this computer has saved and Curta has not."""
    return sorted(saved_by_llm().keys() - saved().keys())


def saved_by_llm() -> Mapping[str, str]:
    """The keys that an `llm` on this computer has saved, by the names it has for them."""
    from curta.llm_home import settings

    return settings.keys()


def _key_of_llm(name: str) -> str | None:
    from curta.llm_home import settings

    return settings.key(name)


def _named_or_literal(given: str, keys: Mapping[str, str]) -> str:
    """A word shorter than any provider's keys is a name, and a misspelt one would only be refused by the provider."""
    if given not in keys and len(given) < SHORTEST_KEY:
        raise MissingKey(f"There is no saved key named {given!r}.", then="curta keys lists the names.")
    return keys.get(given, given)


def require(name: str, given: str | None = None) -> str:
    """The key to use for `name`. Raises MissingKey, saying how to set it."""
    key = find(name, given) or _found_by_plugins(name)
    if key is None:
        raise MissingKey(
            f"No key for {name}.",
            then=f"Set one with `curta keys set {name}`, or in {environment_variable(name)}.",
        )
    return key


def _found_by_plugins(name: str) -> str | None:
    """The key, from the first place of a plugin that has it. Asked only when an answer is: a place may ask back."""
    from curta import plugins

    for place in plugins.provided("keys").values():
        look = place.load()
        with place.plugin.blamed():
            if key := look(name):
                return str(key)
    return None
