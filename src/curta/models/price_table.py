"""The dated prices there are: those of the catalogue, and the user's own (`prices.json`), which win.

Each model has a list of prices, each effective from its date until the next one's. What a call cost is worked out once,
when it is made, and kept in the log: a new price changes nothing that was paid.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from math import isfinite
from typing import Any

from curta import config
from curta.errors import ConfigError, UsageError
from curta.models import registry
from curta.models.prices import Price, Tier

FILE = registry.PRICES_FILE
_RATES = ("input", "output", "cached", "written", "written_for_an_hour")
_OURS = "you"


def read(described: Any, source: str = "") -> tuple[Price, ...]:
    """The prices that a JSON value describes, one or a list of them, the oldest first. Raises ValueError."""
    each = described if isinstance(described, list) else [described]
    return tuple(sorted((_price(value, source) for value in each), key=lambda price: price.date))


def in_effect(prices: Iterable[Price], day: str | None = None) -> Price | None:
    """The price that holds on a day (ISO; today by default): the latest that had begun, unless it has ended."""
    day = day or date.today().isoformat()
    latest = max((price for price in prices if price.date <= day), key=lambda price: price.date, default=None)
    return None if latest is None or (latest.until and latest.until < day) else latest


def own(name: str | None = None) -> Mapping[str, tuple[Price, ...]]:
    """The user's own prices, by model; only of one when it is named. Raises ConfigError."""
    kept = config.read(FILE)
    try:
        return {model: read(kept[model], _OURS) for model in kept if name in (None, model)}
    except (ValueError, TypeError, AttributeError) as error:
        path = config.home() / FILE
        raise ConfigError(f"{path} does not hold prices: {error}.", then="Mend it, or move it aside.") from error


def set_own(name: str, price: Price) -> None:
    """Keep a price for the model of this name from its date on; one of the same date is replaced. Raises UsageError."""
    try:
        price = _price(price.to_dict(), price.source or _OURS)
    except ValueError as error:
        raise UsageError(f"That is no price: {error}.", then="Prices are US dollars per million tokens.") from error
    with config.changing(FILE) as kept:
        before = [each for each in own(name).get(name, ()) if each.date != price.date]
        kept[name] = [each.to_dict() for each in sorted((*before, price), key=lambda each: each.date)]


def forget_own(name: str) -> None:
    """Forget the user's own prices of a model. Raises UsageError when there are none."""
    with config.changing(FILE) as kept:
        if kept.pop(name, None) is None:
            raise UsageError(f"There is no price of your own for {name!r}.", then="`curta models price NAME` shows it.")


def _price(value: Mapping[str, Any], source: str) -> Price:
    missing = [name for name in ("input", "output", "date") if name not in value]
    if missing:
        raise ValueError(f"it lacks {', '.join(missing)}")
    day, until = (_day(value.get(name) or "") for name in ("date", "until"))
    tiers = sorted((Tier(int(tier["above"]), **_rates(tier)) for tier in value.get("tiers", ())), key=lambda t: t.above)
    origin = str(value.get("source") or source)
    return Price(date=day, tiers=tuple(tiers), source=origin, until=until, **_rates(value))


def _day(text: str) -> str:
    return text and date.fromisoformat(text).isoformat()


def _rates(value: Mapping[str, Any]) -> dict[str, Any]:
    """The rates that are given. Raises ValueError for what cannot be one."""
    rates = {name: value[name] for name in _RATES if value.get(name) is not None}
    for name, rate in rates.items():
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not isfinite(rate) or rate < 0:
            raise ValueError(f"{name} is {rate!r}")
    return rates
