"""`curta check`: verify the quotations, authors, numbers and counts of an answer."""

import json
import sys
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

import click

from curta.cli import output
from curta.errors import SourceTooLarge, UsageError

if TYPE_CHECKING:
    from curta.events import Citation
    from curta.messages import Document
    from curta.quotes import Report
    from curta.store import Call

_STYLES = {"pass": "good", "fail": "bad", "neutral": "faint", "head": "bold", "note": "faint"}

_HELP = """Verify the quotations, authors and numbers of a text against its sources.

ANSWER is a file, or - for what is piped in. A source is anything -f reads: a file, a folder, a URL, hn:ID. Without
--against the answer is checked against the documents that were sent with a logged call, and without ANSWER it is that
call's own answer.

\b
  curta check summary.md --against thread.json
  pbpaste | curta check - --against notes/ --fix > mended.md
  curta check                                        # the last logged call

"Verified" means: these words, by this author, at this place. It does not mean that they are true, nor that a summary is
fair. Exit code 3 when a claim that can be decided does not hold."""


@click.command(
    "check", help=_HELP, short_help="Verify the quotations, authors and numbers of a text against its sources."
)
@click.argument("answer", required=False)
@click.option("--against", "sources", multiple=True, metavar="SOURCE", help="What to check against; may be repeated.")
@click.option("--call", "call_id", metavar="ID", help="The logged call to check against, by default the last one.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option("--fix", "as_fixed", is_flag=True, help="Print the answer with wrong quotations mended or struck out.")
@click.option("--require-quotes", type=click.IntRange(0), default=0, metavar="N", help="Fail when fewer are verified.")
@click.pass_context
def check(
    ctx: click.Context,
    answer: str | None,
    sources: Sequence[str],
    call_id: str | None,
    as_json: bool,
    as_fixed: bool,
    require_quotes: int,
) -> None:
    from curta import quotes

    if as_json and as_fixed:
        raise UsageError("--json prints the report and --fix the answer.", then="Give one of them.")
    text, documents, prompt, citations = _loaded(answer, sources, call_id)
    report = quotes.check(text, documents, prompt=prompt, citations=citations)
    if as_json:
        output.line(json.dumps(report.to_dict(), ensure_ascii=False))
    elif as_fixed:
        output.write(quotes.fix(text, report))
        show(report, sys.stderr)
    else:
        show(report, sys.stdout)
    missing = require_quotes - len(report.verified)
    if missing > 0:
        output.note(f"Of {require_quotes} quotations required, {len(report.verified)} verified.", force=True)
    ctx.exit(3 if missing > 0 or not report.ok else 0)


def show(report: "Report", stream: IO[str]) -> None:
    """Write the report for people to `stream`."""
    from curta import quotes

    sys.stdout.flush()
    for line in quotes.lines(report):
        text = output.safe(line.text, stream)
        if line.kind in ("pass", "fail", "neutral"):
            text = output.style(text[0], _STYLES[line.kind], stream) + text[1:]
        else:
            text = output.style(text, _STYLES[line.kind], stream)
        stream.write(text + "\n")
    stream.flush()


def _loaded(
    answer: str | None, sources: Sequence[str], call_id: str | None
) -> "tuple[str, Sequence[Document], str, Sequence[Citation]]":
    """The answer, what it is checked against, the question it answers, and what the model itself says it quoted."""
    if sources and call_id:
        raise UsageError("--against and --call both say what to check against.", then="Give one of them.")
    if sources:
        return (*_against(answer, sources), "", ())
    text = _piped() if answer is None and call_id is None else answer and _read(answer)
    call = _logged(call_id)
    if not call.documents:
        raise UsageError(
            f"No documents were sent with call {call.id}.", then="Say what to check against: --against SOURCE"
        )
    if text is not None:
        return text, call.documents, call.prompt, ()
    from curta.answering.quoted import citations_of

    return call.response, call.documents, call.prompt, citations_of(call)


def _against(answer: str | None, sources: Sequence[str]) -> "tuple[str, list[Document]]":
    if answer is None:
        raise UsageError("There is no answer to check.", then="curta check ANSWER --against SOURCE (- reads a pipe)")
    if answer == "-" and "-" in sources:
        raise UsageError("The answer and a source cannot both be what is piped in.", then="Give one of them as a file.")
    return _read(answer), _load(sources)


def _piped() -> str | None:
    """What is piped in, when anything is."""
    text = "" if sys.stdin.isatty() else _read("-")
    return text if text.strip() else None


def _load(sources: Sequence[str]) -> "list[Document]":
    from curta.sources import load

    return [document for source in sources for document in load(source)]


def _logged(call_id: str | None) -> "Call":
    from curta.store import open_log

    return open_log().call(call_id)


def _read(answer: str) -> str:
    """The text of the answer: what is piped in for `-`, else a file. Raises SourceError when it cannot be read."""
    from curta.sources.files import LIMIT, read

    if answer != "-" and not answer.startswith("/dev/fd/"):  # what `<(command)` is called
        return read(answer).decode("utf-8-sig", "replace")
    with open(sys.stdin.fileno() if answer == "-" else answer, "rb", closefd=answer != "-") as file:
        text = file.read(LIMIT + 1)
    if len(text) > LIMIT:
        raise SourceTooLarge(f"The answer is larger than {LIMIT >> 20} MB.")
    return text.decode("utf-8-sig", "replace")
