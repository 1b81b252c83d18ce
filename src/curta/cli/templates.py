"""`curta templates`: list, show and edit the prompts that are kept."""

import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from curta import config
from curta import templates as kept
from curta.cli import output
from curta.cli.completion_names import refresh
from curta.cli.group import DefaultGroup
from curta.errors import ConfigError, TemplateError, UsageError

NEW = """\
description: What it is for
prompt: >-
  Say what to do with the text here. $tone
inputs:
  tone: {label: How it should sound, default: Be brief., example: Be formal.}
"""


@click.group(cls=DefaultGroup, default="list", help="Prompts that are kept, with inputs to fill in.")
def templates() -> None:
    pass


@templates.command("list", help="Every template, with what it is for.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    found = [_loaded(name, path) for name, path in kept.names()]
    if as_json:
        output.line(json.dumps(found, indent=2, ensure_ascii=False, default=str))
        return
    width = max((len(each["name"]) for each in found), default=0)
    for each in found:
        output.line(f"{each['name']:{width}}  ", (each["description"], "faint"))


@templates.command("show", help="A template as it is kept, and the inputs it takes.")
@click.argument("name")
def show(name: str) -> None:
    output.line(kept.source_of(name).rstrip("\n"))
    template = kept.load(name)
    if template.distrusted:
        output.note(f"It is not a file of yours: its {' and '.join(template.distrusted)} would be left out.")
    for each in template.asks_for:
        label = f" ({each.label})" if each.label else ""
        output.note(f"curta -t {name} -p {each.name} {each.example or each.default or '...'!r}{label}")


@templates.command("edit", help="Open a template of your own in $EDITOR; a built-in one is copied first.")
@click.argument("name")
def edit(name: str) -> None:
    path = kept.path_of(name)
    if not sys.stdin.isatty() and not os.environ.get("EDITOR"):
        raise UsageError("An editor needs a terminal.", then=f"Write the template yourself: {path}")
    if not path.exists():
        config.ensure_folder(path.parent)
        others = dict(kept.names())
        path.write_text(kept.source_of(name) if name in others else NEW, encoding="utf-8")
    _open_editor(path)
    refresh()
    kept.load(name)
    output.note(f"Kept in {path}. Use it: curta -f FILE -t {name}")


@templates.command("rm", help="Forget a template of your own.")
@click.argument("name")
def rm(name: str) -> None:
    path = kept.remove(name)
    refresh()
    output.note(f"Removed {path}.")


@templates.command("loaders", help="Whose templates -t reads by the beginning of a name, with what plugins add.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def loaders(as_json: bool) -> None:
    from curta.cli.fragments import show_loaders
    from curta.templates import remote

    found = {f"{prefix}:": (loader.__doc__ or "").strip().split("\n")[0] for prefix, loader in remote.loaders().items()}
    show_loaders({**found, "https:": "The YAML file at an address."}, as_json)


@templates.command("path", help="The folder of your own templates.")
def path() -> None:
    output.line(str(kept.folder()))


def _loaded(name: str, path: Path) -> dict[str, Any]:
    """A template for the listing; one that cannot be read says why instead of hiding the others."""
    try:
        template = kept.load(str(path))
    except TemplateError as error:
        return {"name": name, "path": str(path), "description": f"cannot be read: {error.what}", "inputs": []}
    return {
        "name": name,
        "path": str(path),
        "description": template.description or _beginning(template.prompt or f"system: {template.system}"),
        "inputs": [asdict(each) for each in template.inputs],
    }


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"


def _open_editor(path: Path) -> None:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or next(filter(shutil.which, ("nano", "vi")), None)
    if editor is None:
        raise ConfigError("No editor is set.", then=f"Set EDITOR, or edit {path} yourself.")
    click.edit(filename=str(path), editor=editor)
