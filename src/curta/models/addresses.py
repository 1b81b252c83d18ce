"""Models by the address of their server: `-m http://127.0.0.1:8080/v1#llama`, without adding them first.

What follows `#` is the name the server knows the model by. The server is one that speaks OpenAI's chat completions; its
calls are logged like any other's, under the whole address, so an address with a password in it is refused.
"""

from typing import Any

from curta.errors import SourceError, UnknownModel, UsageError
from curta.models.model import Facts
from curta.models.registry import DEFAULT_WIRE, Entry, where

PREFIXES = ("http://", "https://")
_LONGEST_LIST = 1 << 20


def entry(name: str) -> Entry:
    """The model at the address `name`. Raises UsageError for an address without a model."""
    url, _, id = name.partition("#")
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise UsageError(
            "The address of a model must not hold a password: it is shown and logged.",
            then="Keep the password as a key: curta keys set NAME, then --key NAME",
        )
    if not id:
        raise UsageError(f"{url} is a server, not a model.", then=f"Name the model: -m {url}#NAME, or --endpoint {url}")
    return Entry(name, DEFAULT_WIRE, url.rstrip("/"), id, None, Facts(where=where(url)))


def at_address(url: str, id: str | None = None) -> str:
    """The name of the model `id` at `url`; without `id`, of the only one that the server lists.

    Raises UnknownModel, with the names it lists, when it is not the only one.
    """
    if not url.startswith(PREFIXES):
        raise UsageError(f"{url!r} is not an http(s) address.", then="For example: --endpoint http://127.0.0.1:8080/v1")
    url, _, within = url.partition("#")
    listed = [id or within] if id or within else listed_at(url.rstrip("/"))
    if len(listed) != 1:
        raise UnknownModel(
            f"{url} has {len(listed) or 'no'} models.",
            why=f"They are: {', '.join(listed[:20])}." if listed else "",
            then=f"Name one: --endpoint {url} -m NAME",
        )
    name = f"{url.rstrip('/')}#{listed[0]}"
    entry(name)
    return name


def listed_at(url: str) -> list[str]:
    """The names of the models that the server at `url` lists. Raises UnknownModel when it says none."""
    import json

    from curta.http import fetch

    try:
        found: Any = json.loads(fetch(f"{url}/models", max_bytes=_LONGEST_LIST, timeout=10).body)
        return [str(each["id"]) for each in found["data"]]
    except (SourceError, ValueError, KeyError, TypeError) as error:
        why = error.what if isinstance(error, SourceError) else "It sent no such list."
        raise UnknownModel(
            f"{url} does not say which models it has.", why=why, then=f"Name one: --endpoint {url} -m NAME"
        ) from error
