"""`curta fragments`: texts that were sent or got a name, to be sent again with `-f`."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import click

from curta.cli import output
from curta.cli.group import DefaultGroup
from curta.cli.schemas import DATABASE, log_at

_HASH = 12


@click.group(cls=DefaultGroup, default="list", help="Texts that were sent or got a name, to be sent again.")
def fragments() -> None:
    pass


@fragments.command("list", help="The texts that have an alias or were sent, the latest sent last.")
@click.option("-q", "--query", "queries", multiple=True, metavar="TEXT", help="Only those with this in name or text.")
@click.option("--aliases", "only_named", is_flag=True, help="Only those with an alias.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
@DATABASE
def list_(queries: tuple[str, ...], only_named: bool, as_json: bool, database: Path | None) -> None:
    from curta import fragments as known

    found = [each for each in known.known(queries, log=log_at(database)) if each.aliases or not only_named]
    if as_json:
        output.line(json.dumps([_described(each) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        _show(each)
    if not found:
        output.note(
            "No fragment matches." if queries or only_named else "No fragment yet: curta fragments set NAME FILE"
        )


@fragments.command(
    "set", help="Give a file, folder, URL or whatever else -f takes an alias. The text is kept as it is now."
)
@click.argument("alias")
@click.argument("source")
def set_(alias: str, source: str) -> None:
    from curta.cli.completion_names import refresh
    from curta.fragments import set_alias

    kept = set_alias(alias, source)
    refresh()
    texts = f"{len(kept)} texts" if len(kept) != 1 else f"{len(kept[0].text):,} characters"
    output.note(f"Kept {texts}. Use it: curta -f {alias} 'a question'")


@fragments.command("show", help="The text of a fragment: by alias, hash, or whatever else -f takes.")
@click.argument("name")
@DATABASE
def show(name: str, database: Path | None) -> None:
    from curta.fragments import load

    output.line("\n\n".join(document.text.rstrip("\n") for document in load(name, log=log_at(database))))


@fragments.command("remove", help="Forget an alias. What was sent stays in the log.")
@click.argument("alias")
def remove(alias: str) -> None:
    from curta.cli.completion_names import refresh
    from curta.fragments import remove_alias

    remove_alias(alias)
    refresh()
    output.note(f"Removed {alias}.")


@fragments.command("loaders", help="What -f reads by the beginning of a name, with what plugins add.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def loaders(as_json: bool) -> None:
    from curta.fragments import loaders

    show_loaders(loaders(), as_json)


def show_loaders(found: dict[str, str], as_json: bool) -> None:
    """Prefixes and what each loads."""
    if as_json:
        output.line(json.dumps(found, indent=2, ensure_ascii=False))
        return
    width = max(map(len, found), default=0)
    for prefix, help in found.items():
        output.line(f"{prefix:{width}}  ", (help, "faint"))


def _described(each: NamedTuple) -> dict[str, Any]:
    described = each._asdict()
    latest = described["latest"]
    return {**described, "latest": latest and latest.isoformat(timespec="milliseconds")}


def _show(each: Any) -> None:
    times = f"sent {each.times} time{'s' * (each.times != 1)}" if each.times else "not sent yet"
    latest = f", last {each.latest.astimezone():%Y-%m-%d %H:%M}" if each.latest else ""
    output.line(
        (each.sha256[:_HASH], "accent"),
        f"  {each.uri or each.title or 'unnamed'}",
        (f"  {', '.join(each.aliases)}", "bold") if each.aliases else "",
        (f"  {each.characters:,} characters, {times}{latest}", "faint"),
    )
