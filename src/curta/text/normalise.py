"""One text for every way of typing it: typography, case and white space folded away, with a map back to the raw text.

Source and quotation go through the same function. NFKC works on one combining cluster (a base and its marks) at a time:
applied per character on one side and to the whole string on the other it disagrees on decomposed accents, as PDF and
macOS text has them, and a whole language is then refused.

Not folded, because values would change: signs, ranges and products of numbers (`2*3` is not `23`), superscript digits
(`10²` becomes `10^2`, not `102`) and mixed fractions (`1½` becomes `1 1/2`, not `11/2`).
"""

import re
import unicodedata
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

_ONE_TO_ONE = {
    **dict.fromkeys("‘’‚‛′ʼ´＇", "'"),
    **dict.fromkeys("“”„‟″«»＂", '"'),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in "＇＂－"},
}
_TRANSLATION = str.maketrans(_ONE_TO_ONE)
_DROPPED = "`\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
_KEPT = 1 << 18
_RAISED = {ord(raised): f"^{digit}" for digit, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}


class RawSpan(NamedTuple):
    """A stretch of the raw text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Normalised:
    """A folded text and where each of its characters came from.

    offsets: for each character of `text` the index in `raw` at which its cluster begins; never decreasing.
    """

    text: str
    offsets: "array[int]"
    raw: str

    def raw_span(self, start: int, end: int) -> RawSpan:
        """The stretch of `raw` behind `text[start:end]` (not empty). Its end never splits a base from its marks."""
        stop = self.offsets[end - 1] + 1
        while stop < len(self.raw) and is_mark(self.raw[stop]):
            stop += 1
        return RawSpan(self.offsets[start], stop)


def normalise(text: str) -> Normalised:
    """`text` with typography folded, NFKC per cluster, case folded, and one space for any run of white space."""
    whole = _identity(len(text))
    folded, pieces, offsets, position = _one_to_one(text), [], array("I"), 0
    for start, end, instead in _changes(folded):
        if start > position:
            pieces.append(_fold(folded, position, start, whole, offsets))
        pieces.append(instead)
        offsets.extend([start] * len(instead))
        position = end
    if position < len(folded):
        pieces.append(_fold(folded, position, len(folded), whole, offsets))
    return _join_dashes(Normalised("".join(pieces), offsets, text))


def _identity(length: int) -> "array[int]":
    """0, 1, 2, ... of at least `length`: kept for texts of usual length, because slices of it are the offsets of
    whatever is only copied."""
    return array("I", range(length)) if length > _KEPT else _kept_identity(max(length, 2048).bit_length())


@cache
def _kept_identity(bits: int) -> "array[int]":
    return array("I", range(1 << bits))


@lru_cache(maxsize=4096)
def is_mark(char: str) -> bool:
    """Whether `char` belongs to the character before it: marks, Hangul vowels and finals, half-width voicing marks."""
    if char.isascii():
        return False
    return unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff" or char in "\uff9e\uff9f"


def _one_to_one(text: str) -> str:
    if text.isascii():
        return text
    if len(text) < 200:
        return text.translate(_TRANSLATION)
    for char in _ONE_TO_ONE.keys() & set(text):
        text = text.replace(char, _ONE_TO_ONE[char])
    return text


def _changes(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, what stands there instead) of whatever is not copied: marks of emphasis, what is invisible, runs of
    white space, `…`. One character class finds the candidates, because only that is searched at the speed of C."""
    runs, find, position = _runs(), _candidates("  " in text).search, 0
    while candidate := find(text, position):
        start = candidate.start()
        if start > position and text[start - 1] == " ":
            start -= 1
        if run := runs.match(text, start) or runs.match(text, start := candidate.start()):
            yield start, run.end(), _instead(run[0])
            position = run.end()
        else:
            position = candidate.end()


_BLANK = r"\s\x00-\x1f\x7f-\x9f"


@cache
def _candidates(double_spaces: bool) -> re.Pattern[str]:
    blanks = r"\x00-\x1f\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    return re.compile(rf"[{blanks}{_DROPPED}…*_]" + ("|  " if double_spaces else ""))


@cache
def _runs() -> re.Pattern[str]:
    """`*` between numbers or alone between two words multiplies and stays. `_` is dropped at word edges only: it
    belongs to identifiers."""
    star = r"(?!(?:(?<=\S )|(?<=\S \*))\*+ )(?:\*(?! ?\d)|(?<!\d)(?<!\d[ ])\*)"
    return re.compile(rf"…|(?:[{_BLANK}{_DROPPED}]|{star}|(?<![^\W_])_+|_+(?![^\W_]))+")


def _instead(run: str) -> str:
    if run == "…":
        return "..."
    return " " if any(char.isspace() or unicodedata.category(char) == "Cc" for char in run) else ""


def _fold(text: str, start: int, end: int, whole: "array[int]", offsets: "array[int]") -> str:
    """Fold `text[start:end]` and append its offsets: in bulk where every character stays one character."""
    piece = text[start:end]
    if folded := _same_length(piece):
        offsets.extend(whole[start:end])
        return folded
    parts = []
    for match in re.finditer(r"[ -~]* |[^ ]+ ?", piece):
        place = start + match.start()
        if folded := _same_length(match[0]):
            offsets.extend(whole[place : place + len(folded)])
            parts.append(folded)
        else:
            parts += _fold_clusters(match[0], place, offsets)
    return "".join(parts)


def _same_length(piece: str) -> str:
    """`piece` folded, or nothing when that adds or removes characters."""
    if piece.isascii():
        return piece.lower()
    folded = piece.casefold() if unicodedata.is_normalized("NFKC", piece) else ""
    return folded if len(folded) == len(piece) else ""


def _fold_clusters(word: str, base: int, offsets: "array[int]") -> Iterator[str]:
    start = 0
    while start < len(word):
        end = start + 1
        while end < len(word) and is_mark(word[end]):
            end += 1
        text = _fold_cluster(word[start:end])
        if "/" in text and word[start] != "/" and word[start - 1 : start].isdigit():
            text = " " + text
        offsets.extend([base + start] * len(text))
        yield text
        start = end


@lru_cache(maxsize=65536)
def _fold_cluster(cluster: str) -> str:
    composed = unicodedata.normalize("NFKC", cluster.translate(_RAISED))
    return composed.translate(_TRANSLATION).replace("\u2044", "/").casefold().replace("i\u0307", "i")


def _join_dashes(folded: Normalised) -> Normalised:
    """`a -- b`, `a - b` and `a—b` are one typography: `a-b`."""
    if "--" not in folded.text and " - " not in folded.text:
        return folded
    text: list[str] = []
    offsets, position = array("I"), 0
    for start, end, dash in _dashes(folded.text):
        text += folded.text[position:start], "-"
        offsets.extend(folded.offsets[position:start])
        offsets.append(folded.offsets[dash])
        position = end
    if not text:
        return folded
    offsets.extend(folded.offsets[position:])
    return Normalised("".join(text) + folded.text[position:], offsets, folded.raw)


def _dashes(text: str) -> Iterator[tuple[int, int, int]]:
    """(start, end, place of the first `-`) of dashes with the spaces around them, but not between numbers (a range)
    nor right before one (a sign)."""
    for match in re.finditer("-+", text):
        start, end = match.span()
        left, right = text[start - 1 : start] == " ", text[end : end + 1] == " "
        if not ((left and right) or end - start > 1):
            continue
        before, after = text[start - left - 1 : start - left], text[end + right : end + right + 1]
        number = after.isdigit() and (before.isdigit() or not right)
        if before and before not in " -" and after != "-" and not number:
            yield start - left, end + right, start
