"""`curta plugins import-llm`: copy what an `llm` on this computer has into Curta's own home."""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

import click

from curta import llm_home
from curta.cli import output
from curta.errors import UsageError

_KEPT = "Curta has its own of this name, which stays"
_STATES = {"new": "copied", "there": "there already", "kept": _KEPT, "refused": "cannot be kept"}
_FUTURE = {"new": "to copy", "there": "there already", "kept": _KEPT, "refused": "cannot be kept"}


def _kinds(command: Any) -> Any:
    from curta.import_llm import KINDS

    for kind in reversed(KINDS):
        command = click.option(f"--{kind}", is_flag=True, help=_HELP[kind])(command)
    return command


_HELP = {
    "keys": "The saved keys.",
    "aliases": "The aliases of models.",
    "models": "The models of extra-openai-models.yaml, the default model, the options of models.",
    "templates": "The templates.",
    "fragments": "The fragments that have a name.",
    "logs": "The log, with ids and times.",
}


@click.command("import-llm", help="Copy what an llm on this computer has. Nothing of Curta's own is overwritten.")
@_kinds
@click.option("--all", "everything", is_flag=True, help="All of these.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--json", "as_json", is_flag=True, help="With --dry-run: as JSON.")
def import_llm(everything: bool, dry_run: bool, as_json: bool, **wanted: bool) -> None:
    from curta import import_llm as importing

    chosen = [kind for kind in importing.KINDS if everything or wanted[kind]]
    if llm_home.folder() is None:
        output.note(f"There is no llm here: {llm_home.location()} does not exist.", force=True)
        return
    if dry_run:
        _show_plan(chosen or list(importing.KINDS), as_json)
        return
    if not chosen:
        raise UsageError(
            "Nothing was named to copy.",
            why="Nothing has to be: Curta reads it where it is.",
            then="--all copies everything; --dry-run shows what there is.",
        )
    _show(importing.copy(chosen), _STATES)
    if "logs" in chosen:
        _copy_calls()


def _show_plan(kinds: list[Any], as_json: bool) -> None:
    from curta import import_llm as importing
    from curta.llm_home.embeddings import collections

    found, waiting = list(importing.items(kinds)), importing.calls_waiting() if "logs" in kinds else 0
    if as_json:
        described = {
            "folder": str(llm_home.location()),
            "items": [item._asdict() for item in found],
            "calls": waiting,
            "collections": [each._asdict() for each in collections()],
        }
        output.line(json.dumps(described, indent=2, ensure_ascii=False))
        return
    output.line(str(llm_home.location()))
    _show(found, _FUTURE)
    if "logs" in kinds:
        output.line(f"  logs: {waiting:,} calls to copy")
    for each in collections():
        output.line(f"  embeddings: {each.name}, {each.size:,} vectors of {each.model}; they stay where they are")


def _show(items: Iterable[Any], words: dict[str, str]) -> None:
    for item in items:
        output.line(f"  {item.kind}: {item.name}  ", (words[item.state], "faint" if item.state == "there" else ""))


def _copy_calls() -> None:
    from curta import import_llm as importing

    total, counted = importing.calls_waiting(), Counter[str]()
    for new in importing.copy_calls():
        counted["new"] += new
        if output.is_terminal(sys.stderr) and total:
            sys.stderr.write(f"\r{counted['new']:,} of {total:,} calls")
            sys.stderr.flush()
    if output.is_terminal(sys.stderr) and total:
        sys.stderr.write("\r\033[K")
    output.line(f"  logs: {counted['new']:,} calls copied")
