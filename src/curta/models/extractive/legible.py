"""Which sentences can be read alone: whole, of a readable length, and not leaning on the sentence before."""

import re
from functools import cache

from curta.models.extractive.reading import Reading, Sentence
from curta.models.extractive.speech import is_balanced
from curta.text.terms import length, words

SHORTEST, LONGEST = 8, 45
POINTS, SPEECH, UNBALANCED = 0.9, 0.6, 0.3

# Words that go on from the sentence before when they begin one.
CONNECTING = {
    "en": "but and so because then or yet thus also hence however therefore nor likewise instead otherwise meanwhile "
    "afterwards both here there such same indeed why well oh nay agreed exactly true fair yes no ours",
    "de": "aber und denn dann da so doch also deshalb daher trotzdem dort dabei damit oder ja nein",
    "fr": "mais et donc puis alors ainsi or car ensuite pourtant oui non",
    "es": "pero y entonces así además luego o sí no",
    "it": "ma e quindi poi così allora però o sì no",
    "pt": "mas e então assim além depois porém ou sim não",
    "nl": "maar en dus toen dan daarom ook of ja nee",
    "ru": "но и а тогда так потом поэтому или да нет",
}

# Words that stand for something named before.
POINTING = {
    "en": "this that it its they them their he his him she her these those",
    "de": "dies diese dieser dieses das es er sie ihm ihn ihr ihre ihren ihrer",
    "fr": "cela ce c ces ça il elle ils elles celui celle ceux lui",
    "es": "esto eso ese esa estos estas él ella ellos ellas",
    "it": "questo questa questi queste ciò egli lui lei essi loro",
    "pt": "isto isso esse essa estes estas ele ela eles elas",
    "nl": "dit dat deze die het hij zij ze hun",
    "ru": "это этот эта эти он она они оно его ее их",
}


def is_whole(text: str) -> bool:
    """Whether it ends as a statement does. Thai has no mark for the end of one."""
    bare = text.rstrip("\"'”’»)]*_」』 ")
    return bool(bare) and (bare[-1] in ".!…。！।॥።។։۔｡" or "\u0e00" <= bare[-1] <= "\u0e7f")


def is_question(text: str) -> bool:
    return text.rstrip("\"'”’»)]*_」』 ").endswith(("?", "？", "؟", ";?"))


def leans(text: str, language: str | None) -> bool:
    """Whether it begins with a word that refers to what was said before."""
    first = next(iter(words(text[:40])), "")
    return first in _listed("connecting", language) or first in _listed("pointing", language) or _reasons(text)


def _reasons(text: str) -> bool:
    """ "For he ..." gives the reason of the sentence before; "For years ..." does not."""
    return text.startswith(("For,", "For he ", "For she ", "For it ", "For they ", "For I ", "For we ", "For you "))


def clarity(text: str, language: str | None) -> float:
    """How well it is understood alone, 0 to 1: less for each word that points elsewhere, for speech and for scraps."""
    pointing = sum(word in _listed("pointing", language) for word in words(text))
    speech = SPEECH if text[:1] in '"“„«‘「' else 1.0
    return POINTS**pointing * speech * (1.0 if is_balanced(text) else UNBALANCED)


def stands_alone(reading: Reading, sentence: Sentence) -> bool:
    """Whether a summary may show this sentence by itself."""
    text = reading.text(sentence)
    return (
        sentence.kind in ("prose", "item")
        and is_whole(text)
        and SHORTEST <= length(text) <= LONGEST
        and not leans(text, reading.languages[sentence.source])
    )


def speaks_for_another(text: str, authors: frozenset[str]) -> bool:
    """A line that looks like the header of another's comment, or puts words under another's name.

    authors: the names of everybody in the discussion, casefolded.
    """
    named = _header().match(text)
    return named is not None and (named["number"] is not None or named["name"].casefold() in authors)


@cache
def _header() -> re.Pattern[str]:
    return re.compile(r"\s*(?P<number>[\[(]?\d+(?:\.\d+)*[\])])?\s*@?(?P<name>[\w.-]+)[^:\n]{0,60}:(?=\s|$)")


@cache
def _listed(table: str, language: str | None) -> frozenset[str]:
    return frozenset((CONNECTING if table == "connecting" else POINTING).get(language or "", "").split())
