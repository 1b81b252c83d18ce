"""The verdict on one quotation, in tiers: word for word, in parts, and else only where it comes from.

Nothing is ever accepted on a score: what is merely similar is located, shown with its differences, and fails.
"""

import re
from dataclasses import replace
from functools import cache
from itertools import islice

from curta.quotes import elision
from curta.quotes.alignment import align, is_misspelt
from curta.quotes.extract import Quotation
from curta.quotes.report import Quote
from curta.quotes.source import Match, Place, Sources, fold_author
from curta.quotes.tokens import core, length_in_words
from curta.text.normalise import normalise

FEWEST_WORDS = 3
_LOOKED_AT = 50  # occurrences looked at for one that is verbatim, not only normalised


def verify(quotation: Quotation, sources: Sources, prompt: Sources) -> Quote:
    """The verdict on `quotation`. prompt: the user's own words; to quote those is labelled, not judged."""
    folded = normalise(_without_note(quotation.text)).text.strip()
    words = core(folded)
    if quotation.citation is None and length_in_words(words) < FEWEST_WORDS:
        return Quote(quotation, "too_short")
    if not words:
        return Quote(quotation, "absent")
    verdict = (
        _word_for_word(quotation, words, sources)
        or _typed_otherwise(quotation, words, sources)
        or _in_parts(quotation, folded, sources)
        or _own_words(quotation, words, prompt)
        or _located(quotation, words, sources)
    )
    return _cited(verdict, sources) if quotation.citation else verdict


def _word_for_word(quotation: Quotation, words: str, sources: Sources) -> Quote | None:
    """The first verbatim occurrence, by the claimed author if there is one; else the first of any kind."""
    first = sources.by(quotation.claimed) if quotation.claimed else ()
    best: Match | None = None
    for match in islice(sources.occurrences(words, first), _LOOKED_AT):
        if best is not None and _is_by(quotation, sources, best) and not _is_by(quotation, sources, match):
            break
        if place := _verbatim(quotation, words, sources, match):
            return _attributed(Quote(quotation, "verbatim", (place,)), sources, match)
        best = best or match
    if best is None:
        return None
    return _attributed(Quote(quotation, "normalised", (sources.place(best),)), sources, best)


def _typed_otherwise(quotation: Quotation, words: str, sources: Sources) -> Quote | None:
    """The same where quotations inside it have other marks (`'so'` for `"so"`), or a unit another distance (`5 %`)."""
    outer = _single_mark().sub('"', words)
    for variant in dict.fromkeys((outer, words.replace('"', "'"), *_units_moved(words))):
        if variant != words and (found := _word_for_word(quotation, variant, sources)):
            return replace(found, status="normalised")
    return None


def _units_moved(words: str) -> tuple[str, str]:
    units = r"(%|‰|°c|°f|[kmgt]i?b\b|[cmk]?m\b|[mk]?g\b|[mk]?hz\b|ms\b)"
    return re.sub(rf"(?<=\d) (?={units})", "", words), re.sub(rf"(?<=\d)(?={units})", " ", words)


@cache
def _single_mark() -> re.Pattern[str]:
    return re.compile(r"(?<!\w)'|'(?!\w)")


def _without_note(text: str) -> str:
    """A quotation without what its writer puts at its end: `[1]`, `(p. 12)`, `[emphasis added]`, a raised figure."""
    return _notes().sub(r"\g<stop>", text)


@cache
def _notes() -> re.Pattern[str]:
    raised = r"(?:(?<=[^\W\d_]{4})|(?<=[.,;!?”\"]))[¹²³⁰⁴-⁹]+"
    bracketed = r"\s*(?:\[\d{1,3}\]|[\[(](?:my )?emphasis (?:added|mine|in (?:the )?original)[\])]"
    return re.compile(rf"(?:{raised}|{bracketed}|\((?:pp?|l|line|S)\.? ?\d+(?:[-–]\d+)?\)))(?P<stop>[.,]?)\s*$")


def _verbatim(quotation: Quotation, words: str, sources: Sources, match: Match) -> Place | None:
    """Where the very characters of the quotation, edge punctuation included, stand around a match."""
    text = quotation.text.strip()
    place, piece, folded = sources.place(match), sources.piece_at(match.start), normalise(text)
    start = place.start - folded.offsets[max(folded.text.find(words), 0)]
    end = start + len(text)
    if piece.span.start <= start and end <= piece.span.end and place.document.text.startswith(text, start):
        return replace(place, start=start, end=end)
    return None


def _in_parts(quotation: Quotation, folded: str, sources: Sources) -> Quote | None:
    if not elision.is_possible(folded):
        return None
    first = sources.by(quotation.claimed) if quotation.claimed else ()
    found = elision.find(folded, sources, first)
    if found is None:
        return None
    places = tuple(sources.place(match) for match in found.matches)
    verdict = Quote(quotation, "elided", places, diff=found.diff, flags=found.flags, note=found.note)
    return _attributed(verdict, sources, found.matches[0])


def _own_words(quotation: Quotation, words: str, prompt: Sources) -> Quote | None:
    """Whether the answer quotes the question. Not when it says that somebody else wrote it."""
    if quotation.claimed or quotation.citation or next(prompt.occurrences(words), None) is None:
        return None
    return Quote(quotation, "prompt")


def _located(quotation: Quotation, words: str, sources: Sources) -> Quote:
    aligned = align(words, sources, quotation.claimed)
    if aligned is None:
        return Quote(quotation, "absent")
    near = all(is_misspelt(quoted, source) for quoted, source in aligned.diff)
    diff = tuple((" ".join(quoted), " ".join(source)) for quoted, source in aligned.diff)
    verdict = Quote(quotation, "near" if near else "altered", (sources.place(aligned.match),), diff=diff)
    return _attributed(verdict, sources, aligned.match)


def _is_by(quotation: Quotation, sources: Sources, match: Match) -> bool:
    author = sources.piece_at(match.start).span.author
    return bool(author and quotation.claimed) and fold_author(author or "") == fold_author(quotation.claimed or "")


def _attributed(verdict: Quote, sources: Sources, match: Match) -> Quote:
    """With the claimed author judged; where a document names no authors at all there is nothing to judge by."""
    spans = sources.piece_at(match.start).document.spans
    if verdict.quotation.claimed is None or not any(span.author for span in spans):
        return verdict
    return replace(verdict, author_ok=_is_by(verdict.quotation, sources, match))


def _cited(verdict: Quote, sources: Sources) -> Quote:
    """With the cited place judged: the words have to stand there, not only somewhere."""
    citation = verdict.quotation.citation
    assert citation is not None
    documents = [document for document in sources.documents if document.sha256 == citation.document]
    if not documents:
        return verdict.flagged("cites an unknown document")
    if not verdict.places:
        return verdict
    match = sources.match_at(documents[0], citation.source_start, citation.source_end)
    if match is None or not _says(sources, match, verdict.quotation.text):
        return verdict.flagged("not at the cited place")
    if sources.cuts(match.start, begins=True) or sources.cuts(match.end, begins=False):
        return verdict.flagged("the citation cuts a word")
    if verdict.status in ("verbatim", "normalised"):
        place = replace(sources.place(match), start=citation.source_start, end=citation.source_end)
        same = place.text.strip() == verdict.text.strip()
        verdict = replace(verdict, status="verbatim" if same else "normalised", places=(place,))
    return _attributed(verdict, sources, match)


def _says(sources: Sources, match: Match, text: str) -> bool:
    return core(sources.text[match.start : match.end]) == core(normalise(text).text.strip())
