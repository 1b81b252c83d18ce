"""`curta eval label`: answers shown one by one, blind, and what a person says of them."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curta.cli import output
from curta.errors import SourceError

if TYPE_CHECKING:
    from curta.evals.labelling import Labelling, Shown

_HELP = """Say how good answers are, one by one, so that the scores of a judge can be trusted or corrected.

\b
  curta eval label
  curta eval label 01k9x --limit 40
  curta eval label --export labels.csv      then fill in the column `label`, and
  curta eval label --import labels.csv

Answers come in a random order; which way of asking gave one is not shown. Each label is kept at once, and the same
command goes on where it stopped. Without ID the latest experiment. Without a terminal keys are read from the lines of
stdin.

\b
  g good   b bad   1 2 3 4 5 from bad to good
  s skip   u take the last one back   q quit"""

_KEYS = {"g": 1.0, "b": 0.0, "s": None, **{str(key): (key - 1) / 4 for key in range(1, 6)}}
_OTHER_KEY = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?")
"""An arrow and its like, whose last byte would be a key (ECMA-48, 5.4)."""
_KEYS_SHOWN = "g good · b bad · 1-5 bad to good · s skip · u undo · q quit"


@click.command("label", help=_HELP, short_help="Label answers by hand, to see what the scores of a judge are worth.")
@click.argument("id", required=False)
@click.option("--about", metavar="SCORER", help="The judge, or the question, where there are several.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Stop after so many.")
@click.option("--export", metavar="FILE", type=click.Path(path_type=Path), help="Write a table (CSV) to fill in.")
@click.option("--import", "taken", metavar="FILE", type=click.Path(path_type=Path), help="Take labels from a table.")
@click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
def label(
    id: str | None, about: str | None, limit: int | None, export: Path | None, taken: Path | None, database: Path | None
) -> None:
    from curta import config
    from curta.api import runs
    from curta.cli.schemas import log_at

    labelling = runs.labelling(id, about=about, log=log_at(database))
    if taken:
        output.note(f"{labelling.take_csv(_read(taken), str(taken)):,} labels taken from {taken}.")
    if export:
        with config.replacing(export, 0o600) as file:
            file.write(labelling.csv())
        output.note(
            f"{labelling.total:,} answers in {export}. Fill in `label`: good, bad, skip, or a number in [0, 1]."
        )
    if not (taken or export):
        _label(labelling, limit)
    _tell(labelling, log_at(database))


def _label(labelling: "Labelling", limit: int | None) -> None:
    """Show answer after answer, until there is none, or the person has had enough."""
    said = 0
    output.note(labelling.question, force=True)
    with _keys() as keys:
        while (limit is None or said < limit) and (shown := labelling.next()) is not None:
            _show(labelling, shown)
            key = next((each for each in keys if each in _KEYS or each in ("u", "q")), "q")
            if key == "q":
                return
            if key == "u":
                said -= labelling.undo()
            else:
                labelling.put(shown.call, _KEYS[key])
                said += 1


def _show(labelling: "Labelling", shown: "Shown") -> None:
    output.note(force=True)
    output.note((f"{labelling.done + 1:,} of {labelling.total:,}", "faint"), force=True)
    output.note((shown.prompt, "faint"), force=True)
    output.note((shown.answer or "(nothing)", ""), force=True)
    output.note((_KEYS_SHOWN, "faint"), force=True)


@contextmanager
def _keys() -> Iterator[Iterator[str]]:
    """The keys that are pressed, also early; without a terminal, the first character of each line."""
    if not output.is_terminal(sys.stdin):
        yield (line.strip()[:1].lower() for line in sys.stdin)
        return
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        yield _pressed(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _pressed(terminal: int) -> Iterator[str]:
    while pressed := os.read(terminal, 64).decode("utf-8", "ignore"):
        yield from _OTHER_KEY.sub("", pressed).lower()


def _tell(labelling: "Labelling", log: object) -> None:
    """How many labels there are, and what they say of the scores."""
    from curta.api import studies

    known = sum(each is not None for each in labelling.labels.values())
    output.line(f"{known:,} of {labelling.total:,} answers are labelled.")
    report = studies.experiment_report(labelling.id, log=log)  # type: ignore[arg-type]
    for each in report.results if known else ():
        output.line(f"{each.scorer}, {each.contrast}: {each.mark}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SourceError(f"Cannot read {path}: {why}.") from error
