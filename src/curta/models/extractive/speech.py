"""Quotation marks within a text: which sentences are torn out of a quotation, and the whole that they belong to."""

import re
from bisect import bisect_left
from functools import cache

from curta.models.extractive.reading import Reading, Sentence

OPENING = "“„‘«‹\"'「『"
LONGEST_WHOLE = 420  # characters; a longer speech is not quoted for the sake of its marks
MOST_SENTENCES = 4


def torn(text: str) -> tuple[int, int]:
    """How many quotations end in `text` that do not begin there, and how many begin that do not end.

    An apostrophe is taken for a closing mark after punctuation, or at the end of a word while a single mark is open.
    """
    before = after = 0
    for opened, closed in _pairs(text):
        ended, left = _unpaired(text, opened, closed)
        before, after = before + ended, after + left
    return before, after


def is_balanced(text: str) -> bool:
    """Whether every quotation mark and bracket that is opened is closed again."""
    return torn(text) == (0, 0) and text.count("(") == text.count(")") and text.count("[") == text.count("]")


def whole(reading: Reading, sentence: Sentence) -> Sentence:
    """The sentence with those around it that complete its quotation marks, where that does not get long."""
    before, after = torn(reading.text(sentence))
    first = last = bisect_left(reading.sentences, sentence[:2], key=lambda other: other[:2])
    grown = sentence
    while (before or after) and last - first < MOST_SENTENCES:
        first, last = (first - 1, last) if before else (first, last + 1)
        if not 0 <= first <= last < len(reading.sentences) or not _together(reading, first, last, sentence):
            return sentence
        grown = _joined(reading, first, last)
        before, after = torn(reading.text(grown))
    return sentence if before or after else grown


def inside(reading: Reading, sentences: list[Sentence]) -> list[bool]:
    """For each sentence, whether it begins within or with somebody's speech."""
    found: list[bool] = []
    opened, block = 0, -1
    for sentence in sentences:
        if sentence.block != block:
            opened, block = 0, sentence.block
        text = reading.text(sentence)
        ended, left = torn(text)
        found.append(opened > 0 or ended > 0 or text[:1] in OPENING)
        if '"' in text and text.count('"') % 2:
            ended, left = (1, 0) if opened else (0, 1)
        opened = max(0, opened - ended) + left
    return found


def _pairs(text: str) -> list[tuple[str, str]]:
    """The kinds of marks that `text` uses. A “ closes where „ opens."""
    pairs = [("„", "“")] if "„" in text else [("“", "”")] if "“" in text or "”" in text else []
    if "‘" in text or "’" in text:
        pairs.append(("‘", "’"))
    if '"' in text:
        pairs.append(('"', '"'))
    return pairs


def _unpaired(text: str, opened: str, closed: str) -> tuple[int, int]:
    if opened == closed:
        return _unpaired_straight(text)
    ended = left = 0
    for mark in _marks(opened).finditer(text):
        if mark.group() == opened:
            left += 1
        elif closed != "’" or _closes(text, mark.start(), left):
            ended, left = (ended, left - 1) if left else (ended + 1, left)
    return ended, left


def _unpaired_straight(text: str) -> tuple[int, int]:
    """Of an odd number of straight marks, the last one opens where white space or nothing stands before it."""
    if text.count('"') % 2 == 0:
        return 0, 0
    if text.count('"') == 1:
        place = text.index('"')
        return (0, 1) if place == 0 or text[place - 1] in " \n([—-" else (1, 0)
    return (1, 0) if text.endswith('"') and not text.startswith('"') else (0, 1)


def _closes(text: str, place: int, left: int) -> bool:
    follows = text[place + 1 : place + 2]
    if follows.isalnum():
        return False
    return text[place - 1 : place] in tuple(".,!?;:…—-)") or left > 0


def _together(reading: Reading, first: int, last: int, sentence: Sentence) -> bool:
    one, other = reading.sentences[first], reading.sentences[last]
    return one.block == other.block == sentence.block and other.end - one.start <= LONGEST_WHOLE


def _joined(reading: Reading, first: int, last: int) -> Sentence:
    parts = reading.sentences[first : last + 1]
    said = [term for part in parts for term in part.terms]
    return parts[0]._replace(end=parts[-1].end, terms=said)


@cache
def _marks(opened: str) -> re.Pattern[str]:
    return re.compile({"“": "[“”]", "„": "[„“”]", "‘": "[‘’]"}[opened])
