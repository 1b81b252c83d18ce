"""`curta index`: make documents searchable, keep them in step with their sources, measure how well they are found."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.cli.group import DefaultGroup
from curta.cli.index_eval import evaluate, tune
from curta.cli.index_export import export, import_
from curta.cli.index_shown import progress, show_documents, show_indexes, taken
from curta.cli.index_store import at_store
from curta.errors import ModelError, UsageError

if TYPE_CHECKING:
    from curta.index.stores.store import Store
    from curta.sources.records import Fields

_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")
_FILLING = (
    click.argument("name"),
    click.argument("sources", nargs=-1, metavar="[SOURCE]..."),
    click.option("-m", "--model", metavar="EMBEDDER", help="The embedding model; by default the index's, or yours."),
    click.option("--lexical", is_flag=True, help="Embed nothing: to be searched by words alone."),
    at_store,
    click.option("--id-field", default="id", metavar="FIELD", help="Of the rows of a table: what they are called by."),
    click.option("--title-field", default="title", metavar="FIELD", help="Of the rows of a table: the title."),
    click.option("--text-field", default="text", metavar="FIELD", help="Of the rows of a table: the text."),
)
"""What every command takes that fills an index."""


def _filling(command: Any) -> Any:
    for parameter in reversed(_FILLING):
        command = parameter(command)
    return command


@click.group(cls=DefaultGroup, default="list", help="Make documents searchable: curta index add NAME FOLDER")
def index() -> None:
    pass


@index.command(
    "add",
    help="Add files, folders, URLs, tables, or whatever else -f takes to an index; make the index if there is none."
    " What did not change is passed over. Without a source, embed what has no vector yet.",
)
@_filling
@click.pass_context
def add(ctx: click.Context, /, name: str, sources: tuple[str, ...], **how: Any) -> None:
    from curta.cli.completion_names import refresh
    from curta.index import adding
    from curta.index.stores import places

    known = name in places.names()
    if not known:
        adding.require_any(sources)
    with places.open(name, how["store"], create=bool(sources)) as opened:
        if not known:
            refresh()
        ok = taken(adding.add(opened, sources, _fields_of(how))) if sources else True
        ctx.exit(0 if _embedded(opened, how["model"], how["lexical"], alone=not sources) and ok else 1)


@index.command(
    "sync",
    help="Add what is new in the sources, take in what changed, remove what vanished. Without a source: all of those"
    " that were ever added.",
)
@_filling
@click.pass_context
def sync(ctx: click.Context, /, name: str, sources: tuple[str, ...], **how: Any) -> None:
    from curta.index import adding
    from curta.index.stores import places

    with places.open(name, how["store"]) as opened:
        ok = taken(adding.sync(opened, sources, _fields_of(how)))
        ctx.exit(0 if _embedded(opened, how["model"], how["lexical"]) and ok else 1)


def _fields_of(how: dict[str, Any]) -> "Fields":
    from curta.sources.records import Fields

    return Fields(how["id_field"], how["title_field"], how["text_field"])


@index.command("list", help="The indexes there are.")
@_JSON
def list_(as_json: bool) -> None:
    from curta.index import info

    show_indexes(info.every(), as_json)


@index.command("info", help="What is in an index: documents, chunks, languages, vectors, sources, size.")
@click.argument("name")
@click.option("--documents", is_flag=True, help="List its documents.")
@at_store
@_JSON
def info(name: str, documents: bool, as_json: bool, store: str | None) -> None:
    from curta.index.stores import places

    with places.open(name, store) as opened:
        if documents:
            show_documents(opened.documents(), as_json)
            return
        facts = opened.info()._asdict()
    if as_json:
        output.line(json.dumps(facts, indent=2, ensure_ascii=False, default=str))
        return
    for key, value in facts.items():
        if value in (None, {}, []):
            continue
        output.line(f"{key:10} ", str(value) if not isinstance(value, dict | list) else _listed(value))


@index.command("rm", help="Remove an index, or documents of it by their uri.")
@click.argument("name")
@click.argument("uris", nargs=-1, metavar="[URI]...")
@click.option("--yes", is_flag=True, help="Remove the whole index without asking.")
@click.option("--forget", is_flag=True, help="Leave an index in its database, and forget where that is.")
@at_store
def rm(name: str, uris: tuple[str, ...], yes: bool, forget: bool, store: str | None) -> None:
    from curta.cli.completion_names import refresh
    from curta.index.stores import places

    if forget:
        places.forget(name)
        refresh()
        output.note(f"Forgot where the index {name} is.")
        return
    with places.open(name, store) as opened:
        if uris:
            _remove(opened, uris)
            return
    if not yes and not (output.is_terminal() and click.confirm(f"Remove the index {name}?", err=True)):
        raise UsageError(f"The index {name} was not removed.", then=f"Say so: curta index rm {name} --yes")
    places.remove(name, store)
    refresh()
    output.note(f"Removed the index {name}.")


def _remove(opened: "Store", uris: Sequence[str]) -> None:
    """Remove documents by their uris, or by a path from here."""
    from curta.errors import SourceNotFound
    from curta.index.adding import absolute

    for uri in uris:
        if not (opened.delete(uri) or opened.delete(absolute(uri))):
            then = f"curta index info {opened.name} --documents"
            raise SourceNotFound(f"The index {opened.name} has no document {uri!r}.", then=then)
        output.note(f"Removed {uri}.")


@index.command("check", help="Prove that texts, words and vectors of an index agree. Exit code 3 when they do not.")
@click.argument("name")
@click.option("--repair", is_flag=True, help="Make words and vectors anew from the texts.")
@_JSON
@click.pass_context
def check(ctx: click.Context, name: str, repair: bool, as_json: bool) -> None:
    import curta.index
    from curta.index.check import check as checked
    from curta.index.check import repair as repaired

    with curta.index.open(name) as opened:
        findings = repaired(opened) if repair else checked(opened)
    if as_json:
        output.line(json.dumps([each._asdict() for each in findings], indent=2, ensure_ascii=False))
    else:
        for each in findings:
            mark = ("✗", "bad") if each.problem else ("✓", "good")
            output.line(mark, f" {each.what}", (f": {each.problem}" if each.problem else "", "bad"))
    if bad := any(each.problem for each in findings):
        output.note(f"curta index check {name} --repair makes words and vectors anew.")
    ctx.exit(3 if bad else 0)


@index.command("compact", help="Give the space of what was removed back to the disk.")
@click.argument("name")
def compact(name: str) -> None:
    import curta.index
    from curta.index.compact import compact as compacted

    with curta.index.open(name) as opened:
        output.note(f"{max(0, compacted(opened)) / 1e6:,.1f} MB given back.")


index.add_command(evaluate)
index.add_command(tune)
index.add_command(export)
index.add_command(import_)


def _embedded(opened: Any, model: str | None, lexical: bool, alone: bool = False) -> bool:
    """Embed what has no vector yet, when there is a model for it; whether all could be.

    alone: whether this was all that was to be done. Raises UsageError when there is nothing to do then.
    """
    from curta.api import finding

    chosen = None if lexical else finding.embedder_for(opened, model)
    if chosen is None:
        if alone:
            raise UsageError(
                "Nothing was named to add, and no model to embed with.", then="Name a file or folder, or -m."
            )
        return True
    kept, failed = 0, dict[int, str]()
    with progress("passages embedded") as told, _saying_what_is_there(opened.name, chosen.name):
        for batch in finding.fill(opened, chosen):
            kept += batch.kept
            failed.update(batch.failed)
            told.count(batch.kept + len(batch.failed))
            for why in batch.failed.values():
                told.say(f"A passage has no vector: {why}")
    if kept or failed or alone:
        output.note(
            f"{kept:,} passage{'s' * (kept != 1)} embedded with {chosen.name}"
            + (f", {len(failed):,} failed" if failed else "")
        )
    return not failed


@contextmanager
def _saying_what_is_there(name: str, model: str) -> Iterator[None]:
    """When embedding fails as a whole: what can be done with the index as it is, and how it goes on."""
    try:
        yield
    except ModelError:
        output.note(
            f"It can be searched by words. What has no vector yet gets one by: curta index add {name} -m {model}"
        )
        raise


def _listed(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key or 'unknown'} {count:,}" for key, count in value.items())
    return ", ".join(map(str, value))
