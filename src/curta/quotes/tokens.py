"""What a quotation may not cut: words, numbers with sign, grouping, unit and range, characters of unspaced scripts.

Everything here works on normalised text (`curta.text.normalise`).
"""

import re
from functools import cache

from curta.quotes.languages import (
    COUNTED,
    ELIDED_ARTICLES,
    HYPHEN_PREFIXES,
    HYPHEN_SUFFIXES,
    SCALES,
    TENS,
    UNSPACED_PREFIXES,
    UNSPACED_SUFFIXES,
)

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_UNSPACED_MARKS = (
    "\u0e31\u0e33-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb3-\u0ebc\u0ec8-\u0ecf\u102b-\u103e\u1056-\u1059\u105e-\u1060"
    "\u17b4-\u17d3\u17dd\u3099\u309a"
)
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
    "\u1ab0-\u1aff\u20d0-\u20f0\ufe20-\ufe2f"
)
_EDGE = " .,;:!?\"'()[]{}<>|~=#…¡¿؟،؛।॥。、・「」『』《》〈〉"
_REACH = 80


@cache
def token_pattern() -> re.Pattern[str]:
    """One token. A number takes its sign, currency, groups, range, percent and attached unit with it.

    Runs of Han numerals are one token too: 三百 is not in 五千三百.
    """
    rest = rf"[^\W{UNSPACED}]*(?:[{_MARKS}]+[^\W{UNSPACED}]*)*"
    word = rf"[^\W\d{UNSPACED}]{rest}"
    digits = r"\d+(?:[-.,:/*^]\d+|-[$€£¥₹] ?\d+|(?<=\d) \d{3}(?!\d))*"
    many = r"(?: (?:to|bis|à|до|hasta|até|tot|od|do) \d+(?:[.,]\d+)*)?"
    number = rf"(?:(?<![\w)-])[-+±~≈<>≤≥#])?(?:[$€£¥₹] ?)?(?:(?<![\w.])\.)?{digits}{many}(?: ?[%‰°€£¥₹$]|{word})?"
    numerals = "[零〇一二三四五六七八九十百千万萬亿億兩两]{2,}"
    unspaced = f"[{UNSPACED}][{_UNSPACED_MARKS}]*"
    return re.compile(rf"{word}(?:'[^\W{UNSPACED}]{rest})*(?:\+\+|#)?|{number}|{numerals}|{unspaced}")


@cache
def word_pattern() -> re.Pattern[str]:
    """A word cut roughly but three times as fast as `token_pattern`."""
    return re.compile(rf"[^\W_{UNSPACED}]+|[{UNSPACED}]")


@cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED}]")


def tokens(text: str) -> list[str]:
    return token_pattern().findall(text)


def is_unspaced(char: str) -> bool:
    """Whether `char` belongs to a script written without spaces between words."""
    return char > "\u0dff" and _unspaced().match(char) is not None


def length_in_words(text: str) -> float:
    """Words; a character of a script without spaces counts half."""
    return sum(len(token) / 2 if is_unspaced(token[0]) else 1 for token in tokens(text))


def core(text: str) -> str:
    """A quotation without the punctuation at its edges, but with the sign, point or marks that belong to a word."""
    stripped = text.strip(_EDGE + "-+")
    if not stripped:
        return ""
    start = text.index(stripped)
    end = start + len(stripped)
    sign = re.search(r"(?:^|[\s\"'(\[])([-+~#<>]?\.?)$", text[:start]) if stripped[0].isdigit() else None
    mark = re.match(r"\+\+|#", text[end:]) if stripped[-1].isalnum() else None
    return (sign[1] if sign else "") + stripped + (mark[0] if mark else "")


def is_cut(text: str, place: int, begins: bool, hyphen: bool = True) -> bool:
    """Whether a quotation that begins (or else ends) at `place` would cut something whose part says something else.

    `place` strictly inside a token; between a number and its scale (`3| million`); after a negating or counting
    prefix (`non-|toxic`, `twenty-|one`, 不|同意) or before such a suffix (`sugar|-free`, でき|ない).

    hyphen: whether a `-` beside `place` was a hyphen in the raw text, not a dash between clauses.
    """
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    if before.isalpha() and after.isalpha() and before < "\u0e00" and after < "\u0e00":
        return True
    if before == " " and after.isalpha():
        return _parts_number(text, place - 1, place)
    if before == " " and not (after.isdigit() or after in "-+.%‰°€£¥$₹"):
        return False
    if _inside_address(text, place):
        return True
    if _inside_token(text, place):
        return not _follows_article(text, place)
    if not hyphen and "-" in (before, after):
        return False
    return _follows_prefix(text, place) if begins else _precedes_suffix(text, place)


def _parts_number(text: str, end: int, start: int) -> bool:
    """Whether a word ends and another starts that are one number: `3 million`, `twenty three`."""
    if text[end - 1].isdigit():
        return _word_after(text, start) in SCALES
    before = _word_before(text, end)
    return (before in TENS and _word_after(text, start) in COUNTED) or (before in COUNTED and _is_scale(text, start))


def _is_scale(text: str, start: int) -> bool:
    return _word_after(text, start) in SCALES - {"m", "k", "per", "pour", "por", "mil", "bin"}


def _inside_address(text: str, place: int) -> bool:
    """Whether `place` is inside an address (`ann@example.org`, `https://...`) or at a point between letters or digits
    (`foo.bar`, `v1.10`)."""
    around = text[max(0, place - 2) : place + 2] if place > 1 else ""
    if re.search(r"^[^\W_]\.[^\W_]|[^\W_]\.[^\W_]$", around):
        return True
    low, high = text.rfind(" ", max(0, place - _REACH), place) + 1, text.find(" ", place, place + _REACH)
    run = text[max(low, place - _REACH) : high if high >= 0 else place + _REACH]
    offset = place - max(low, place - _REACH)
    found = _address().search(run) if "@" in run or "/" in run or "www." in run else None
    return found is not None and found.start() < offset < found.end()


@cache
def _address() -> re.Pattern[str]:
    return re.compile(r"(?:https?://|www\.)[^\s<>\"]*[\w/=&#-]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def _inside_token(text: str, place: int) -> bool:
    low = _token_start(text, place)
    for match in token_pattern().finditer(text, low, place + _REACH):
        if match.start() >= place:
            return False
        if match.end() > place:
            return True
    return False


def _token_start(text: str, place: int) -> int:
    """A place at or before `place` where a token cannot be under way: a space that joins no numbers, at most _REACH
    characters back."""
    low, at = max(0, place - _REACH), place
    while (at := text.rfind(" ", low, at)) > low:
        beside = text[at - 1] + text[at + 1 : at + 2]
        if not any(char.isdigit() or char in "$€£¥₹%" for char in beside):
            return at + 1
    return low


def _follows_prefix(text: str, place: int) -> bool:
    if text[place - 1] == "-":
        return text[place].isalnum() and _word_before(text, place - 1) in HYPHEN_PREFIXES
    return text[place].isalnum() and text.endswith(UNSPACED_PREFIXES, 0, place)


def _precedes_suffix(text: str, place: int) -> bool:
    if text[place] == "-":
        return text[place - 1].isalnum() and _word_after(text, place + 1) in HYPHEN_SUFFIXES
    if text[place] == " " and text[place - 1].isalnum():
        return _parts_number(text, place, place + 1)
    return text.startswith(UNSPACED_SUFFIXES, place)


def _word_before(text: str, place: int) -> str:
    match = re.search(r"\w*\Z", text[max(0, place - 24) : place])
    return match[0] if match else ""


def _word_after(text: str, place: int) -> str:
    match = token_pattern().match(text, place, place + 24)
    return match[0] if match else ""


def _follows_article(text: str, place: int) -> bool:
    """Whether `place` is right after an elided article or pronoun (`l'|homme`), where a new word begins."""
    return (
        text[place - 1] == "'"
        and _word_before(text, place - 1) in ELIDED_ARTICLES
        and text[place : place + 2].isalpha()
    )
