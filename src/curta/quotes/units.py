"""Units of measure behind a number. What is measured in one unit never supports what is said in another."""

import re
from functools import cache

CLOCK, DECADE, POINTS = "clock", "decade", "percentage points"
COMMENT = "comment"  # what the number of a comment counts: no hours, no dollars

_UNITS = {
    "B": "bytes byte",
    "KB": "kb kib kilobytes kilobyte",
    "MB": "mb mib megabytes megabyte mo",
    "GB": "gb gib gigabytes gigabyte go",
    "TB": "tb tib terabytes terabyte to",
    "ms": "ms milliseconds millisecond millisekunden",
    "s": "s sec secs seconds second sekunden sekunde secondes seconde segundos segundo secondi secondo seconden",
    "min": "min mins minutes minute minuten minutos minuto minuti minuto minuut",
    "h": "h hrs hr hours hour stunden stunde heures heure horas hora ore ora uren uur",
    "day": "days day tage tagen tag jours jour días día giorni giorno dias dia dagen dag",
    "week": "weeks week wochen woche semaines semaine semanas semana settimane settimana weken",
    "month": "months month monate monaten monat mois meses mes mesi mese mês maanden maand",
    "year": "years year yrs yr jahre jahren jahr ans années année años año anni anno anos ano jaar jaren",
    "mm": "mm millimetres millimeters millimeter",
    "cm": "cm centimetres centimeters centimeter zentimeter",
    "m": "metres metre meters meter mètres mètre metros metri",
    "km": "km kilometres kilometers kilometer kilometre kilomètres kilómetros chilometri",
    "mile": "miles mile meilen",
    "foot": "feet foot ft",
    "inch": "inches inch zoll",
    "g": "g grams gram gramm grammes",
    "kg": "kg kilograms kilogram kilogramm kilos kilo",
    "lb": "lbs lb",
    "ton": "tons ton tonnes tonne tonnen",
    "l": "litres litre liters liter litros litri",
}
_POINTS = (
    "percentage points?|percent points?|per cent points?|% ?-?points?|prozentpunkten?|prozentpunkte?|"
    "points? de pourcentage|puntos? porcentual(?:es)?|punti percentuali|pontos percentuais|procentpunten"
)
_BARE = frozenset(("to", "go", "mo", "s", "ore", "ora", "sec", "ans", "ton", "mes", "dag"))


@cache
def _names() -> dict[str, str]:
    return {name: unit for unit, row in _UNITS.items() for name in row.split() if name not in _BARE} | {"ans": "year"}


@cache
def unit_pattern() -> re.Pattern[str]:
    """A unit right behind a number, with what is between."""
    names = "|".join(sorted(_names(), key=len, reverse=True))
    return re.compile(rf"[\s\u00a0-]?(?:(?P<points>{_POINTS})|(?P<unit>{names}))(?![^\W_])", re.IGNORECASE)


def unit_of(match: re.Match[str]) -> str:
    return POINTS if match["points"] else _names()[match["unit"].casefold()]


def fits(claimed: str, found: str) -> bool:
    """Whether a claimed unit can be that of the source: percentages and times of day are only that, nothing becomes
    another unit, and where one side names none it may be the same."""
    if {"%", CLOCK, POINTS} & {claimed, found}:
        return claimed == found
    return not claimed or not found or claimed == found
