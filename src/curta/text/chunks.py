"""Chunks: a text cut into passages of about 200 words, each a span of the raw text: `text[start:end]`.

A text of at most 300 words is one chunk. A longer one is cut at its strongest breaks, into parts as equal as these
allow: before headings, then between paragraphs, then between sentences (and the rows of a table), then between lines,
at last between words. A fenced block of code, or a table row, is cut only when it is too long by itself. Chunks do not
overlap, and no character but white space lies outside of them.

The sizes are measured: 200 words gave the best nDCG@10 of whole documents, 250, 200 and 120 on three of four
collections. Linear in the length of the text, but for the sorting of breaks.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import accumulate, pairwise
from typing import NamedTuple

WORDS = 200
MOST_WORDS = 300
LONGEST_HEADER = 300
_LONGEST_WORD = 40  # what is longer counts as several: keys, base64, a script without spaces that is not known

_LONGEST_MARK = 12
_SHORT = 12 * MOST_WORDS
_WINDOW = 1_000_000  # characters whose words are taken apart at the same time


class Chunk(NamedTuple):
    """A passage: `text[start:end]`, without white space around it.

    header: what it stands under: the headings in force where it begins; for code, the beginning of the file.
    """

    start: int
    end: int
    header: str


def chunks(text: str, *, code: bool = False) -> list[Chunk]:
    """The chunks of `text`, in order; none when it holds only white space.

    code: the text is a program: it is cut before what stands at the margin, and `#` begins no heading.
    """
    if _is_short(text):
        start, end = _trimmed(text, 0, len(text))
        return [Chunk(start, end, "")] if start < end else []
    cutter = _Cutter(text, code)
    spans = [_trimmed(text, start, end) for start, end in cutter.parts(0, len(text), 0)]
    spans = [(start, end) for start, end in spans if start < end]
    headers = _code_headers(text, spans) if code else _paths(cutter.headings, spans)
    return [Chunk(start, end, header) for (start, end), header in zip(spans, headers, strict=True)]


def headings(text: str) -> list[str]:
    """The words of the headings of Markdown, in order, without those in fenced code."""
    return [heading.words for heading in _headings(text, _fences(text))]


def _is_short(text: str) -> bool:
    """Whether a text surely has no more words than a chunk may have, told without looking at each."""
    return len(text) <= _SHORT and len(text.split()) <= MOST_WORDS and (text.isascii() or not _unspaced().search(text))


class _Heading(NamedTuple):
    start: int
    end: int
    depth: int
    words: str


class _Cutter:
    """One text, with what is needed to cut it: where its words, headings and fenced blocks are."""

    def __init__(self, text: str, code: bool) -> None:
        self.text = text
        self.words = _starts(text)
        fits = len(self.words) <= MOST_WORDS
        self.fences = [] if code or fits else [match.span() for match in _fence().finditer(text)]
        self.headings = [] if code else list(_headings(text, self.fences or _fences(text)))
        self.heading_ends = {heading.end for heading in self.headings}
        self.levels: tuple[Callable[[int, int], Iterator[int]], ...] = (
            (self._margins, self._blank_lines, self._lines, self._words)
            if code
            else (self._before_headings, self._paragraphs, self._sentences, self._lines, self._words)
        )

    def count(self, start: int, end: int) -> int:
        """How many words begin in `text[start:end]`."""
        return bisect_left(self.words, end) - bisect_left(self.words, start)

    def parts(self, start: int, end: int, level: int) -> Iterator[tuple[int, int]]:
        """`text[start:end]` in parts of at most MOST_WORDS words, cut at breaks of this level and those below."""
        if self.count(start, end) <= MOST_WORDS or level == len(self.levels):
            yield start, end
            return
        edges = [start, *self._chosen(start, end, list(self.levels[level](start, end))), end]
        for first, last in pairwise(edges):
            yield from self.parts(first, last, level + 1)

    def _chosen(self, start: int, end: int, breaks: list[int]) -> list[int]:
        """Those of `breaks` that part `text[start:end]` into parts nearest to equal ones of WORDS words."""
        base, total = bisect_left(self.words, start), self.count(start, end)
        parts = -(-total // WORDS)
        at = [bisect_left(self.words, each) - base for each in breaks]
        chosen = (_nearest(at, number * total / parts) for number in range(1, parts))
        return sorted({breaks[i] for i in chosen if i is not None and 0 < at[i] < total})

    # The levels: where a text may be cut, strongest first.

    def _before_headings(self, start: int, end: int) -> Iterator[int]:
        return (heading.start for heading in self.headings if start < heading.start < end)

    def _paragraphs(self, start: int, end: int) -> Iterator[int]:
        for match in _blank().finditer(self.text, start, end):
            if match.start() not in self.heading_ends and not self._in_fence(match.end()):
                yield match.end()

    def _sentences(self, start: int, end: int) -> Iterator[int]:
        from curta.text.sentences import sentences

        for first, _ in sentences(self.text, start, end):
            if first > start and not self._in_fence(first):
                yield max(start, self._before_mark(first))
        yield from (opened for opened, _ in self.fences if start < opened < end)
        yield from (closed for _, closed in self.fences if start < closed < end)

    def _before_mark(self, first: int) -> int:
        """Where the bullet, number or quote mark of a line begins, when a sentence follows it at `first`."""
        line = self.text.rfind("\n", max(0, first - _LONGEST_MARK), first) + 1
        return line if line and not self.text[line:first].strip("0123456789.)>*-+•‣▪◦·| \t") else first

    def _lines(self, start: int, end: int) -> Iterator[int]:
        return (match.end() for match in _newline().finditer(self.text, start, end))

    def _words(self, start: int, end: int) -> Iterator[int]:
        return iter(self.words[bisect_left(self.words, start) : bisect_left(self.words, end)])

    def _margins(self, start: int, end: int) -> Iterator[int]:
        return (
            match.end()
            for match in _blank().finditer(self.text, start, end)
            if (first := self.text[match.end() : match.end() + 1]) and not first.isspace() and first not in ")]}"
        )

    def _blank_lines(self, start: int, end: int) -> Iterator[int]:
        return (match.end() for match in _blank().finditer(self.text, start, end))

    def _in_fence(self, position: int) -> bool:
        i = bisect_left(self.fences, (position, -1)) - 1
        return i >= 0 and position < self.fences[i][1]


def _starts(text: str) -> Sequence[int]:
    """Where each word begins. The pieces are joined again by their lengths: three times as fast as to look at each."""
    found = array("q")
    first = 0
    while first < len(text):
        last = text.find("\n", first + _WINDOW) + 1 or len(text)
        window = text[first:last]
        blank = len(window) - len(window.lstrip())
        found.extend(accumulate(map(len, _word().findall(window)), initial=first + blank))
        found.pop()
        first = last
    return found


def _nearest(at: list[int], target: float) -> int | None:
    """The index of the number in the sorted `at` that is nearest to `target`; None when there is none."""
    i = bisect_left(at, target)
    around = [each for each in (i - 1, i) if 0 <= each < len(at)]
    return min(around, key=lambda each: abs(at[each] - target), default=None)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the white space at its ends."""
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _paths(headings: list[_Heading], spans: list[tuple[int, int]]) -> Iterator[str]:
    """The headings that are in force where each span begins, outermost first, without one that begins there."""
    path: list[_Heading] = []
    waiting = iter(headings)
    following = next(waiting, None)
    for start, _ in spans:
        while following and following.start <= start:
            path = [*(each for each in path if each.depth < following.depth), following]
            following = next(waiting, None)
        above = path[:-1] if path and path[-1].start == start else path
        yield " > ".join(heading.words for heading in above)[:LONGEST_HEADER]


def _code_headers(text: str, spans: list[tuple[int, int]]) -> Iterator[str]:
    """The beginning of the file for every span but the first, which holds it."""
    head = " ".join(text[:LONGEST_HEADER].split())
    return (head if number else "" for number in range(len(spans)))


def _fences(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _fence().finditer(text)] if "```" in text or "~~~" in text else []


def _headings(text: str, fences: list[tuple[int, int]]) -> Iterator[_Heading]:
    """The headings of Markdown, outside of fenced code."""
    for match in _heading().finditer(text):
        i = bisect_left(fences, (match.start(), -1)) - 1
        words = match["words"].strip().rstrip("#").rstrip()
        if words and (i < 0 or match.start() >= fences[i][1]):
            yield _Heading(match.start(), match.end(), len(match["marks"]), words[:LONGEST_HEADER])


# Each pattern is compiled on first use.


@cache
def _word() -> re.Pattern[str]:
    """A word with the white space after it; of a script without spaces, two characters."""
    from curta.text.terms import UNSPACED

    return re.compile(rf"(?:[{UNSPACED}]{{1,2}}|[^\s{UNSPACED}]{{1,{_LONGEST_WORD}}})\s*")


@cache
def _unspaced() -> re.Pattern[str]:
    from curta.text.terms import UNSPACED

    return re.compile(f"[{UNSPACED}]")


@cache
def _heading() -> re.Pattern[str]:
    return re.compile(r"^ {0,3}(?P<marks>#{1,6})[ \t](?P<words>[^\n\r]*)", re.MULTILINE)


@cache
def _fence() -> re.Pattern[str]:
    """A block of fenced code, to its closing fence or to the end."""
    return re.compile(
        r"^ {0,3}(?P<fence>`{3,}|~{3,})[^\n`]*\n.*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
    )


@cache
def _blank() -> re.Pattern[str]:
    """The end of a line and the empty lines after it."""
    return re.compile(r"\r?\n(?:[ \t\x0c]*\r?\n)+")


@cache
def _newline() -> re.Pattern[str]:
    return re.compile(r"\r\n?|\n")
