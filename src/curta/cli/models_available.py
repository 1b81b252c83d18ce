"""`curta models available` and `catalogue`: which models can be pulled, and who proposes them."""

import json
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output

if TYPE_CHECKING:
    from curta.engine.files.offered import Offer


@click.command("available", help="Models that can be pulled: size, licence, what is known of their training data.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def available(as_json: bool) -> None:
    from curta.engine.files.offered import offered

    offers = offered()
    if as_json:
        output.line(json.dumps([each.to_dict() for each in offers], indent=2, ensure_ascii=False))
        return
    width = max((len(each.entry.id) for each in offers), default=0)
    for each in offers:
        _show(each, width)
    output.note("To have one: curta models pull small")


def _show(offer: "Offer", width: int) -> None:
    from curta.text.sizes import size

    entry = offer.entry
    mark = "*" if offer.held else " "
    pieces = [size(entry.bytes) if entry.bytes else "size unknown", entry.licence]
    pieces += (
        [f"{entry.context // 1000}k context" if entry.context >= 1000 else f"{entry.context} context"]
        if (entry.context)
        else []
    )
    pieces += ["embedding"] if entry.kind == "embedding" else []
    pieces += [_memory(offer)]
    pieces += ["on disk" if offer.held else ""]
    output.line(f"{mark} {entry.id:{width}}  ", (entry.choice or "", "accent"), ("  " if entry.choice else "", ""),
                (" · ".join(piece for piece in pieces if piece), "faint"))  # fmt: skip
    output.prose(f"    training data: {entry.data or 'unknown'}")
    if entry.notes:
        output.prose(f"    {entry.notes}")


def _memory(offer: "Offer") -> str:
    from curta.text.sizes import size

    if not offer.entry.ram:
        return ""
    needs = f"needs about {size(offer.entry.ram)} of memory"
    return f"{needs}, more than is free" if offer.fits is False else needs


@click.command("catalogue", help="Which catalogue of models holds, and from whom; take another one in use.")
@click.option("--update", "source", metavar="FILE|URL", help="Take this one in use.")
@click.option("--sha256", metavar="HEX", help="The SHA-256 it must have.")
@click.option("--reset", is_flag=True, help="Go back to the one that came with Curta.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def catalogue(source: str | None, sha256: str | None, reset: bool, as_json: bool) -> None:
    from curta.cli.completion_names import refresh
    from curta.engine.files import catalogue as catalogues

    if reset:
        catalogues.reset()
    found = catalogues.update(source, sha256) if source else catalogues.in_use()
    if reset or source:
        refresh()
    told: dict[str, Any] = {
        "by": found.by,
        "date": found.date,
        "from": found.source,
        "sha256": found.sha256,
        "models": [each.id for each in found.entries],
    }
    if as_json:
        output.line(json.dumps(told, indent=2, ensure_ascii=False))
        return
    models = f"{len(found.entries)} model{'s' * (len(found.entries) != 1)}"
    output.line(f"{models}, by {found.by}, {found.date}, from {found.source}")
    output.line((f"  SHA-256 {found.sha256}", "faint"))
    unknown = sum(each.sha256 is None for each in found.entries)
    if unknown:
        output.note(f"{unknown} without a hash: that of the first pull is kept for them.")
