"""The cache of who provides what, so that nothing is imported to find a name.

It is a file in Curta's home for each environment Curta runs in, valid while the folders that hold plugins are as they
were: installing, upgrading or removing any distribution changes the time of its site folder. What one plugin provides
is asked again only when that plugin has changed, or had failed.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from curta import __version__, config
from curta.errors import ConfigError
from curta.plugins import discovery
from curta.plugins.plugin import TOO_SLOW, Plugin


def plugins(*, all: bool = False, again: bool = False) -> list[Plugin]:
    """Every installed plugin.

    all: also those that `CURTA_LOAD_PLUGINS` (names with commas between) leaves out.
    again: ask those once more that did not work; what they lacked may be there now.
    """
    wanted = os.environ.get("CURTA_LOAD_PLUGINS")
    if all or wanted is None:
        return _current(again)
    if not (names := {name.strip().lower() for name in wanted.split(",")} - {""}):
        return []
    return [plugin for plugin in _current(again) if plugin.name.lower() in names]


def path() -> Path:
    """The manifest of the environment Curta runs in."""
    return config.home() / "cache" / f"plugins-{crc32(_environment().encode()):08x}.json"


def _current(again: bool) -> list[Plugin]:
    kept, found = _read()
    state = _state()
    if kept == state and all(map(_is_as_it_was, found)) and not (again and any(plugin.error for plugin in found)):
        return found
    return _made_anew(state, [each for each in found if _is_known(each, again)])


def _state() -> list[Any]:
    """What the manifest depends on: this Curta, this Python, and the folders that hold plugins."""
    return [__version__, _environment(), {each: discovery.changed(each) for each in discovery.folders()}]


def _environment() -> str:
    return f"{sys.prefix} {sys.version_info.major}.{sys.version_info.minor} {os.environ.get('PYTHONPATH', '')}"


def _is_known(plugin: Plugin, again: bool) -> bool:
    """Whether what a plugin said last still holds. One that failed may find now what it lacked."""
    return _is_as_it_was(plugin) and (not plugin.error or (plugin.error.startswith(TOO_SLOW) and not again))


def _made_anew(state: list[Any], known: Sequence[Plugin]) -> list[Plugin]:
    old = {_identity(plugin): plugin for plugin in known}
    declared = list(discovery.declared())
    if fresh := [plugin for plugin in declared if _identity(plugin) not in old]:
        from curta.plugins.probing import probed

        old |= {_identity(plugin): plugin for plugin in probed(fresh)}
    found = [old[_identity(plugin)] for plugin in declared]
    _write(state, found)
    return found


def _identity(plugin: Plugin) -> tuple[str, str, str, int]:
    return plugin.name, plugin.entry, plugin.folder, plugin.stamp


def _is_as_it_was(plugin: Plugin) -> bool:
    return all(discovery.changed(path) == stamp for path, stamp in plugin.files.items())


def _read() -> tuple[Any, list[Plugin]]:
    """The kept manifest: the state it is of, and the plugins. When none can be read, of no state: it is made anew."""
    try:
        value = json.loads(path().read_text(encoding="utf-8"))
        return value["state"], [Plugin(*each) for each in value["plugins"]]
    except (OSError, ValueError, TypeError, KeyError):
        return None, []


def _write(state: list[Any], found: Sequence[Plugin]) -> None:
    """Keep the manifest. Where that is impossible, the next command makes it again."""
    try:
        config.ensure_folder(path().parent)
        with config.replacing(path(), 0o600) as file:
            json.dump({"state": state, "plugins": found}, file)
    except ConfigError:
        return
