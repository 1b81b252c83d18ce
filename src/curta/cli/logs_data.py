"""`curta logs --data`: the values in logged answers, and which calls: by their schema, by what was sent with them."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from curta.cli import output
from curta.store import Call

OPTIONS = (
    click.option("--schema", metavar="SCHEMA", help="Only answers asked to follow this schema."),
    click.option("--schema-multi", metavar="SCHEMA", help="Only answers asked for any number of these."),
    click.option(
        *("-f", "--fragment", "sources"), multiple=True, metavar="SOURCE", help="Only calls this was sent with."
    ),
    click.option("--data", is_flag=True, help="Only the JSON of answers, one on each line; all of them."),
    click.option("--data-array", is_flag=True, help="The same, as one JSON array."),
    click.option("--data-key", metavar="NAME", help="The same, of the elements of the list with this name."),
    click.option("--data-ids", is_flag=True, help="The same, each with the ids of its call and conversation."),
    click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to read."),
)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` these options."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def is_asked_for(given: Mapping[str, Any]) -> bool:
    return bool(given["data"] or given["data_array"] or given["data_key"] or given["data_ids"])


def filters(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a Filter that the flags mean. Raises UsageError, SourceError."""
    from curta.cli.schemas import log_at

    found: dict[str, Any] = {}
    log = log_at(given["database"])
    if spec := given["schema"] or given["schema_multi"]:
        from curta.api import prompting

        found["schema"] = prompting.schema(spec, multi=bool(given["schema_multi"]), log=log)
    if given["sources"]:
        from curta.fragments import load

        found["documents"] = tuple(each.sha256 for name in given["sources"] for each in load(name, log=log))
    return found


def show(calls: Iterable[Call], given: Mapping[str, Any]) -> None:
    """The values on stdout: a line each, or one array."""
    from curta.cli.logs_shown import json_list
    from curta.store.data import data

    values = data(calls, key=given["data_key"], ids=given["data_ids"])
    if given["data_array"]:
        for piece in json_list(values):
            output.write(piece)
        output.line()
        return
    for value in values:
        output.line(json.dumps(value, ensure_ascii=False))
