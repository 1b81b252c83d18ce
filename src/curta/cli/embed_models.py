"""`curta embed-models`: list, add, remove and choose embedding models."""

import json
from shlex import quote
from typing import TYPE_CHECKING

import click

from curta.cli import output
from curta.cli.group import DefaultGroup
from curta.errors import UsageError

if TYPE_CHECKING:
    from curta.models.embedders import Listing


@click.group(cls=DefaultGroup, default="list", help="List, add and choose embedding models.")
def embed_models() -> None:
    pass


@embed_models.command("list", help="Every embedding model that is known by name, and where texts sent to it go.")
@click.option("-q", "--query", "queries", multiple=True, metavar="TEXT", help="Only names that contain this.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(queries: tuple[str, ...], as_json: bool) -> None:
    from curta.models import embedders

    found, chosen = embedders.matching(queries), embedders.default_embedder()
    default = embedders.resolve(chosen) if chosen else None
    if as_json:
        rows = [{**each.to_dict(), "default": each.name == default} for each in found]
        output.line(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for each in found:
        aliases = f" (aliases: {', '.join(each.aliases)})" if each.aliases else ""
        output.line(f"{'*' if each.name == default else ' '} {each.name}{aliases}  ", (_summary(each), "faint"))
    if not found:
        output.note("No embedding model has such a name.")


@embed_models.command("default", help="Show the default embedding model, or choose another.")
@click.argument("name", required=False)
@click.option("--remove-default", "--reset", "reset", is_flag=True, help="Have no default.")
def default(name: str | None, reset: bool) -> None:
    from curta.models import embedders

    if name and reset:
        raise UsageError("Either a model or --remove-default.")
    if name or reset:
        embedders.set_default_embedder(name)
        chosen = embedders.default_embedder()
        output.note(f"The default embedding model is now {chosen}." if chosen else "There is no default now.")
    elif chosen := embedders.default_embedder():
        output.line(chosen)
    else:
        output.note("No default embedding model is set: curta embed-models default NAME", force=True)


@embed_models.command("add", help="Add an embedding model behind a URL that speaks OpenAI's protocol.")
@click.argument("name")
@click.option("--url", required=True, metavar="URL", help="The base URL, such as http://127.0.0.1:8080/v1")
@click.option("--model", "id", required=True, metavar="ID", help="The name the server knows the model by.")
@click.option("--key", metavar="NAME", help="The saved key to send; none is sent without it.")
@click.option("--dimensions", type=click.IntRange(1), metavar="N", help="Ask for vectors of this length.")
@click.option("--query-prefix", metavar="TEXT", help="What the model wants before a text that is searched for.")
@click.option("--document-prefix", metavar="TEXT", help="What it wants before a text that is searched.")
@click.option("--batch-size", type=click.IntRange(1), metavar="N", help="Texts in one request at most.")
@click.option(
    "--images", type=click.Choice(["jina", "vllm", "voyage"]), help="Whose form of sending pictures it takes."
)
def add(
    name: str,
    url: str,
    id: str,
    key: str | None,
    dimensions: int | None,
    query_prefix: str | None,
    document_prefix: str | None,
    batch_size: int | None,
    images: str | None,
) -> None:
    from curta.cli.completion_names import refresh
    from curta.models.embedders import Prefixes
    from curta.models.embedding import described

    given = query_prefix is not None or document_prefix is not None
    prefixes = Prefixes(query_prefix or "", document_prefix or "") if given else None
    how = {"key": key, "dimensions": dimensions, "prefixes": prefixes, "batch": batch_size, "images": images}
    added = described.add(name, url=url, model=id, **how)  # type: ignore[arg-type]
    refresh()
    output.note(f"Added {name}: texts go to {added.facts.where}. Try it: curta embed -m {quote(name)} -c 'Hello'")


@embed_models.command("rm", help="Forget an embedding model that was added.")
@click.argument("name")
def rm(name: str) -> None:
    from curta.cli.completion_names import refresh
    from curta.models.embedding import described

    described.remove(name)
    refresh()
    output.note(f"Removed {name}.")


def _summary(each: "Listing") -> str:
    from curta.text.money import dollars

    pieces, price = [each.facts.where], each.facts.price
    pieces += [f"{each.dimensions} dimensions"] if each.dimensions else []
    if price:
        pieces.append("free" if price.free else f"{dollars(price.input)} per million tokens ({price.date})")
    pieces += ["texts and pictures"] if each.images else []
    pieces += [f"query prefix {each.prefixes.query!r}"] if each.prefixes.query else []
    pieces += [f"document prefix {each.prefixes.document!r}"] if each.prefixes.document else []
    pieces += [] if each.ready else [f"needs a key: {each.needs}"]
    return " · ".join(pieces)
