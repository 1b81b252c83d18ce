"""What an answer costs: a published price, and the arithmetic of it.

Every wire reports usage in one form (`events.UsageReport`): `input` holds all that was sent, also what was read from
and written to the provider's cache; `output` holds all that was made, reasoning included. So the cost of a call is

    (input - cached - written) at the input price + cached and written at their own + output at the output price

and a price that is not known is None, never 0. Which prices there are: `price_table`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from curta.events import UsageReport

MILLION = 1_000_000


class Tier(NamedTuple):
    """Rates of their own for requests of more than `above` tokens; all tokens of such a request cost them."""

    above: int
    input: float
    output: float
    cached: float | None = None
    written: float | None = None
    written_for_an_hour: float | None = None


class Price(NamedTuple):
    """US dollars per million tokens, as published on `date` (ISO) at `source`.

    cached: for what is read from the provider's cache; like `input` when None. written, written_for_an_hour: for what
    is put into it; like `input` when None.
    tiers: rates for long requests, the longest last. until: the last day it holds, where that was announced.
    """

    input: float
    output: float
    date: str
    cached: float | None = None
    written: float | None = None
    written_for_an_hour: float | None = None
    tiers: tuple[Tier, ...] = ()
    source: str = ""
    until: str = ""

    @property
    def free(self) -> bool:
        return self.input == self.output == 0

    def to_dict(self) -> dict[str, Any]:
        """All that is known of it, as the catalogue and `prices.json` have it."""
        tiers = [_known(tier._asdict()) for tier in self.tiers]
        return {**_known(self._asdict()), **({"tiers": tiers} if tiers else {})}


def cost(price: Price | None, usage: UsageReport | None) -> float | None:
    """What a call cost in US dollars; None when its price or its usage is not known."""
    if price is None:
        return None
    if price.free and not price.tiers:
        return 0.0
    if usage is None or usage.unit != "tokens" or usage.input is None or usage.output is None:
        return None
    rate = _rate(price, usage.input)
    cached, hour = usage.cached or 0, usage.written_for_an_hour or 0
    written = max(0, (usage.written or 0) - hour)
    fresh = max(0, usage.input - cached - written - hour)
    spent = (
        fresh * rate.input
        + cached * _or(rate.cached, rate.input)
        + written * _or(rate.written, rate.input)
        + hour * _or(rate.written_for_an_hour, _or(rate.written, rate.input))
        + usage.output * rate.output
    )
    return spent / MILLION


def at_most(price: Price, input: int, output: int) -> float:
    """The most that `input` and `output` tokens can cost, whatever the provider's cache does."""
    rates: tuple[Price | Tier, ...] = (price, *price.tiers)
    dearest = max(_or(each, 0.0) for rate in rates for each in (rate.input, rate.written, rate.written_for_an_hour))
    return (input * dearest + output * max(rate.output for rate in rates)) / MILLION


def holds_for(options: Mapping[str, Any]) -> bool:
    """Whether the published price is the one that is charged: other classes of service have prices of their own."""
    return options.get("service_tier") in (None, "auto", "default", "standard_only")


def in_words(price: Price) -> str:
    """`$1.25 in, $10.00 out, $0.125 cached per million tokens (2025-08-07)`."""
    from curta.text.money import dollars

    if price.free:
        return "free"
    rates = {
        "in": price.input,
        "out": price.output,
        "cached": price.cached,
        "cache write": price.written,
        "cache write for an hour": price.written_for_an_hour,
    }
    named = ", ".join(f"{dollars(value)} {name}" for name, value in rates.items() if value is not None)
    longer = "".join(
        f"; {dollars(tier.input)}/{dollars(tier.output)} above {tier.above:,} tokens" for tier in price.tiers
    )
    return f"{named} per million tokens{longer} ({price.date})"


def _rate(price: Price, input: int) -> Price | Tier:
    """The rates for a request of so many tokens."""
    return next((tier for tier in reversed(price.tiers) if input > tier.above), price)


def _or(value: float | None, other: float) -> float:
    return other if value is None else value


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value not in ((), "")}
