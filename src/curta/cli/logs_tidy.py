"""Keeping the log in shape: copies, removing, rewriting. What cannot be undone asks first, or wants `--yes`."""

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curta import config
from curta.cli import output
from curta.errors import CurtaError, UsageError
from curta.store import Filter, Log, open_log

if TYPE_CHECKING:
    from curta.store.redaction import Redaction

_UNITS = {"h": 1 / 24, "d": 1, "w": 7, "m": 30, "y": 365}


def _confirming(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--yes", is_flag=True, help="Do not ask.")(command)
    return click.option("--dry-run", is_flag=True, help="Only say what would happen.")(command)


@click.command("backup", help="Write a copy of the whole log to a new file.")
@click.argument("path", type=click.Path(path_type=Path))
def backup(path: Path) -> None:
    open_log().backup(path)
    output.note(f"Copied the log to {path}: {path.stat().st_size:,} bytes.")


@click.command("rm", help="Remove calls, with every text that only they refer to.")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@_confirming
def rm(ids: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    log = _settled()
    calls = [log.call(id) for id in ids]
    for call in calls:
        output.note(f"{call.id}  {call.prompt[:70]!r}")
    if _agreed(f"Remove {counted(len(calls))}?", dry_run, yes):
        output.note(f"Removed {counted(log.remove([call.id for call in calls]))}.")


@click.command("prune", help="Remove the calls that are older than this: 30d, 12h, 8w, 6m, 2y.")
@click.option("--older-than", required=True, metavar="AGE", help="A number and h, d, w, m (30 days) or y (365 days).")
@_confirming
def prune(older_than: str, dry_run: bool, yes: bool) -> None:
    age = _age(older_than)
    log = _settled()
    number = log.count(Filter(before=datetime.now(UTC) - age))
    if not number:
        output.note(f"No call is older than {older_than}.")
    elif _agreed(f"Remove {counted(number)} older than {older_than}?", dry_run, yes):
        output.note(f"Removed {counted(log.prune(age))}.")


@click.command("redact", help="Replace TEXT everywhere in the log and in kept fragments, so that nothing of it stays.")
@click.argument("text")
@click.option("--regex", is_flag=True, help="TEXT is a Python regular expression.")
@click.option("--with", "replacement", default="[redacted]", show_default=True, help="What to put in its place.")
@click.option("--call", "calls", multiple=True, metavar="ID", help="Only in this call, and what others share with it.")
@_confirming
def redact(text: str, regex: bool, replacement: str, calls: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    from curta import fragments

    log = _settled()
    how: dict[str, Any] = {"regex": regex, "replacement": replacement}
    found = log.redact(text, calls=list(calls) or None, dry_run=True, **how)
    kept = 0 if calls else fragments.redact(text, dry_run=True, **how)
    if not found.matches + kept:
        output.note("The log does not have this text.")
        return
    if _agreed(_replacing(found, kept), dry_run, yes):
        log.redact(text, calls=list(calls) or None, **how)
        if kept:
            fragments.redact(text, **how)
        output.note("Done. Backups and exports made earlier still have the text.")
        _say_what_is_only_read()


def _replacing(found: "Redaction", kept: int) -> str:
    """What is about to be replaced, as a question. kept: occurrences in fragments with an alias."""
    places = [counted(found.calls), counted(found.documents, "document"), counted(found.attachments, "attachment")]
    places += [f"{counted(kept, 'occurrence')} in kept fragments"]
    where = ", ".join(place for place in places if not place.startswith("0 "))
    return f"Replace {counted(found.matches + kept, 'occurrence')}" + (f" ({where})?" if where else "?")


def _say_what_is_only_read() -> None:
    from curta import llm_home

    if (path := llm_home.location() / llm_home.LOG).is_file():
        output.note(f"The log of llm, {path}, is only read here: if it has the text, it still has.")


@click.command("export", help="Every call with all that was sent and received, as JSON lines, oldest first.")
@click.argument("path", required=False, type=click.Path(path_type=Path, allow_dash=True))
def export(path: Path | None) -> None:
    lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in _settled().export())
    if path is None or str(path) == "-":
        for line in lines:
            sys.stdout.write(line)
        return
    if path.is_file() and path.stat().st_size:
        raise UsageError(f"{path} exists already.", then="Name another file, or remove that one first.")
    number = 0
    with config.replacing(path, 0o600) as file:
        for number, line in enumerate(lines, 1):  # noqa: B007
            file.write(line)
    output.note(f"Exported {counted(number)} to {path}.")


def _settled() -> Log:
    log = open_log()
    log.settle()
    return log


def _agreed(question: str, dry_run: bool, yes: bool) -> bool:
    """Whether to go on. Raises UsageError when nobody can be asked."""
    if dry_run:
        output.note(f"{question} Nothing was changed.", force=True)
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody is here to ask.", then="Add --yes to do it, or --dry-run to see it.")
    if not click.confirm(output.safe(question, sys.stderr), err=True):
        raise CurtaError("Nothing was changed.")
    return True


def _age(text: str) -> timedelta:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([hdwmy])", text.strip().lower())
    if not found:
        raise UsageError(f"{text!r} is not an age.", then="Write a number and h, d, w, m or y, such as 30d.")
    try:
        return timedelta(days=float(found[1]) * _UNITS[found[2]])
    except OverflowError:
        raise UsageError(f"{text!r} is too long ago.") from None


def counted(number: int, what: str = "call") -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
