"""The quotations of an answer: between marks, in quoted lines, in the quote fields of JSON.

A quotation may wrap over a line break, not over a blank line. Fenced code is skipped, and so is what was struck out
(`~~...~~ [...]`, as `repair.fix` leaves it).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, TypeAlias

from curta.events import Citation
from curta.quotes import attribution, structured
from curta.quotes.fences import fences
from curta.quotes.mentions import Authors
from curta.quotes.tokens import UNSPACED

SHORTEST = 6
LONGEST = 5000
_DEEPEST = 4
_FEWEST_IN_SINGLE = 4  # words
_AROUND = 5  # words that may stand around the marked quotations of a quoted line: its author

Form: TypeAlias = Literal["marks", "lines", "json", "citation"]

_CLOSERS = {'"': '"', "＂": "＂", "“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", "”": "”"}


_MISMATCHED = {"“": '"', "„": '"', '"': "”"}


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words that an answer says are somebody's: `answer[start:end]`, without marks.

    text: the quoted words, decoded and unwrapped.
    outer_start, outer_end: the same with its marks.
    claimed: who is said to have written them.
    citation: where the model says they stand.
    """

    text: str
    start: int
    end: int
    outer_start: int
    outer_end: int
    form: Form
    claimed: str | None = None
    citation: Citation | None = None


def extract(answer: str, authors: Set[str] = frozenset(), citations: Sequence[Citation] = ()) -> list[Quotation]:
    """All quotations of `answer` in order. authors: the folded names of those who can be quoted."""
    known = Authors.of(authors)
    return _with_citations(answer, _uncited(answer, known, citations), citations, known)


def _uncited(answer: str, authors: Authors, citations: Sequence[Citation] = ()) -> list[Quotation]:
    if structured.is_json(answer):
        return list(_in_json(answer, authors))
    visible = mask_struck(mask_code(_mask_cited(answer, citations)))
    found = [_attributed(quotation, answer, authors) for quotation in _in_prose(visible)]
    for start, end in structured.embedded(answer):
        found += [_shifted(quotation, start) for quotation in _in_json(answer[start:end], authors)]
    return found


def _shifted(quotation: Quotation, by: int) -> Quotation:
    start, end = quotation.start + by, quotation.end + by
    return replace(quotation, start=start, end=end, outer_start=start, outer_end=end)


def _in_json(answer: str, authors: Authors) -> Iterator[Quotation]:
    for value in structured.strings(answer):
        if value.is_quote:
            if mask_struck(value.text).strip():
                author = value.author or None
                yield Quotation(value.text, value.start, value.end, value.start, value.end, "json", author)
            continue
        for inner in _uncited(value.text, authors) if not structured.is_json(value.text) else ():
            exact = value.end - value.start == len(value.text)
            start, end = (value.start + inner.start, value.start + inner.end) if exact else (value.start, value.end)
            yield replace(inner, start=start, end=end, outer_start=start, outer_end=end, form="json")


def _in_prose(visible: str) -> list[Quotation]:
    """Quotations between marks and in quoted lines. Where a quoted line is no more than quotations between marks, with
    their authors, those count; else the whole line, whatever marks it holds."""
    marked = [quotation for quotation in _between_marks(visible) if quotation.end - quotation.start >= SHORTEST]
    starts = [quotation.start for quotation in marked]
    lines: list[Quotation] = []
    inside: set[int] = set()
    for line in _quoted_lines(visible):
        within = marked[bisect_left(starts, line.start) : bisect_left(starts, line.end)]
        if not within or _words_outside(visible, line, within) > _AROUND:
            lines.append(line)
            inside.update(quotation.start for quotation in within)
    return [quotation for quotation in marked if quotation.start not in inside] + lines


def _words_outside(text: str, line: Quotation, within: Sequence[Quotation]) -> int:
    """How many words of a quoted line lie outside the marked quotations in it."""
    ends = [line.start, *(quotation.outer_end for quotation in within)]
    begins = [*(quotation.outer_start for quotation in within), line.end]
    return sum(len(text[end:begin].split()) for end, begin in zip(ends, begins, strict=True))


def _between_marks(text: str) -> Iterator[Quotation]:
    position = 0
    while opener := _openers().search(text, position):
        start = opener.end()
        mark = opener[0]
        end = _closing(text, start, mark) or _closing_otherwise(text, start, mark) or _closing_far(text, start, mark)
        if end is None:
            position = start
            continue
        escaped = text[end - 1] == "\\" and mark == '"' == text[end]
        yield Quotation("", start, end - escaped, opener.start(), end + 1, "marks")
        position = end + 1


@cache
def _openers() -> re.Pattern[str]:
    """What opens a quotation: a straight mark not after a word (5" is an inch) or another mark; » and ” only before
    what can begin one, because they close more often; ‘ not before a decade."""
    straight = rf"(?<![^\W_{UNSPACED}])(?<![\"”])[\"＂]"
    return re.compile(rf"[“„«「『]|{straight}|(?:\A|(?<=[\s(]))[»”](?=[^\s.,;:!?)»”\]]|\.\.)|(?<!\w)‘(?!\d0s)")


@cache
def _marks(opener: str) -> re.Pattern[str]:
    return re.compile(rf"[{opener}{_CLOSERS[opener]}]|\n[ \t>]*\n")


def _closing(text: str, start: int, opener: str) -> int | None:
    """Where the quotation opened before `start` closes; pairs inside it are part of it."""
    if opener == "‘":
        return _closing_single(text, start)
    if opener == '"':
        return _closing_straight(text, start, nested=True) or _closing_straight(text, start, nested=False)
    depth, closers = 1, _CLOSERS[opener]
    for mark in _marks(opener).finditer(text, start, start + LONGEST):
        if "\n" in mark[0]:
            return None
        depth += -1 if mark[0] in closers else 1
        if depth == 0:
            return mark.start()
        if depth > _DEEPEST:
            return None
    return None


def _closing_straight(text: str, start: int, nested: bool) -> int | None:
    """The same for straight marks, of which one after a space and before a word opens another pair. An escaped mark
    (`\\"`) closes only what an escaped one opened."""
    depth, escaped = 1, text[max(0, start - 2) : start - 1] == "\\"
    for mark in _marks('"').finditer(text, start, start + LONGEST):
        at = mark.start()
        if "\n" in mark[0]:
            return None
        if (text[at - 1] == "\\") != escaped:
            continue
        opens = nested and text[at - 1 - escaped] in " \n(" and text[at + 1 : at + 2].isalnum()
        depth += 1 if opens else -1
        if depth == 0:
            return at
        if depth > _DEEPEST:
            return None
    return None


def _closing_single(text: str, start: int) -> int | None:
    """Where ‘single marks’ close: after the fourth word, because in shorter ones stand titles and scare quotes, and
    because ’ is an apostrophe too."""
    for mark in _single_marks().finditer(text, start, start + LONGEST):
        if mark[0] != "’":
            return None
        if len(text[start : mark.start()].split()) >= _FEWEST_IN_SINGLE:
            return mark.start()
    return None


@cache
def _single_marks() -> re.Pattern[str]:
    return re.compile(r"’(?!\w)|(?<!\w)‘|\n[ \t>]*\n")


def _closing_otherwise(text: str, start: int, opener: str) -> int | None:
    """Where a quotation closes whose marks do not match: “so" or "so”."""
    if opener not in _MISMATCHED:
        return None
    mark = re.compile(rf"{_MISMATCHED[opener]}|\n[ \t>]*\n").search(text, start, start + LONGEST)
    return mark.start() if mark and "\n" not in mark[0] else None


def _closing_far(text: str, start: int, opener: str) -> int | None:
    """Where a quotation of more than LONGEST characters closes, in its paragraph. One that opens again is none."""
    if text.find(opener, start, start + LONGEST) >= 0:
        return None
    blank = text.find("\n\n", start)
    limit = len(text) if blank < 0 else blank
    found = [text.find(mark, start + LONGEST, limit) for mark in _CLOSERS.get(opener, "")]
    return min((at for at in found if at >= 0), default=None)


def _quoted_lines(text: str) -> Iterator[Quotation]:
    """Each quoted line by itself, or several where a sentence goes on from one to the next."""
    start, end = -1, -1
    for line in re.finditer(r"^[ \t]{0,12}((?:[-*+]|\d+[.)])[ \t]+)?(?:> ?)+(.*)$", text, re.MULTILINE):
        words = line[2].strip()
        if start >= 0 and (not words or line[1] or text[end : line.start()] != "\n" or not _goes_on(text, end)):
            yield from _lines_quotation(text, start, end)
            start = -1
        if words and not attribution.is_signature(words) and not re.fullmatch(r"\[!\w+\]", words):
            start, end = (line.start(2) if start < 0 else start), line.end(2)
    if start >= 0:
        yield from _lines_quotation(text, start, end)


def _goes_on(text: str, end: int) -> bool:
    """Whether the line that ends here is in the middle of a sentence."""
    return not text[max(0, end - 80) : end].rstrip().endswith(tuple('.!?…:"”»。！？।)'))


def _lines_quotation(text: str, start: int, end: int) -> Iterator[Quotation]:
    """A quotation without the signature at its end."""
    body = text[start:end]
    stop = start + attribution.signature_start(body)
    if text[start:stop].strip():
        yield Quotation("", start, stop, start, stop, "lines")


def unwrap(text: str) -> str:
    """Quoted text without the marks of quoted lines it may wrap over and without escapes."""
    return re.sub(r"\n[ \t]*>+[ \t]?", "\n", text).replace('\\"', '"').strip()


def mask_code(text: str) -> str:
    """`text` of the same length with fenced code and inline code blanked, unless the code is itself a quotation."""
    for fence in fences(text):
        text = text[: fence.start] + re.sub(r"[^\n]", " ", text[fence.start : fence.end]) + text[fence.end :]
    return re.sub(r"(`+)(?!`)([^`\n]+)\1(?!`)", lambda code: code[0] if _is_quotation(code[2]) else _blank(code), text)


def mask_struck(text: str) -> str:
    """`text` of the same length with what was struck out and marked blanked."""
    return re.sub(r"~~[^~]{1,6000}~~ \[[^\]\n]{1,200}\]", _blank, text)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _is_quotation(code: str) -> bool:
    code = code.strip()
    return len(code) > SHORTEST and code[0] in _CLOSERS and code[-1] in _CLOSERS[code[0]]


def _attributed(quotation: Quotation, answer: str, authors: Authors) -> Quotation:
    claimed = None
    if quotation.form == "lines" and (label := attribution.label(answer[quotation.start : quotation.end], authors)):
        claimed, length = label
        start = quotation.start + length
        quotation = replace(quotation, start=start, outer_start=start)
    claimed = claimed or attribution.claimed(answer, quotation.outer_start, quotation.outer_end, authors)
    return replace(quotation, text=unwrap(answer[quotation.start : quotation.end]), claimed=claimed)


def _mask_cited(text: str, citations: Sequence[Citation]) -> str:
    """`text` of the same length in which cited words hold no marks: a cited sentence may end inside a quotation."""
    for citation in citations:
        start, end = _trim(text, citation.start, citation.end)
        text = text[:start] + "x" * (end - start) + text[end:]
    return text


def _with_citations(
    answer: str, found: list[Quotation], citations: Sequence[Citation], authors: Authors
) -> list[Quotation]:
    """The quotations with the citations among them. What a citation covers is extracted only once."""
    cited = []
    for citation in citations:
        start, end = _trim(answer, citation.start, citation.end)
        same = [quotation for quotation in found if _trim(answer, quotation.start, quotation.end) == (start, end)]
        base = same[0] if same else _attributed(_cited(answer, start, end), answer, authors)
        cited.append(replace(base, citation=citation))
        found = [quotation for quotation in found if not start <= quotation.start < quotation.end <= max(end, start)]
    return sorted(found + cited, key=lambda quotation: (quotation.start, quotation.end))


def _cited(answer: str, start: int, end: int) -> Quotation:
    return Quotation(answer[start:end], start, end, start, end, "citation")


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """`start:end` without the white space at its ends, inside the text."""
    start, end = max(0, min(start, len(text))), max(0, min(end, len(text)))
    body = text[start:end]
    return start + len(body) - len(body.lstrip()), max(start, end - (len(body) - len(body.rstrip())))
