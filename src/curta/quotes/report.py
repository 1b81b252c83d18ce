"""What checking an answer found, as values. "Verified" means: these words, by this author, at this place. Not: true."""

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from curta.quotes.extract import Quotation
from curta.quotes.source import Place

Status: TypeAlias = Literal[
    "verbatim", "normalised", "elided", "near", "altered", "absent", "too_short", "prompt"
]  # fmt: skip
NumberStatus: TypeAlias = Literal["present", "rounded", "derived", "prompt", "unsupported"]

VERIFIED = ("verbatim", "normalised", "elided")
NEUTRAL = ("too_short", "prompt")


@dataclass(frozen=True, slots=True)
class Quote:
    """The verdict on one quotation.

    places: where its words stand, one for each part of an elided one; for `near` and `altered` the words it was
    compared with; empty when it is nowhere.
    author_ok: whether the claimed author wrote them; None when none was claimed, or the source names no authors.
    diff: (quoted words, source words) where they differ; for an elided one ("", what it leaves out).
    flags: why words that were found do not pass (`omits: not`, `inserts: [never]`, `cited elsewhere`).
    note: what could not be decided.
    """

    quotation: Quotation
    status: Status
    places: tuple[Place, ...] = ()
    author_ok: bool | None = None
    diff: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()
    note: str = ""

    @property
    def text(self) -> str:
        return self.quotation.text

    @property
    def position(self) -> int:
        """Where the quotation begins in the answer."""
        return self.quotation.start

    @property
    def ok(self) -> bool | None:
        """Whether it passes; None when it is not judged."""
        if self.status in NEUTRAL:
            return None
        return self.status in VERIFIED and not self.flags and self.author_ok is not False

    @property
    def located(self) -> bool:
        return bool(self.places)

    def source_text(self) -> str:
        """The source from the first to the last word of the quotation."""
        first, last = self.places[0], self.places[-1]
        return first.document.text[first.start : last.end]

    def flagged(self, *flags: str) -> "Quote":
        return replace(self, flags=(*self.flags, *flags))

    def to_dict(self) -> dict[str, Any]:
        claimed = self.quotation.claimed
        return {
            "text": self.text,
            "position": self.position,
            "status": self.status,
            "ok": self.ok,
            "spans": [place_dict(place) for place in self.places],
            "author": {"claimed": claimed, "ok": self.author_ok} if claimed is not None else None,
            "diff": [list(pair) for pair in self.diff],
            "flags": list(self.flags),
        }


def place_dict(place: Place) -> dict[str, Any]:
    return {
        "source": place.source,
        "start": place.start,
        "end": place.end,
        "text": place.text,
        "author": place.author,
    }


@dataclass(frozen=True, slots=True)
class Number:
    """The verdict on one number of the answer. place: the source's number that supports it."""

    text: str
    position: int
    status: NumberStatus
    place: Place | None = None

    @property
    def ok(self) -> bool | None:
        return None if self.status == "prompt" else self.status != "unsupported"

    def to_dict(self) -> dict[str, Any]:
        where = place_dict(self.place) if self.place else None
        return {"text": self.text, "position": self.position, "status": self.status, "ok": self.ok, "span": where}


@dataclass(frozen=True, slots=True)
class Count:
    """The verdict on "12 people said": how many distinct authors have a verified quotation under that point."""

    text: str
    position: int
    claimed: int
    found: int

    @property
    def ok(self) -> bool:
        return self.found >= self.claimed

    def to_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "position": self.position,
            "claimed": self.claimed,
            "found": self.found,
            "ok": self.ok,
        }


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the answer: a name or link that no source has, a sentence with nothing to decide."""

    text: str
    position: int

    def to_dict(self) -> dict[str, Any]:
        return {"text": self.text, "position": self.position}


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on an answer.

    names: names and links that are in no source; listed, they fail nothing.
    unchecked: sentences without quotation, number or citation; listed, never taken for true.
    """

    quotes: tuple[Quote, ...] = ()
    numbers: tuple[Number, ...] = ()
    counts: tuple[Count, ...] = ()
    names: tuple[Passage, ...] = ()
    unchecked: tuple[Passage, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every claim that can be decided holds."""
        verdicts = [quote.ok for quote in self.quotes] + [number.ok for number in self.numbers]
        return False not in verdicts and all(count.ok for count in self.counts)

    @property
    def judged(self) -> tuple[Quote, ...]:
        return tuple(quote for quote in self.quotes if quote.ok is not None)

    @property
    def verified(self) -> tuple[Quote, ...]:
        return tuple(quote for quote in self.quotes if quote.ok)

    def problems(self) -> list[str]:
        """What fails, each as a message a model can act on."""
        from curta.quotes.repair import problems

        return problems(self)

    def summary(self) -> str:
        """The report as people read it."""
        from curta.quotes.summary import lines

        return "\n".join(line.text for line in lines(self))

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON; the shape is documented in `docs/quotes.md`."""
        parts = ("quotes", "numbers", "counts", "names", "unchecked")
        return {**{name: [item.to_dict() for item in getattr(self, name)] for name in parts}, "ok": self.ok}
