"""A report as people read it, line by line; whoever shows it adds the colour."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from curta.quotes.numbers import group_by_status
from curta.quotes.report import VERIFIED, Passage, Quote, Report

Kind: TypeAlias = Literal["head", "pass", "fail", "neutral", "note"]
SYMBOLS: dict[Kind, str] = {"pass": "✓", "fail": "✗", "neutral": "·"}
_TEXT = 40
_SOURCE = 160


class Line(NamedTuple):
    """A line of the summary. kind: what it says, for its colour."""

    kind: Kind
    text: str


def lines(report: Report) -> Iterator[Line]:
    """How many quotations hold, one line for each, and one for numbers, counts, names and what is unchecked."""
    judged = len(report.judged)
    plural = "quotation" if judged == 1 else "quotations"
    yield Line("head", f"{len(report.verified)} of {judged} {plural} verified" if judged else "no quotations to verify")
    named = ""
    for quote in report.quotes:
        yield _quote_line(quote, named)
        named = quote.places[0].source if quote.places else named
    for count in report.counts:
        kind: Kind = "pass" if count.ok else "fail"
        said = f"{SYMBOLS[kind]} {'count':<11} {_quoted(count.text)}"
        yield Line(kind, f"{said:<{_TEXT + 16}} {count.found} with a verified quotation")
    yield Line("note", "  ·  ".join(_rest(report)))


def _quote_line(quote: Quote, named: str) -> Line:
    kind: Kind = "neutral" if quote.ok is None else "pass" if quote.ok else "fail"
    status = {"too_short": "too short"}.get(quote.status, quote.status)
    where = [f"{SYMBOLS[kind]} {status:<11} {_quoted(quote.text):<{_TEXT + 2}}"]
    if quote.places:
        first, last = quote.places[0], quote.places[-1]
        where += [first.source] if first.source != named else []
        where += [first.author] if first.author else []
        where.append(f"{first.start}-{last.end}")
    return Line(kind, "  ".join([*where, *_remarks(quote)]).rstrip())


def _remarks(quote: Quote) -> Iterator[str]:
    if quote.status == "absent":
        yield "not found"
    if quote.status == "prompt":
        yield "from the question"
    if quote.status == "near" or quote.status == "altered":
        from curta.quotes.differences import marked_source

        yield f'source: "{_shortened(marked_source(quote), _SOURCE)}"'
    if quote.status == "elided":
        yield from (_left_out(written, source) for written, source in quote.diff)
    if quote.author_ok is False:
        yield f"these words are by {quote.places[0].author or 'nobody named'}, not {quote.quotation.claimed}"
    if quote.quotation.claimed and quote.author_ok is None and quote.status in VERIFIED:
        yield f"author unchecked: {quote.quotation.claimed}"
    yield from quote.flags
    if quote.note:
        yield quote.note


def _left_out(written: str, source: str) -> str:
    return f'left out: "{_shortened(source, _SOURCE)}"' if source else f"put in: {_shortened(written, _SOURCE)}"


def _rest(report: Report) -> Iterator[str]:
    grouped = group_by_status(report.numbers)
    order = ("present", "rounded", "derived", "prompt", "unsupported")
    counted = [f"{len(grouped[status])} {_number_status(status)}" for status in order if status in grouped]
    if unsupported := grouped.get("unsupported"):
        counted[-1] += f" ({', '.join(_quoted(number.text) for number in unsupported)})"
    yield f"numbers: {', '.join(counted) or 'none'}"
    yield f"names: {_named(report.names)}"
    if count := len(report.unchecked):
        yield f"{count} sentence{'s' * (count != 1)} unchecked"


def _number_status(status: str) -> str:
    return "from the question" if status == "prompt" else status


def _named(names: tuple[Passage, ...]) -> str:
    if not names:
        return "all seen"
    shown = ", ".join(_quoted(name.text) for name in names[:5])
    return f"in no source: {shown}{', ...' if len(names) > 5 else ''}"


def _quoted(text: str) -> str:
    return f'"{_shortened(text, _TEXT)}"'


def _shortened(text: str, longest: int) -> str:
    """One line of at most `longest` characters, its middle left out."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    half = (longest - 3) // 2
    return f"{text[:half].rstrip()} … {text[-half:].lstrip()}"
