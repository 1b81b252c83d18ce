"""The hooks: what a plugin may register, one function for each kind.

A plugin implements `register_KIND(register)`, marked with `@hookimpl`, and calls `register` once for each thing it
provides. The functions of this file are what `register` is: their parameters are the plugin's, their docstrings the
reference that docs/plugins.md follows. A new kind is a function here and a row in HOOKS.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from curta.plugins.plugin import Kind


class Registered(NamedTuple):
    """One thing that a plugin registered. describe: what the manifest keeps of it, as JSON; it may call the plugin."""

    name: str
    thing: Any
    describe: Callable[[], dict[str, Any]]


def models(name: str, make: Callable[..., Any], *, aliases: Iterable[str] = (), key: str | None = None) -> Registered:
    """A model for `-m NAME`.

    make: returns the model (`curta.models.model.Model`). Cheap: weights are loaded when an answer is asked for.
    key: the name of the key it needs; `make` is then given a function that returns it, to call when it is sent.
    """
    names = [_name(each, "the name of a model") for each in (name, *aliases)]

    def describe() -> dict[str, Any]:
        facts = (make(lambda: "") if key else make()).facts.to_dict()
        return {"aliases": names[1:], "key": key, "facts": facts}

    return Registered(names[0], (_callable(make, name), key), describe)


def embedders(
    name: str, make: Callable[..., Any], *, aliases: Iterable[str] = (), key: str | None = None
) -> Registered:
    """An embedding model for `curta embed -m NAME`, and for indexes.

    make: returns an object with `facts` (`curta.models.model.Facts`) and `embed(items, *, query)`, which gives a list
    of numbers for each item (a text or bytes), in order, or an `EmbedError` for one it cannot embed. Cheap: weights are
    loaded when something is embedded. key: as for models.
    """
    return models(name, make, aliases=aliases, key=key)


def sources(prefix: str, load: Callable[[str], Any], *, help: str = "") -> Registered:
    """A loader for `-f PREFIX:REST`. load: called with REST; returns a Document or several."""
    return Registered(_prefix(prefix), _callable(load, prefix), lambda: {"help": help or _first_line(load)})


def tools(tool: Any) -> Registered:
    """A tool for `-T NAME`, under its own name: a function, a `Toolbox` class, or a `Function` (of `curta.tools`)."""
    told = getattr(tool, "tool", None)
    name = str(getattr(told, "name", "") or getattr(tool, "__name__", ""))
    help = getattr(told, "description", "") or _first_line(tool)
    return Registered(_name(name, "the name of a tool"), _callable(tool, name), lambda: {"help": help})


def templates(prefix: str, load: Callable[[str], str], *, help: str = "") -> Registered:
    """A loader for `-t PREFIX:REST`. load: called with REST; returns the text of a template, as in a file."""
    return Registered(_prefix(prefix), _callable(load, prefix), lambda: {"help": help or _first_line(load)})


def commands(name: str, command: Any, *, help: str = "") -> Registered:
    """A command `curta NAME`. command: a click command, or `module:attribute`, where it is when it is run."""
    if not (isinstance(command, str) and ":" in command) and not hasattr(command, "make_context"):
        raise ValueError(f"the command {name!r} is neither a click command nor `module:attribute`")
    if not isinstance(name, str) or not COMMAND.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a command: lower-case letters, digits and dashes")
    shown = help or getattr(command, "short_help", None) or (getattr(command, "help", None) or "").split("\n")[0]
    return Registered(name, command, lambda: {"help": shown})


def keys(name: str, find: Callable[[str], str | None]) -> Registered:
    """A place where keys are kept, asked when none is saved and no variable is set.

    find: called with the name of a key (`openai`); returns the key, or None when it is not there.
    """
    return Registered(_name(name, "the name of a place of keys"), _callable(find, name), dict)


def scorers(name: str, rate: Callable[..., Any], *, version: int = 1, help: str = "") -> Registered:
    """A scorer for experiments: `{NAME: ...}` in the `score` of a spec.

    rate: called with a `Sample` (`curta.evals.scorers`) and its settings by name; returns a number in [0, 1], alone or
    with a mapping of what it rests on. version: raised when it scores differently, so that old scores are known.
    """
    about = {"version": int(version), "help": help or _first_line(rate)}
    return Registered(_name(name, "the name of a scorer"), _callable(rate, name), lambda: about)


HOOKS: Mapping[Kind, Callable[..., Registered]] = {
    "models": models,
    "embedders": embedders,
    "sources": sources,
    "tools": tools,
    "templates": templates,
    "commands": commands,
    "keys": keys,
    "scorers": scorers,
}
"""Kind -> what `register` does in its hook."""

COMMAND = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
PREFIX = re.compile(r"[a-z][a-z0-9+.-]+")  # two letters at least: `c:` is a drive


def _name(name: Any, what: str) -> str:
    if not isinstance(name, str) or not name.isprintable() or " " in name or not name or name.startswith("-"):
        raise ValueError(f"{name!r} cannot be {what}")
    return name


def _prefix(prefix: Any) -> str:
    if not isinstance(prefix, str) or not PREFIX.fullmatch(prefix):
        raise ValueError(f"{prefix!r} cannot be a prefix: two or more lower-case letters, without a colon")
    return prefix


def _callable(thing: Any, name: str) -> Any:
    if not callable(thing) and not hasattr(thing, "tool"):
        raise ValueError(f"what was registered as {name!r} cannot be called")
    return thing


def _first_line(thing: Any) -> str:
    return (getattr(thing, "__doc__", None) or "").strip().split("\n")[0]
