"""`curta keys`: keep the keys of providers in a file only you can read."""

import json
import sys

import click

from curta import config
from curta.cli import output
from curta.cli.completion_names import refresh
from curta.cli.group import DefaultGroup
from curta.errors import MissingKey, UsageError
from curta.models import keys as kept


@click.group(cls=DefaultGroup, default="list", help="Keep the keys of providers in a file only you can read.")
def keys() -> None:
    pass


@keys.command("list", help="The names of the saved keys. The keys themselves are never shown here.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    names, of_llm = sorted(kept.saved()), kept.of_llm()
    if as_json:
        output.line(json.dumps([*names, *of_llm]))
        return
    for name in names:
        output.line(name)
    for name in of_llm:
        output.line(name, ("  from llm", "faint"))
    if not names and not of_llm:
        output.note("No keys are saved. Save one: curta keys set openai")


@keys.command("set", help="Save a key. It is read from the terminal without being shown, or from a pipe.")
@click.argument("name")
def set_(name: str) -> None:
    value = click.prompt(f"Key for {name}", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.read()
    if not value.strip():
        raise UsageError("No key was given.", then=f"Type it when asked, or pipe it: curta keys set {name} < FILE")
    kept.save(name, value)
    refresh()
    output.note(f"Saved the key {name} in {config.home() / kept.FILE}.")


@keys.command("get", help="Print a saved key, for use in scripts.")
@click.argument("name")
def get(name: str) -> None:
    if (value := kept.saved().get(name) or kept.saved_by_llm().get(name)) is None:
        raise MissingKey(f"There is no saved key named {name!r}.", then="curta keys lists the names.")
    output.line(value)


@keys.command("rm", help="Forget a saved key.")
@click.argument("name")
def rm(name: str) -> None:
    kept.remove(name)
    refresh()
    output.note(f"Removed the key {name}.")


@keys.command("path", help="Where the keys are kept.")
def path() -> None:
    output.line(str(config.home() / kept.FILE))
