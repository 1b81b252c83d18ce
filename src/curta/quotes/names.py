"""Names and links of an answer that no source has: listed for a person to look at, never a failure."""

import re
from collections.abc import Iterator
from functools import cache

from curta.quotes.languages import spoken_in
from curta.quotes.report import Passage
from curta.quotes.source import Sources, fold_author
from curta.quotes.tokens import core
from curta.text.normalise import normalise

_SAMPLE = 20_000
_NO_NAMES = frozenset(("in", "on", "at", "the", "a", "an", "this", "that", "these", "key", "but", "and", "as", "by"))


def unseen_names(prose: str, sources: Sources, prompt: Sources) -> list[Passage]:
    """The capitalised sequences and links of `prose` that stand neither in a source nor in the prompt."""
    seen: dict[str, bool] = {}
    found = []
    german = prose_is_german(prose)
    for match in _candidates(prose):
        if german and not _is_german_name(prose, match):
            continue
        name = match[0].rstrip(".,;:!?'’\"”)")
        if name not in seen:
            rest = name.partition(" ")[2] if _begins_sentence(prose, match.start()) else ""
            seen[name] = any(_is_seen(part, where) for part in (name, rest) if part for where in (sources, prompt))
            if not seen[name]:
                found.append(Passage(name, match.start()))
    return found


def prose_is_german(prose: str) -> bool:
    """Whether every noun has a capital here."""
    return "de" in (spoken := spoken_in(prose[:_SAMPLE].casefold())) and "en" not in spoken


def _is_german_name(prose: str, match: re.Match[str]) -> bool:
    """Several capitalised words that begin no sentence; one alone is a noun."""
    return match[0].startswith("http") or (" " in match[0] and not _begins_sentence(prose, match.start()))


@cache
def _links() -> re.Pattern[str]:
    return re.compile(r"https?://[^\s<>\"”)\]]+")


@cache
def _capitalised() -> re.Pattern[str]:
    word = r"(?=[^\W\d_])[^\W_a-zß-öø-ÿа-я][\w’'.-]*\w"
    return re.compile(rf"{word}(?: {word})*")


def _candidates(prose: str) -> Iterator[re.Match[str]]:
    """Links, and capitalised words: several together, or one inside a sentence."""
    yield from _links().finditer(prose)
    for match in _capitalised().finditer(_links().sub(lambda link: " " * len(link[0]), prose)):
        if match[0].upper() == match[0].lower():
            continue
        if _is_heading(prose, match.start()) or match[0].casefold().split()[0] in _NO_NAMES or _is_code(match[0]):
            continue
        if " " in match[0] or not _begins_sentence(prose, match.start()):
            yield match


def _is_heading(prose: str, start: int) -> bool:
    return prose[prose.rfind("\n", 0, start) + 1 : start].lstrip().startswith("#")


def _is_code(name: str) -> bool:
    """Roman numerals, units and the like."""
    return len(name) <= 2 or re.fullmatch(r"[IVXLC]+", name) is not None


def _begins_sentence(prose: str, start: int) -> bool:
    before = prose[max(0, start - 40) : start].rstrip(" \t*_`#>-–—([\"'“‘„«")
    return not before or before[-1] in ".!?:;…\n。！？|"


def _is_seen(name: str, sources: Sources) -> bool:
    words = core(normalise(name).text)
    if not words or next(sources.occurrences(words), None) is not None:
        return True
    if fold_author(name) in sources.authors:
        return True
    named = (normalise(f"{document.title} {document.uri}").text for document in sources.documents)
    return any(words in text for text in named)
