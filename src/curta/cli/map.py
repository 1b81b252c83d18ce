"""`curta map`: a prompt for each row, many at a time, the rows with their answers as they come."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from curta.cli import output
from curta.cli.ctrl_c import hear_at_once, interruptible
from curta.errors import CurtaError, UsageError

if TYPE_CHECKING:
    from curta.cli.map_shown import Shown
    from curta.mapping import Mapped

_HELP = """Ask about each row, many at a time.

\b
  curta map 'Translate to French: $text' rows.csv -o out.jsonl -j 50
  curta map 'Who is it from?' mails.jsonl --schema 'name, company' -o who.csv
  curta map -t triage 'sqlite:shop.db?SELECT id, subject, body FROM mail'
  cat names.txt | curta map 'One line about $text'

ROWS is a file of JSON Lines, CSV, TSV, a JSON array or lines, sqlite:PATH?QUERY, or - for what is piped in. `$column`
is the row's value; without any, the row's text goes along as a document. Each row comes out with its answer and the id
of its call in the log; a row that fails has an error, and the others go on (exit code 1).

Typed again, the same command goes on where it stopped, and pays for nothing twice."""

_FORMS = ("jsonl", "json", "csv", "tsv", "lines")


@click.command("map", help=_HELP, short_help="Ask about each row of a file, many at a time.")
@click.argument("words", required=False, metavar="[PROMPT]")
@click.argument("rows", required=False, metavar="[ROWS]")
@click.option("-m", "--model", metavar="NAME", help="The model to ask; `curta models` lists them.")
@click.option("-s", "--system", metavar="TEXT", help="A system prompt, which may have $columns too.")
@click.option("-t", "--template", multiple=True, metavar="NAME", help="A kept prompt; its inputs are the columns.")
@click.option("-p", "--param", "inputs", multiple=True, nargs=2, metavar="NAME VALUE", help="An input, for all rows.")
@click.option("--option", "options", multiple=True, nargs=2, metavar="NAME VALUE", help="An option of the model.")
@click.option("--schema", metavar="SCHEMA", help="What the answers have to be; its fields become columns.")
@click.option("--document", "documents", multiple=True, metavar="COLUMN", help="Send this column as a document.")
@click.option("--as", "answer", metavar="COLUMN", help="The column for the answers.  [default: answer]")
@click.option("-o", "--output", metavar="FILE", help="Write to a file when done: .jsonl, .csv or .tsv.")
@click.option("--format", "form", type=click.Choice(_FORMS), help="What ROWS is, where its name does not say it.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Only the first N rows.")
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=8, show_default=True, metavar="N", help="Requests at once."
)
@click.option("--unordered", is_flag=True, help="Rows as they are done, not in their order.")
@click.option("--estimate", is_flag=True, help="Say how many calls, tokens and dollars it takes. Asks nothing.")
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="USD", help="Stop before it could cost more.")
@click.option("--max-tokens", type=click.IntRange(min=1), metavar="N", help="Stop when so many tokens are used.")
@click.option("--retry-failed", is_flag=True, help="Ask again about rows that failed.")
@click.option("--again", is_flag=True, help="Ask about all rows afresh.")
@click.option("-n", "--no-log", is_flag=True, help="Leave no trace in the log; then nothing can go on.")
@click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
@click.option("--key", metavar="NAME", help="The saved key to use, by name.")
def map(words: str | None, rows: str | None, **given: Any) -> int:
    from curta.cli import map_shown

    words, rows = _what_and_about(words, rows, given["template"])
    shown = map_shown.Shown()
    mapped = _mapped(words, rows, given, shown)
    if given["estimate"]:
        map_shown.show_estimate(mapped.estimate())
        return 0
    with closing(mapped):
        shown.begin(mapped, again=given["again"])
        return _followed(mapped, shown, given)


def _what_and_about(words: str | None, rows: str | None, templates: Sequence[str]) -> tuple[str, str]:
    """The prompt, and what it is about. With a template, a single argument is the rows."""
    if templates and rows is None and words is not None:
        words, rows = None, words
    if rows is None and sys.stdin is not None and not sys.stdin.isatty():
        rows = "-"
    if rows is None:
        raise UsageError(
            "Nothing says what to ask about.",
            then="Name a file: curta map 'Translate to French: $text' rows.csv   or pipe something in.",
        )
    return words or "", rows


def _mapped(words: str, rows: str, given: Mapping[str, Any], shown: "Shown") -> "Mapped":
    from curta.api import studies
    from curta.cli import prompt_read as read

    read.warn_about_key(given["key"])
    hear_at_once()
    log = read.log({**given, "force_log": False})
    if not (log or given["no_log"]):
        output.note("Logging is off (`curta logs on`): what is asked now will be asked again the next time.")
    return studies.map(
        words,
        rows,
        **{name: given[name] for name in _PASSED},
        inputs=dict(given["inputs"]),
        options=read.read_options(given["options"]),
        concurrency=given["jobs"],
        ordered=not given["unordered"],
        log=log,
        on_retry=shown.say_retry,
    )


_PASSED = (
    *("model", "system", "template", "schema", "documents", "answer", "form", "limit", "max_cost", "max_tokens"),
    *("again", "retry_failed", "key"),
)


def _followed(mapped: "Mapped", shown: "Shown", given: Mapping[str, Any]) -> int:
    """Write the rows as they come, and say what came of it. The exit code."""
    with interruptible(mapped, shown.say_stopping) as interrupted, _destination(given["output"]) as file:
        problem = _write(mapped, shown, file, given["output"] or "")
        if problem and mapped.progress.failed == mapped.progress.released:
            raise problem  # so a file that is there stays as it is
    shown.end(mapped, given["output"], interrupted=bool(interrupted))
    if problem:
        raise problem
    return 130 if interrupted else 1 if mapped.progress.failed else 0


def _write(mapped: "Mapped", shown: "Shown", file: TextIO | None, name: str) -> CurtaError | None:
    """Write the rows to the file, or to stdout; what ended it early, after all that was done has been written."""
    from curta.cli.map_shown import where
    from curta.mapping import writing

    write = output.write if file is None else file.write
    form = writing.form_of(name)
    header, as_text = writing.writer(form, mapped.columns_out)
    write(header)
    try:
        with closing(iter(mapped)) as found:
            for row in found:
                shown.clear()
                write(as_text(row))
                shown.tell(lambda: where(mapped))
    except CurtaError as error:
        return error
    finally:
        shown.clear()
    return None


@contextmanager
def _destination(name: str | None) -> Iterator[TextIO | None]:
    """The file to write, which appears when all is written; None for stdout."""
    if name is None or name == "-":
        yield None
        return
    from curta import config

    with config.replacing(Path(name)) as file:
        yield file  # type: ignore[misc]  # a text file is a TextIO
