"""Functions and toolboxes of plugins: listed from the manifest, called in the plugin's process.

A plugin's tools share one process, and are called one after the other, so that a toolbox remembers what it was told.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from curta.errors import ModelError, UsageError
from curta.messages import Attachment, Part, Text, Tool
from curta.models.bridge import child, failures, manifest


class PluginTool(NamedTuple):
    """A tool that can be called here.

    call: takes the arguments as keywords; returns Parts. source: `llm:PLUGIN`. process: those of one are called one
    after the other.
    """

    tool: Tool
    call: Callable[..., list[Part]]
    source: str
    process: object


class Listed(NamedTuple):
    """A tool or a toolbox as listings show it. parameters: the JSON schema of a function's arguments."""

    name: str
    description: str
    source: str
    toolbox: bool
    parameters: Mapping[str, Any]
    functions: tuple[Tool, ...] = ()


def listed() -> Iterator[Listed]:
    """What the plugins offer."""
    kept = manifest.listed()
    for each in kept.tools if kept else ():
        functions = tuple(_tool(one) for one in each.get("functions", ()))
        source = f"llm:{each['plugin']}"
        yield Listed(each["name"], each["description"], source, each["toolbox"], each.get("parameters", {}), functions)


def find(spec: str) -> list[PluginTool]:
    """The functions that `name`, `Toolbox` or `Toolbox("arg")` stands for; none when no plugin has it.

    Raises UsageError when a toolbox does not take what is in the parentheses, and ModelError when the plugins have to
    be listed and cannot be.
    """
    name = spec.partition("(")[0].strip()
    kept = manifest.current()
    entry = next((each for each in kept.tools if each["name"] == name), None) if kept else None
    if kept is None or entry is None:
        return []
    process = _process(kept.python, entry["plugin"])
    tools = [_tool(entry)] if not entry["toolbox"] else process.tools(spec)
    source = f"llm:{entry['plugin']}"
    return [PluginTool(each, partial(process.call, spec, each.name), source, process) for each in tools]


class _Process:
    """The process in which the tools of one plugin run."""

    def __init__(self, python: str, plugin: str) -> None:
        self._python = python
        self._plugin = plugin
        self._child: child.Child | None = None
        self._turn = threading.Lock()

    def tools(self, spec: str) -> list[Tool]:
        line = self._ask({"op": "tools", "spec": spec})
        if error := line.get("error"):
            raise UsageError(f"{spec} cannot be made: {failures.clean(error['message'])}")
        return [_tool(each) for each in line["tools"]]

    def call(self, spec: str, name: str, /, **arguments: Any) -> list[Part]:
        """Run one. Raises ModelError for whatever the plugin raises."""
        line = self._ask({"op": "call", "spec": spec, "name": name, "arguments": arguments})
        if error := line.get("error"):
            raise ModelError(f"{error['names'][0]}: {failures.clean(error['message'])}")
        parts: list[Part] = [Text(line["output"])] if line["output"] else []
        return parts + [attachment(each) for each in line["attachments"]]

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        with self._turn:
            try:
                return child.ask(self._python, {**question, "plugin": self._plugin}, self._running())[1]
            except child.ChildEnded as error:
                raise failures.ended(self._plugin, error, arrived=False) from error

    def _running(self) -> child.Child:
        """The process, which is not lent to anybody else."""
        from curta.models.bridge import pool

        if self._child is None or not self._child.alive:
            self._child = pool.borrow(self._python, None)
        return self._child


_processes: dict[tuple[str, str], _Process] = {}


def _process(python: str, plugin: str) -> _Process:
    return _processes.setdefault((python, plugin), _Process(python, plugin))


def _tool(described: Mapping[str, Any]) -> Tool:
    return Tool(described["name"], described["description"], described["parameters"])


def attachment(described: Mapping[str, Any]) -> Attachment:
    from base64 import b64decode

    data = b64decode(described.get("content") or "")
    return Attachment(described.get("type") or "application/octet-stream", data, url=described.get("url") or "")
