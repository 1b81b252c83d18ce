"""`curta schemas`: the schemas that were asked for and those that are kept, and the shorthand spelt out."""

import json
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.cli.group import DefaultGroup

if TYPE_CHECKING:
    from curta.asking.schemas import KnownSchema
    from curta.store import Log

DATABASE = click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to read.")


@click.group(cls=DefaultGroup, default="list", help="What answers in JSON have to look like, kept and used.")
def schemas() -> None:
    pass


@schemas.command("list", help="The schemas that are kept or were used, the latest used last.")
@click.option("-q", "--query", "queries", multiple=True, metavar="TEXT", help="Only those with this in them.")
@click.option("--full", is_flag=True, help="With the whole schema.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
@click.option("--nl", is_flag=True, help="As JSON, one on each line.")
@DATABASE
def list_(queries: tuple[str, ...], full: bool, as_json: bool, nl: bool, database: Path | None) -> None:
    from curta.asking.schemas import known

    found = [each for each in known(log_at(database)) if _holds(each, queries)]
    if nl:
        for each in found:
            output.line(json.dumps(_described(each), ensure_ascii=False))
    elif as_json:
        output.line(json.dumps([_described(each) for each in found], indent=2, ensure_ascii=False))
    else:
        for each in found:
            _show(each, full)
        if not found:
            output.note(
                "No schema matches." if queries else "No schema yet. Ask for one: curta --schema 'name, age int'"
            )


@schemas.command("show", help="A schema as JSON: by name, by id or its beginning, or however --schema takes it.")
@click.argument("name", metavar="SCHEMA")
@DATABASE
def show(name: str, database: Path | None) -> None:
    from curta.api import prompting

    _print(prompting.schema(name, log=log_at(database)))


@schemas.command("dsl", help="What a schema in shorthand ('name, age int, bio: one sentence') stands for.")
@click.argument("text", metavar="SHORTHAND")
@click.option("--multi", is_flag=True, help="Of any number of them.")
def dsl(text: str, multi: bool) -> None:
    from curta.schemas import items_of, shorthand

    schema = shorthand(text)
    _print(items_of(schema) if multi else schema)


@schemas.command("save", help="Keep a schema under a name, for --schema NAME.")
@click.argument("name")
@click.argument("schema")
@click.option("--multi", is_flag=True, help="Of any number of them.")
def save(name: str, schema: str, multi: bool) -> None:
    from curta.api import prompting
    from curta.cli.completion_names import refresh
    from curta.schemas import saved

    saved.save(name, prompting.schema(schema, multi=multi))
    refresh()
    output.note(f"Kept. Use it: curta --schema {name} 'a prompt'")


@schemas.command("rm", help="Forget the name of a schema. Those that were used stay in the log.")
@click.argument("name")
def rm(name: str) -> None:
    from curta.cli.completion_names import refresh
    from curta.schemas import saved

    saved.remove(name)
    refresh()
    output.note(f"Removed {name}.")


def log_at(database: Path | None) -> "Log | None":
    """The log that -d names."""
    if database is None:
        return None
    from curta.store import open_log

    return open_log(database)


def _holds(each: "KnownSchema", queries: tuple[str, ...]) -> bool:
    text = f"{each.id} {each.name} {json.dumps(each.schema, ensure_ascii=False)}".casefold()
    return all(query.casefold() in text for query in queries)


def _described(each: "KnownSchema") -> dict[str, Any]:
    return {
        "id": each.id,
        "name": each.name or None,
        "content": each.schema,
        "recently_used": each.latest and each.latest.isoformat(timespec="milliseconds"),
        "times_used": each.times,
    }


def _show(each: "KnownSchema", full: bool) -> None:
    from curta.schemas import summary

    output.line("- id: ", (each.id, "bold"))
    if each.name:
        output.line(f"  name: {each.name}")
    if full:
        output.line(f"  schema: |\n{indent(json.dumps(each.schema, indent=2, ensure_ascii=False), '    ')}")
    else:
        output.line(f"  summary: |\n    {summary(each.schema)}")
    if each.latest:
        times = f"{each.times} time{'s' * (each.times != 1)}"
        output.line(f"  usage: |\n    {times}, most recently {each.latest.isoformat(timespec='milliseconds')}")


def _print(schema: dict[str, Any]) -> None:
    output.line(json.dumps(schema, indent=2, ensure_ascii=False))
