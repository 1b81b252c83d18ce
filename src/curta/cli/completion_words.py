"""What can be typed after `curta`, read from the commands themselves: subcommands, options and the values they take."""

from collections.abc import Iterator
from importlib import import_module
from typing import NamedTuple

import click

from curta.cli.app import COMMANDS
from curta.cli.completion_names import KINDS

FILES = "files"
_OPTIONS = {
    "--model": "model",
    "--template": "template",
    "--key": "key",
    "--schema": "schema",
    "--schema-multi": "schema",
    "--tool": "tool",
}
_ARGUMENTS = {
    "models show": "model",
    "models default": "model",
    "models price": "model",
    "models rm": "added",
    "models pull": "offered",
    "models verify": "held",
    "models stop": "held",
    "models adopt": FILES,
    "models options show": "model",
    "models options set": "model",
    "models options clear": "model",
    "aliases rm": "alias",
    "keys set": "key",
    "keys get": "key",
    "keys rm": "key",
    "templates show": "template",
    "templates edit": "template",
    "templates rm": "template",
    "schemas show": "schema",
    "schemas rm": "schema",
    "fragments show": "fragment",
    "fragments remove": "fragment",
    "fragments set": FILES,
    "tools rm-server": "server",
    "tools trust": "server",
    "tools show": "tool",
    "search": "index",
    "embed": "index",
    "embed-multi": "index",
    "similar": "index",
    "collections delete": "index",
    "embed-models default": "embedder",
    "embed-models rm": "embedder",
    "index sync": "index",
    "index info": "index",
    "index rm": "index",
    "index check": "index",
    "index compact": "index",
    "index eval": "index",
    "index tune": "index",
    "index export": "index",
    "index import": FILES,
    "index add": FILES,
    "install": FILES,
    "uninstall": "plugin",
    "": "command",
    "check": FILES,
    "map": FILES,
    "eval": FILES,
    "eval run": FILES,
    "eval suite": FILES,
    "eval plan": FILES,
    "eval compare": FILES,
    "eval import": FILES,
}

Value = str | tuple[str, ...] | None
"""What follows: a kind of KINDS, FILES, the choices there are, "" for what only the user knows, None for nothing."""


class Option(NamedTuple):
    """An option: its names, its help, what follows it."""

    names: tuple[str, ...]
    help: str
    value: Value


class Level(NamedTuple):
    """What can follow the words `path` ("logs rm"; "" for `curta` alone)."""

    path: str
    commands: dict[str, str]
    options: tuple[Option, ...]
    argument: Value


GLOBAL = (
    Option(("--debug",), "Show the traceback of an error.", None),
    Option(("--quiet",), "Say nothing beside the result.", None),
    Option(("--color=always",), "Colour everywhere.", None),
    Option(("--color=never",), "No colour.", None),
    Option(("--color=auto",), "Colour on a terminal.", None),
)
VERSION = Option(("-V", "--version"), "Show the version.", None)


def levels() -> Iterator[Level]:
    """Every level of the command line, the root first."""
    commands = {name: _command(name) for name in COMMANDS}
    root = next(_levels("", commands["prompt"]))
    yield root._replace(
        commands={name: entry.help for name, entry in COMMANDS.items()}, options=(*root.options, VERSION)
    )
    for name, command in commands.items():
        yield from _levels(name, command)


def _command(name: str) -> click.Command:
    command: click.Command = getattr(import_module(f"curta.cli.{COMMANDS[name].module}"), name.replace("-", "_"))
    return command


def _levels(path: str, command: click.Command) -> Iterator[Level]:
    group = isinstance(command, click.Group)
    subcommands = command.commands if isinstance(command, click.Group) else {}
    default = subcommands.get(getattr(command, "default", None) or "", command)
    yield Level(
        path,
        {name: each.help or "" for name, each in subcommands.items()},
        (*_options(default), *GLOBAL),
        _ARGUMENTS.get(path) if group else _argument(path, command),
    )
    for name, each in subcommands.items():
        yield from _levels(f"{path} {name}", each)


def _options(command: click.Command) -> Iterator[Option]:
    for each in command.get_params(click.Context(command, **command.context_settings)):
        if isinstance(each, click.Option) and not each.hidden:
            names = sorted([*each.opts, *each.secondary_opts], key=len)
            yield Option(tuple(names), each.help or "", None if each.is_flag or each.count else _value(each))


def _argument(path: str, command: click.Command) -> Value:
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    return _ARGUMENTS.get(path) or next((value for each in arguments if (value := _value(each))), "")


def _value(parameter: click.Parameter) -> Value:
    if isinstance(parameter.type, click.Choice):
        return tuple(map(str, parameter.type.choices))
    metavar = parameter.metavar or ""
    if isinstance(parameter.type, click.Path | click.File) or any(
        word in metavar for word in ("FILE", "DIR", "SOURCE")
    ):
        return FILES
    kind = (
        next((_OPTIONS[name] for name in parameter.opts if name in _OPTIONS), "")
        if metavar in ("NAME", "SCHEMA")
        else "embedder"
        if metavar == "EMBEDDER"
        else ""
    )
    assert kind in ("", *KINDS)
    return kind


def one_line(text: str) -> str:
    """The first sentence of a help text, without what a shell would read as more than text."""
    plain = " ".join(text.split()).translate(str.maketrans("", "", "'\"\\`$[]"))
    return plain.split(". ")[0].rstrip(".")
