"""`curta eval import`: what other tools measured, brought into the log; their configurations as specs."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curta.cli import output
from curta.errors import UsageError

if TYPE_CHECKING:
    from curta.evals.importing.keeping import Kept

_HELP = """Bring runs of promptfoo (.json, .jsonl) and logs of Inspect (.eval, .json) into the log.

\b
  curta eval import results.json
  curta eval import logs/*.eval
  curta eval import promptfooconfig.yaml -o spec.yml

Each becomes an experiment: `curta eval list`, `report` and `compare` work on it, and its answers are in `curta logs`.
A file that is there already stays as it is. A configuration of promptfoo (.yaml, or its tests as .csv) becomes a spec,
with a list of what was left out. Nothing of theirs is run."""


@click.command("import", help=_HELP, short_help="Bring in runs of promptfoo and Inspect, or a promptfoo configuration.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("-o", "--out", metavar="FILE", type=click.Path(path_type=Path), help="Where the spec goes.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
def import_(files: tuple[str, ...], out: Path | None, as_json: bool, database: Path | None) -> None:
    from curta.api import runs
    from curta.cli.schemas import log_at

    if len(files) == 1 and runs.is_promptfoo_configuration(files[0]):
        _write(files[0], out)
        return
    if out:
        raise UsageError("-o is for the spec of one configuration.", then="Runs go into the log.")
    for kept in runs.import_runs(files, log=log_at(database)):
        if as_json:
            output.line(json.dumps(kept._asdict(), ensure_ascii=False))
        else:
            _show(kept)


def _write(path: str, out: Path | None) -> None:
    """The spec that a configuration describes, in a file or as the result; what is not in it."""
    from curta.api import runs
    from curta.cli.eval_report import write

    found = runs.spec_of_promptfoo(path)
    if out is None:
        output.write(found.yaml())
    else:
        write(out, found.yaml())
    for each in found.left_out:
        output.note(f"Left out: {each}.", force=True)
    if out is not None:
        output.note(f"Next: curta eval plan {out}")


def _show(kept: "Kept") -> None:
    state = "" if kept.new else ", there already"
    answers = f"{kept.answers:,} answer{'s' * (kept.answers != 1)} to {kept.units:,} input{'s' * (kept.units != 1)}"
    output.line((kept.id, "faint"), f"  {kept.name}, {kept.tool}: {answers}; scores: {', '.join(kept.scores)}{state}")
    for each in kept.notes:
        output.note(f"{each}.", force=True)
