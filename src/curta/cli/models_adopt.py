"""`curta models adopt`: use the model files of Ollama, LM Studio and the Hub's cache where they are."""

import json
from typing import TYPE_CHECKING

import click

from curta.cli import output

if TYPE_CHECKING:
    from curta.engine.files.adopting import Adopted, Found


@click.command(
    "adopt",
    help="Use model files of Ollama, LM Studio and the Hugging Face cache where they are, read-only; without NAME, list"
    " them.",
)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--name", "as_name", metavar="TEXT", help="What to call it here.")
@click.option("--all", "every", is_flag=True, help="All that were found.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def adopt(names: tuple[str, ...], as_name: str | None, every: bool, as_json: bool) -> None:
    from curta.engine.files.adopting import found
    from curta.errors import UsageError

    if as_name and (every or len(names) != 1):
        raise UsageError("--name goes with one file.")
    if not names and not every:
        _list(found(), as_json)
        return
    adopted = [_adopted(name, as_name) for name in (names or [str(each.path) for each in found()])]
    if as_json:
        output.line(json.dumps([each.file.to_dict() for each in adopted], indent=2, ensure_ascii=False))


def _list(found: "list[Found]", as_json: bool) -> None:
    from curta.text.sizes import size

    if as_json:
        output.line(json.dumps([each.to_dict() for each in found], indent=2, ensure_ascii=False))
        return
    width = max((len(each.name) for each in found), default=0)
    for each in found:
        pieces = [size(each.bytes), each.program, each.licence or "licence unknown"]
        output.line(f"{each.name:{width}}  ", (" · ".join(pieces), "faint"))
        output.line((f"{'':{width}}  {each.path}", "faint"))
    if found:
        output.note(f"To use one: curta models adopt {found[0].name}")
    else:
        output.note("No model file of Ollama, LM Studio or the Hugging Face cache was found that is not known already.")


def _adopted(name: str, as_name: str | None) -> "Adopted":
    from curta.api import models
    from curta.cli.completion_names import refresh
    from curta.cli.models_files import hashing
    from curta.cli.models_pull import how_to_use
    from curta.models import registry

    before = registry.default()
    with hashing() as on_bytes:
        adopted = models.adopt(name, as_name=as_name, on_bytes=on_bytes)
    refresh()
    file = adopted.file
    said = "the one its program noted" if adopted.said else "its program noted none to compare with"
    output.note(f"Adopted {file.name} where it is: {file.path}")
    output.note(f"  SHA-256 {file.sha256}, {said}.")
    how_to_use(file.name, file.kind, is_default=registry.default() != before)
    return adopted
