"""What `curta index` shows: progress, reports and tables."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from curta.cli import output

if TYPE_CHECKING:
    from curta.index.adding import Event, Report
    from curta.index.documents import Row
    from curta.index.info import Info

_EVERY = 0.2  # seconds between two changes of a line


class Progress:
    """A line on a terminal that counts; nothing elsewhere. What is said stands above it."""

    def __init__(self, what: str) -> None:
        self._what, self._count, self._shown = what, 0, 0.0
        self._on = output.is_terminal(sys.stderr)

    def count(self, more: int = 1) -> None:
        self._count += more
        if self._on and time.monotonic() - self._shown > _EVERY:
            self._shown = time.monotonic()
            sys.stderr.write(f"\r\x1b[K{self._count:,} {self._what}")
            sys.stderr.flush()

    def say(self, sentence: str) -> None:
        self.clear()
        output.note(sentence, force=True)

    def clear(self) -> None:
        if self._on and self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    told = Progress(what)
    try:
        yield told
    finally:
        told.clear()


def taken(events: "Iterable[Event]") -> bool:
    """Show what happens to documents as it happens, then how many came to what; whether none failed."""
    from curta.index.adding import Report

    report = Report()
    with progress("documents") as told:
        for event in events:
            report.take(event)
            told.count()
            if event.why:
                told.say(f"{event.uri}: {event.why}" if event.uri else event.why)
    show_report(report)
    return report.ok


def show_report(report: "Report") -> None:
    """How many documents came to what, on stderr."""
    order = ("added", "updated", "unchanged", "removed", "failed")
    parts = [f"{report.counts[status]:,} {status}" for status in order if report.counts.get(status)]
    output.note(", ".join(parts) or "Nothing to add.")


def show_indexes(found: "Iterable[Info]", as_json: bool) -> None:
    if as_json:
        output.line(json.dumps([each._asdict() for each in found], indent=2, ensure_ascii=False))
        return
    empty = True
    for each in found:
        empty = False
        vectors = f", {' and '.join(each.vectors)}" if each.vectors else ""
        facts = f"{_many(each.documents, 'document')}, {_many(each.chunks, 'passage')}, {each.bytes / 1e6:,.1f} MB"
        output.line((each.name, "accent"), (f"  {facts}{vectors}", "faint"))
    if empty:
        output.note("No index yet: curta index add NAME FOLDER")


def show_documents(rows: "Iterable[Row]", as_json: bool) -> None:
    if as_json:
        output.line(json.dumps([_described(each) for each in rows], indent=2, ensure_ascii=False))
        return
    for each in rows:
        output.line(
            each.uri,
            (f"  {each.title}" if each.title else "", "bold"),
            (f"  {_many(each.length, 'character')}", "faint"),
        )


def _described(row: "Row") -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name not in ("id", "lexicon")}


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
