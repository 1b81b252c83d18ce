"""Loading plugins, as few as are needed, and finding what they register.

`llm` loads all of them, the slowest included, and stops at the first that cannot be imported. Here each is loaded when
something of it is wanted, and one that fails is named beside the others.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module, metadata
from typing import Any, NamedTuple, cast

OWN = "llm"
"""The name under which the models and tools of `llm` itself are listed."""


class Unknown(Exception):
    """No plugin has registered anything of this name."""


class Registered(NamedTuple):
    """Something a plugin has registered: `value`, and for a model its async form too."""

    name: str
    plugin: str
    value: Any
    async_value: Any = None
    aliases: tuple[str, ...] = ()


class Plugins:
    """The plugins of this interpreter. failed: name -> why it, or something it registers, could not be loaded."""

    def __init__(self) -> None:
        self.failed: dict[str, str] = {}
        self._llm = cast(Any, import_module("llm.plugins"))
        self._defaults = tuple(self._llm.DEFAULT_PLUGINS)
        self._llm.LLM_LOAD_PLUGINS, self._llm.DEFAULT_PLUGINS = "", ()  # so that llm loads none of its own accord
        self._llm.load_plugins()
        self._loaded: set[str] = set()
        self._of: dict[int, str] = {}
        self._heard: dict[tuple[str, int], list[Registered]] = {}

    @property
    def manager(self) -> Any:
        return self._llm.pm

    def load(self, name: str) -> None:
        """Load the plugin `name` of a distribution, once."""
        if name in self._loaded:
            return
        self._loaded.add(name)
        for entry, distribution in _entry_points(name):
            with self._naming_failures(name):
                self._register(entry.load(), entry.name, name, distribution)
        if name == OWN:
            for module in self._defaults:
                with self._naming_failures(name):
                    self._register(import_module(module), module, name, None)

    def load_all(self) -> None:
        """Load every plugin that `llm` would: all that are installed, or those in LLM_LOAD_PLUGINS."""
        chosen = os.environ.get("LLM_LOAD_PLUGINS")
        names = _installed() if chosen is None else [each.strip() for each in chosen.split(",") if each.strip()]
        for name in [*names, OWN]:
            self.load(name)

    def models(self) -> dict[str, Registered]:
        """Models by id, the one registered last winning, as in `llm`."""
        return {each.name: each for each in self._registered("register_models", _model)}

    def embedding_models(self) -> dict[str, Registered]:
        return {each.name: each for each in self._registered("register_embedding_models", _embedding_model)}

    def tools(self) -> dict[str, Registered]:
        return _told_apart(self._registered("register_tools", _tool))

    def loaders(self, kind: str) -> dict[str, Registered]:
        """kind: `template` or `fragment`. By prefix."""
        return _told_apart(self._registered(f"register_{kind}_loaders", _loader))

    def find(self, listed: Callable[[], dict[str, Registered]], name: str, plugin: str | None) -> Registered:
        """What `plugin` has registered as `name`; when it has not, what any has. Raises Unknown."""
        if plugin is not None:
            self.load(plugin)
        if plugin is None or name not in listed():
            self.load_all()
        if name not in listed():
            raise Unknown(self.failed.get(plugin or "") or f"No plugin of llm provides {name!r} any more.")
        return listed()[name]

    def _register(self, module: Any, entry: str, name: str, distribution: Any) -> None:
        self._of[id(module)] = name
        if not self.manager.is_registered(module):
            self.manager.register(module, name=entry)
            if distribution is not None:
                self.manager._plugin_distinfo.append((module, distribution))

    def _registered(self, hook: str, heard: Callable[..., Registered]) -> Iterator[Registered]:
        """What every loaded plugin registers by `hook`; each is called once, for some ask a server what there is."""
        for implementation in reversed(getattr(self.manager.hook, hook).get_hookimpls()):
            key = (hook, id(implementation))
            if key not in self._heard:
                self._heard[key] = []
                name = self._of.get(id(implementation.plugin), OWN)
                with self._naming_failures(name):
                    self._call(implementation, name, heard, self._heard[key])
            yield from self._heard[key]

    def _call(self, implementation: Any, name: str, heard: Callable[..., Registered], found: list[Registered]) -> None:
        def register(*given: Any, **named: Any) -> None:
            found.append(heard(name, *given, **named))

        given = {"register": register, "model_aliases": self._so_far()}
        implementation.function(**{each: given[each] for each in implementation.argnames if each in given})

    def _so_far(self) -> list[Any]:
        """The models registered before, as `llm` hands them to a plugin that builds upon others."""
        kind = import_module("llm.models").ModelWithAliases
        models = [each for (hook, _), found in self._heard.items() if hook == "register_models" for each in found]
        return [kind(each.value, each.async_value, list(each.aliases)) for each in models]

    def _naming_failures(self, name: str) -> _NamingFailures:
        return _NamingFailures(self.failed, name)


class _NamingFailures:
    """Whatever a plugin raises while it is loaded is kept under its name; only an interruption goes on."""

    def __init__(self, failed: dict[str, str], name: str) -> None:
        self._failed = failed
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        if error is None or isinstance(error, (KeyboardInterrupt, MemoryError)):
            return False
        self._failed[self._name] = f"{type(error).__name__}: {error}"
        sys.stderr.write(f"{self._name}: {self._failed[self._name]}\n")
        return True


def _installed() -> list[str]:
    """The distributions that have an entry point of the group `llm`, in the order in which they are found."""
    found: dict[str, None] = {}
    for distribution in metadata.distributions():
        if any(entry.group == "llm" for entry in distribution.entry_points):
            found.setdefault(distribution.metadata["Name"], None)
    return list(found)


def _entry_points(name: str) -> Iterator[tuple[Any, Any]]:
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return
    for entry in distribution.entry_points:
        if entry.group == "llm":
            yield entry, distribution


def _model(plugin: str, model: Any, async_model: Any = None, aliases: Any = None) -> Registered:
    return Registered((model or async_model).model_id, plugin, model, async_model, tuple(aliases or ()))


def _embedding_model(plugin: str, model: Any, aliases: Any = None) -> Registered:
    return Registered(model.model_id, plugin, model, None, tuple(aliases or ()))


def _loader(plugin: str, prefix: str, loader: Any) -> Registered:
    return Registered(prefix, plugin, loader)


def _tool(plugin: str, tool_or_function: Any, name: str | None = None) -> Registered:
    llm = import_module("llm")
    tool = tool_or_function
    if not isinstance(tool, (type, llm.Tool)):
        tool = llm.Tool.function(tool, name=name)
    return Registered(name or getattr(tool, "name", None) or tool.__name__, plugin, tool)


def _told_apart(found: Iterator[Registered]) -> dict[str, Registered]:
    """By name; a name that is taken gets a number, as in `llm`."""
    named: dict[str, Registered] = {}
    for each in found:
        name, number = each.name, 0
        while name in named:
            number += 1
            name = f"{each.name}_{number}"
        named[name] = each._replace(name=name)
    return named
