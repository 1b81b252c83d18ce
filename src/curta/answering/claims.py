"""Claims, and what came of verifying them: each is shown with the words that prove it, or struck out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from curta.quotes import Place

GAP = " … "


class Note(NamedTuple):
    """What proves a claim: words of a stored document, each part `place.document.text[place.start:place.end]`.

    places: one, or one for each part of a quotation that leaves something out. passage: the number of the passage.
    """

    number: int
    passage: int
    places: tuple[Place, ...]

    @property
    def quotation(self) -> str:
        """The words as they stand in the source; between parts, an ellipsis."""
        return GAP.join(place.text for place in self.places)

    @property
    def uri(self) -> str:
        return self.places[0].document.uri

    @property
    def title(self) -> str:
        return self.places[0].document.title

    @property
    def start(self) -> int:
        return self.places[0].start

    @property
    def end(self) -> int:
        return self.places[-1].end

    @property
    def line(self) -> int:
        """The line of the document's text on which it begins, from 1."""
        return self.places[0].document.line_at(self.start)

    @property
    def locator(self) -> str | None:
        """How the source itself names the place: a page, a comment's id; from one to another when it runs on."""
        return " to ".join(dict.fromkeys(_locators(self.places))) or None

    @property
    def author(self) -> str | None:
        return self.places[0].author

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "quotation": self.quotation,
            "uri": self.uri,
            "title": self.title,
            "start": self.start,
            "end": self.end,
            "spans": [{"start": each.start, "end": each.end, "text": each.text} for each in self.places],
            "line": self.line,
            "locator": self.locator,
            "author": self.author,
            "passage": self.passage,
        }


def _locators(places: Iterable[Place]) -> Iterator[str]:
    for place in places:
        for offset in (place.start, place.end - 1):
            if (span := place.document.span_at(offset)) and span.locator:
                yield span.locator


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer. `ok`: its quotation is verified; else it is struck out, and `problem` says why.

    quote: as the model wrote it. named: the passage that the model named. status: of the quotation, as `quotes` has it,
    or `missing`. note: what proves it.
    """

    text: str
    quote: str
    named: int | None
    status: str
    problem: str = ""
    note: Note | None = None

    @property
    def ok(self) -> bool:
        return self.note is not None

    @property
    def is_quotation(self) -> bool:
        """Whether the claim says what its source says, in its very words."""
        return self.note is not None and " ".join(self.note.quotation.split()) == " ".join(self.text.split())

    @property
    def shown(self) -> str:
        """The sentence with the number of its note; one that is not verified struck out, with the reason."""
        text = re.sub(r"\[(\d+)\]", r"(\1)", " ".join(self.text.split()))  # only we write numbers of notes
        if self.note is None:
            return f"~~{text.replace('~', '∼')}~~ [unverified: {self.problem}]"
        return f"“{text}” [{self.note.number}]" if self.is_quotation else f"{text} [{self.note.number}]"

    def to_dict(self) -> dict[str, Any]:
        note = self.note.to_dict() if self.note else {}
        number = note.pop("number", None)
        return {
            "claim": self.text,
            "ok": self.ok,
            "status": self.status,
            "problem": self.problem or None,
            "quote": self.quote,
            "named": self.named,
            "note": number,
            **note,
        }


def text_of(claims: Sequence[Claim]) -> str:
    """Claims as they read: sentences one after the other; those that are quotations stand on lines of their own."""
    lines: list[str] = []
    for before, claim in zip((None, *claims), claims, strict=False):
        alone = claim.is_quotation or (before is not None and before.is_quotation)
        if alone or not lines:
            lines.append(claim.shown)
        else:
            lines[-1] += f" {claim.shown}"
    return "\n".join(lines)


def notes_of(claims: Iterable[Claim]) -> list[Note]:
    """The notes of these claims, each once, by their numbers."""
    return list({claim.note.number: claim.note for claim in claims if claim.note}.values())
