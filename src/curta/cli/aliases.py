"""`curta aliases`: short names for models."""

import json

import click

from curta import config
from curta.cli import output
from curta.cli.completion_names import refresh
from curta.cli.group import DefaultGroup
from curta.errors import UsageError
from curta.models import registry
from curta.models.listing import matching


@click.group(cls=DefaultGroup, default="list", help="Short names for models.")
def aliases() -> None:
    pass


@aliases.command("list", help="Every alias and the model it stands for.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    found = dict(sorted(registry.aliases().items()))
    if as_json:
        output.line(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for alias, name in found.items():
        output.line(f"{alias:12} {name}")


@aliases.command("set", help="Let ALIAS stand for MODEL.")
@click.argument("alias")
@click.argument("model", required=False)
@click.option("-q", "--query", "queries", multiple=True, metavar="TEXT", help="The model with this in its name.")
def set_(alias: str, model: str | None, queries: tuple[str, ...]) -> None:
    if (model is None) == (not queries):
        raise UsageError("An alias stands for one model.", then="Name it, or say with -q what its name holds.")
    model = model or matching(queries)
    if alias == registry.BUILT_IN or alias in {*registry.files(), *(entry.name for entry in registry.entries())}:
        raise UsageError(f"{alias} is the name of a model, which the alias would hide.", then="Choose another.")
    name = registry.resolve(model)
    registry.require(name)
    with config.changing(registry.CONFIG_FILE) as settings:
        settings.setdefault("aliases", {})[alias] = name
    refresh()
    output.note(f"{alias} now stands for {name}.")


@aliases.command("path", help="The file in which they are kept.")
def path() -> None:
    output.line(str(config.home() / registry.CONFIG_FILE))


@aliases.command("rm", help="Forget an alias.")
@click.argument("alias")
def rm(alias: str) -> None:
    with config.changing(registry.CONFIG_FILE) as settings:
        if settings.get("aliases", {}).pop(alias, None) is None:
            raise UsageError(f"You have no alias {alias!r}.", then="curta aliases lists them.")
    refresh()
    output.note(f"Removed the alias {alias}.")


aliases.add_command(
    click.Command("remove", help=rm.help, params=rm.params, callback=rm.callback, hidden=True)
)  # as `llm` calls it
