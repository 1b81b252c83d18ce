"""`curta collections`: list and delete collections of vectors."""

import json
from pathlib import Path
from typing import Any

import click

from curta.cli import output
from curta.cli.embed import database
from curta.cli.group import DefaultGroup


@click.group(cls=DefaultGroup, default="list", help="Collections of vectors: list, delete.")
def collections() -> None:
    pass


@collections.command("list", help="Every collection, with its model and how many vectors it has.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
@database
def list_(as_json: bool, database: Path | None) -> None:
    from curta import collections as known

    found = known.listed(database)
    if as_json:
        output.line(json.dumps([_described(each) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        llms = Path(each.place).suffix == ".db" and database is None and Path(each.place).parent != known.place()
        output.line(f"{each.name}: {each.model or 'no model yet'}", (" (from llm)", "faint") if llms else "")
        output.line(f"  {each.size:,} embedding{'s' * (each.size != 1)}")
    if not found:
        output.note("No collection yet: curta embed COLLECTION ID -c TEXT")


@collections.command("delete", help="Delete a collection with all that is in it.")
@click.argument("collection")
@database
def delete(collection: str, database: Path | None) -> None:
    from curta import collections as known
    from curta.cli.completion_names import refresh

    known.delete(collection, database)
    refresh()
    output.note(f"Deleted {collection}.")


@collections.command("path", help="The folder that collections are kept in.")
def path() -> None:
    from curta import collections as known

    output.line(str(known.place()))


def _described(each: Any) -> dict[str, Any]:
    return {"name": each.name, "model": each.model, "num_embeddings": each.size, "place": each.place}
