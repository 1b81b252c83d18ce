"""`curta plugins`: what is installed, what it provides, what does not work."""

import json
from collections.abc import Mapping
from typing import Any

import click

from curta import plugins as installed_plugins
from curta.cli import output
from curta.cli.group import DefaultGroup
from curta.cli.plugins_import import import_llm
from curta.plugins import Kind, Plugin
from curta.plugins.hooks import HOOKS

ONE: Mapping[Kind, str] = {
    "models": "model",
    "embedders": "embedding model",
    "sources": "source",
    "tools": "tool",
    "templates": "template",
    "commands": "command",
    "keys": "keys from",
    "scorers": "scorer",
}
PREFIXES = ("sources", "templates")


@click.group(cls=DefaultGroup, default="list", help="List plugins, and what they provide.")
def plugins() -> None:
    pass


plugins.add_command(import_llm)


@plugins.command("list", help="Every plugin, what it provides, or why it does not work.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--all", "everything", is_flag=True, help="Also those that CURTA_LOAD_PLUGINS leaves out.")
@click.option("--hook", type=click.Choice([f"register_{kind}" for kind in HOOKS]), help="Only those with this hook.")
def list_(as_json: bool, everything: bool, hook: str | None) -> None:
    found = installed_plugins.installed(all=everything, again=True)
    found = [each for each in found if not hook or hook.removeprefix("register_") in each.provides]
    if as_json:
        output.line(json.dumps([_described(each) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        show(each)
    if not found:
        output.note("No plugin is installed. `curta install NAME` adds one; docs/plugins.md shows how to write one.")
    if missing := installed_plugins.missing():
        output.note(missing, force=True)


def show(plugin: Plugin) -> None:
    where = {"environment": "", "home": "", "file": f"  {plugin.entry}"}[plugin.origin]
    output.line((plugin.label, "bold"), (where, "faint"))
    for kind, names in plugin.provides.items():
        for name, about in names.items():
            hidden = _hidden(kind, name, plugin)
            output.line(
                f"  {ONE[kind]} {_named(kind, name, about)}", (hidden or _help(about), "bad" if hidden else "faint")
            )
    if plugin.error:
        output.line("  ", ("does not work: ", "bad"), plugin.error)


def _named(kind: str, name: str, about: Mapping[str, Any]) -> str:
    aliases = f" ({', '.join(about['aliases'])})" if about.get("aliases") else ""
    return f"{name}:" if kind in PREFIXES else f"{name}{aliases}"


def _hidden(kind: Kind, name: str, plugin: Plugin) -> str:
    """Why a name of the plugin is not used, if so."""
    from curta.cli.app import COMMANDS

    if kind == "commands" and name in COMMANDS:
        return "  not used: Curta has a command of this name"
    other = installed_plugins.find(kind, name)
    return f"  not used: {other.plugin.name} has it" if other and other.plugin.entry != plugin.entry else ""


def _help(about: Mapping[str, Any]) -> str:
    return f"  {about['help']}" if about.get("help") else ""


def _described(plugin: Plugin) -> dict[str, Any]:
    provides = {kind: dict(names) for kind, names in plugin.provides.items()}
    hooks = [f"register_{kind}" for kind in provides]
    where = {"from": plugin.origin, "folder": plugin.folder, "entry": plugin.entry}
    return {
        "name": plugin.name,
        "version": plugin.version,
        "hooks": hooks,
        "provides": provides,
        "error": plugin.error,
        **where,
    }
