"""How much `curta logs` shows of each call, and from which call on: options it shares with no other command."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from curta.cli.logs_shown import shortened
from curta.store import Call

SHORT = 100
"""Characters of a text that -t leaves."""


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option("-t", "--truncate", is_flag=True, help="Cut long texts short."),
            click.option("-e", "--expand", is_flag=True, help="With the whole text of documents."),
            click.option("--id-gt", metavar="ID", help="Only calls after this one."),
            click.option("--id-gte", metavar="ID", help="This call and those after it."),
            click.option("-l", "--latest", is_flag=True, hidden=True, help="Taken for llm's sake: they always are."),
        )
    ):
        command = option(command)
    return command


def after(found: Iterable[Call], given: Mapping[str, Any]) -> Iterable[Call]:
    """Those of `found` that --id-gt and --id-gte let through."""
    above, least = (given["id_gt"] or "").lower(), (given["id_gte"] or "").lower()
    return (call for call in found if (not above or call.id > above) and call.id >= least)


def described(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    """A call as --json has it, with as much of its texts as was asked for."""
    value = call.to_dict()
    if given["expand"]:
        texts = {document.sha256: document.text for document in call.documents}
        value["documents"] = [{**record, "text": texts.get(record["sha256"])} for record in value["documents"]]
    return {name: _cut(each) for name, each in value.items()} if given["truncate"] else value


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return shortened(value, SHORT)
    if isinstance(value, list):
        return [_cut(each) for each in value]
    return {name: _cut(each) for name, each in value.items()} if isinstance(value, dict) else value
