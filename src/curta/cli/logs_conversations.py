"""The conversations of the log: listed, searched, named."""

import json
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

import click

from curta.cli import output
from curta.cli.logs_shown import one_line, shortened
from curta.errors import LogError, UsageError
from curta.store import Call, open_log

if TYPE_CHECKING:
    from curta.store import ConversationRecord


@click.command("conversations", help="The latest conversations, the newest last; go on with one by --cid.")
@click.option("-n", "--count", type=click.IntRange(min=0), metavar="N", default=10, help="How many (10); 0 for all.")
@click.option("-q", "--query", metavar="WORDS", help="Only those whose name or words have all of these.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
def conversations(count: int, query: str | None, as_json: bool) -> None:
    log = open_log()
    with suppress(LogError):
        log.settle()
    found = list(islice(log.conversations(query), count or None))[::-1]
    if as_json:
        output.line(json.dumps([each.to_dict() for each in found], indent=2, ensure_ascii=False))
    for each in found if not as_json else ():
        _show(each)
    if not found and not as_json:
        output.note("No conversation matches." if query else "The log is empty. Begin one: curta chat")


@click.command("name", help="Name a conversation, to go on with it by --cid NAME. ID: any of its calls.")
@click.argument("id")
@click.argument("name", required=False)
@click.option("--remove", is_flag=True, help="Take its name away.")
def name(id: str, name: str | None, remove: bool) -> None:
    if remove == (name is not None):
        raise UsageError("Either a name or --remove.", then="For example: curta logs name 01m8 'trip to Rome'")
    log = open_log()
    log.name_conversation(id, name)
    output.note(f"Go on with it: curta chat --cid '{name}'" if name else "It has no name any more.")


class Branches:
    """Says, between the calls of a conversation, where one goes on from another than the one above it."""

    def __init__(self) -> None:
        self._above: str | None = None
        self._begun = False

    def tell(self, call: Call) -> None:
        if type(call) is not Call:  # of another log, which is shown as it is
            return
        if self._begun and call.parent_id != self._above:
            where = f"goes on from {call.parent_id}" if call.parent_id else "begins anew"
            output.line((f"↳ {where}", "accent"))
        if call.status in ("ok", "refused") or (call.status == "interrupted" and call.response.strip()):
            self._above, self._begun = call.id, True


def _show(each: "ConversationRecord") -> None:
    words = shortened(one_line(each.prompt), 60) or "(nothing was said)"
    turns = f"{each.turns} turn{'s' * (each.turns != 1)}"
    branches = f", {each.branches} branches" if each.branches > 1 else ""
    output.line(
        (f"{each.id}  {each.latest.astimezone():%Y-%m-%d %H:%M}  ", "faint"),
        (f"{each.name}  ", "bold") if each.name else "",
        words,
        (f"  {turns}{branches} · {each.model}", "faint"),
    )
