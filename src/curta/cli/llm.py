"""`curta llm`: the user's own `llm`, for the commands that its plugins add."""

import os
import subprocess
import sys

import click

from curta.errors import CurtaError
from curta.models.bridge import interpreter


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
    help="Run the llm that is installed here, whose plugins Curta uses, with these words: `curta llm cmd undo it`.",
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def llm(words: tuple[str, ...]) -> int:
    found = interpreter.find()
    if found is None:
        raise CurtaError(
            "There is no llm here.", then=f"If it is installed, name its Python in {interpreter.VARIABLE}."
        )
    command = [*found.command, *words]
    if os.name != "nt":  # exec returns to the shell at once there
        sys.stdout.flush()
        os.execv(command[0], command)
    return subprocess.call(command)
