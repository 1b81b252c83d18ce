"""`curta eval report`: what is known of an experiment, from the log, as a table, a page, rows or JUnit XML."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curta.cli import output
from curta.errors import UsageError

if TYPE_CHECKING:
    from curta.evals.reporting import Report

_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


@click.command(
    "report",
    help="""What is known of an experiment, from the log; of the latest without ID. Asks nothing.

    \b
      curta eval report --items 3
      curta eval report --html report.html
      curta eval report --csv > answers.csv""",
)
@click.argument("id", required=False)
@click.option("--items", type=click.IntRange(min=0), metavar="N", help="Show the texts of N inputs that differ most.")
@click.option("--html", type=_FILE, metavar="FILE", help="Write a web page of one file; - is stdout.")
@click.option("--junit", type=_FILE, metavar="FILE", help="Write JUnit XML, which CI systems show; - is stdout.")
@click.option("--csv", "as_csv", is_flag=True, help="Each answer as a row of CSV.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
def report(
    id: str | None,
    items: int | None,
    html: Path | None,
    junit: Path | None,
    as_csv: bool,
    as_json: bool,
    database: Path | None,
) -> None:
    from curta.api import studies
    from curta.cli.schemas import log_at

    if sum((as_csv, as_json, *(str(each) == "-" for each in (html, junit)))) > 1:
        raise UsageError("Only one of them can be written to stdout.")
    found = studies.experiment_report(id, log=log_at(database))
    if html:
        write(html, found.html() if items is None else found.html(items))
    if junit:
        write(junit, found.junit())
    if as_csv:
        output.write(found.csv())
    elif as_json:
        output.line(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
    elif not (html or junit):
        _show(found, items or 0)


def write(path: Path, text: str) -> None:
    from curta import config

    if str(path) == "-":
        output.write(text)
        return
    with config.replacing(path) as file:
        file.write(text)
    output.note(f"Written: {path}, {len(text.encode()) / 1000:,.0f} kB.")


def _show(found: "Report", items: int) -> None:
    from curta.cli import eval_report_shown, eval_shown

    eval_shown.show_head(found)
    eval_shown.show_how(found)
    eval_report_shown.show(found)
    eval_shown.show_checks(found.checks)
    if items:
        eval_report_shown.show_items(found, items)
