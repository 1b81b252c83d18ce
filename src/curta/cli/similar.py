"""`curta similar`: what in a collection is most similar to a text, a file, or one of its items."""

import json
from textwrap import indent
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.cli.embed import content, database, log_of, no_log
from curta.errors import UsageError

if TYPE_CHECKING:
    from curta.collections import Entry

_HELP = """What in COLLECTION is most similar to a text, or to the item ID, best first; a JSON object on each line.

\b
  curta similar docs -c 'I like cats'
  curta similar docs one.md -n 3 --plain
  curta similar photos -i cat.jpg --binary"""


@click.command("similar", help=_HELP, short_help="What in a collection is most similar.")
@click.argument("collection")
@click.argument("id", required=False)
@click.option("-i", "--input", "file", metavar="FILE", help="The file to compare with; - for what is piped in.")
@click.option("-c", "--content", metavar="TEXT", help="The text to compare with.")
@click.option("--binary", is_flag=True, help="Take the input as bytes, not as text.")
@click.option("-n", "--number", type=click.IntRange(1), default=10, show_default=True, help="How many to show.")
@click.option("-p", "--plain", is_flag=True, help="For reading, not as JSON.")
@database
@click.option("--prefix", default="", metavar="TEXT", help="Only ids that begin so.")
@click.option("--key", metavar="NAME", help="The saved key to send, by name, or a key.")
@no_log
def similar(collection: str, id: str | None, number: int, plain: bool, prefix: str, **given: Any) -> None:
    from curta import collections
    from curta.collections import embedding

    if not id and not given["content"] and not given["file"]:
        raise UsageError("Nothing says what to compare with.", then="Give text with -c, a file with -i, or an id.")
    opened = collections.open(collection, database=given["database"])
    try:
        words = None if id else content(given)
        how = {"n": number, "prefix": prefix, "key": given["key"], "log": log_of(given)}
        for each in embedding.similar(opened, words, id=id, **how):
            _show_plain(each) if plain else output.line(json.dumps(each._asdict(), ensure_ascii=False))
    finally:
        opened.close()


def _show_plain(each: "Entry") -> None:
    output.line(each.id, (f" ({each.score})", "faint"))
    output.line("")
    if each.content:
        output.line(indent(each.content, "  "))
    if each.metadata:
        output.line(indent(json.dumps(each.metadata, ensure_ascii=False), "  "))
    output.line("")
