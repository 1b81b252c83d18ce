"""A quotation as a line of text and as JSON, and where both came from."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from curta.events import Citation, Event, TextDelta
from curta.messages import Document, Span

QUOTATION_SCHEMA: dict[str, Any] = {
    "title": "quotations",
    "type": "object",
    "properties": {
        "quotes": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "source": {"type": "string"},
                    "start": {"type": "integer"},
                    "end": {"type": "integer"},
                    "line": {"type": "integer"},
                    "score": {"type": "number"},
                    "author": {"type": ["string", "null"]},
                },
                "required": ["text", "source", "start", "end", "line", "score", "author"],
                "additionalProperties": False,
            },
        },
        "abstained": {"type": "boolean"},
        "coverage": {"type": "number"},
    },
    "required": ["quotes", "abstained", "coverage"],
    "additionalProperties": False,
}

MARKS = (("“", "”"), ('"', '"'), ("«", "»"), ("「", "」"))


class Place(NamedTuple):
    """`document.text[start:end]`, by the author of `span` where one is known."""

    document: Document
    start: int
    end: int
    span: Span | None

    @property
    def text(self) -> str:
        return self.document.text[self.start : self.end]

    @property
    def author(self) -> str | None:
        return self.span.author if self.span else None


class Quotation(NamedTuple):
    """One sentence and every source that holds it; the first place is the one quoted.

    score: how well it fits, 1 for the best of the answer.
    """

    places: tuple[Place, ...]
    score: float


def one_line(text: str) -> str:
    """`text` with each line break, and the white space around it, as one space."""
    lines = (line.strip() for line in text.splitlines())
    return " ".join(line for line in lines if line)


def as_lines(quotations: Sequence[Quotation]) -> Iterator[Event]:
    """One line for each quotation, with the author where the source has authors, and a Citation for each source."""
    position = 0
    for quotation in quotations:
        first = quotation.places[0]
        sentence = one_line(first.text)
        before, after = _around(sentence, first.author)
        opened = "\n" if position else ""
        yield TextDelta(opened + before + sentence + after)
        start = position + len(opened) + len(before)
        yield from _citations(quotation, start, start + len(sentence))
        position = start + len(sentence) + len(after)


def as_json(quotations: Sequence[Quotation], coverage: float) -> Iterator[Event]:
    """The answer in QUOTATION_SCHEMA; a sentence of several sources is an entry for each.

    A Citation covers the JSON string, in which quotation marks and line breaks are escaped.
    """
    opened = '{"quotes":['
    position = 0
    for quotation in quotations:
        for place in quotation.places:
            text = json.dumps(place.text, ensure_ascii=False)
            entry = f'{opened}{{"text":{text}'
            yield TextDelta(entry + "," + _rest(place, quotation.score))
            start = position + len(entry) - len(text) + 1
            yield _citation(place, start, start + len(text) - 2)
            position += len(entry) + 1 + len(_rest(place, quotation.score))
            opened = ","
    ended = "]" if quotations else opened + "]"
    yield TextDelta(f'{ended},"abstained":{json.dumps(not quotations)},"coverage":{round(coverage, 4)}}}')


def _around(sentence: str, author: str | None) -> tuple[str, str]:
    if author is None:
        return "", ""
    before, after = next((pair for pair in MARKS if not any(mark in sentence for mark in pair)), MARKS[0])
    return before, f"{after} — {one_line(author)}"


def _citations(quotation: Quotation, start: int, end: int) -> Iterator[Citation]:
    for place in quotation.places:
        yield _citation(place, start, end)


def _citation(place: Place, start: int, end: int) -> Citation:
    return Citation(start, end, place.document.sha256, place.start, place.end)


def _rest(place: Place, score: float) -> str:
    fields = {
        "source": place.document.uri or place.document.title or "text",
        "start": place.start,
        "end": place.end,
        "line": place.document.line_at(place.start),
        "score": score,
        "author": place.author,
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))[1:]
