"""Quotations in parts: `the first … the last`, `[T]he first [of them]`.

The parts have to stand in order in one author's text, each whole, each at most GAP characters after the one before.
A negation left out of the sentences that are shown turns them round, and so does one put in between brackets: both are
flagged, and a flagged quotation fails.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise

from curta.quotes.languages import (
    HYPHEN_PREFIXES,
    HYPHEN_SUFFIXES,
    is_critical,
    negations_in,
    reversals_in,
    spoken_in,
)
from curta.quotes.source import Match, Piece, Sources
from curta.quotes.tokens import core, length_in_words, tokens

GAP = 600
FEWEST_WORDS = 2
_TRIED = 20_000  # places of the first part


@dataclass(frozen=True, slots=True)
class Elided:
    """Where the parts of a quotation stand.

    diff: ("", words left out) and ("[words put in]", "").
    """

    matches: tuple[Match, ...]
    diff: tuple[tuple[str, str], ...]
    flags: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class _Chain:
    matches: tuple[Match, ...]
    omitted: tuple[str, ...]
    claimed: bool

    @property
    def rank(self) -> tuple[bool, int, int]:
        return not self.claimed, len(self.omitted), self.matches[-1].end - self.matches[0].start


def is_possible(folded: str) -> bool:
    return ".." in folded or ". . ." in folded or "[" in folded


def find(folded: str, sources: Sources, first: Sequence[Piece]) -> Elided | None:
    """Where a quotation stands in parts: of all ways the claimed author's (`first`), then one that leaves out no
    negation, then the shortest. None when there is no way."""
    inserted = [word for word in re.findall(r"\[([^\]]*)\]", _plain(folded)) if word.strip(" .")]
    parts = _parts(_plain(folded))
    if (
        not parts
        or (len(parts) == 1 and "[" not in folded)
        or any(length_in_words(part) < FEWEST_WORDS for part in parts)
    ):
        return None
    if (len(parts) == 1 and inserted) or sum(map(length_in_words, parts)) < 3:
        return None
    if any(next(sources.occurrences(part), None) is None for part in parts):
        return None
    best = min(_chains(parts, sources, first), key=lambda chain: chain.rank, default=None)
    if best is None:
        return None
    flags = [f"omits: {word}" for word in best.omitted]
    flags += [f"inserts: [{words}]" for words in inserted if _is_critical(words) or words in _glued(folded)]
    diff = [("", text) for text in _left_out(sources, best)] + [(f"[{words}]", "") for words in inserted]
    note = "" if spoken_in(_around(sources, best)) else "language unknown: what is left out was not judged"
    return Elided(best.matches, tuple(diff), tuple(flags), note)


def _plain(folded: str) -> str:
    """Without what editors put in that says nothing: `[T]he` for `the`, `[sic]`."""
    letters = re.sub(r"\[(\w)\](?=\w)|^\[(\w)\](?= \w)", r"\1\2", folded)
    return re.sub(r" ?\[sic!?\]", "", letters)


def _glued(folded: str) -> frozenset[str]:
    """What brackets put on a word that turns it round: `[in]effective`, `hope[less]`."""
    before, after = re.findall(r"\[(\w+)\](?=\w)", folded), re.findall(r"(?<=\w)\[(\w+)\]", folded)
    return (HYPHEN_PREFIXES & set(before)) | (HYPHEN_SUFFIXES & set(after))


def _parts(folded: str) -> list[str]:
    pieces = re.split(r"\.\.\.+|\.\.|\[[^\]]*\]|\. \. \.", folded)
    return [part for piece in pieces if tokens(part := core(piece))]


def _is_critical(words: str) -> bool:
    found = tokens(words)
    return any(map(is_critical, found)) or bool(reversals_in(found) or negations_in(words, [], spoken_in(words)))


def _chains(parts: Sequence[str], sources: Sources, first: Sequence[Piece]) -> Iterator[_Chain]:
    authored = {piece.begin for piece in first}
    for match in islice(sources.occurrences(parts[0], first), _TRIED):
        piece = sources.piece_at(match.start)
        if matches := _follow(parts, match, piece, sources):
            yield _Chain(matches, _omitted(matches, piece, sources), piece.begin in authored)


def _follow(parts: Sequence[str], match: Match, piece: Piece, sources: Sources) -> tuple[Match, ...]:
    matches = [match]
    for part in parts[1:]:
        low = matches[-1].end
        following = next(sources.within(part, low, min(piece.end, low + GAP + len(part))), None)
        if following is None:
            return ()
        matches.append(following)
    return tuple(matches)


def _omitted(matches: Sequence[Match], piece: Piece, sources: Sources) -> tuple[str, ...]:
    """The negations left out of the sentences that the quotation itself shows."""
    omitted: list[str] = []
    for before, after in pairwise(matches):
        gap = sources.text[before.end : after.start]
        if gap.strip():
            shown = _shown(gap, before.end - piece.begin, piece)
            spoken = spoken_in(sources.text[max(piece.begin, before.start - 200) : after.end + 200])
            left_out = tokens(shown)
            omitted += dict.fromkeys([*negations_in(shown, left_out, spoken), *reversals_in(left_out)])
    return tuple(omitted)


def _shown(gap: str, offset: int, piece: Piece) -> str:
    """The part of a gap that belongs to sentences begun or ended in view: the rest of the first, the start of the last.

    offset: where the gap begins in the piece. A sentence ends where a capital or an uncased script follows the stop.
    """
    raw, offsets = piece.normalised.raw, piece.normalised.offsets
    ends = [stop.end() for stop in _stops().finditer(gap) if _begins_sentence(raw, offsets[offset + stop.end()])]
    return gap if not ends else f"{gap[: ends[0]]} {gap[ends[-1] :]}"


@cache
def _stops() -> re.Pattern[str]:
    return re.compile(r"[.!?]+[\"')\]]* |[。！？!?।॥؟۔] ?")


def _begins_sentence(raw: str, at: int) -> bool:
    following = raw[at : at + 4].lstrip(" \n\t\"'“‘„«(*_[")[:1]
    return bool(following) and (following.isupper() or following == following.upper() == following.lower())


def _left_out(sources: Sources, chain: _Chain) -> Iterator[str]:
    for before, after in pairwise(chain.matches):
        place, following = sources.place(before), sources.place(after)
        if left := place.document.text[place.end : following.start].strip():
            yield left


def _around(sources: Sources, chain: _Chain) -> str:
    piece = sources.piece_at(chain.matches[0].start)
    return sources.text[max(piece.begin, chain.matches[0].start - 200) : min(piece.end, chain.matches[-1].end + 200)]
