"""Reading numbers: value, precision, unit and scale, in digits, in words and as dates.

`1,234` can be read two ways: by the language of its text, and only where that is unknown both readings are kept and
either may match.
"""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cache

from curta.quotes.languages import spoken_in, words
from curta.quotes.tokens import UNSPACED
from curta.quotes.units import CLOCK, DECADE, unit_of, unit_pattern

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
_FRACTIONS = {
    "half": 0.5, "a third": 1 / 3, "one third": 1 / 3, "two thirds": 2 / 3, "two-thirds": 2 / 3, "a quarter": 0.25,
    "one quarter": 0.25, "three quarters": 0.75, "three-quarters": 0.75, "a fifth": 0.2, "one fifth": 0.2,
    "two fifths": 0.4, "a tenth": 0.1, "one in two": 0.5, "one in three": 1 / 3, "two in three": 2 / 3,
    "one in four": 0.25, "three in four": 0.75, "one in five": 0.2, "two in five": 0.4, "four in five": 0.8,
    "one in ten": 0.1, "nine in ten": 0.9,
}  # fmt: skip
_HEDGES = words(
    "about around roughly nearly almost approximately approx some circa ca etwa rund ungefähr environ "
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
    unit: `%`, a currency sign, one of `units`, or nothing.
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
        rf"(?<![^\W{UNSPACED}])(?<!\^)(?<!\d[.,:/])(?<![^\W\d_]-)"
        r"(?P<sign>(?<![\w)])[-−+]|(?<![\w-])(?<!\d )(?<!\) )(?:minus|moins|menos|meno) )?"
        r"(?P<currency>us\$|usd |eur |gbp |[$€£¥₹])? ?"
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


def numerals(text: str, decimal: str = "") -> list[Numeral]:
    """The numbers of `text` that are written in digits, its times and its dates, in order. A date is given whole and in
    parts. decimal: the decimal mark of the text's language (`languages.decimal_mark`), when it is known."""
    times = list(_times(text))
    timed = {place for time in times for place in range(time.start, time.end)}
    figures = (figure for figure in _figures(text, decimal) if figure.start not in timed)
    return sorted([*_dates(text), *times, *figures], key=lambda numeral: (numeral.start, -numeral.end))


def _times(text: str) -> Iterator[Numeral]:
    """Times of day, each one value in minutes; without `am` or `pm` the early hours may be those of the afternoon."""
    for match in _time_of_day().finditer(text):
        hour, minute, second = (int(match[part] or 0) for part in "hms")
        half = (match["half"] or match["half2"] or "").casefold()
        hours = [hour % 12 + 12 * (half == "p")] if half else [hour, hour + 12] if hour <= 12 else [hour]
        readings = tuple(Reading(60.0 * each + minute + second / 60, 1.0) for each in hours)
        yield Numeral(match[0], match.start(), match.end(), readings, CLOCK)


@cache
def _time_of_day() -> re.Pattern[str]:
    half = r"[\s\u202f]?{}\.?m\b\.?"
    return re.compile(
        r"(?<![\w:.,/-])(?P<h>\d{1,2})(?::(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?![\d:])"
        rf"(?:{half.format('(?P<half>[ap])')})?|{half.format('(?P<half2>[ap])')}|(?=\s?(?:Uhr\b|o['’]clock)))",
        re.IGNORECASE,
    )


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


def _figures(text: str, decimal: str) -> Iterator[Numeral]:
    for match in _around_digits(text):
        scale = _scale(match["scale"])
        sign = -1 if match["sign"] and match["sign"] != "+" else 1
        readings = tuple(Reading(v * scale * sign, step * scale) for v, step in _readings(match["digits"], decimal))
        end, unit = match.start("suffix"), _unit(match)
        if decade := re.compile(r"(?<=[12]\d\d0)(?:['’]?s|er)\b").match(text, match.end("digits")):
            readings, end, unit = (Reading(readings[0].value + 4.5, 10.0),), decade.end(), DECADE
        elif measured := unit_pattern().match(text, match.end("scale") if match["scale"] else match.end("digits")):
            end, unit = measured.end(), unit_of(measured)
        elif short := re.compile(r"(?<=1[5-9]\d\d|20\d\d)[-–]\d\d(?!\d)").match(text, match.end("digits")):
            year = readings[0].value // 100 * 100 + int(short[0][1:])
            yield Numeral(short[0][1:], short.start() + 1, short.end(), (Reading(year, 1.0),))
        start = next(match.start(name) for name in ("sign", "currency", "digits") if match[name])
        yield Numeral(text[start:end], start, end, readings, unit)


def _around_digits(text: str) -> Iterator[re.Match[str]]:
    """The numbers of `text`: where digits are, a sign or currency may stand just before."""
    reached = 0
    for digit in re.finditer(r"\d+", text):
        start = digit.start()
        if start < reached:
            continue
        for begin in range(max(reached, start - 6), start + 1):
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


def _readings(digits: str, decimal: str) -> Iterator[tuple[float, float]]:
    """(value, step) of each way to read grouped or decimal digits. decimal: the mark of the text's language, if known:
    then the other mark before three digits groups them, and there is one way only."""
    plain = re.sub(r"[\s'’]", "", digits)[:300]
    marks = re.findall(r"[.,]", plain)
    if not marks:
        yield float(plain), 1.0
        return
    grouped = len(set(marks)) == 1 and re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", plain) is not None
    settled = grouped and len(marks) == 1 and decimal != ""
    if grouped and not (settled and marks[0] == decimal):
        yield float(re.sub(r"[.,]", "", plain)), 1.0
        if settled:
            return
    if len(marks) == 1 or marks[-1] != marks[-2]:
        whole, decimals = re.split(rf"[{marks[-1]}](?=\d*$)", plain)
        yield float(re.sub(r"[.,]", "", whole) + "." + decimals), 10.0 ** -len(decimals)


def is_hedged(text: str, start: int) -> bool:
    """Whether the number at `start` is said to be a round one (`about`, `~`)."""
    before = text[max(0, start - 24) : start].casefold().rstrip()
    return before.endswith(("~", "≈", "±")) or before.rpartition(" ")[2].strip(".(") in _HEDGES


@cache
def _bounds() -> re.Pattern[str]:
    return re.compile(
        r"(?:(?P<over>more than|over|above|at least|upwards of|exceeding|mehr als|über|mindestens|plus de|au moins|"
        r"más de|più di|mais de|meer dan|более)|(?:less than|fewer than|under|below|at most|weniger als|unter|"
        r"höchstens|moins de|menos de|meno di|minder dan|менее)) $",
        re.IGNORECASE,
    )


def bound(text: str, start: int) -> int:
    """1 when the number at `start` is said to be exceeded (`more than`), -1 when not to be reached, else 0."""
    match = _bounds().search(text, max(0, start - 20), start)
    return 0 if match is None else 1 if match["over"] else -1


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
            percent = _percent().match(text, match.end())
            end, unit = (percent.end(), "%") if percent else (match.end(), "")
            reading = Reading(value, _spelled_step(value))
            yield Numeral(text[match.start() : end], match.start(), end, (reading,), unit)
    for value, word in _elsewhere(spoken_in(text.casefold())):
        for match in re.finditer(rf"(?<![\w-]){word}(?![\w-])", text, re.IGNORECASE):
            yield Numeral(match[0], match.start(), match.end(), (Reading(value, 1.0),))


@cache
def _percent() -> re.Pattern[str]:
    return re.compile(rf"\s(?:{PERCENT})(?!\w)(?! points?)", re.IGNORECASE)


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
    forms = [*_english(int(value)), *_roman(int(value)), *_han(int(value))]
    forms += [row.split()[int(value) - 2] for row in _ELSEWHERE.values() if value <= 12]
    if value % 12 == 0 and value < 145:
        forms += ["a dozen" if value == 12 else f"{form} dozen" for form in _english(int(value) // 12)]
    return list(dict.fromkeys(forms))


def fraction_words(value: float, slack: float) -> list[str]:
    """The words for a fraction that is `value` give or take `slack`."""
    return [said for said, fraction in _FRACTIONS.items() if abs(fraction - value) <= slack + 1e-9]


def decade_words(middle: float) -> list[str]:
    """The words for the decade around a year: `nineties`, `'90s`."""
    tens = int(middle) // 10 % 10
    return ([_TENS[tens - 2][:-1] + "ies"] if tens >= 2 else []) + [f"{tens}0s"]


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


def _roman(value: int) -> list[str]:
    """The Roman numeral of a small number, where it is longer than a letter."""
    numeral = "x" * (value // 10) + ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")[value % 10]
    return [numeral] if value < 40 and len(numeral) > 1 else []


def _han(value: int) -> list[str]:
    """The Han numeral of a number that needs one digit a place (300 is 三百)."""
    digits = str(value)
    if not 10 <= value < 10_000 or "0" in digits.rstrip("0"):
        return []
    places = zip(digits, ("千", "百", "十", "")[-len(digits) :], strict=True)
    said = "".join("零一二三四五六七八九"[int(digit)] + place for digit, place in places if digit != "0")
    return [said.removeprefix("一") if value < 20 else said]
