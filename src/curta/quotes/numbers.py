"""Whether a source has the numbers of an answer: as they are, rounded, or as the result of an expression over them."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, cached_property
from math import isclose

from curta.quotes import expression
from curta.quotes.extract import SHORTEST
from curta.quotes.languages import decimal_mark
from curta.quotes.numerals import (
    Numeral,
    Reading,
    bound,
    decade_words,
    fraction_words,
    in_words,
    is_hedged,
    numerals,
    rounded_step,
    spelled_numerals,
)
from curta.quotes.report import Number, NumberStatus
from curta.quotes.source import Place, Sources
from curta.quotes.tokens import core
from curta.quotes.units import CLOCK, COMMENT, DECADE, POINTS, fits
from curta.text.normalise import normalise

_OWN_NOUNS = (
    "themes? points? quotes? quotations? reasons? examples? sections? sentences? bullets? parts? ways? groups? "
    "camps? sides? categor(?:y|ies) topics? views? viewpoints? approach(?:es)? takeaways? questions? arguments? "
    "issues? concerns? "
    "ideas? options? kinds? types? aspects? lines? documents? sources? paragraphs? answers? things? themen punkte "
    "gründe "
    "beispiele thèmes raisons exemples temas razones temi ragioni thema's punten"
)


_REFERENCES = (
    "lines? comments? posts? messages? sections? chapters? pages? p pp figures? fig tables? tab footnotes? items? "
    "paragraphs? para quotes? quotations? steps? parts? points? themes? zeilen? kommentare? abschnitte? kapitel "
    "seiten? s abb tabellen? nr lignes? commentaires? chapitres? líneas? comentarios? capítulos? páginas? § #"
)
_SAMPLE = 20_000  # characters by which the language of a text is told


class SourceNumbers:
    """The numbers of the sources, by value."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._decided: dict[tuple[Numeral, bool, int], tuple[NumberStatus, Place] | None] = {}

    @cached_property
    def _found(self) -> list[tuple[Numeral, Place]]:
        found = []
        for document in self.sources.documents:
            for numeral in numerals(document.text, decimal_mark(document.text[:_SAMPLE])):
                span = document.span_at(numeral.start)
                if document.spans and span is None and document.text[numeral.start - 1 : numeral.start] == "[":
                    numeral = replace(numeral, unit=COMMENT)
                author, locator = (span.author, span.locator) if span else (None, None)
                found.append((numeral, Place(document, numeral.start, numeral.end, author, locator)))
        return found

    @cached_property
    def _values(self) -> list[tuple[float, float, int]]:
        """(value, step, which number), by value."""
        rows = ((reading, number) for number, (numeral, _) in enumerate(self._found) for reading in numeral.readings)
        return sorted((reading.value, reading.step, number) for reading, number in rows)

    @cached_property
    def _dates(self) -> dict[tuple[int, int, int], Place]:
        return {numeral.date: place for numeral, place in reversed(self._found) if numeral.date}

    @cached_property
    def _locators(self) -> dict[str, Place]:
        pieces = self.sources.pieces
        spans = ((piece.document, piece.span) for piece in pieces if piece.span.locator)
        return {
            str(span.locator): Place(document, span.start, span.end, span.author, span.locator)
            for document, span in spans
        }

    @cached_property
    def decimal(self) -> str:
        """The decimal mark of the sources, when all that have one have the same."""
        marks = {decimal_mark(document.text[:_SAMPLE]) for document in self.sources.documents} - {""}
        return marks.pop() if len(marks) == 1 else ""

    def supporting(self, claim: Numeral, hedged: bool, bounded: int = 0) -> tuple[NumberStatus, Place] | None:
        """Where the sources have a number, and whether rounded. bounded: `numerals.bound`."""
        key = replace(claim, start=0, end=0), hedged, bounded
        if key not in self._decided:
            self._decided[key] = self._search(claim, hedged, bounded)
        return self._decided[key]

    def _search(self, claim: Numeral, hedged: bool, bounded: int) -> tuple[NumberStatus, Place] | None:
        if claim.date:
            place = self._dates.get(claim.date)
            return ("present", place) if place else None
        if not claim.readings:
            match = next(self.sources.occurrences(core(normalise(claim.text).text)), None)
            return ("present", self.sources.place(match)) if match else None
        if place := self._same(claim) or self._spelled(claim) or self._locators.get(claim.text):
            return "present", place
        place = self._beyond(claim, bounded) if bounded else self._rounded(claim, hedged)
        return ("rounded", place) if place else None

    def _beyond(self, claim: Numeral, bounded: int) -> Place | None:
        """A number a little above (or below) a round one: 512 is `more than 500`, and so is no 700."""
        for reading in claim.readings:
            step = max(reading.step, rounded_step(reading.value)) * (1 - 1e-9)
            low, high = sorted((reading.value, reading.value + bounded * step))
            if place := self._between(low, high, claim.unit, None):
                return place
        return None

    def _same(self, claim: Numeral) -> Place | None:
        for reading in claim.readings:
            slack = abs(reading.value) * 1e-9
            if place := self._between(reading.value - slack, reading.value + slack, claim.unit, None):
                return place
        return None

    def _rounded(self, claim: Numeral, hedged: bool) -> Place | None:
        for reading in claim.readings:
            step = reading.step
            if hedged and reading.value >= 10:
                step = max(step, rounded_step(reading.value))
            slack = step / 2 * (1 + 1e-9)
            if place := self._between(reading.value - slack, reading.value + slack, claim.unit, step):
                return place
        return None

    def _between(self, low: float, high: float, unit: str, coarser_than: float | None) -> Place | None:
        """The first number with a value from `low` to `high`, fitting the unit, and more exact than `coarser_than`."""
        begin = bisect_left(self._values, (low,))
        end = bisect_right(self._values, (high, float("inf")))
        places = (
            number
            for _, step, number in self._values[begin:end]
            if fits(unit, self._found[number][0].unit) and (coarser_than is None or step < coarser_than)
        )
        number = min(places, default=None)
        return None if number is None else self._found[number][1]

    def _spelled(self, claim: Numeral) -> Place | None:
        """In words: `twelve` for 12, `half` for 50 %; and 50 % for `half`."""
        for words in dict.fromkeys(form for reading in claim.readings for form in _forms(reading, claim.unit)):
            if match := next(self.sources.occurrences(words), None):
                return self.sources.place(match)
        if not claim.unit and claim.readings[0].value < 1:
            percent = Reading(claim.readings[0].value * 100, 1.0)
            return self._same(Numeral(claim.text, claim.start, claim.end, (percent,), "%"))
        return None


def _forms(reading: Reading, unit: str) -> Iterator[str]:
    """The words a source may say a number of this unit with."""
    if unit == DECADE:
        yield from decade_words(reading.value)
    elif unit == "%":
        yield from (f"{words} {percent}" for words in in_words(reading.value) for percent in ("percent", "per cent"))
        yield from fraction_words(reading.value / 100, reading.step / 200)
    elif unit not in (CLOCK, POINTS):
        yield from in_words(reading.value)


def check_numbers(prose: str, sources: SourceNumbers, prompt: SourceNumbers) -> list[Number]:
    """The verdict on each number of `prose`: the answer with everything else blanked."""
    claims = list(_claims(prose, decimal_mark(prose) or sources.decimal))
    used = _expressions(prose, claims)
    inside = sorted(used.values())
    verdicts = []
    for claim in claims:
        before = bisect_right(inside, (claim.start, len(prose)))
        if not before or inside[before - 1][1] <= claim.start:
            verdicts.append(_verdict(claim, prose, used.get(claim.start), sources, prompt))
    return verdicts


def _expressions(prose: str, claims: list[Numeral]) -> dict[int, tuple[int, int]]:
    """For each number the expression given for it. A number inside an expression has none of its own."""
    given: dict[int, tuple[int, int]] = {}
    covered = 0
    for claim in claims:
        if claim.start >= covered and (span := expression.given_for(prose, claim.start, claim.end)):
            given[claim.start] = span
            covered = max(covered, span[1])
    return given


def _verdict(
    claim: Numeral, prose: str, given: tuple[int, int] | None, sources: SourceNumbers, prompt: SourceNumbers
) -> Number:
    found = sources.supporting(claim, is_hedged(prose, claim.start), bound(prose, claim.start))
    if found and (found[0] == "present" or not given):
        return Number(claim.text, claim.start, *found)
    if given and _follows(claim, prose[given[0] : given[1]], sources):
        return Number(claim.text, claim.start, "derived")
    if found:
        return Number(claim.text, claim.start, *found)
    own = prompt.supporting(claim, False)
    return Number(claim.text, claim.start, "prompt" if own else "unsupported")


def _follows(claim: Numeral, words: str, sources: SourceNumbers) -> bool:
    """Whether an expression gives the claim, and every number in it is in the sources."""
    allowed = {1.0, 100.0} if claim.unit == "%" else set()
    for operand in numerals(words):
        constant = operand.readings and operand.readings[0].value in allowed
        bare = Numeral(operand.text, operand.start, operand.end, tuple(_unsigned(operand)), operand.unit)
        if not constant and sources.supporting(bare, False) is None:
            return False
    result = expression.evaluate(words)
    if result is None:
        return False
    results = (result, result * 100) if claim.unit == "%" else (result,)
    return any(_rounds_to(value, reading) for value in results for reading in claim.readings)


def _unsigned(operand: Numeral) -> Iterator[Reading]:
    return (Reading(abs(reading.value), reading.step) for reading in operand.readings)


def _rounds_to(value: float, reading: Reading) -> bool:
    return abs(value - reading.value) <= reading.step / 2 * (1 + 1e-9) or isclose(value, reading.value)


def _claims(prose: str, decimal: str) -> Iterator[Numeral]:
    """The numbers of an answer that say something of the sources, each once."""
    covered = 0
    every = sorted(
        [*numerals(prose, decimal), *spelled_numerals(prose)], key=lambda numeral: (numeral.start, -numeral.end)
    )
    for numeral in every:
        if numeral.start >= covered and not _is_own(prose, numeral):
            yield numeral
            covered = numeral.end


def _is_own(prose: str, numeral: Numeral) -> bool:
    """Whether a number is the answer's own: a list marker, an ordinal of a heading, `three themes`, `[2]`."""
    line_start = prose.rfind("\n", 0, numeral.start) + 1
    before, after = prose[max(line_start, numeral.start - 60) : numeral.start], prose[numeral.end : numeral.end + 60]
    first = numeral.start - line_start == len(before) and re.fullmatch(r"[\s>*_#-]*[(\[]?", before)
    if first and re.match(r"[.):\]](?:[\s*_]|$)", after):
        return True
    if prose[line_start : line_start + 9].lstrip().startswith("#") and re.search(
        r"(?:^[\s#*]*|\b(?:step|part|section|chapter|theme|point) )$", before, re.I
    ):
        return True
    if re.search(r"\[(?:\d+(?:, ?|-|–))*$", before) and re.match(r"(?:(?:, ?|-|–)\d+)*\]", after):
        return True
    return _is_reference(prose, before, after) or _counts_own_parts(numeral, after)


def _is_reference(prose: str, before: str, after: str) -> bool:
    """Whether a number says where something stands (`line 3`, `pages 4-6`), or which of a series this is (`(2)`)."""
    if _references().search(before):
        return True
    if not before.endswith("(") or not after.startswith(")"):
        return False
    return before.endswith(" " * SHORTEST + "(") or bool(re.match(r"\) \w", after) and "(1)" in prose)


@cache
def _references() -> re.Pattern[str]:
    words = "|".join(_REFERENCES.split())
    return re.compile(
        rf"(?<!\w)(?:{words})\.?\s?(?:#|no\. ?)?(?:\d+\s?(?:[-–,&]|and|to|und|bis|et)\s?)*$", re.IGNORECASE
    )


def _counts_own_parts(numeral: Numeral, after: str) -> bool:
    small = numeral.readings and 0 < numeral.readings[0].value <= 20 and not numeral.unit
    return bool(small and _own_parts().match(after))


@cache
def _own_parts() -> re.Pattern[str]:
    nouns = "|".join(_OWN_NOUNS.split())
    return re.compile(rf"\s+(?:[\w-]+\s+){{0,2}}?(?:{nouns})\b", re.IGNORECASE)


def group_by_status(numbers: tuple[Number, ...]) -> dict[str, list[Number]]:
    grouped: dict[str, list[Number]] = defaultdict(list)
    for number in numbers:
        grouped[number.status].append(number)
    return grouped
