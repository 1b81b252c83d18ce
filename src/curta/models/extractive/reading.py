"""Documents as sentences with their terms: what everything else in this room works on."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from curta.messages import Document, Span
from curta.text.sentences import Block, Kind, blocks, split
from curta.text.terms import language, terms

LONGEST_QUOTATION = 590  # what quote checkers still take for one quotation, and a reader for one sentence
SHORTEST_PIECE = 200


class Sentence(NamedTuple):
    """`documents[source].text[start:end]` and what it says.

    block: the number of the paragraph, heading, item or row it stands in.
    span: the stretch of one author it lies in, where the Document knows authors.
    """

    source: int
    start: int
    end: int
    kind: Kind
    block: int
    span: Span | None
    terms: list[str]


class Reading(NamedTuple):
    """All sources of a request, read.

    languages: the language of each Document, None where unknown.
    """

    documents: Sequence[Document]
    languages: list[str | None]
    sentences: list[Sentence]

    def text(self, sentence: Sentence) -> str:
        """The sentence as it stands in its source."""
        return self.documents[sentence.source].text[sentence.start : sentence.end]


def read(documents: Sequence[Document], question: str = "") -> Reading:
    """The sentences of `documents`, in order. A text too short to tell its language is taken for the question's."""
    fallback = language(question)
    languages = [language(document.text) or fallback for document in documents]
    found: list[Sentence] = []
    number = 0
    for source, document in enumerate(documents):
        for span, block in _blocks(document):
            number += 1
            for start, end in _quotable(document.text, block):
                words = terms(document.text[start:end], languages[source])
                found.append(Sentence(source, start, end, block.kind, number, span, words))
    return Reading(documents, languages, found)


def is_thread(document: Document) -> bool:
    """Whether the Document is a discussion: stretches by at least two authors."""
    first = next((span.author for span in document.spans if span.author), None)
    return any(span.author not in (None, first) for span in document.spans)


def _blocks(document: Document) -> Iterator[tuple[Span | None, Block]]:
    """The blocks of each span, and of what stands between spans where these have no authors (pages, say).

    Where authors are known only what they wrote is read: the rest is the loader's (headers, gaps).
    """
    authored = any(span.author for span in document.spans)
    last = 0
    for span in (*document.spans, None):
        start, end = (span.start, span.end) if span else (len(document.text), len(document.text))
        if not authored:
            yield from ((None, block) for block in blocks(document.text, last, start))
        yield from ((span, block) for block in blocks(document.text, start, end))
        last = end


def _quotable(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """The sentences of a block as they are quoted: with the author's bracket that follows, none too long."""
    held: tuple[int, int] | None = None
    for start, end in split(text, block):
        if held and _is_aside(text, start, end) and end - held[0] <= LONGEST_QUOTATION:
            held = held[0], end
            continue
        if held:
            yield from _pieces(text, *held)
        held = start, end
    if held:
        yield from _pieces(text, *held)


def _is_aside(text: str, start: int, end: int) -> bool:
    """A sentence wholly in brackets corrects or qualifies the one before it."""
    return (text[start], text[end - 1]) in (("(", ")"), ("[", "]"))


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence too long to quote, cut after a clause, or at least between two words."""
    while end - start > LONGEST_QUOTATION:
        window = text[start : start + LONGEST_QUOTATION]
        cut = start + (_last(window, ";:。—") or _last(window, ",،、") or _last(window, " \n\t") or LONGEST_QUOTATION)
        yield start, start + len(text[start:cut].rstrip())
        start = cut
        while text[start].isspace():
            start += 1
    yield start, end


def _last(window: str, marks: str) -> int:
    """The position after the last of `marks`, 0 when it stands too early."""
    position = max(window.rfind(mark) for mark in marks) + 1
    return position if position > SHORTEST_PIECE else 0
