"""Counts of people ("12 people said"), recomputed from the quotations that were verified under the same point."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from curta.quotes.numbers import SourceNumbers
from curta.quotes.numerals import Numeral, bound, is_hedged, numerals, spelled_numerals
from curta.quotes.report import Count, Quote
from curta.quotes.source import Sources, fold_author
from curta.quotes.tokens import core
from curta.text.normalise import normalise

_PEOPLE = (
    "people persons users commenters commentators comments posters participants authors readers developers voices "
    "respondents members engineers reviewers customers leute personen nutzer kommentare autoren teilnehmer personnes "
    "utilisateurs commentaires auteurs personas usuarios comentarios autores persone utenti commenti pessoas usuários "
    "comentários mensen gebruikers reacties человек пользователей комментариев"
)


_LARGE = 10  # below it a number is found in any source by chance


@dataclass(frozen=True, slots=True)
class _Claim:
    text: str
    start: int
    end: int
    value: int
    numeral: Numeral


def check_counts(prose: str, answer: str, quotes: Sequence[Quote], sources: Sources) -> list[Count]:
    """The verdict on each count. A number that a source itself gives of people is no count of who said something."""
    if not sources.authors:
        return []
    numbers = SourceNumbers(sources)
    claims = [
        claim for claim in _claims(prose) if not _is_in(claim.text, sources) and not _is_given(claim, prose, numbers)
    ]
    ends = [_end_of_point(answer, claim, claims) for claim in claims]
    return [_verdict(claim, end, answer, quotes, sources) for claim, end in zip(claims, ends, strict=True)]


def _verdict(claim: _Claim, end: int, answer: str, quotes: Sequence[Quote], sources: Sources) -> Count:
    begin = answer.rfind("\n", 0, claim.start) + 1
    under = [quote for quote in quotes if quote.ok and begin <= quote.position < end]
    authors = {fold_author(quote.places[0].author) for quote in under if quote.places[0].author}
    everybody = claim.value in _totals(sources)
    return Count(claim.text, claim.start, claim.value, claim.value if everybody else len(authors))


def _totals(sources: Sources) -> set[int]:
    """How many authors and how many stretches with an author the sources have: counts of the whole."""
    return {len(sources.authors), sum(piece.span.author is not None for piece in sources.pieces)}


def _claims(prose: str) -> Iterator[_Claim]:
    for numeral in sorted([*numerals(prose), *spelled_numerals(prose)], key=lambda numeral: numeral.start):
        noun = _noun().match(prose, numeral.end)
        whole = numeral.readings and numeral.readings[0].value == int(numeral.readings[0].value) and not numeral.unit
        if noun and whole:
            yield _Claim(
                prose[numeral.start : noun.end()], numeral.start, noun.end(), int(numeral.readings[0].value), numeral
            )


@cache
def _noun() -> re.Pattern[str]:
    return re.compile(
        rf"\s+(?:(?:other|different|of the|distinct)\s+)?(?:{'|'.join(_PEOPLE.split())})\b", re.IGNORECASE
    )


def _is_given(claim: _Claim, prose: str, numbers: SourceNumbers) -> bool:
    """Whether a source gives a number like this of more people than a few: that is no count of who is quoted."""
    if claim.value < _LARGE:
        return False
    return numbers.supporting(claim.numeral, is_hedged(prose, claim.start), bound(prose, claim.start)) is not None


def _is_in(text: str, sources: Sources) -> bool:
    return next(sources.occurrences(core(normalise(text).text)), None) is not None


def _end_of_point(answer: str, claim: _Claim, claims: Sequence[_Claim]) -> int:
    """Where the point ends under which a count stands: at the next heading, the next item of its list, or the block
    of the next count."""
    begin = answer.rfind("\n", 0, claim.start) + 1
    indent = _item_indent(answer[begin : claim.start + 1])
    following = next(
        (other.start for other in claims if other.start > claim.start and "\n" in answer[claim.end : other.start]),
        len(answer),
    )
    for line in re.finditer(r"\n(?=(?:[ \t]*)(?:#{1,6} |[-*+] |\d+[.)] ))", answer[claim.end : following]):
        start = claim.end + line.end()
        marker = answer[start : start + 40]
        if marker.lstrip().startswith("#") or (indent is not None and (_item_indent(marker) or 0) <= indent):
            return start
    return following if following == len(answer) else answer.rfind("\n", 0, following) + 1


def _item_indent(line: str) -> int | None:
    """How far a list item is indented; None when the line is none."""
    match = re.match(r"([ \t]*)(?:[-*+]|\d+[.)]) ", line)
    return len(match[1].expandtabs(4)) if match else None
