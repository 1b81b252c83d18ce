"""What may be spent: asked before each call, told after it. One Budget serves all calls of a prompt, a chain, a loop.

A call is let through when the most it can cost fits into what is left; what it did cost is taken off afterwards. A call
whose cost stays unknown (it broke off before its usage was told) counts with the most it could have cost.
"""

from typing import TYPE_CHECKING

from curta.errors import MissingKey, ProviderError, TooExpensive, Unreachable, UnsupportedRequest, UsageError
from curta.messages import Request
from curta.models.forecast import Forecast, forecast
from curta.models.model import Model
from curta.models.prices import MILLION, at_most
from curta.text.money import dollars

if TYPE_CHECKING:
    from curta.conversations.response import Response

_UNCHARGED = (ProviderError, Unreachable, MissingKey, UnsupportedRequest)


class Budget:
    """limit: US dollars. spent: what calls have cost so far. reserved: the most that calls under way may cost.

    Raises UsageError for a limit that is none.
    """

    def __init__(self, limit: float) -> None:
        if not limit >= 0:
            raise UsageError(f"A limit of costs is a number of US dollars, not {limit}.")
        self.limit = limit
        self.spent = 0.0
        self.reserved = 0.0

    def admit(self, model: Model, request: Request) -> float:
        """The most that this call can cost, set aside for it. Raises TooExpensive, and then it must not be made."""
        if model.facts.price is not None and model.facts.price.free:
            return 0.0
        expected = forecast(model, request)
        if expected.most_cost is None:
            raise _unknown(model, expected)
        left = self.limit - self.spent - self.reserved
        if expected.most_cost > left:
            raise self._refusal(model, expected, left)
        self.reserved += expected.most_cost
        return expected.most_cost

    def settle(self, reserved: float, response: "Response") -> None:
        """Take what a call has cost off the budget."""
        self.reserved = max(0.0, self.reserved - reserved)
        if response.cost is not None:
            self.spent += response.cost
        elif not isinstance(response.error, _UNCHARGED):
            self.spent += reserved

    def _refusal(self, model: Model, expected: Forecast, left: float) -> TooExpensive:
        most = expected.most_cost or 0.0
        spent = f" {dollars(self.spent)} of it is spent." if self.spent else ""
        return TooExpensive(
            f"This call to {model.name} could cost {dollars(most)}, {dollars(most - left)} more than may be spent.",
            why=f"It was not made. The limit is {dollars(self.limit)}.{spent} "
            f"Counted: at most {expected.most_input:,} tokens in, {expected.most_output:,} out.",
            then=_advice(model, expected, left),
        )


def _unknown(model: Model, expected: Forecast) -> TooExpensive:
    if model.facts.price is None:
        return TooExpensive(
            f"The price of {model.name} is unknown, and so is whether a call stays below a limit. Nothing was sent.",
            then=f"Tell it: curta models price {model.name} --input USD --output USD   (per million tokens)",
        )
    if expected.cost is None:
        return TooExpensive(
            f"The price of {model.name} for this class of service is unknown. Nothing was sent.",
            then="Leave out -o service_tier, or --max-cost.",
        )
    what = "length of an attachment" if expected.most_input is None else "greatest length of the answer"
    then = "Give the file itself, not its URL." if expected.most_input is None else "Set one: -o max_tokens 2000"
    return TooExpensive(f"The {what} is unknown, and with it what the call could cost. Nothing was sent.", then=then)


def _advice(model: Model, expected: Forecast, left: float) -> str:
    """How long an answer would fit; else what else there is to do."""
    price = model.facts.price
    assert price is not None
    input_cost = _input_cost(model, expected)
    rate = max(price.output, *(tier.output for tier in price.tiers), 0.0)
    fits = int((left - input_cost) / rate * MILLION) if rate else 0
    if fits >= 100 and any(option.name == "max_tokens" for option in model.options):
        return f"An answer of at most {fits:,} tokens fits: -o max_tokens {fits}"
    return "Allow more with --max-cost, send less, or choose a cheaper model: `curta models`."


def _input_cost(model: Model, expected: Forecast) -> float:
    price = model.facts.price
    assert price is not None
    return at_most(price, expected.most_input or 0, 0)
