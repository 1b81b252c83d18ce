"""`curta search`: what an index has on a question."""

import json
from typing import TYPE_CHECKING

import click

from curta.cli import output
from curta.cli.index_store import at_store

if TYPE_CHECKING:
    from curta.index.search import Hit, Results

_SNIPPET = 240
_SCANS = {"exact": ", all there are", "1-bit": ", after a scan of all by their bits", "HNSW": ", by their HNSW index"}

_HELP = """Search an index by words, and by meaning when it was embedded.

\b
  curta search notes 'why did the build fail'
  curta search notes '"exit code" -windows title:release' -n 3
  curta search notes backup --filter "metadata->>'year' > 2020" --json

A QUERY is looked for as words, any of them. "Quoted words" must stand as they are, -word must not occur, title:word
must stand in the title. The first line, on stderr, says how was searched."""


@click.command("search", help=_HELP, short_help="Search an index.")
@click.argument("name")
@click.argument("query", nargs=-1, required=True)
@click.option("-n", "--count", type=click.IntRange(1), default=10, show_default=True, help="How many passages.")
@click.option("--filter", "condition", metavar="SQL", help="Only documents for which this holds: title LIKE '%plan%'")
@click.option("--documents", "per_document", is_flag=True, help="At most one passage of each document.")
@click.option("--lexical", is_flag=True, help="By words alone, also where there are vectors.")
@click.option("--exact", is_flag=True, help="Compare all vectors, not only those whose bits are near.")
@click.option("--explain", is_flag=True, help="Say how each came to its place.")
@at_store
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
@click.option("--tsv", "as_tsv", is_flag=True, help="As a table with tabs, the first line its header.")
def search(
    name: str,
    query: tuple[str, ...],
    count: int,
    condition: str | None,
    per_document: bool,
    lexical: bool,
    exact: bool,
    explain: bool,
    store: str | None,
    as_json: bool,
    as_tsv: bool,
) -> None:
    from curta.api import finding

    results = finding.search(
        name,
        " ".join(query),
        count,
        filter=condition,
        per_document=per_document,
        lexical=lexical,
        exact=exact,
        operators=True,
        store=store,
    )
    if as_json:
        output.line(json.dumps([hit.row() for hit in results], indent=2, ensure_ascii=False))
    elif as_tsv:
        _show_table(results)
    else:
        output.note(_headline(results, explain))
        for hit in results:
            _show(hit, results, explain)
    if not results:
        output.note("Nothing found.")


def _show_table(results: "Results") -> None:
    """A line for each, with the columns of --json; white space in a text is one space, so that a line stays one."""
    from curta.index.search import COLUMNS

    output.line("\t".join(COLUMNS))
    for hit in results:
        output.line("\t".join("" if value is None else " ".join(str(value).split()) for value in hit.row().values()))


def _headline(results: "Results", explain: bool) -> str:
    if results.model is None:
        how = "lexical"
    else:
        how = f"hybrid ({results.model})"
        if explain:
            how += f", weight of the vectors {results.weight:g}; {results.scored:,} of them compared exactly"
            how += _SCANS[results.scan or "exact"]
    return f"{how}; looked for: {' '.join(results.words)}" if explain else how


def _show(hit: "Hit", results: "Results", explain: bool) -> None:
    from curta.sources.names import near

    where = near(hit.uri)
    output.line(
        f"{hit.rank:>2}  ",
        (hit.title or where, "bold"),
        (f"  by {author}" if (author := _author(hit)) else "", "faint"),
        (f"  {where}" if hit.title and hit.title != where else "", "accent"),
        (f"  {hit.start}-{hit.end}", "faint"),
    )
    if explain:
        output.line("    ", (_explained(hit, results), "faint"))
    for line in _wrapped(_snippet(hit.text, results.words)):
        output.line(f"    {line}")


def _author(hit: "Hit") -> str:
    """Who wrote the document, where it says so: a PDF, a mail."""
    author = (hit.metadata or {}).get("author")
    return author if isinstance(author, str) else ""


def _explained(hit: "Hit", results: "Results") -> str:
    shown = [f"score {hit.score:.4f}", f"bm25 {_figure(hit.bm25)}"]
    if results.model:
        shown.append(f"cosine {_figure(hit.cosine)}")
    folded = hit.text.lower()
    found = [word for word in results.words if word in folded]
    return "  ".join([*shown, f"words {' '.join(found)}" if found else "no word as it stands"])


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _snippet(text: str, words: tuple[str, ...]) -> str:
    """The part of a passage where most of the words stand, on one line."""
    flat = " ".join(text.split())
    if len(flat) <= _SNIPPET:
        return flat
    folded = flat.lower()
    starts = [0, *(at for word in words if (at := folded.find(word)) >= 0)]
    best = max(starts, key=lambda start: sum(word in folded[start : start + _SNIPPET] for word in words))
    begin = flat.rfind(" ", 0, max(0, best - 30)) + 1
    end = begin + _SNIPPET
    return ("… " if begin else "") + flat[begin:end].rsplit(" ", 1)[0] + (" …" if end < len(flat) else "")


def _wrapped(text: str) -> list[str]:
    from textwrap import wrap

    return wrap(text, max(20, min(output.COLUMN, output.columns()) - 4), break_on_hyphens=False)
