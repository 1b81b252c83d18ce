"""`curta embed-multi`: many items into a collection, from rows, a query or folders."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.cli.embed import database, listening, log_of, made, no_log, read, voice
from curta.errors import SourceError, UsageError

if TYPE_CHECKING:
    from curta.collections.embedding import Progress
    from curta.collections.rows import Misread, Read

_HELP = """Embed many items, and keep their vectors in COLLECTION.

\b
  curta embed-multi docs rows.csv
  curta embed-multi docs - --format nl < rows.jsonl
  curta embed-multi docs --sql 'select id, title, body from posts' --attach blog blog.db
  curta embed-multi docs --files notes '**/*.md' --store

The first column of a table is the id, the others are the content. What is there already with the same content is not
embedded again, so a run that was stopped goes on when it is started again. An item that cannot be embedded is named,
and the others go on; the exit code is then 1."""

_MOST_NAMED = 20


@click.command("embed-multi", help=_HELP, short_help="Embed many items into a collection.")
@click.argument("collection")
@click.argument("file", required=False)
@click.option("--format", "form", type=click.Choice(["json", "csv", "tsv", "nl"]), help="The form of the rows.")
@click.option("--files", nargs=2, multiple=True, metavar="DIR GLOB", help="The files of a folder that match a pattern.")
@click.option("--encoding", "encodings", multiple=True, metavar="NAME", help="Encodings to try for --files.")
@click.option("--binary", is_flag=True, help="Take --files as bytes, not as texts.")
@click.option("--sql", metavar="QUERY", help="The rows that an SQL query gives.")
@click.option("--attach", nargs=2, multiple=True, metavar="ALIAS FILE", help="A database that the query can use.")
@click.option("--batch-size", type=click.IntRange(1), metavar="N", help="Items that are written together.")
@click.option("--prefix", default="", metavar="TEXT", help="Put this before the ids.")
@voice
@click.option("--prepend", default="", metavar="TEXT", help="Put this before the contents.")
@click.option("--store", is_flag=True, help="Keep the contents themselves too.")
@database
@no_log
def embed_multi(collection: str, file: str | None, batch_size: int | None, **given: Any) -> int:
    from curta.cli.ctrl_c import hear_at_once
    from curta.collections import embedding

    _refuse_what_does_not_go_together(file, given)
    hear_at_once()
    items = _items(file, given)
    chosen = {"model": given["model"], "key": given["key"]}
    opened = made(collection, given["database"], **chosen)
    how = {name: given[name] for name in ("prefix", "prepend", "store")}
    how |= {"batch": batch_size or embedding.BATCH, "log": log_of(given)}
    try:
        embedder = listening(embedding.embedder_of(opened, **chosen))
        return _followed(embedding.embed_many(opened, items, embedder, **how), len(items))
    finally:
        opened.close()


def _refuse_what_does_not_go_together(file: str | None, given: dict[str, Any]) -> None:
    files = given["files"]
    if given["binary"] and not files:
        raise UsageError("--binary must be used with --files.")
    if given["binary"] and given["encodings"]:
        raise UsageError("--binary cannot be used with --encoding.")
    if not file and not given["sql"] and not files:
        raise UsageError(
            "Nothing says what to embed.", then="Give a file, or - for what is piped in, --sql or --files."
        )
    if files and (file or given["sql"] or given["form"]):
        raise UsageError("--files cannot be used with a file of rows, --sql or --format.")
    if file and given["sql"]:
        raise UsageError("--sql cannot be used with a file of rows.")


def _items(file: str | None, given: dict[str, Any]) -> "Sequence[Read]":
    """All items; the files of folders are read when it is their turn."""
    from curta.collections import rows

    if given["files"]:
        folders = [(Path(folder), pattern) for folder, pattern in given["files"]]
        return rows.Files(folders, encodings=given["encodings"], binary=given["binary"])
    if given["sql"]:
        attached = [(alias, Path(path)) for alias, path in given["attach"]]
        own = given["database"] if given["database"] and given["database"].is_file() else None
        return rows.of_query(given["sql"], own, attached)
    assert file is not None
    try:
        return list(rows.of_text(rows.decoded(read(file)), given["form"]))
    except SourceError as error:
        name = "What was piped in" if file == "-" else file
        raise type(error)(f"{name}: {error.what}", why=error.why, then=error.then) from error


def _followed(run: "Iterable[Progress]", total: int) -> int:
    """Show where the run is, and what came of it. The exit code."""
    shown, progress = _Shown(total), None
    try:
        for progress in run:
            shown.take(progress)
    except KeyboardInterrupt:
        shown.clear()
        output.note("What was embedded is kept: the same command goes on from there.")
        raise
    finally:
        shown.clear()
    if progress is None:
        output.note("There was nothing to embed.")
        return 0
    _summarise(progress)
    return 1 if progress.failures else 0


def _summarise(progress: "Progress") -> None:
    pieces = [f"Embedded {progress.new:,}"]
    pieces += [f"unchanged {progress.unchanged:,}"] if progress.unchanged else []
    output.note(", ".join(pieces) + ".")
    if progress.failures:
        output.note(f"Not embedded: {progress.failures:,}.", force=True)


class _Shown:
    """A line on the terminal that says where the run is, and a line for each item that failed."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._named = 0
        self._live = output.is_terminal(sys.stderr)

    def take(self, progress: "Progress") -> None:
        self.clear()
        for each in progress.failed:
            self._name(each)
        for id in progress.cut:
            output.note(f"{id}: it is too long for the model; its beginning was embedded.")
        if self._live:
            failed = f", {progress.failures:,} failed" if progress.failures else ""
            sys.stderr.write(f"Embedding {progress.done:,} of {self._total:,}{failed}")
            sys.stderr.flush()

    def clear(self) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _name(self, each: "Misread") -> None:
        self._named += 1
        if self._named <= _MOST_NAMED:
            output.note(f"{each.id}: {each.what}", force=True)
        elif self._named == _MOST_NAMED + 1:
            output.note("More items are not embedded; they are counted at the end.", force=True)
