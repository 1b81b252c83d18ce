"""`curta embed`: the vector of a text or a file, printed or kept in a collection."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.errors import SourceNotFound, UsageError

if TYPE_CHECKING:
    from curta.collections import Collection
    from curta.models.embedders import Embedder, Vector
    from curta.store import Log

_HELP = """The vector of a text: printed, or kept in COLLECTION under ID.

\b
  curta embed -c 'my happy hound'
  curta embed phrases hound -c 'my happy hound' --store
  cat one.txt | curta embed files one
  curta embed -i photo.jpg --binary -m clip -f base64

A collection is made with its first item and keeps to that model. An item is embedded again when its content is another
than before."""

LARGEST = 64 << 20
"""Bytes of one item."""


def database(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option -d of every command for collections."""
    return click.option(
        "-d", "--database", type=click.Path(dir_okay=False, path_type=Path), envvar="LLM_EMBEDDINGS_DB",
        metavar="FILE", help="A database of llm's form, instead of Curta's own collections.",
    )(command)  # fmt: skip


def voice(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose an embedding model."""
    command = click.option("--key", metavar="NAME", help="The saved key to send, by name, or a key.")(command)
    return click.option(
        "-m", "--model", metavar="EMBEDDER", envvar="LLM_EMBEDDING_MODEL", help="The embedding model to use."
    )(command)


no_log = click.option("--no-log", is_flag=True, help="Leave no trace in the log.")


@click.command("embed", help=_HELP, short_help="The vector of a text, printed or kept.")
@click.argument("collection", required=False)
@click.argument("id", required=False)
@click.option("-i", "--input", "file", metavar="FILE", help="The file to embed; - for what is piped in.")
@voice
@click.option("--store", is_flag=True, help="Keep the content itself too.")
@database
@click.option("-c", "--content", metavar="TEXT", help="The text to embed.")
@click.option("--binary", is_flag=True, help="Take the input as bytes, not as text.")
@click.option("--query", is_flag=True, help="As what is searched for, where the model makes a difference.")
@click.option("--metadata", metavar="JSON", help="A JSON object to keep with it.")
@click.option("-f", "--format", "form", type=click.Choice(["json", "blob", "base64", "hex"]), help="How to print it.")
@no_log
def embed(collection: str | None, id: str | None, form: str | None, **given: Any) -> None:
    from curta.models import embedders

    if collection and not id:
        raise UsageError("A collection needs an id too.", then="curta embed COLLECTION ID -c TEXT")
    if not collection and (given["store"] or given["metadata"]):
        raise UsageError("To keep something, name a collection and an id.", then="curta embed COLLECTION ID -c TEXT")
    metadata = _object(given["metadata"])
    if collection and id:
        _keep(collection, id, form, metadata, given)
        return
    embedder = listening(embedders.embedder(given["model"], given["key"]))
    _print(_one(embedder, content(given), given), form or "json")


def _keep(collection: str, id: str, form: str | None, metadata: dict[str, Any] | None, given: dict[str, Any]) -> None:
    from curta.collections import embedding

    words = content(given)
    with_model = {"model": given["model"], "key": given["key"]}
    opened = made(collection, given["database"], **with_model)
    try:
        embedder = listening(embedding.embedder_of(opened, **with_model))
        log = log_of(given)
        embedding.embed_one(opened, id, words, embedder, metadata=metadata, store=given["store"], log=log)
        if form is not None:
            _print(_one(embedder, words, given), form)
    finally:
        opened.close()
    output.note(f"Kept {id} in {collection}. Try it: curta similar {collection} -c 'some words'")


def made(collection: str, database: Path | None, *, model: str | None, key: str | None) -> "Collection":
    """The collection, made when there is none; Tab then completes its name."""
    from curta import index
    from curta.cli.completion_names import refresh
    from curta.collections import embedding

    known = index.names()
    opened = embedding.opened(collection, database=database, model=model, key=key)
    if index.names() != known:
        refresh()
    return opened


def _one(embedder: "Embedder", words: str | bytes, given: dict[str, Any]) -> "Vector":
    from curta.collections import embedding

    return embedding.one(embedder, words, query=given["query"], log=log_of(given))


def listening(embedder: "Embedder") -> "Embedder":
    """`embedder`, which says when it waits for another attempt."""
    embedder.on_retry = lambda retry: output.note(str(retry))
    return embedder


def log_of(given: dict[str, Any]) -> "Log | None":
    """Where it is logged, as --no-log and `curta logs on/off` say."""
    from curta.api.given import opened
    from curta.cli.prompt_read import is_logged

    return opened(is_logged({"no_log": given["no_log"], "force_log": False}))


def content(given: dict[str, Any]) -> str | bytes:
    """What was given to embed: -c, the file of -i, or what is piped in. Raises SourceError, UsageError."""
    from curta.collections.rows import decoded

    if given["content"]:
        return str(given["content"])
    data = read(given["file"] or "-")
    found = data if given["binary"] else decoded(data)
    if not found:
        raise UsageError("No content provided.", then="Give text with -c, a file with -i, or pipe something in.")
    return found


def read(file: str) -> bytes:
    """The bytes of a file, or of what is piped in for `-`. Raises SourceNotFound, UsageError."""
    if file == "-" and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError("No content provided.", then="Give text with -c, a file with -i, or pipe something in.")
    try:
        if file == "-":
            data = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(file).open("rb") as opened:
                data = opened.read(LARGEST + 1)
    except OSError as error:
        raise SourceNotFound(f"Cannot read {file}: {error.strerror}.") from error
    if len(data) > LARGEST:
        raise UsageError(f"{'The input' if file == '-' else file} is larger than {LARGEST >> 20} MB.")
    return data


def _object(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UsageError(f"The metadata is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise UsageError("The metadata is no JSON object.", then="""For example: --metadata '{"name": "Hound"}'""")
    return value


def _print(vector: "Vector", form: str) -> None:
    from base64 import b64encode

    if form == "blob":
        if output.is_terminal():
            raise UsageError(
                "Bytes are nothing to look at.", then="Send them to a file: curta embed -f blob ... > FILE"
            )
        sys.stdout.flush()
        sys.stdout.buffer.write(vector.packed())
        sys.stdout.buffer.flush()
        return
    packed = vector.packed()
    shown = {"base64": lambda: b64encode(packed).decode(), "hex": packed.hex}
    output.line(shown[form]() if form in shown else json.dumps(vector.shortest()))
