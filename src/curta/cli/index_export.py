"""`curta index export` and `curta index import`: an index taken elsewhere, and made again."""

from pathlib import Path

import click

from curta.cli import output
from curta.cli.index_shown import taken
from curta.cli.index_store import at_store

_HELP = """Write what is in an index: documents, passages and vectors.

\b
  curta index export notes > notes.jsonl
  curta index export notes --to parquet -o notes.parquet
  curta index export notes --to pgvector | psql DATABASE
  curta index export notes --to postgresql://me@db.example.org/team

jsonl has a document on each line, and `curta index import` makes an index of it again; parquet has a row for each
passage; pgvector is SQL. An address copies the index into that database, where --store finds it."""


@click.command("export", help=_HELP, short_help="Write an index as JSON lines, Parquet or SQL, or into PostgreSQL.")
@click.argument("name")
@click.option(
    "--to", "form", default="jsonl", show_default=True, metavar="FORM", help="jsonl, parquet, pgvector, or an address."
)
@click.option("-o", "--out", "path", type=click.Path(dir_okay=False), metavar="FILE", help="The file to write.")
@click.option("-m", "--model", metavar="EMBEDDER", help="Whose vectors, when there are several models.")
@at_store
@click.pass_context
def export(ctx: click.Context, name: str, form: str, path: str | None, model: str | None, store: str | None) -> None:
    from curta.index import export as exporting
    from curta.index.stores import places
    from curta.index.stores.address import is_address, require_no_password

    with places.open(name, store) as index:
        if is_address(form):
            require_no_password(form)
            ctx.exit(0 if taken(exporting.into(index, form, model)) else 1)
        if path is not None:
            exporting.write(index, path, form, model)
            output.note(f"Wrote {path}.")
            return
        for piece in exporting.lines(index, form, model):
            output.write(piece)


@click.command("import", help="Make an index of what `curta index export` wrote as JSON lines, vectors included.")
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@at_store
@click.pass_context
def import_(ctx: click.Context, name: str, file: Path, store: str | None) -> None:
    from curta.cli.completion_names import refresh
    from curta.index import restoring
    from curta.index.stores import places

    saved = restoring.read(file)
    with places.open(name, store, create=True) as index:
        refresh()
        ctx.exit(0 if taken(restoring.restore(index, saved)) else 1)
