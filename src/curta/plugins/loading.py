"""Imports a plugin into this process, calls its hooks, and blames it for what goes wrong."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from importlib import import_module
from typing import Any

from curta.errors import CurtaError, PluginError
from curta.plugins.hooks import HOOKS, Registered
from curta.plugins.plugin import Kind, Plugin

LONGEST = 400
"""Characters of an error that are shown; all of it is there with --debug."""

FILE_MODULES = "curta_plugin_files"
"""The package that plugins of one file are imported into."""


def load(plugin: Plugin, kind: Kind, name: str) -> Any:
    """What `plugin` registers as the `kind` called `name`. Raises PluginError."""
    things = _registered(plugin.entry, plugin.folder, kind, plugin.name)
    with blamed(plugin):
        for each in things if isinstance(things, tuple) else _raised(things):
            if each.name == name:
                return _referred(each.thing) if kind == "commands" else each.thing
    raise PluginError(
        f"The plugin {plugin.label} no longer provides {name!r}.", then="`curta plugins` shows what it provides."
    )


def _referred(thing: Any) -> Any:
    """A command, imported when it was registered as `module:attribute`."""
    if not isinstance(thing, str):
        return thing
    module, _, attribute = thing.partition(":")
    with redirect_stdout(sys.stderr):
        return getattr(import_module(module), attribute)


@cache
def _registered(entry: str, folder: str, kind: Kind, name: str) -> "tuple[Registered, ...] | Exception | SystemExit":
    """What the plugin registers of one kind; what it raised when it could not. Once for each process."""
    try:
        with redirect_stdout(sys.stderr):
            return tuple(registrations(imported(entry, folder), kind))
    except (Exception, SystemExit) as error:
        return error


def _raised(error: "Exception | SystemExit") -> "tuple[Registered, ...]":
    raise error


def imported(entry: str, folder: str) -> Any:
    """The module or object of a plugin. Its site folder comes last on the path: it hides nothing of Curta's."""
    if entry.endswith(".py"):
        return _imported_file(entry)
    if folder not in sys.path:
        from site import addsitedir

        addsitedir(folder)
    module, _, attribute = entry.partition(":")
    thing: Any = import_module(module)
    for each in filter(None, attribute.split(".")):
        thing = getattr(thing, each)
    return thing


def _imported_file(path: str) -> Any:
    from importlib.util import module_from_spec, spec_from_file_location
    from pathlib import Path

    name = f"{FILE_MODULES}.{Path(path).stem}"
    if getattr(sys.modules.get(name), "__file__", None) != path:
        spec = spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


def registrations(thing: Any, kind: Kind) -> Iterator[Registered]:
    """What `thing`, the module or object of a plugin, registers of one kind. Raises whatever it raises."""
    manager, found = hooked(thing), list[Registered]()

    def register(*arguments: Any, **how: Any) -> None:
        found.append(HOOKS[kind](*arguments, **how))

    getattr(manager.hook, f"register_{kind}")(register=register)
    yield from found


def hooked(thing: Any) -> Any:
    """A plugin manager of its own for one plugin. Raises ValueError when it implements none of the hooks."""
    from pluggy import HookspecMarker, PluginManager

    manager, marked = PluginManager("curta"), HookspecMarker("curta")
    manager.add_hookspecs(type("Hooks", (), {f"register_{kind}": marked(_specification()) for kind in HOOKS}))
    name = manager.register(thing)
    if not manager.get_hookcallers(thing):
        raise ValueError("it implements no hook; a hook is a function register_...(register) marked with @hookimpl")
    manager.check_pending()
    assert name
    return manager


def _specification() -> Any:
    def specification(register: Any) -> None:
        """Each call of a hook hands over `register`."""

    return specification


@contextmanager
def blamed(plugin: Plugin, *passing: type[BaseException]) -> Iterator[None]:
    """Errors raised inside become a PluginError that names `plugin`; Curta's own errors and `passing` ones stay."""
    try:
        yield
    except (Exception, SystemExit) as error:
        if isinstance(error, (CurtaError, *passing)):
            raise
        raise PluginError(
            f"The plugin {plugin.label} failed: {described(error)}",
            then=f"`curta plugins` says where it is; `curta uninstall {plugin.name}` removes it; --debug shows more."
            if plugin.origin == "home"
            else "`curta plugins` says where it is; --debug shows more.",
        ) from error


def described(error: BaseException) -> str:
    """An error in a line."""
    if isinstance(error, SystemExit):
        return f"it ended the program with exit code {error.code!r}"
    words = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(":")
    return words if len(words) <= LONGEST else f"{words[:LONGEST]} ..."
