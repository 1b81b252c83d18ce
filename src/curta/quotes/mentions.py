"""Where a text names the authors of the sources, and whether a clause that names them says what they said.

A name is an author's only when it stands in a pattern that ascribes words: as the subject of a verb of saying
(`ann replied to bob: "..."` is ann's), as a label (`**ann** (46):`), as an owner (`ann's comment:`), or after a word
such as `according to`. Where two names compete nothing is claimed.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from curta.quotes.languages import words
from curta.quotes.source import fold_author

_MOST_WORDS = 6
SAID = frozenset(
    words(
        "said says say saying wrote writes write writing argues argued arguing notes noted noting asks asked replied "
        "replies replying adds added adding thinks thought explains explained commented comments points pointed puts "
        "put calls called reports reported recalls recalled claims claimed agreed agrees insists insisted concludes "
        "concluded suggests suggested warns warned observes observed remarks remarked complains complained admits "
        "admitted concedes conceded grants granted states stated counters countered objects objected mentions "
        "mentioned describes described responds responded answers answered believes feels jokes joked quips quipped "
        "retorts retorted stresses stressed declares declared maintains maintained confirms confirmed shares shared "
        "asserts asserted contends contended told tells laments lamented wonders wondered acknowledges acknowledged "
        "schreibt schrieb sagte sagt meint meinte fragt fragte antwortet antwortete erklärt erklärte betont betonte "
        "écrit dit affirme explique répond demande dice dijo escribe escribió scrive disse afferma schreef zegt пишет "
        "написал сказал"
    )
)
_BEFORE_OBJECT = frozenset(
    words(
        "to with against about at than for unlike contrary toward towards regarding auf an gegen mit über à avec "
        "contre sur a con contra sobre su contro aan tegen met"
    )
)
_JOINED = frozenset(("", ",", "and", "&", "or", "/", "und", "et", "y", "e", "en", ", and", ", or", "и"))
_ASCRIBING = (
    r"(?:according to|as per|per|by|from|in the words of|quoting|laut|nach|von|selon|d'après|par|según|por|secondo|"
    r"volgens)"
)
_NOT_THEIRS = frozenset(
    words(
        "against idea notion view others another someone critics claim claims claiming objection argument premise "
        "suggestion quoting quotes citing cites who those unlike if whether"
    )
)
_TAIL = 14  # words between a verb of saying and the quotation


class Mention(NamedTuple):
    """`text[start:end]` names an author, as `name`."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Authors:
    """Those who wrote the sources. names: folded. most_words: of the longest of them."""

    names: Set[str]
    most_words: int

    @classmethod
    def of(cls, names: Set[str]) -> "Authors":
        return cls(names, min(_MOST_WORDS, 1 + max((name.count(" ") for name in names), default=0)))


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"[^\s,;:()\[\]*|\"“”«»„<>]+")


def mentions(text: str, authors: Authors) -> list[Mention]:
    """The authors that `text` names, in order, each name as long as it can be."""
    found: list[Mention] = []
    spans = [match.span() for match in _word().finditer(text)] if authors.names else []
    for number, (start, _) in enumerate(spans):
        if found and start < found[-1].end:
            continue
        for _, end in reversed(spans[number : number + authors.most_words]):
            if mention := _mention(text, start, end, authors):
                found.append(mention)
                break
    return found


def _mention(text: str, start: int, end: int, authors: Authors) -> Mention | None:
    prefix = re.match(r"/?u/|[@_`~]+", text[start:end])
    start += prefix.end() if prefix else 0
    name = text[start:end]
    for candidate in dict.fromkeys((name, re.sub(r"['’]s$", "", name), name.rstrip(" *.!?'’_`~-–—"))):
        if candidate and fold_author(candidate) in authors.names:
            return Mention(start, start + len(candidate), candidate)
    return None


def name_at(text: str, authors: Authors) -> str | None:
    """The author named at the very beginning of `text`."""
    text = text.lstrip("*_`[( ")
    named = mentions(text[: 30 * authors.most_words], authors)
    return named[0].name if named and re.fullmatch(r"(?:/?u/|[@_`~])*", text[: named[0].start]) else None


def ascribed_to(clause: str, authors: Authors) -> str | None:
    """The author whose words a clause says follow it."""
    named = mentions(clause, authors)
    for number, mention in reversed(list(enumerate(named))):
        before, after = clause[: mention.start], clause[mention.end :]
        if _is_object(before):
            continue
        if number and _is_joined(clause[named[number - 1].end : mention.start], clause[: named[number - 1].start]):
            return None
        later = [clause[mention.end : other.start] for other in named[number + 1 :]]
        if _is_speaker(before, after) and all(_is_object(text) for text in later):
            return mention.name
        return None
    return None


def _is_object(before: str) -> bool:
    """Whether a name after this text is whom something is said to, not who says it."""
    last = before.rstrip(" @*_`([").rpartition(" ")[2]
    return last.strip("*_`(,").casefold() in _BEFORE_OBJECT and not re.search(rf"\b{_ASCRIBING}\W*$", before, re.I)


def _is_joined(between: str, before: str) -> bool:
    """Whether two names are both the subject (`ann and bob`); the first is not when it is an object."""
    return " ".join(between.strip("*_`@ ").casefold().split()) in _JOINED and not _is_object(before)


def _is_speaker(before: str, after: str) -> bool:
    """Whether a name between these two texts, before a quotation, is its author's."""
    begins = re.fullmatch(r"[\s>#*_`|•–—-]*(?:\d+[.)])?[\s*_`@/u(\[]*", before) is not None
    if re.search(rf"\b{_ASCRIBING}[\s*_`@]*$", before, re.IGNORECASE):
        return re.fullmatch(r"[\s*_`]*(?:\([^()]*\))?[\s*_`]*[,:]?[\s*_`]*", after) is not None
    if re.fullmatch(r"[\s*_`)]*(?:[(\[][^()\[\]]*[)\]])?[\s*_`]*:[\s*_`]*", after):
        return True
    if begins and re.fullmatch(r"[\s*_`]*(?:[(\[][^()\[\]]*[)\]])?[\s*_`]*[|:,–—-]*[\s*_`|]*", after):
        return True
    if begins and re.fullmatch(r"[\s*_`]*(?:to|→|->|@)[^:]{0,60}:[\s*_`]*", after):
        return True
    if owned := re.fullmatch(r"['’]s?[\s*_`]+((?:[\w'-]+\s+){0,4}?[\w'-]+)?[\s*_`]*(:|,|that)?[\s*_`]*", after):
        return not _NOT_THEIRS & set((owned[1] or "").casefold().split()) or owned[2] == ":"
    return _speaks(after)


def _speaks(after: str) -> bool:
    """Whether what stands between a name and a quotation is a verb of saying and what belongs to it."""
    after = re.sub(r"^[\s*_`]*(?:\([^()]*\)|,[^,]{0,80},)", " ", after)
    said = after.strip("*_`( ").split()
    place = next((place for place, word in enumerate(said[:4]) if word.strip(",.:;").casefold() in SAID), None)
    if place is None or len(said) > _TAIL or any(word.casefold() in _BEFORE_OBJECT for word in said[:place]):
        return False
    tail = [word.strip(",:*_`").casefold() for word in said[place + 1 :]]
    last = said[-1].rstrip("*_`")
    ends = last.endswith((",", ":", "–", "—", "-")) or (tail or ["that"])[-1] in (
        "that",
        "as",
        "dass",
        "que",
        "che",
        "it",
    )
    return ends and not _NOT_THEIRS & set(tail)


def ascribed_after(rest: str, authors: Authors) -> str | None:
    """The author to whom the words after a quotation ascribe it: `said ann`, `ann wrote`, `by ann`, `as ann notes`,
    or `ann` alone. Not when they lead to the next quotation."""
    words_after = rest.split()
    if not words_after or not (named := mentions(rest, authors)):
        return None
    first = named[0]
    before, after = rest[: first.start].strip(" *_`@([").casefold(), rest[first.end :]
    if len(named) > 1 and _is_joined(rest[first.end : named[1].start], ""):
        return None
    if re.fullmatch(rf"{_ASCRIBING}(?: u)?/?", before) or (before.removeprefix("as ") in SAID and len(before) > 2):
        return first.name
    if before.removesuffix(" by").removeprefix("as ") in SAID:
        return first.name
    if before in ("", "as", "wie", "comme", "como", "come"):
        verb = re.match(r"[\s*_`]*([\w'’]+)", after)
        if verb and verb[1].casefold() in SAID and not re.search(r"^[^.;\n]{0,60}[:,]?\s*[*_]*[\"“„«]", after):
            return first.name
        if not before and re.match(r"[*_`]*(?:\s*\([^()]*\))?\s*(?:[.;)\]|]|$)", after):
            return first.name
    return None
