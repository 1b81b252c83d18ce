"""`curta models`: list, show, add, remove, choose."""

import json
from shlex import quote
from typing import Any

import click

from curta import config
from curta.cli import (
    models_adopt,
    models_available,
    models_files,
    models_local,
    models_price,
    models_ps,
    models_pull,
    output,
)
from curta.cli.completion_names import refresh
from curta.cli.group import DefaultGroup
from curta.cli.models_options import options
from curta.engine.files.held import find
from curta.models import registry
from curta.models.listing import Listing, listing
from curta.models.prices import in_words
from curta.text.sizes import size


@click.group(cls=DefaultGroup, default="list", help="List, pull, add and choose models.")
def models() -> None:
    pass


@models.command("list", help="Every model that is known by name, and where words sent to it go.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("-q", "--query", "queries", multiple=True, metavar="TEXT", help="Only names that contain this.")
@click.option("-m", "--model", "names", multiple=True, metavar="NAME", help="Only this model, or these.")
@click.option("--schemas", is_flag=True, help="Only those that may follow a schema.")
@click.option("--tools", is_flag=True, help="Only those that may call tools.")
@click.option("--options", "with_options", is_flag=True, help="With the options each takes.")
@click.option("--async", is_flag=True, hidden=True, expose_value=False, help="Taken for llm's sake: all are.")
@click.option("--refresh", "again", is_flag=True, help="Ask the plugins of llm again what they offer.")
def list_(
    as_json: bool,
    queries: tuple[str, ...],
    names: tuple[str, ...],
    schemas: bool,
    tools: bool,
    with_options: bool,
    again: bool,
) -> None:
    if again:
        from curta.models.bridge import manifest

        manifest.refresh()
        refresh()
    resolved = {registry.resolve(name) for name in names}
    found = [
        each
        for each in listing()
        if all(query.lower() in each.name.lower() for query in queries)
        and (not resolved or each.name in resolved)
        and not (schemas and each.facts.schema is False)
        and not (tools and each.facts.tools is False)
    ]
    if as_json:
        output.line(json.dumps([_described(each) for each in found], indent=2, ensure_ascii=False))
        return
    default = registry.resolve(registry.default())
    width = max((len(each.name) for each in found), default=0)
    for each in found:
        mark = "*" if each.name == default else " "
        output.line(f"{mark} {each.name:{width}}  ", (_summary(each), "faint"))
        for option in registry.get(each.name).options if with_options else ():
            output.line(f"      -o {option.name} {option.type.__name__}: ", (option.help, "faint"))


@models.command("show", help="All that is known of a model.")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(name: str, as_json: bool) -> None:
    model = registry.get(name)
    options = [_option(each) for each in model.options]
    if as_json:
        facts = {"name": model.name, "facts": model.facts.to_dict(), "options": options}
        described = {**facts, **models_local.described(model)}
        output.line(json.dumps(described, indent=2, ensure_ascii=False))
        return
    output.line(model.name)
    facts = {**model.facts.to_dict(), "price": in_words(model.facts.price) if model.facts.price else "unknown"}
    for key, value in facts.items():
        if value not in (None, (), ""):
            output.line(f"  {key.replace('_', ' ')}: {_fact(value)}")
    models_local.show(model)
    for option in options:
        output.line(f"  -o {option['name']} {option['type']}: {option['help']}")


@models.command("add", help="Add a model behind a URL that speaks a known protocol.")
@click.argument("name")
@click.option("--url", required=True, help="The base URL, such as http://127.0.0.1:8080/v1")
@click.option("--model", "id", required=True, metavar="ID", help="The name the server knows the model by.")
@click.option("--key", metavar="NAME", help="The saved key to send; none is sent without it.")
@click.option("--wire", default=registry.DEFAULT_WIRE, show_default=True, help="The protocol.")
@click.option("--tools/--no-tools", default=None, help="Whether it can call tools.")
@click.option("--size", metavar="SIZE", help="Its size on disk, such as 85MB: suites put models in that order.")
def add(name: str, url: str, id: str, key: str | None, wire: str, tools: bool | None, size: str | None) -> None:
    from curta.text.sizes import in_bytes

    hidden = {each.name for each in registry.entries()} | set(registry.aliases())
    bytes = None if size is None else in_bytes(size)
    entry = registry.add(name, url=url, model=id, key=key, wire=wire, tools=tools, bytes=bytes)
    refresh()
    if name in hidden:
        output.note(f"It hides the {name} that was known: its words go elsewhere now.", force=True)
    output.note(f"Added {name}: words sent to it go to {entry.facts.where}. Try it: curta -m {quote(name)} 'Hello'")


@models.command("rm", help="Forget a model that was added, or delete a model file that was pulled.")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Delete the file without asking.")
def rm(name: str, yes: bool) -> None:
    if name not in config.read(registry.MODELS_FILE) and find(name):
        models_files.remove(name, yes)
    else:
        registry.remove(name)
        output.note(f"Removed {name}.")
    refresh()


@models.command("default", help="Show the default model, or choose another.")
@click.argument("name", required=False)
@click.option("--reset", is_flag=True, help="Go back to the built-in model.")
def default(name: str | None, reset: bool) -> None:
    if name is None and not reset:
        output.line(registry.default())
        return
    registry.set_default(None if reset else name)
    output.note(f"The default model is now {registry.default()}.")


models.add_command(options)


models.add_command(models_price.price)


for command in (
    models_pull.pull,
    models_available.available,
    models_available.catalogue,
    models_adopt.adopt,
    models_files.files,
    models_files.verify,
    models_ps.ps,
    models_ps.stop,
):
    models.add_command(command)


def _described(each: Listing) -> dict[str, Any]:
    return {**each.to_dict(), "default": each.name == registry.resolve(registry.default())}


def _summary(each: Listing) -> str:
    facts, pieces = each.facts, [each.facts.where]
    if facts.bytes:
        pieces.append(size(facts.bytes) + (", fits into memory" if each.ready else ""))
    if facts.context:
        pieces.append(f"{facts.context // 1000}k context")
    if facts.price:
        free = facts.price.free
        pieces.append(
            "free" if free else f"${facts.price.input:g}/${facts.price.output:g} per million ({facts.price.date})"
        )
    if each.aliases:
        pieces.append(f"also {', '.join(each.aliases)}")
    if not each.ready:
        pieces.append(f"needs a key: {each.needs}" if each.needs.startswith("curta keys") else each.needs)
    return " · ".join(pieces)


def _option(option: Any) -> dict[str, Any]:
    return {"name": option.name, "type": option.type.__name__, "help": option.help, "default": option.default}


def _fact(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items() if each is not None)
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
