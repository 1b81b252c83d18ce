"""`curta models options`: what goes with every request to a model."""

import json

import click

from curta.cli import output
from curta.cli.group import DefaultGroup
from curta.models import default_options, registry


@click.group(cls=DefaultGroup, default="list", help="Options that go with every request to a model.")
def options() -> None:
    pass


@options.command("list", help="Every model that has some, and what they are.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    found = default_options.all_options()
    if as_json:
        output.line(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for model in found:
        output.line((model, "bold"))
        _show(model)
    if not found:
        output.note("No model has any. For example: curta models options set gpt-5-mini temperature 0.5")


@options.command("show", help="Those of one model.")
@click.argument("model")
def show(model: str) -> None:
    _show(registry.resolve(model))


@options.command("set", help="Send an option with every request to MODEL, unless -o says otherwise.")
@click.argument("model")
@click.argument("name")
@click.argument("value")
def set_(model: str, name: str, value: str) -> None:
    found = registry.get(model)
    default_options.set_option(found, name, default_options.read(value))
    output.note(f"{name} {value} goes with every request to {found.name}.")


@options.command("clear", help="Forget an option of MODEL, or all of them.")
@click.argument("model")
@click.argument("name", required=False)
def clear(model: str, name: str | None) -> None:
    resolved = registry.resolve(model)
    default_options.clear(resolved, name)
    output.note(f"Forgot {name or 'the options'} of {resolved}.")


def _show(model: str) -> None:
    for name, value in default_options.all_options().get(model, {}).items():
        output.line(f"  {name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
