"""`curta completion`: a script that lets a shell complete commands, options and names at Tab without Python."""

import sys
from typing import Any

import click

from curta.cli import output


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Print a script that completes commands and names at Tab.",
)
def completion() -> None:
    pass


@completion.command("bash", help="The script for bash; its first lines say where to keep it.")
def bash() -> None:
    from curta.cli import completion_bash

    _print(completion_bash)


@completion.command("zsh", help="The script for zsh; its first lines say where to keep it.")
def zsh() -> None:
    from curta.cli import completion_zsh

    _print(completion_zsh)


@completion.command("fish", help="The script for fish; its first lines say where to keep it.")
def fish() -> None:
    from curta.cli import completion_fish

    _print(completion_fish)


def _print(shell: Any) -> None:
    """Print the script of a shell, and write the names it will read."""
    from curta.cli.completion_names import refresh
    from curta.cli.completion_words import levels

    sys.stdout.write(shell.script(list(levels())))
    refresh()
    if output.is_terminal():
        output.note("The first lines say where to keep it.")
