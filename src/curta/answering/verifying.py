"""What came of a model's claims: each quotation verified to its place in a stored document, each number to a source.

The passage that a model names is where its words are looked for first; where they really stand is what is shown. What
is compared are the words; what is shown, of a claim that passes, are those of the source.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from curta import quotes
from curta.answering.claims import Claim, Note
from curta.answering.form import Draft
from curta.answering.passages import Passage
from curta.messages import Document
from curta.quotes.extract import Quotation
from curta.quotes.report import Quote, Report
from curta.quotes.verify import verify

MOST_CLAIMS = 50
_LONGEST_DIFFERENCE = 60
_FEW = 3
_BETWEEN = "\n\n"


class Judged(NamedTuple):
    """The claims of an answer with their verdicts. report: the same as `curta check` would say it.

    problems: what fails, as messages a model can act on. more: how many claims there were beyond MOST_CLAIMS.
    """

    claims: tuple[Claim, ...]
    report: Report
    problems: tuple[str, ...]
    more: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems

    @property
    def names(self) -> list[str]:
        """Names and links in the claims that no passage has."""
        return [each.text for each in self.report.names]

    @property
    def verified(self) -> int:
        return sum(claim.ok for claim in self.claims)


class Verifier:
    """Verifies answers to one question against the passages that were given for it."""

    def __init__(self, question: str, passages: Sequence[Passage]) -> None:
        self._passages = {each.number: each for each in passages}
        self._by_document = {each.document.sha256: each for each in passages}
        self._asked = quotes.Sources([Document(question, trust="user")] if question.strip() else [])
        self._question = question
        self._names = dict.fromkeys(f"{each.document.title} {each.document.uri}" for each in passages)
        self._alone: dict[int, quotes.Sources] = {}

    @cached_property
    def _all(self) -> quotes.Sources:
        return quotes.Sources([each.document for each in self._passages.values()])

    def claims(self, drafts: Sequence[Draft], answer: str) -> Judged:
        """The verdict on claims as a model wrote them. answer: the text they were read from."""
        if (more := len(drafts) - MOST_CLAIMS) > 0:
            judged = self.claims(drafts[:MOST_CLAIMS], answer)
            return judged._replace(problems=(*judged.problems, _TOO_MANY), more=more)
        verdicts = [self._verdict(draft, quotation) for draft, quotation in _quotations(drafts, answer)]
        prose = self._prose([draft.claim for draft in drafts])
        faults = [_fault(quote) or own for quote, own in zip(verdicts, prose.faults, strict=True)]
        return self._judged(drafts, verdicts, faults, prose.report)

    def quotations(self, found: Sequence[Quotation]) -> Judged:
        """The verdict on what the built-in model quotes, each with its place: claims in the words of the source."""
        verdicts = [verify(each, self._all, self._asked) for each in found]
        drafts = [Draft(" ".join(each.text.split()), each.text) for each in found]
        return self._judged(drafts, verdicts, [_fault(quote) for quote in verdicts], Report())

    def _verdict(self, draft: Draft, quotation: Quotation) -> Quote:
        """In the passage that is named; else wherever the words stand; else what they differ from."""
        named = self._verdict_in(draft.passage, quotation)
        if named and named.ok:
            return named
        anywhere = verify(quotation, self._all, self._asked)
        return anywhere if anywhere.ok or not (named and named.located) else named

    def _verdict_in(self, number: int | None, quotation: Quotation) -> Quote | None:
        if number not in self._passages:
            return None
        if number not in self._alone:
            self._alone[number] = quotes.Sources([self._passages[number].document])
        return verify(quotation, self._alone[number], self._asked)

    def _judged(
        self, drafts: Sequence[Draft], verdicts: Sequence[Quote], faults: Sequence["_Fault | None"], prose: Report
    ) -> Judged:
        numbers: dict[tuple[tuple[str, int, int], ...], int] = {}
        claims = tuple(
            Claim(draft.claim, draft.quote, draft.passage, _status(quote), fault.shown)
            if fault
            else Claim(draft.claim, draft.quote, draft.passage, quote.status, note=self._note(quote, numbers))
            for draft, quote, fault in zip(drafts, verdicts, faults, strict=True)
        )
        problems = tuple(f"claim {number}: {fault.told}" for number, fault in enumerate(faults, 1) if fault)
        return Judged(claims, replace(prose, quotes=tuple(verdicts)), problems)

    def _note(self, quote: Quote, numbers: dict[tuple[tuple[str, int, int], ...], int]) -> Note:
        """The words of the source; the same ones have the same number."""
        passage = self._by_document[quote.places[0].document.sha256]
        places = tuple(passage.place(place) for place in quote.places)
        key = tuple((place.document.sha256, place.start, place.end) for place in places)
        return Note(numbers.setdefault(key, len(numbers) + 1), passage.number, places)

    def _prose(self, claims: Sequence[str]) -> "_Prose":
        """What the claims themselves say that can be decided: numbers, and quotations inside of them.

        A number may also be one of the question, or of the name of a document. How many people said something is not
        decided: of each claim only one quotation is known.
        """
        text = _BETWEEN.join(claims)
        report = quotes.check(text, self._all, prompt="\n".join((self._question, *self._names)))
        ends = list(accumulate(len(claim) + len(_BETWEEN) for claim in claims))
        faults: list[_Fault | None] = [None] * len(claims)
        wrong = [(number.position, _UNSUPPORTED.about(number.text)) for number in report.numbers if number.ok is False]
        wrong += [(quote.position, _fault(quote) or _ALTERED) for quote in report.quotes if quote.ok is False]
        for position, fault in sorted(wrong, reverse=True):
            faults[next(number for number, end in enumerate(ends) if position < end)] = fault
        return _Prose(replace(report, counts=(), unchecked=()), faults)


class _Fault(NamedTuple):
    """Why a claim fails: as people read it, and as the model is told."""

    shown: str
    told: str

    def about(self, words: str) -> "_Fault":
        return _Fault(f"{self.shown}: {words}", self.told.format(words))


class _Prose(NamedTuple):
    report: Report
    faults: list[_Fault | None]


_TOO_MANY = f"there are more than {MOST_CLAIMS} claims; write fewer"
_MISSING = _Fault("no quotation", "it has no quote; quote the words of a document that show it, or drop the claim")
_SHORT = _Fault("quotation too short", "the quote is too short; quote at least four words, or drop the claim")
_ASKED = _Fault("quotes the question", "the quote is from the question; quote a document, or drop the claim")
_ABSENT = _Fault("not found", "no document has these words; quote exactly, or drop the claim")
_ALTERED = _Fault("differs from the source", "the quote differs from the document; copy it again, word for word")
_UNSUPPORTED = _Fault("no source has the number", '"{}" is in no document; give the expression or drop it')


def _fault(quote: Quote) -> _Fault | None:
    """What is wrong with a quotation; None when it is verified."""
    if quote.ok:
        return None
    if not quote.text.strip():
        return _MISSING
    if quote.status in ("too_short", "prompt", "absent"):
        return {"too_short": _SHORT, "prompt": _ASKED, "absent": _ABSENT}[quote.status]
    if quote.author_ok is False:
        return _Fault("by somebody else", "the words are by another author")
    if quote.flags:
        return _Fault(
            _ALTERED.shown, f"the quote leaves out or puts in what matters ({_few(quote.flags)}); quote whole"
        )
    return _Fault(_ALTERED.shown, _difference(quote))


def _difference(quote: Quote) -> str:
    """A few words of either side; more would repeat the document in our own name."""
    from curta.quotes.differences import phrases

    pairs = phrases(quote)
    if not pairs or len(pairs) > _FEW:
        return _ALTERED.told
    said = [f'the document says "{_short(source)}", you wrote "{_short(written)}"' for written, source in pairs]
    return "; ".join(said)


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST_DIFFERENCE else words[:_LONGEST_DIFFERENCE].rstrip() + "…"


def _few(flags: Iterable[str]) -> str:
    return _short("; ".join(flags))


def _status(quote: Quote) -> str:
    return quote.status if quote.text.strip() else "missing"


def _quotations(drafts: Sequence[Draft], answer: str) -> "list[tuple[Draft, Quotation]]":
    """Each claim with its quotation, as it stands in the answer."""
    import json

    found, position = [], 0
    for draft in drafts:
        raw = json.dumps(draft.quote, ensure_ascii=False)[1:-1]
        start = answer.find(raw, position) if raw else -1
        start, end = (start, start + len(raw)) if start >= 0 else (position, position)
        position = end
        found.append((draft, Quotation(draft.quote, start, end, start, end, "json")))
    return found
