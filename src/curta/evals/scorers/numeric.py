"""Whether an answer comes to the right number."""

import re
from collections.abc import Mapping
from typing import Any

from curta.errors import UsageError
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample
from curta.quotes.languages import decimal_mark
from curta.quotes.numerals import numerals

_SCIENTIFIC = re.compile(r"(?<![\w.])[-−+]?\d+(?:\.\d+)?[eE][-+]?\d{1,3}(?!\w)")
_TAKEN = ("last", "first", "any")


def numeric(sample: Sample, value: float, tolerance: float = 0.0, relative: float = 0.0, take: str = "last") -> Rated:
    """Whether the number of the answer is `value`, give or take `tolerance`, or `relative` times `value`.

    take: of several numbers the last, the first, or any. `1,234.5`, `$1.2 million`, `45 %` and `6.02e23` are read by
    the language of the answer; what is rounded is right within the tolerance alone.
    """
    found = _values(sample.output)
    looked_at = found if take == "any" else found[-1:] if take == "last" else found[:1]
    allowed = max(tolerance, relative * abs(value), 1e-9 * abs(value))
    right = any(abs(each - value) <= allowed for readings in looked_at for each in readings)
    return float(right), {"numbers": [list(each) for each in looked_at[:10]]}


def _values(text: str) -> list[tuple[float, ...]]:
    """The numbers of a text in order, each with the ways it can be read."""
    found: dict[int, tuple[float, ...]] = {
        match.start(): (float(match[0].replace("−", "-")),) for match in _SCIENTIFIC.finditer(text)
    }
    text = _SCIENTIFIC.sub(lambda match: "-" * len(match[0]), text)
    for each in numerals(text, decimal_mark(text)):
        if each.readings:
            found[each.start] = tuple(reading.value for reading in each.readings)
    return [found[start] for start in sorted(found)]


def _prepare(settings: dict[str, Any]) -> dict[str, Any]:
    if settings.get("take", "last") not in _TAKEN:
        raise UsageError(f"'take' is one of {', '.join(_TAKEN)}, not {settings['take']!r}.")
    if min(settings.get("tolerance", 0), settings.get("relative", 0)) < 0:
        raise UsageError("A tolerance is 0 or more.")
    return settings


KINDS: Mapping[str, Kind] = {"numeric": Kind(numeric, prepare=_prepare)}
