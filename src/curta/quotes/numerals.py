"""Reading numbers: value, precision, unit and scale, in digits, in words and as dates.

`1,234` and `1.234` can be read two ways; both readings are kept and either may match.
"""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cache

from curta.quotes.languages import spoken_in, words

SCALE_WORDS = {
    1e2: "hundred",
    1e3: "thousand thousands k tausend mille mil mila duizend тысяч тысячи тыс bin nghìn",
    1e6: "million millions m mn mio millionen millón millones milione milioni milhão milhões miljoen mln миллион "
    "миллиона миллионов млн milyon triệu",
    1e9: "billion billions bn b milliarde milliarden mrd milliard milliards miliardo miliardi miljard mld миллиард "
    "миллиарда миллиардов млрд milyar tỷ",
    1e12: "trillion trillions tn billionen",
    1e4: "万 萬",
    1e8: "亿 億",
}
PERCENT = "%|percent|per cent|pct|prozent|pour cent|por ciento|per cento|por cento|procent|процентов|процента|процент"
_CURRENCIES = {"$": "$", "€": "€", "£": "£", "¥": "¥", "₹": "₹", "usd": "$", "eur": "€", "gbp": "£", "us$": "$"}
_CURRENCY_NAMES = {
    "dollar": "$",
    "euro": "€",
    "pound": "£",
    "yen": "¥",
    "rupee": "₹",
    "eur": "€",
    "usd": "$",
    "gbp": "£",
}
_MONTHS = (
    "january jan januar janvier enero gennaio janeiro januari января",
    "february feb februar février febrero febbraio fevereiro februari февраля",
    "march mar märz mars marzo março maart марта",
    "april apr avril abril aprile апреля",
    "may mai mayo maggio maio mei мая",
    "june jun juni juin junio giugno junho июня",
    "july jul juli juillet julio luglio julho июля",
    "august aug août agosto augustus августа",
    "september sep sept septembre septiembre settembre setembro сентября",
    "october oct oktober octobre octubre ottobre outubro октября",
    "november nov novembre noviembre novembro ноября",
    "december dec dezember décembre diciembre dicembre dezembro декабря",
)
_SMALL = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = words("twenty thirty forty fifty sixty seventy eighty ninety")
_ELSEWHERE = {
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "it": "due tre quattro cinque sei sette otto nove dieci undici dodici",
    "pt": "dois três quatro cinco seis sete oito nove dez onze doze",
    "nl": "twee drie vier vijf zes zeven acht negen tien elf twaalf",
    "ru": "два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать",
}
_FRACTIONS = {"half": 0.5, "a third": 1 / 3, "two thirds": 2 / 3, "a quarter": 0.25, "three quarters": 0.75}
_HEDGES = words(
    "about around roughly nearly almost approximately approx some circa ca over under etwa rund ungefähr environ "
    "près casi unos cerca ongeveer около примерно"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a number. step: the unit of its last digit, so 3.5 million has a step of 100,000."""

    value: float
    step: float


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as it is written: `text[start:end]`.

    readings: none for a date, nor for what is written with points and has no value (`1.2.3`).
    unit: `%`, a currency sign, or nothing.
    date: (year, month, day) when it is a date.
    """

    text: str
    start: int
    end: int
    readings: tuple[Reading, ...]
    unit: str = ""
    date: tuple[int, int, int] | None = None


@cache
def _digits() -> re.Pattern[str]:
    scales = "|".join(sorted((word for row in SCALE_WORDS.values() for word in row.split()), key=len, reverse=True))
    names = "|".join(_CURRENCY_NAMES)
    return re.compile(
        r"(?<![\w^])(?<!\d[.,:/])(?<![^\W\d_]-)(?P<sign>(?<![\w)])[-−+])?(?P<currency>us\$|usd |eur |gbp |[$€£¥₹])? ?"
        r"(?P<digits>\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,'’]\d+)*)"
        rf"(?:[\s-]?(?P<scale>{scales})(?![^\W\d]))?(?:\s?(?P<percent>{PERCENT})(?!\w)|\s?(?P<after>[$€£¥₹]|(?:{names})s?\b))?"
        r"(?P<suffix>[^\W\d_]*)",
        re.IGNORECASE,
    )


@cache
def _written_dates() -> re.Pattern[str]:
    months = "|".join(sorted((name for names in _MONTHS for name in names.split()), key=len, reverse=True))
    return re.compile(
        r"\b(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})\b"
        rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?(?: of| de)? (?P<month2>{months})\.?,?(?: de)? (?P<y2>\d{{4}})\b"
        rf"|\b(?P<month3>{months})\.? (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y3>\d{{4}})\b",
        re.IGNORECASE,
    )


def numerals(text: str) -> list[Numeral]:
    """The numbers of `text` that are written in digits, and its dates, in order. A date is given whole and in parts."""
    return sorted([*_dates(text), *_figures(text)], key=lambda numeral: (numeral.start, -numeral.end))


def _dates(text: str) -> Iterator[Numeral]:
    for match in _with_a_year(text):
        year, day = (int(match[f"{part}"] or match[f"{part}2"] or match[f"{part}3"]) for part in "yd")
        month = int(match["m"]) if match["m"] else _month(match["month2"] or match["month3"])
        yield Numeral(match[0], match.start(), match.end(), (), date=(year, month, day))


def _with_a_year(text: str) -> Iterator[re.Match[str]]:
    """The dates of `text`, looked for only around their years, because few places have one."""
    reached = 0
    for year in re.finditer(r"(?<!\d)\d{4}(?!\d)", text):
        begin = max(reached, year.start() - 32)
        match = _written_dates().search(text, begin, year.end() + 6) if year.start() >= reached else None
        if match:
            reached = match.end()
            yield match


def _month(name: str) -> int:
    return next(number for number, names in enumerate(_MONTHS, 1) if name.casefold() in names.split())


def _figures(text: str) -> Iterator[Numeral]:
    for match in _around_digits(text):
        scale = _scale(match["scale"])
        readings = tuple(
            Reading(value * scale * (-1 if match["sign"] in ("-", "−") else 1), step * scale)
            for value, step in _readings(match["digits"])
        )
        end = match.start("suffix")
        start = next(match.start(name) for name in ("sign", "currency", "digits") if match[name])
        yield Numeral(text[start:end], start, end, readings, _unit(match))


def _around_digits(text: str) -> Iterator[re.Match[str]]:
    """The numbers of `text`: where digits are, a sign or currency may stand just before."""
    reached = 0
    for digit in re.finditer(r"\d+", text):
        start = digit.start()
        if start < reached:
            continue
        for begin in range(max(reached, start - 5), start + 1):
            match = _digits().match(text, begin)
            if match and match.start("digits") == start:
                reached = match.end("digits")
                yield match
                break


def _unit(match: re.Match[str]) -> str:
    if match["percent"]:
        return "%"
    named = (match["currency"] or match["after"] or "").strip().casefold()
    return _CURRENCIES.get(named) or _CURRENCY_NAMES.get(named.rstrip("s"), "")


def _scale(word: str | None) -> float:
    return next((scale for scale, row in SCALE_WORDS.items() if word and word.casefold() in row.split()), 1.0)


def _readings(digits: str) -> Iterator[tuple[float, float]]:
    """(value, step) of each way to read grouped or decimal digits."""
    plain = re.sub(r"[\s'’]", "", digits)[:300]
    marks = re.findall(r"[.,]", plain)
    if not marks:
        yield float(plain), 1.0
        return
    if len(set(marks)) == 1 and re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", plain):
        yield float(re.sub(r"[.,]", "", plain)), 1.0
    if len(marks) == 1 or marks[-1] != marks[-2]:
        whole, decimals = re.split(rf"[{marks[-1]}](?=\d*$)", plain)
        yield float(re.sub(r"[.,]", "", whole) + "." + decimals), 10.0 ** -len(decimals)


def is_hedged(text: str, start: int) -> bool:
    """Whether the number at `start` is said to be a round one (`about`, `~`)."""
    before = text[max(0, start - 24) : start].casefold().rstrip()
    return before.endswith(("~", "≈", "±")) or before.rpartition(" ")[2].strip(".(") in _HEDGES


def rounded_step(value: float) -> float:
    """The step of a whole number whose trailing zeros are not meant: 3,500 has a step of 100."""
    digits = f"{abs(value):.0f}"
    return 10.0 ** min(len(digits) - len(digits.rstrip("0")), len(digits) - 1)


@cache
def _spelled() -> re.Pattern[str]:
    word = "|".join([*reversed(_SMALL), *_TENS, "hundred", "thousand", "million", "billion", "dozen"])
    fractions = "|".join(reversed(_FRACTIONS))
    return re.compile(rf"\b(?:{fractions}|(?:a )?(?:{word})(?:(?:[- ]| and )(?:{word}))*)\b", re.IGNORECASE)


def spelled_numerals(text: str) -> Iterator[Numeral]:
    """The numbers of `text` that are written in words: English ones, and small ones of the languages it is in.

    `one` by itself is no number here: it is an article or a pronoun more often.
    """
    for match in _spelled().finditer(text):
        said = match[0].casefold()
        value = _FRACTIONS[said] if said in _FRACTIONS else _value(re.split(r"[- ]", said))
        if value is not None and said not in ("one", "a one"):
            yield Numeral(match[0], match.start(), match.end(), (Reading(value, _spelled_step(value)),))
    for value, word in _elsewhere(spoken_in(text.casefold())):
        for match in re.finditer(rf"\b{word}\b", text, re.IGNORECASE):
            yield Numeral(match[0], match.start(), match.end(), (Reading(value, 1.0),))


def _spelled_step(value: float) -> float:
    return 1.0 if value >= 1 else 0.05


def _elsewhere(spoken: Set[str]) -> Iterator[tuple[float, str]]:
    for code, row in _ELSEWHERE.items():
        if code in spoken and "en" not in spoken:
            yield from ((float(value), word) for value, word in enumerate(row.split(), 2))


def _value(parts: list[str]) -> float | None:
    """The value of English number words; None when they do not make one (`hundred` alone is 100)."""
    total, current = 0.0, 0.0
    for word in parts:
        if word in _SMALL:
            current += _SMALL.index(word)
        elif word in _TENS:
            current += 10 * (_TENS.index(word) + 2)
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word == "dozen":
            current = max(current, 1) * 12
        elif word in ("thousand", "million", "billion"):
            total, current = total + max(current, 1) * _scale(word), 0.0
        elif word not in ("a", "and"):
            return None
    return total + current


def in_words(value: float) -> list[str]:
    """The words a source may write a number in."""
    if value in _FRACTIONS.values():
        return [said for said, fraction in _FRACTIONS.items() if fraction == value]
    if value != int(value) or not 2 <= value < 1e12:
        return []
    forms = _english(int(value))
    forms += [row.split()[int(value) - 2] for row in _ELSEWHERE.values() if value <= 12]
    if value % 12 == 0 and value < 145:
        forms += ["a dozen" if value == 12 else f"{form} dozen" for form in _english(int(value) // 12)]
    return list(dict.fromkeys(forms))


def _english(value: int) -> list[str]:
    if value < 20:
        return [_SMALL[value]]
    if value < 100:
        tens, ones = _TENS[value // 10 - 2], value % 10
        return [f"{tens}{joint}{_SMALL[ones]}" for joint in "- "] if ones else [tens]
    for scale, word in ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (100, "hundred")):
        if value >= scale:
            head, rest = _english(value // scale), value % scale
            if not rest:
                return [f"{form} {word}" for form in head] + ([f"a {word}"] if value == scale else [])
            tails = _english(rest)
            return [f"{form} {word}{joint}{tail}" for form in head for joint in (" ", " and ") for tail in tails][:16]
    return []
