"""What to do about claims that fail: messages a model can act on, and an answer in which nothing unverified stands."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from curta.quotes import structured
from curta.quotes.report import Quote, Report

_FEW = 3
_PAIRS = ("“”", '""', "«»", "「」")


def problems(report: Report) -> list[str]:
    """One message for each claim that fails. Quotations are numbered from 1 in the order of the answer."""
    messages = [
        f"quote {number}: {'; '.join(_faults(quote))}"
        for number, quote in enumerate(report.quotes, 1)
        if quote.ok is False
    ]
    messages += [
        f'"{number.text}": no source has it; give the expression or drop it'
        for number in report.numbers
        if number.ok is False
    ]
    messages += [
        f'"{count.text}": {count.found} with a verified quotation; quote the others or correct the count'
        for count in report.counts
        if not count.ok
    ]
    return messages


def _faults(quote: Quote) -> Iterator[str]:
    if quote.status == "absent":
        yield "not found; quote exactly or drop it"
    if quote.status in ("near", "altered"):
        yield _difference(quote)
    if quote.author_ok is False:
        author = quote.places[0].author
        whose = f"by {author}" if author else "by nobody named"
        yield f"these words are {whose}, not {quote.quotation.claimed}"
    yield from (_flag(flag) for flag in quote.flags)


def _difference(quote: Quote) -> str:
    from curta.quotes.differences import phrases

    pairs = phrases(quote)
    if not pairs or len(pairs) > _FEW:
        return f'the source says "{" ".join(quote.source_text().split())}"'
    said = [f'"{source}", you wrote "{written}"' if written else f'"{source}"' for written, source in pairs]
    return f"the source says {', and '.join(said)}"


def _flag(flag: str) -> str:
    kind, _, words = flag.partition(": ")
    if kind == "omits":
        return f'what it leaves out has "{words}"; quote it whole'
    if kind == "inserts":
        return f'the source does not say "{words}"; drop it'
    return flag


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


def fix(answer: str, report: Report) -> str:
    """`answer` with nothing unverified in it.

    A quotation whose place is known gets the words of the source; one that is nowhere, or is somebody else's, is struck
    out and marked: `~~"..."~~ [unverified: not found]`. So are numbers and counts that do not hold.
    """
    edits = [_mended(quote) or _struck(answer, quote) for quote in report.quotes if quote.ok is False]
    edits += [
        _strike(answer, number.position, number.position + len(number.text), "no source has it")
        for number in report.numbers
        if number.ok is False
    ]
    edits += [
        _strike(answer, count.position, count.position + len(count.text), f"verified: {count.found}")
        for count in report.counts
        if not count.ok
    ]
    return _apply(answer, edits)


def _apply(answer: str, edits: list[_Edit]) -> str:
    stretches = [(0, len(answer))] if structured.is_json(answer) else structured.embedded(answer)
    parts: list[str] = []
    position = 0
    for edit in sorted(edits):
        if edit.start >= position:
            encode = any(start <= edit.start < end for start, end in stretches)
            text = json.dumps(edit.text, ensure_ascii=False)[1:-1] if encode else edit.text
            parts += answer[position : edit.start], text
            position = edit.end
    return "".join(parts) + answer[position:]


def _mended(quote: Quote) -> _Edit | None:
    """The source's words instead of the quotation's, where that is all that is wrong."""
    if not quote.located or quote.author_ok is False or any("cit" in flag for flag in quote.flags):
        return None
    text = " ".join(quote.source_text().replace("`", "").split())
    quotation = quote.quotation
    if quotation.form != "marks":
        return _Edit(quotation.start, quotation.end, text)
    pair = next((pair for pair in _PAIRS if not set(pair) & set(text)), None)
    return _Edit(quotation.outer_start, quotation.outer_end, f"{pair[0]}{text}{pair[1]}") if pair else None


def _struck(answer: str, quote: Quote) -> _Edit:
    if quote.author_ok is False:
        why = f"by {quote.places[0].author or 'nobody named'}"
    else:
        why = "not found" if not quote.located else "differs from the source"
    return _strike(answer, quote.quotation.outer_start, quote.quotation.outer_end, f"unverified: {why}")


def _strike(answer: str, start: int, end: int, why: str) -> _Edit:
    from curta.quotes.extract import unwrap

    text = " ".join(unwrap(answer[start:end]).replace("~", "∼").split())
    return _Edit(start, end, f"~~{text}~~ [{why.translate({91: '(', 93: ')', 10: ' '})}]")
