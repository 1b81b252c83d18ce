"""`curta models ps` and `curta models stop`: the engine processes of models on this computer."""

import json
import time
from typing import TYPE_CHECKING

import click

from curta.cli import output

if TYPE_CHECKING:
    from curta.engine.process import Running


@click.command("ps", help="The models whose engines are running: their memory, and when they end.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def ps(as_json: bool) -> None:
    from curta.api import engines

    found = engines.engines()
    if as_json:
        output.line(json.dumps([each.to_dict() for each in found], indent=2, ensure_ascii=False))
        return
    width = max((len(each.address.name) for each in found), default=0)
    for each in found:
        output.line(f"{each.address.name:{width}}  ", (_summary(each), "faint"))
    if not found:
        output.note("None is running. The first prompt to a model on this computer starts its engine.")


def _summary(each: "Running") -> str:
    from curta.text.sizes import size

    address = each.address
    where = address.socket or address.url
    memory = f"{size(each.memory)} of memory" if each.memory else f"about {size(address.bytes)} of memory"
    ends = f"ends in {_duration(each.until - time.time())} unless asked"
    return f"process {address.process} · {memory} · {address.context:,} tokens of context · {ends} · {where}"


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(seconds, 0):.0f} s"


@click.command("stop", help="End the engine of a model, or all. Answers that are under way break off.")
@click.argument("name", required=False)
def stop(name: str | None) -> None:
    from curta.api import engines

    ended = engines.stop_engines(name)
    output.note(f"Ended: {', '.join(ended)}." if ended else "None was running.")
