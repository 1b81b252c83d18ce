"""What a prompt would cost, cost, or did not cost because the log had its answer: the notes about money."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from curta.cli import output
from curta.text.money import dollars

if TYPE_CHECKING:
    from curta.conversations import Response


def forecast(response: "Response", how: Mapping[str, Any]) -> None:
    """Say what the request would cost, and whether it would be made at all. Raises TooExpensive as it would be."""
    from curta.models import forecast as forecasts

    if how.get("cache") and (call := _answered(response, how)):
        output.note(f"The log would answer it: call {call.id} of {call.started.astimezone():%Y-%m-%d %H:%M}.")
        return
    expected = forecasts.forecast(response.model, response.request)
    cost = "price unknown" if expected.cost is None else f"about {dollars(expected.cost)}"
    most = "" if expected.most_cost is None else f"; with the longest answer at most {dollars(expected.most_cost)}"
    output.note(f"About {expected.input:,} tokens in, {cost}{most}.")
    if how.get("max_cost") is not None:
        from curta.conversations.budget import Budget

        Budget(how["max_cost"]).admit(response.model, response.request)


def _answered(response: "Response", how: Mapping[str, Any]) -> Any:
    from curta.api.given import opened
    from curta.conversations.cache import looked_up

    log = opened(how["log"]) or opened(True)
    assert log is not None
    return looked_up(response, log, None)


def repeated(response: "Response") -> None:
    """Say that an answer came from the log, and from when it is."""
    if (call := response.cached_from) is not None:
        model = f" by {call.resolved_model}" if call.resolved_model and call.resolved_model != call.model else ""
        output.note(f"From the log: call {call.id}, answered{model} on {call.started.astimezone():%Y-%m-%d %H:%M}.")


def cost(response: "Response") -> str:
    """`$0.0012 at the price of 2026-10-07`."""
    price = response.model.facts.price
    if response.cached_from is not None:
        return "$0, from the log"
    if response.cost is None:
        return "cost unknown"
    if price is None or price.free:
        return dollars(response.cost)
    return f"{dollars(response.cost)} at the price of {price.date}"
