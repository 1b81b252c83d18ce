"""`curta models files`, `verify` and the removing of a file: what is on disk, and whether it is still what it was."""

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from curta.engine.files.held import ModelFile
    from curta.engine.files.verifying import Verified


@click.command("files", help="The model files that are known by name: where they are, and what they take.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def files(as_json: bool) -> None:
    from curta.api import models
    from curta.engine.files.held import held
    from curta.text.sizes import size

    found, unfinished = list(held().values()), models.unfinished()
    if as_json:
        broken = [{"path": str(path), "bytes": path.stat().st_size} for path in unfinished]
        told = {"files": [_described(each) for each in found], "unfinished": broken}
        output.line(json.dumps(told, indent=2, ensure_ascii=False))
        return
    width = max((len(each.name) for each in found), default=0)
    for each in found:
        gone = "" if each.path.exists() else " · gone"
        adopted = " · adopted" if each.adopted else ""
        facts = f"{size(each.bytes)} · {each.licence or 'licence unknown'} · {each.origin}{adopted}{gone}"
        output.line(f"{each.name:{width}}  ", (facts, "faint"))
        output.line((f"{'':{width}}  {each.path}", "faint"))
    if found:
        ours = sum(each.bytes for each in found if not each.adopted)
        output.note(f"{size(sum(each.bytes for each in found))} in all, {size(ours)} of it pulled by Curta.")
    else:
        output.note("There are none. To have one: curta models pull small, or curta models adopt")
    for path in unfinished:
        output.note(f"Unfinished: {path}, {size(path.stat().st_size)}. Pull it again to go on, or delete it.")


def _described(file: "ModelFile") -> dict[str, Any]:
    return {**file.to_dict(), "exists": file.path.exists()}


@click.command(
    "verify", help="Read model files again, all or these, and compare their SHA-256. Exit 3 when one changed."
)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def verify(names: tuple[str, ...], as_json: bool) -> int:
    from curta.api import models

    with hashing() as on_bytes:
        found = list(models.verify(names, on_bytes=on_bytes))
    if as_json:
        told = [{"name": each.file.name, "state": each.state, "found": each.found} for each in found]
        output.line(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for each in found:
            _show(each)
    if not found:
        output.note("There are no model files.")
    return 3 if any(each.state != "ok" for each in found) else 0


def _show(verified: "Verified") -> None:
    file = verified.file
    if verified.state == "ok":
        output.line(f"{file.name}  ", ("ok", "good"), (f"  SHA-256 {file.sha256}", "faint"))
        return
    output.line(f"{file.name}  ", (verified.state, "bad"), (f"  {file.path}", "faint"))
    if verified.found:
        output.line((f"  SHA-256 {verified.found}, not {file.sha256}", "faint"))
    what = "fetch it again there" if file.adopted else f"get it again: curta models rm {file.name}, then pull"
    output.note(f"{file.name} is {_WORDS[verified.state]}: {what}.", force=True)


_WORDS = {"changed": "not what it was", "missing": "gone", "unreadable": "not readable"}


@contextmanager
def hashing() -> "Iterator[Callable[[int], object]]":
    """A line on a terminal that says how many bytes were read."""
    from curta.cli.live_line import LiveLine
    from curta.text.sizes import size

    shown = LiveLine()
    try:
        yield lambda count: shown.tell(lambda: f"Reading: {size(count)}")
    finally:
        shown.clear()


def remove(name: str, yes: bool) -> None:
    """Remove the model file `name`, after saying what goes and asking. Raises UsageError without an answer."""
    from curta.api import models
    from curta.engine.files.removing import removal
    from curta.text.sizes import size

    planned = removal(name)
    what = f"Delete {planned.file.path}, {size(planned.bytes)}?" if planned.bytes else ""
    if what and not yes and not (output.is_terminal() and click.confirm(output.safe(what), err=True)):
        raise UsageError(f"{name} was not removed.", then=f"Say so: curta models rm {name} --yes")
    done = models.remove(name)
    freed = f"{size(done.bytes)} are free now" if done.bytes else f"its file stays: {done.kept}"
    output.note(f"Removed {done.file.name}: {freed}.")
