"""Documents made searchable: each author's stretch is normalised on its own, so that no match crosses from one author
or document to another. Text between the spans of a Document is a stretch without an author.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from curta.messages import Document, Span
from curta.quotes.tokens import is_cut, word_pattern
from curta.text.normalise import Normalised, normalise

_SEPARATOR = "\x00"


@dataclass(frozen=True, slots=True)
class Place:
    """`document.text[start:end]`, by `author`."""

    document: Document
    start: int
    end: int
    author: str | None = None
    locator: str | None = None

    @property
    def text(self) -> str:
        return self.document.text[self.start : self.end]

    @property
    def source(self) -> str:
        """How the document is named to people."""
        return self.document.uri or self.document.title or self.document.sha256[:12]


@dataclass(frozen=True, slots=True)
class Piece:
    """One author's stretch of a document. begin: where its normal form begins in `Sources.text`."""

    document: Document
    span: Span
    normalised: Normalised
    begin: int

    @property
    def end(self) -> int:
        return self.begin + len(self.normalised.text)


class Match(NamedTuple):
    """A stretch of `Sources.text` that lies inside one piece."""

    start: int
    end: int


class Sources:
    """What quotations are checked against. Build it once, check many answers."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = tuple(documents)
        self.pieces: list[Piece] = []
        self._by_author: dict[str, list[Piece]] = defaultdict(list)
        texts, begin = [], 0
        for document in self.documents:
            for span in stretches(document):
                normalised = normalise(document.text[span.start : span.end])
                piece = Piece(document, span, normalised, begin)
                self.pieces.append(piece)
                if span.author:
                    self._by_author[fold_author(span.author)].append(piece)
                texts.append(normalised.text)
                begin = piece.end + len(_SEPARATOR)
        self.text = _SEPARATOR.join(texts)
        self._begins = [piece.begin for piece in self.pieces]

    @property
    def authors(self) -> Set[str]:
        """Everybody who wrote something, folded (`fold_author`)."""
        return self._by_author.keys()

    def piece_at(self, position: int) -> Piece:
        return self.pieces[bisect_right(self._begins, position) - 1]

    def pieces_between(self, low: int, high: int) -> Sequence[Piece]:
        """The pieces that `text[low:high]` touches."""
        first = max(0, bisect_right(self._begins, low) - 1)
        return self.pieces[first : bisect_left(self._begins, high)]

    def by(self, author: str) -> Sequence[Piece]:
        return self._by_author.get(fold_author(author), ())

    def occurrences(self, needle: str, first: Sequence[Piece] = ()) -> Iterator[Match]:
        """Where `needle` stands without cutting a word or number: in the pieces `first`, then from the beginning."""
        if self._lacks_a_word_of(needle):
            return
        for piece in first:
            yield from self.within(needle, piece.begin, piece.end)
        yield from self.within(needle, 0, len(self.text))

    def _lacks_a_word_of(self, needle: str) -> bool:
        """Whether a word of `needle` is nowhere; known only when the words have been listed before."""
        known = self.__dict__.get("words")
        return known is not None and any(word not in known for word in word_pattern().findall(needle))

    def within(self, needle: str, low: int, high: int) -> Iterator[Match]:
        """Where `needle` stands whole in `text[low:high]`."""
        at = self.text.find(needle, low, high)
        while at >= 0:
            if self.cuts(at, begins=True):
                at = self.text.find(needle, self._after_word(at), high)
                continue
            if not self.cuts(at + len(needle), begins=False):
                yield Match(at, at + len(needle))
            at = self.text.find(needle, at + 1, high)

    def _after_word(self, at: int) -> int:
        """The next position that is not inside the same run of letters, so that a long word is looked at once."""
        match = _letters().match(self.text, at)
        return max(at + 1, match.end() if match else 0)

    def cuts(self, position: int, *, begins: bool) -> bool:
        """Whether a quotation that begins (or else ends) here would cut something whose part says something else."""
        if not is_cut(self.text, position, begins):
            return False
        return is_cut(self.text, position, begins, hyphen=self._is_hyphen(position))

    def _is_hyphen(self, position: int) -> bool:
        dash = position - 1 if self.text[position - 1] == "-" else position
        piece = self.piece_at(dash)
        if dash >= piece.end:
            return False
        at = piece.normalised.offsets[dash - piece.begin]
        raw = piece.normalised.raw
        return raw[at] in "-‐‑" and not raw[at - 1 : at].isspace() and raw[at + 1 : at + 2] != "-"

    def place(self, match: Match) -> Place:
        """Where in its document a match stands."""
        piece = self.piece_at(match.start)
        start, end = piece.normalised.raw_span(match.start - piece.begin, match.end - piece.begin)
        start, end = start + piece.span.start, end + piece.span.start
        span = piece.document.span_at(start)
        return Place(piece.document, start, end, piece.span.author, span.locator if span else None)

    def match_at(self, document: Document, start: int, end: int) -> Match | None:
        """The match behind `document.text[start:end]`, when that lies inside one piece and holds anything."""
        for piece in self.pieces:
            if piece.document.sha256 == document.sha256 and piece.span.start <= start < end <= piece.span.end:
                offsets, base = piece.normalised.offsets, piece.span.start
                low, high = bisect_left(offsets, start - base), bisect_left(offsets, end - base)
                return Match(piece.begin + low, piece.begin + high) if low < high else None
        return None

    @cached_property
    def words(self) -> dict[str, list[int]]:
        """For each word where it begins, roughly cut: only to guess where a quotation comes from. Made when the first
        quotation has to be located that is not there word for word."""
        places: dict[str, list[int]] = defaultdict(list)
        for match in word_pattern().finditer(self.text):
            places[match[0]].append(match.start())
        return dict(places)


def stretches(document: Document) -> Iterator[Span]:
    """The spans of a document and, without an author, what lies between them. Spans that name no author (pages) do not
    part its text: a sentence may run on from one to the next."""
    position = 0
    for span in document.spans if any(span.author for span in document.spans) else ():
        if document.text[position : span.start].strip():
            yield Span(position, span.start)
        if span.start < span.end:
            yield span
        position = span.end
    if document.text[position:].strip():
        yield Span(position, len(document.text))


@lru_cache(maxsize=4096)
def fold_author(name: str) -> str:
    """A name as names are compared: without `@` and typography."""
    return normalise(name.strip().lstrip("@")).text.strip()


@cache
def _letters() -> re.Pattern[str]:
    return re.compile("[^\\W\\d_\u0e00-\U0010ffff]*")
