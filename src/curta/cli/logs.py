"""`curta logs`: what was asked and answered, found again; and the housekeeping of the log (in `logs_tidy`)."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import click

from curta.cli import (
    logs_amount,
    logs_asks,
    logs_conversations,
    logs_cost,
    logs_data,
    logs_diff,
    logs_replay,
    logs_runs,
    logs_shown,
    logs_tidy,
    output,
)
from curta.cli.group import DefaultGroup
from curta.errors import CurtaError, LogError
from curta.llm_home import with_past
from curta.llm_home.both_logs import BothLogs
from curta.store import Call, Filter, open_log, turn_logging

STATUSES = ("ok", "failed", "interrupted", "refused", "running")
_FEW = 3


@click.group(cls=DefaultGroup, default="list", help="Search, show, export and tidy what was asked and answered.")
def logs() -> None:
    pass


@logs.command("list", help="The latest calls, oldest first. A search lists the latest that match.")
@click.option(
    "-n",
    "--count",
    type=click.IntRange(min=0),
    metavar="N",
    help="How many; 0 for all. Default 3, all of a conversation.",
)
@click.option("-m", "--model", metavar="NAME", help="Only calls of this model.")
@click.option("-c", "--current", is_flag=True, help="The latest conversation.")
@click.option("--cid", metavar="NAME|ID", help="The conversation of this name, or that this call belongs to.")
@click.option("-q", "--query", metavar="WORDS", help='Calls with all of these words; also word*, -word, "a phrase".')
@click.option("--status", type=click.Choice(STATUSES), help="Only calls that ended so.")
@click.option("--tools", is_flag=True, help="Only calls that called tools, or got their results.")
@click.option("-T", "--tool", metavar="NAME", help="Only calls that called this tool, or got its results.")
@click.option("-r", "--response", is_flag=True, help="Only the answer; of the latest call unless -n says more.")
@click.option("-x", "--extract", is_flag=True, help="Only the first fenced code block of the answer.")
@click.option("--xl", "--extract-last", "extract_last", is_flag=True, help="Only the last fenced code block.")
@click.option("-s", "--short", is_flag=True, help="A line for each call.")
@click.option("-u", "--usage", is_flag=True, help="With what the call used and cost.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
@logs_data.options
@logs_amount.options
def list_(**given: Any) -> None:
    log = settled(given["database"])
    only = given["response"] or given["extract"] or given["extract_last"]
    found = _found(log, given, few=1 if only else _FEW)
    if logs_data.is_asked_for(given):
        logs_data.show(found, given)
    elif given["as_json"]:
        _write(logs_shown.json_list(logs_amount.described(call, given) for call in found))
    elif given["extract"] or given["extract_last"]:
        _write_blocks(found, last=given["extract_last"])
    elif given["response"]:
        for call in found:
            output.line(call.response)
    else:
        _list(found, log, given)


@logs.command("show", help="One call. ID may be the beginning of one; the latest without it.")
@click.argument("id", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON, with all that was sent and received.")
def show(id: str | None, as_json: bool) -> None:
    log = settled()
    call = log.call(id)
    if as_json:
        whole = next(log.export(Filter(ids=(call.id,))))
        output.line(json.dumps(whole, indent=2, ensure_ascii=False))
    else:
        logs_shown.whole(call, usage=True)


@logs.command("path", help="Where the log is.")
def path() -> None:
    output.line(str(open_log().path))


@logs.command("status", help="Whether calls are logged, and what the log holds.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(as_json: bool) -> None:
    with suppress(LogError):
        open_log().settle()
    found = open_log().status()
    described = {
        "path": str(found.path),
        "on": found.on,
        "size": found.size,
        "calls": found.calls,
        "conversations": found.conversations,
        "oldest": found.oldest and found.oldest.isoformat(timespec="milliseconds"),
        "newest": found.newest and found.newest.isoformat(timespec="milliseconds"),
        "spooled": found.spooled,
    }
    if as_json:
        output.line(json.dumps(described, indent=2))
        return
    endings = ", ".join(f"{number:,} {name}" for name, number in found.calls.items())
    output.line(f"Logging is {'on' if found.on else 'off'}.")
    output.line(f"{found.path}: {found.size:,} bytes")
    output.line(logs_tidy.counted(sum(found.calls.values())) + (f": {endings}" if endings else ""))
    output.line(logs_tidy.counted(found.conversations, "conversation"))
    if found.oldest and found.newest:
        output.line(f"from {found.oldest.astimezone():%Y-%m-%d %H:%M} to {found.newest.astimezone():%Y-%m-%d %H:%M}")
    if found.spooled:
        output.line(f"{logs_tidy.counted(found.spooled)} beside it, to be taken in when it can be written.")


@logs.command("on", help="Log calls, unless told otherwise with -n.")
def on() -> None:
    turn_logging(True)
    output.note("Calls are logged from now on. `curta -n` leaves one out.")


@logs.command("off", help="Log nothing, unless told otherwise with --log.")
def off() -> None:
    turn_logging(False)
    output.note("Calls are no longer logged. `curta --log` logs one; `curta logs on` logs all again.")


for _command in (logs_conversations.conversations, logs_conversations.name):
    logs.add_command(_command)
for _command in (logs_cost.cost, logs_replay.replay, logs_diff.diff, logs_runs.runs, logs_asks.asks):
    logs.add_command(_command)
for _command in (logs_tidy.backup, logs_tidy.rm, logs_tidy.prune, logs_tidy.redact, logs_tidy.export):
    logs.add_command(_command)


def settled(database: Path | None = None) -> BothLogs:
    """The log, with what earlier processes left behind taken in where that is possible; and that of `llm`.

    database: another file, and that alone.
    """
    log = with_past(open_log()) if database is None else BothLogs(open_log(database), None)
    with suppress(LogError):
        log.settle()
    return log


def _found(log: BothLogs, given: dict[str, Any], few: int) -> Iterable[Call]:
    """The calls asked for, oldest first."""
    conversation = _conversation(log, given)
    count = given["count"]
    if count is None:
        count = 0 if (conversation and few == _FEW) or logs_data.is_asked_for(given) else few
    bounded = bool(given["id_gt"] or given["id_gte"])
    filter = Filter(
        limit=None if bounded else count or None,
        model=given["model"],
        conversation=conversation,
        query=given["query"],
        status=given["status"],
        tool=given["tool"] or ("" if given["tools"] else None),
        oldest_first=not count,
        **logs_data.filters(given),
    )
    found = islice(logs_amount.after(log.calls(filter), given), count or None) if bounded else log.calls(filter)
    return found if filter.oldest_first else reversed(list(found))


def _conversation(log: BothLogs, given: dict[str, Any]) -> str | None:
    if given["cid"]:
        return log.history(given["cid"])[2].conversation_id
    return log.call().conversation_id if given["current"] else None


def _list(found: Iterable[Call], log: BothLogs, given: dict[str, Any]) -> None:
    most = logs_amount.SHORT if given["truncate"] else None
    whole = partial(logs_shown.whole, most=most, documents=given["expand"])
    show: Callable[..., None] = logs_shown.brief if given["short"] else whole
    branches = logs_conversations.Branches() if given["cid"] or given["current"] else None
    nothing = True
    for call in found:
        nothing = False
        if branches:
            branches.tell(call)
        show(call, usage=given["usage"])
    if nothing:
        output.note("No logged call matches." if log.holds_any() else "The log is empty. Ask something: curta 'Hello'")


def _write(pieces: Iterator[str]) -> None:
    for piece in pieces:
        output.write(piece)
    output.line()


def _write_blocks(found: Iterable[Call], last: bool) -> None:
    from curta.text.fenced import fenced_block

    blocks = (block for call in found if (block := fenced_block(call.response, last=last)) is not None)
    first = next(blocks, None)
    if first is None:
        raise CurtaError("None of these answers has a fenced code block.", then="`curta logs -r` shows the answer.")
    for block in chain([first], blocks):
        output.write(block if block.endswith("\n") else block + "\n")
