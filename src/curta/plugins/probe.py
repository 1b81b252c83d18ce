"""The process that imports plugins to ask what they provide.

It reads the plugins as a line of JSON from stdin and answers with a line for each: `provides`, `files`, `error`. What
plugins print, and what they read, goes nowhere. When stdin ends, nobody waits any more, and it ends too.
"""

import json
import os
import sys
from contextlib import suppress
from importlib.util import find_spec
from threading import Thread
from typing import IO, Any

from curta.plugins.discovery import changed
from curta.plugins.hooks import HOOKS
from curta.plugins.loading import described, hooked, imported, registrations
from curta.plugins.plugin import Kind, Plugin

MOST_FILES = 200
"""Of a plugin whose code is looked at for changes (one that is installed from where it is written)."""


def main() -> None:
    """Answer for each plugin in turn, then end at once: no plugin's exit handlers, no threads of theirs."""
    plugins = [Plugin(*each) for each in json.loads(sys.stdin.buffer.readline())]
    Thread(target=_end_with, args=(os.dup(0),), daemon=True).start()
    answers = _own_channel()
    for plugin in plugins:
        json.dump(_asked(plugin), answers)
        answers.write("\n")
        answers.flush()
    os._exit(0)


def _end_with(stdin: int) -> None:
    """End this process when whoever asks has ended, also in the middle of an import."""
    while os.read(stdin, 1):
        pass
    os._exit(1)


def _own_channel() -> IO[str]:
    """Where the answers go. What plugins use as stdin and stdout is nothing."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return channel


def _asked(plugin: Plugin) -> dict[str, Any]:
    provides: dict[Kind, dict[str, Any]] = {}
    errors: list[str] = []
    try:
        thing = imported(plugin.entry, plugin.folder)
        hooked(thing)
    except BaseException as error:
        return {"files": _files(plugin), "error": described(error)}
    for kind in HOOKS:
        try:
            for each in registrations(thing, kind):
                provides.setdefault(kind, {})[each.name] = _jsonable(each.describe())
        except BaseException as error:
            errors.append(f"register_{kind}: {described(error)}")
    return {"provides": provides, "files": _files(plugin), "error": "; ".join(errors)}


def _jsonable(about: dict[str, Any]) -> Any:
    return json.loads(json.dumps(about, default=str))


def _files(plugin: Plugin) -> dict[str, int]:
    """The files whose change the manifest has to notice: those of a plugin that lives where it is being written."""
    if plugin.origin == "file":
        return dict(plugin.files)
    package = plugin.entry.partition(":")[0].partition(".")[0]
    loaded = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == package]
    files = [getattr(module, "__file__", None) for module in loaded] or [_unloaded(package)]
    own = [path for path in files if path and not path.startswith(plugin.folder + os.sep)]
    return {path: changed(path) for path in own[:MOST_FILES]}


def _unloaded(package: str) -> str | None:
    """The file of a package that could not be imported."""
    with suppress(Exception):
        spec = find_spec(package)
        return spec.origin if spec else None
    return None
