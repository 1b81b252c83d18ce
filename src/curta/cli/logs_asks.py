"""`curta logs asks`: the questions to documents, and what was found and proven for each."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from curta.cli import ask_shown, logs_shown, output
from curta.store import open_log

if TYPE_CHECKING:
    from curta.store import AskRecord

_FEW = 10


@click.command("asks", help="The questions to documents (curta ask), oldest first; with ID, one in full.")
@click.argument("id", required=False)
@click.option("-n", "--count", type=click.IntRange(min=0), default=_FEW, show_default=True, help="How many; 0 for all.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def asks(id: str | None, count: int, as_json: bool) -> None:
    log = open_log()
    found = [log.ask(id)] if id else list(reversed(log.asks(count or None)))
    if as_json:
        told = [each.to_dict() for each in found]
        output.line(json.dumps(told[0] if id else told, indent=2, ensure_ascii=False))
        return
    for each in found:
        (_whole if id else _brief)(each)
    if not found:
        output.note("No question to documents is logged. Ask one: curta ask notes.txt 'What was decided?'")


def _brief(ask: "AskRecord") -> None:
    question, answer = (logs_shown.shortened(logs_shown.one_line(each), 60) for each in (ask.question, _came(ask)))
    output.line(
        (f"{ask.id}  {ask.started.astimezone():%Y-%m-%d %H:%M}", "faint"),
        ("" if ask.status == "ok" else f"  {ask.status}", "bad"),
        f"  {question}",
        (f"  {answer}", "faint"),
    )


def _came(ask: "AskRecord") -> str:
    return str(ask.described["error"] or ask.described["text"])


def _whole(ask: "AskRecord") -> None:
    told = ask.described
    logs_shown.title(ask.started, ask.id)
    for name, text in (*_status(ask), *facts(ask), ("model", told["model"]), ("calls", ", ".join(told["calls"]))):
        output.line((f"{name}: ", "faint"), logs_shown.one_line(text))
    logs_shown.section("Question", ask.question)
    if told.get("passages"):
        logs_shown.heading("Passages")
        ask_shown.show_passages(told["passages"])
    show_answer(ask)


def _status(ask: "AskRecord") -> Iterator[tuple[str, str]]:
    if ask.status != "ok":
        yield "status", ": ".join(filter(None, (ask.status, ask.described["error"])))


def facts(ask: "AskRecord") -> Iterator[tuple[str, str]]:
    """What was asked, and what came of it, in names and values."""
    told = ask.described
    if "how" in told:
        yield "asked", f"{', '.join(told['sources'])}: {ask_shown.looked_at(told)}"
    if told.get("words"):
        yield "looked for", " ".join(told["words"])
    if told["claims"]:
        yield "claims", f"{sum(claim['ok'] for claim in told['claims'])} of {len(told['claims'])} verified"


def show_answer(ask: "AskRecord") -> None:
    if ask.described["text"]:
        logs_shown.heading("Answer")
        ask_shown.show(ask.described)
