"""Names and links of an answer that no source has: listed for a person to look at, never a failure."""

import re
from collections.abc import Iterator
from functools import cache

from curta.quotes.report import Passage
from curta.quotes.source import Sources, fold_author
from curta.quotes.tokens import core
from curta.text.normalise import normalise


def unseen_names(prose: str, sources: Sources, prompt: Sources) -> list[Passage]:
    """The capitalised sequences and links of `prose` that stand neither in a source nor in the prompt."""
    seen: dict[str, bool] = {}
    found = []
    for match in _candidates(prose):
        name = match[0].rstrip(".,;:!?'’\"”)")
        if name not in seen:
            rest = name.partition(" ")[2] if _begins_sentence(prose, match.start()) else ""
            seen[name] = any(_is_seen(part, where) for part in (name, rest) if part for where in (sources, prompt))
            if not seen[name]:
                found.append(Passage(name, match.start()))
    return found


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
        if " " in match[0] or not _begins_sentence(prose, match.start()):
            yield match


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
