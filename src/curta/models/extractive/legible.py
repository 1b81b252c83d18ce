"""Which sentences can be read alone: whole, of a readable length, and not leaning on the sentence before."""

from functools import cache

from curta.models.extractive.reading import Reading, Sentence
from curta.text.terms import length, words

SHORTEST, LONGEST = 8, 45
PAIRS = (("“", "”"), ("(", ")"), ("[", "]"), ("«", "»"))

# Words that begin a sentence which goes on from the one before.
LEANING = {
    "en": "but and so because this that it its they them their he his him she her then these those here such or yet "
    "thus "
    "also hence however therefore nor there likewise instead otherwise meanwhile afterwards both",
    "de": "aber und denn dann dies diese dieser dieses das es er sie sein ihr ihre da so doch also deshalb daher "
    "trotzdem "
    "dort dabei damit oder",
    "fr": "mais et donc cela ce c ces il elle ils elles puis alors ainsi or car celui celle ceux ensuite pourtant",
    "es": "pero y entonces esto eso ese esa estos estas él ella ellos ellas así además luego o",
    "it": "ma e quindi questo questa questi queste ciò egli lui lei essi loro poi così allora però o",
    "pt": "mas e então isto isso esse essa estes estas ele ela eles elas assim além depois porém ou",
    "nl": "maar en dus dit dat deze die het hij zij ze hun toen dan daarom ook of",
    "ru": "но и а это этот эта эти он она они оно тогда так потом поэтому или",
}


def is_whole(text: str) -> bool:
    """Whether it ends as a statement does. Thai has no mark for the end of one."""
    bare = text.rstrip("\"'”’»)]*_」』 ")
    return bool(bare) and (bare[-1] in ".!…。！।॥።។։۔｡" or "\u0e00" <= bare[-1] <= "\u0e7f")


def is_question(text: str) -> bool:
    return text.rstrip("\"'”’»)]*_」』 ").endswith(("?", "？", "؟", ";?"))


def is_balanced(text: str) -> bool:
    """Whether every quotation mark and bracket that is opened is closed again."""
    even = text.count('"') % 2 == 0
    return even and all(text.count(a) == text.count(b) for a, b in PAIRS)


def leans(text: str, language: str | None) -> bool:
    """Whether it begins with a word that refers to what was said before."""
    first = next(iter(words(text[:40])), "")
    return first in _leaning(language or "")


def stands_alone(reading: Reading, sentence: Sentence) -> bool:
    """Whether a summary may show this sentence by itself."""
    text = reading.text(sentence)
    return (
        sentence.kind in ("prose", "item")
        and is_whole(text)
        and SHORTEST <= length(text) <= LONGEST
        and not leans(text, reading.languages[sentence.source])
    )


@cache
def _leaning(language: str) -> frozenset[str]:
    return frozenset(LEANING.get(language, "").split())
