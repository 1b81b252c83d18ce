"""Passages: stretches of stored documents, as a model gets them: each a Document of its own, with a number.

What was found stays tied to where it stands: a place in a passage is a place in the whole document.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.messages import JSON, Document, Span
from curta.quotes import Place
from curta.sources.names import near

if TYPE_CHECKING:
    from curta.index.search import Hit


class Passage(NamedTuple):
    """`source.text[start:end]`, sent as `document`.

    number: how the model refers to it, from 1. source: the whole document, as it is stored.
    hits: what a search found in it, best first; none when everything was given.
    author: whom the document says it is by, where nothing in it says who wrote which part.
    """

    number: int
    source: Document
    start: int
    end: int
    document: Document
    hits: "tuple[Hit, ...]" = ()
    author: str | None = None

    def place(self, place: Place) -> Place:
        """A place in `document` as the same place in the whole one."""
        start, end = self.start + place.start, self.start + place.end
        return Place(self.source, start, end, place.author or self.author, place.locator)

    def to_dict(self) -> dict[str, Any]:
        """The passage without its text. `hits`: each with `rank`, `score`, `bm25`, `cosine`, `start`, `end`.

        sha256: of the whole document, by which a changed one can be told.
        """
        return {
            "number": self.number,
            "uri": self.source.uri,
            "title": self.source.title,
            "start": self.start,
            "end": self.end,
            "sha256": self.source.sha256,
            "hits": [{name: getattr(hit, name) for name in _OF_A_HIT} for hit in self.hits],
        }


_OF_A_HIT = ("rank", "score", "bm25", "cosine", "start", "end")


class _Stretch(NamedTuple):
    source: Document
    start: int
    end: int
    hits: "tuple[Hit, ...]"
    metadata: Mapping[str, JSON] | None

    @property
    def author(self) -> str | None:
        told = (self.metadata or {}).get("author")
        known = any(span.author for span in self.source.spans)
        return told if isinstance(told, str) and told.strip() and not known else None


def found(hits: "Sequence[tuple[Hit, Document]]") -> tuple[Passage, ...]:
    """The passages of these hits and the documents they are of, in the order of the best hit of each.

    Hits that follow each other in a document are one passage: what is said often goes on in the next.
    """
    by_source: dict[str, list[tuple[Hit, Document]]] = {}
    for hit, source in hits:
        by_source.setdefault(source.sha256, []).append((hit, source))
    joined = [each for of_one in by_source.values() for each in _joined(of_one)]
    order = {id(hit): place for place, (hit, _) in enumerate(hits)}
    return _numbered(sorted(joined, key=lambda each: min(order[id(hit)] for hit in each.hits)))


def whole(sources: Iterable[tuple[Document, Mapping[str, JSON] | None]]) -> tuple[Passage, ...]:
    """Each document that holds a text, with its metadata, as one passage."""
    return _numbered(_Stretch(each, 0, len(each.text), (), about) for each, about in sources if each.text.strip())


def _joined(hits: "Sequence[tuple[Hit, Document]]") -> list[_Stretch]:
    stretches: list[_Stretch] = []
    for hit, source in sorted(hits, key=lambda pair: pair[0].start):
        last = stretches[-1] if stretches else None
        if last and not source.text[last.end : hit.start].strip():
            stretches[-1] = last._replace(end=max(last.end, hit.end), hits=(*last.hits, hit))
        else:
            stretches.append(_Stretch(source, hit.start, hit.end, (hit,), hit.metadata))
    return [each._replace(hits=tuple(sorted(each.hits, key=lambda hit: hit.rank))) for each in stretches]


def _numbered(stretches: Iterable[_Stretch]) -> tuple[Passage, ...]:
    """Each once: a model is sent, and told the number of, the same Document only once."""
    known: Mapping[str, tuple[_Stretch, Document]] = {
        document.sha256: (each, document) for each in stretches for document in (_document(each),)
    }
    return tuple(
        Passage(number, each.source, each.start, each.end, document, each.hits, each.author)
        for number, (each, document) in enumerate(known.values(), 1)
    )


def _document(stretch: _Stretch) -> Document:
    """What is sent: the text with its authors and pages, called by where it stands."""
    source, start, end, *_ = stretch
    where = "" if (start, end) == (0, len(source.text)) else f"#{start}-{end}"
    spans = (_cut(span, start, end) for span in source.spans if span.start < end and span.end > start)
    return Document(source.text[start:end], near(source.uri) + where, source.title, tuple(spans), source.trust)


def _cut(span: Span, start: int, end: int) -> Span:
    """What of a span lies between `start` and `end`, counted from `start`."""
    first, last = max(span.start, start) - start, min(span.end, end) - start
    return Span(first, last, span.author, span.locator, span.parent, span.depth)
