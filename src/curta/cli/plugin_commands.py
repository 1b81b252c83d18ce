"""The commands that plugins add. A name that Curta has itself is never looked up here."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from curta.cli import output

if TYPE_CHECKING:
    from curta.plugins import Provided


def find(word: str) -> "Provided | None":
    """The plugin's command called `word`, not imported."""
    from curta import plugins

    return plugins.find("commands", word)


def names() -> Iterator[tuple[str, str]]:
    """Every command of a plugin that can be run, with its line of help."""
    from curta import plugins
    from curta.cli.app import COMMANDS

    for name, found in plugins.provided("commands").items():
        if name not in COMMANDS:
            yield name, output.safe(found.about.get("help") or f"A command of {found.plugin.name}.")


def load(found: "Provided") -> click.Command:
    """The command. Raises PluginError, also for what is none."""
    command = found.load()
    if not isinstance(command, click.Command):
        from curta.errors import PluginError

        what = f"what it registered as the command {found.name!r} is {type(command).__name__}, not a click command"
        raise PluginError(f"The plugin {found.plugin.label} failed: {what}.")
    return command
