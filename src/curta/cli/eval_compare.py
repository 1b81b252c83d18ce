"""`curta eval compare`: two runs, input by input."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.cli.eval_flags import scorer

if TYPE_CHECKING:
    from curta.evals.paired import By, Item, Paired
    from curta.statistics import Verdict

_HELP = """Is the second run better than the first? Each input is compared with itself.

\b
  curta eval compare old.json new.json
  curta eval compare results.json#small results.json#large
  curta eval compare answers-1.jsonl answers-2.jsonl --score 'contains: $expected'
  curta eval compare 01k9x:base 01k9x:caps

A run is a file of promptfoo (.json, .jsonl), a log of Inspect (.eval, .json), a table of answers such as `curta map`
writes (.jsonl, .csv, .tsv), or an experiment of the log, by its id. FILE#NAME and ID:NAME choose a way of asking.

Exit codes: 0 compared, 3 the second is worse, or not as --require has it."""

_SIGNS = {"better": "good", "worse": "bad"}
_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)
_LONGEST = 70


@click.command("compare", help=_HELP, short_help="Is one run better than another? Also those of promptfoo and Inspect.")
@click.argument("first")
@click.argument("second")
@click.option("--by", multiple=True, metavar="NAME", help="Compare by this score alone; A=B where names differ.")
@click.option("--score", multiple=True, metavar="SCORER", help="Score the answers of files now: 'contains: $expected'.")
@click.option("--rope", type=_SHARE, default=0.05, show_default=True, help="The margin within which it is none.")
@click.option("--alpha", type=_SHARE, default=0.05, show_default=True, help="How often a verdict may be wrong.")
@click.option("--items", type=click.IntRange(min=0), default=5, show_default=True, metavar="N", help="Inputs to show.")
@click.option("--require", type=click.Choice(["better", "equal", "decided"]), help="Exit with 3 unless it is so.")
@click.option("--id", default="id", show_default=True, metavar="COLUMN", help="Of a table: which input it is.")
@click.option("--answer", default="answer", show_default=True, metavar="COLUMN", help="Of a table: the answer.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
def compare(
    first: str, second: str, score: tuple[str, ...], items: int, require: Any, as_json: bool, **given: Any
) -> int:
    from curta.api import runs
    from curta.cli.schemas import log_at

    log = log_at(given.pop("database"))
    found = runs.compare_runs(first, second, score=[scorer(each) for each in score], items=items, log=log, **given)
    if as_json:
        output.line(json.dumps(found.to_dict(items), indent=2, ensure_ascii=False))
    else:
        _show(found, items)
    return 3 if found.is_worse or (require and not found.meets(require)) else 0


def _show(found: "Paired", items: int) -> None:
    output.line(f"{found.names[0]} → {found.names[1]}: ", _paired(found))
    for each in found.notes:
        output.note(f"{each}.", force=True)
    for by in found.by:
        _show_one(found, by, items)
    if any(each for each in found.unpaired):
        told = "; ".join(
            f"{name} has {', '.join(scores)}"
            for name, scores in zip(found.names, found.unpaired, strict=True)
            if scores
        )
        output.note(f"Not compared, since only one has it: {told}.")


def _paired(found: "Paired") -> str:
    alone = ", ".join(
        f"{number:,} only in the {which}"
        for number, which in zip(found.only, ("first", "second"), strict=True)
        if number
    )
    averaged = f", averaged over {found.averaged} ways of asking" if found.averaged > 1 else ""
    return f"{found.units:,} input{'s' * (found.units != 1)} in both" + (f" ({alone})" if alone else "") + averaged


def _show_one(found: "Paired", by: "By", items: int) -> None:
    outcome, rest = _said(by, by.verdict)
    notes = [by.about.mark] if by.about.mark else []
    notes += ["not sure with all scores taken together"] if by.verdict.outcome in _SIGNS and not by.holds else []
    sign = "" if by.about.relative else _SIGNS.get(by.verdict.outcome, "")
    output.line(f"{by.scorer}: ", (outcome, sign), rest, "".join(f"; {each}" for each in notes))
    if by.fixed:
        output.line("  looked at at any time: ", "".join(_said(by, by.anytime)))
    means = " → ".join(f"{each:.3g}" for each in by.means)
    output.line(f"  {means}; {by.better:,} better, {by.worse:,} worse, {by.same:,} the same")
    if any(by.failed):
        low, high = (f"{100 * bound:+.0f}" for bound in by.worst_case)
        failed = f"{by.failed[0]:,} and {by.failed[1]:,} answers have no score"
        output.line(f"  {failed}, which could make it anything from {low} to {high} points")
    for item in by.items[:items]:
        output.line(f"  {100 * item.difference:+.0f}  {item.unit}  ", _answers(item))


def _said(by: "By", verdict: "Verdict") -> tuple[str, str]:
    """`better`, and what it rests on."""
    outcome, mark, rest = by.told(verdict).sentence("").removeprefix(": ").partition(" (")
    return outcome, mark + rest


def _answers(item: "Item") -> tuple[str, str]:
    first, second = (_short(each.text) or "(nothing)" for each in item.said)
    return f"{first} → {second}", "faint"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
