"""`curta models price NAME`: what a model costs, and a price of your own for it."""

import json
from datetime import date as dates
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.errors import UsageError

if TYPE_CHECKING:
    from curta.models.prices import Price

_USD = click.FloatRange(min=0)


@click.command("price", help="What a model costs, or a price of your own for it, in US dollars per million tokens.")
@click.argument("name")
@click.option("--input", type=_USD, metavar="USD", help="For what is sent.")
@click.option("--output", type=_USD, metavar="USD", help="For the answer, reasoning included.")
@click.option("--cached", type=_USD, metavar="USD", help="For what is read from the provider's cache; else as input.")
@click.option("--cache-write", "written", type=_USD, metavar="USD", help="For what is put into it; else as input.")
@click.option("--date", metavar="DAY", help="From this day on (2026-11-01); today without it.")
@click.option("--forget", is_flag=True, help="Forget the prices of your own for it.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def price(name: str, forget: bool, as_json: bool, **given: Any) -> None:
    from curta.models import price_table, registry

    if forget:
        price_table.forget_own(registry.resolve(name))
        output.note(f"Forgot your own prices of {name}.")
        return
    name = registry.get(name).name
    if any(value is not None for value in given.values()):
        price_table.set_own(name, _price(given))
        output.note(
            f"From {given['date'] or 'today'} on, calls to {name} are priced so. Calls made before keep their cost."
        )
    _show(name, registry.get(name).facts.price, price_table.own(name).get(name, ()), as_json)


def _price(given: dict[str, Any]) -> "Price":
    from curta.models.prices import Price

    if given["input"] is None or given["output"] is None:
        raise UsageError("A price has two parts.", then="Give both: --input USD --output USD (per million tokens)")
    rates = {key: given[key] for key in ("input", "output", "cached", "written")}
    return Price(**rates, date=given["date"] or dates.today().isoformat())


def _show(name: str, current: "Price | None", own: "tuple[Price, ...]", as_json: bool) -> None:
    from curta.models.prices import in_words

    if as_json:
        described = {"model": name, "price": current and current.to_dict(), "own": [each.to_dict() for each in own]}
        output.line(json.dumps(described, indent=2, ensure_ascii=False))
        return
    output.line(f"{name}: {in_words(current) if current else 'price unknown'}")
    if current and current.source:
        output.line((f"  as published at {current.source}" if current.source != "you" else "  as you said", "faint"))
    for each in own:
        if each != current:
            output.line((f"  yours: {in_words(each)}", "faint"))
