"""How two texts differ, word by word, in time that large and hostile texts cannot blow up.

Lines that occur once in both are matched first (patience diff, https://bramcohen.livejournal.com/73318.html), which
needs no more than sorting; what is left between them is compared word by word in the same way, and only small stretches
by `difflib`, whose time is quadratic. There is a limit to how much of that is done: beyond it a stretch is replaced.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
SMALL = 250_000
"""Cells (words of one side times words of the other) that a stretch may have to be compared by difflib."""
AFFORDED = 1_500_000
"""Cells in all: a second or two."""
DEEPEST = 50
"""How often what is left between matches is matched again."""


class Piece(NamedTuple):
    """A stretch of both texts: the same when `old == new`, else replaced (removed or added where one is empty)."""

    old: str
    new: str

    @property
    def same(self) -> bool:
        return self.old == self.new


def differences(old: str, new: str) -> list[Piece]:
    """The texts in pieces, the same and replaced in turn: all `old` joined are the old text, all `new` the new one."""
    if old == new:
        return [Piece(old, new)] if old else []
    matcher = _Matcher()
    pieces: list[Piece] = []
    for a, b in matcher.pairs(old.splitlines(keepends=True), new.splitlines(keepends=True)):
        before, after = "".join(a), "".join(b)
        if a == b or not (a and b):
            pieces.append(Piece(before, after))
        else:
            words = matcher.pairs(_WORDS.findall(before), _WORDS.findall(after))
            pieces += [Piece("".join(x), "".join(y)) for x, y in words]
    return _joined(_tidied(_joined(pieces)))


class _Matcher:
    """Matches sequences as long as it can afford to."""

    def __init__(self) -> None:
        self._left = AFFORDED

    def pairs(
        self, a: Sequence[str], b: Sequence[str], depth: int = 0
    ) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
        """Stretches of `a` and of `b` in order: equal ones, and ones that were replaced."""
        head = _common(a, b)
        tail = _common(a[head:][::-1], b[head:][::-1])
        ends = len(a) - tail, len(b) - tail
        yield a[:head], b[:head]
        yield from self._middle(a[head : ends[0]], b[head : ends[1]], depth)
        yield a[ends[0] :], b[ends[1] :]

    def _middle(self, a: Sequence[str], b: Sequence[str], depth: int) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
        if not (a and b):
            yield a, b
        elif depth < DEEPEST and (anchors := _anchors(a, b)):
            place = 0, 0
            for i, j in anchors:
                yield from self.pairs(a[place[0] : i], b[place[1] : j], depth + 1)
                yield a[i : i + 1], b[j : j + 1]
                place = i + 1, j + 1
            yield from self.pairs(a[place[0] :], b[place[1] :], depth + 1)
        elif (cells := len(a) * len(b)) <= min(SMALL, self._left):
            self._left -= cells
            for _, i, k, j, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
                yield a[i:k], b[j:m]
        else:
            yield a, b


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """How many elements both begin with."""
    pairs = zip(a, b, strict=False)
    return next((n for n, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """The places of elements that occur once in each, the longest run of them in the same order."""
    once_a, once_b = (({e for e, n in Counter(side).items() if n == 1}) for side in (a, b))
    places = {element: j for j, element in enumerate(b) if element in once_a and element in once_b}
    shared = [(i, places[element]) for i, element in enumerate(a) if element in places]
    return _longest_rising(shared)


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second numbers rise (patience sorting)."""
    tops: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for place, (_, j) in enumerate(pairs):
        pile = bisect_left(tops, j)
        before.append(at[pile - 1] if pile else -1)
        tops[pile : pile + 1], at[pile : pile + 1] = [j], [place]
    found, place = [], at[-1] if at else -1
    while place >= 0:
        found.append(pairs[place])
        place = before[place]
    return found[::-1]


def _tidied(pieces: list[Piece]) -> Iterator[Piece]:
    """Between two changes, marks and space that happen to be the same are part of one change, as people read it."""
    for place, piece in enumerate(pieces):
        inside = 0 < place < len(pieces) - 1
        if inside and piece.same and "\n" not in piece.old and not any(c.isalnum() for c in piece.old):
            yield Piece(piece.old, "")
            yield Piece("", piece.new)
        else:
            yield piece


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbours of the same kind put together."""
    joined: list[tuple[list[str], list[str]]] = []
    kind = None
    for piece in pieces:
        if not (piece.old or piece.new):
            continue
        if piece.same is not kind:
            joined.append(([], []))
            kind = piece.same
        joined[-1][0].append(piece.old)
        joined[-1][1].append(piece.new)
    return [Piece("".join(old), "".join(new)) for old, new in joined]
