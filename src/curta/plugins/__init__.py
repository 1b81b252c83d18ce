"""Plugins: what other packages add to Curta through hooks, and which of them provides what.

Rules:
1. A plugin is imported when one of its names is used, and no other plugin with it: the manifest says who provides what.
2. A plugin that fails is named, with its error; it never takes Curta or another plugin down with it.
3. A name that Curta has itself is never a plugin's: rooms ask here last.
4. What plugins print while they load goes to stderr.

May import `config`, `messages`, `events`, `errors`. pluggy and importlib.metadata are loaded only to load a plugin.

hooks.py        the hooks: what a plugin may register, one function each
plugin.py       the nouns: Plugin, Provided
discovery.py    which plugins are installed: entry points of the group `curta`, and files in the user's `plugins` folder
manifest.py     the cache of who provides what, and when it is stale
probing.py      asks each new plugin what it provides, in a process of its own; probe.py is that process
loading.py      imports a plugin here; blames it for its errors
environment.py  the user's own folder of installed plugins, which outlives an upgrade of Curta
installing.py   install, uninstall, install again
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from curta.plugins.plugin import Kind, Plugin, Provided

if TYPE_CHECKING:
    hookimpl: Callable[..., Any]

__all__ = ["Kind", "Plugin", "Provided", "find", "hookimpl", "installed", "missing", "provided"]


def installed(*, all: bool = False, again: bool = False) -> list[Plugin]:
    """Every plugin, with what it provides or why it does not work.

    all: also those that `CURTA_LOAD_PLUGINS` leaves out. again: ask those once more that did not work.
    """
    from curta.plugins import manifest

    return manifest.plugins(all=all, again=again)


def provided(kind: Kind) -> dict[str, Provided]:
    """What plugins provide of `kind`, by name and alias, without importing any. The first to claim a name has it."""
    names: dict[str, Provided] = {}
    for plugin in installed():
        for name, about in plugin.provides.get(kind, {}).items():
            for each in (name, *about.get("aliases", ())):
                names.setdefault(each, Provided(kind, name, plugin, about))
    return names


def find(kind: Kind, name: str) -> Provided | None:
    """Who provides the `kind` called `name`. Nothing is imported before its `load()`."""
    return provided(kind).get(name)


def missing() -> str:
    """What to do about plugins that were installed for another Python; empty when there are none."""
    from curta.plugins import requirements

    if not requirements.wanted():
        return ""
    from curta.plugins.installing import left_behind

    names = ", ".join(left_behind())
    return (
        f"Installed for another Python: {names}. `curta install --again` installs them for this one." if names else ""
    )


def __getattr__(name: str) -> Any:
    if name != "hookimpl":
        raise AttributeError(f"module 'curta.plugins' has no attribute {name!r}")
    from pluggy import HookimplMarker

    return HookimplMarker("curta")
