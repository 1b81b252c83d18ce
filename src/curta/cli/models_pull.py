"""`curta models pull`: bring a model onto this computer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from curta.cli import output

if TYPE_CHECKING:
    from curta.cli.live_line import LiveLine
    from curta.engine.files.pulling import Pulled, Told
    from curta.engine.files.transfer import Progress


@click.command(
    "pull",
    help="""Bring a model onto this computer, verified by its SHA-256; the same command goes on with a broken download.

    WHAT is a name that `curta models available` lists (small, better, open, embedding), hf:OWNER/REPOSITORY/FILE, with
    @REVISION if need be, or a URL.""",
)
@click.argument("what")
@click.option("--name", metavar="TEXT", help="What to call it here.")
@click.option("--kind", type=click.Choice(["chat", "embedding"]), help="What it is for, where the file does not say.")
@click.option("--sha256", metavar="HEX", help="The SHA-256 it must have.")
@click.option("--no-verify", is_flag=True, help="Take a file that nobody gives a hash for.")
def pull(what: str, name: str | None, kind: str | None, sha256: str | None, no_verify: bool) -> None:
    from curta.api import models
    from curta.cli.completion_names import refresh
    from curta.models import registry

    before = registry.default()
    with _told() as told:
        pulled = models.pull(what, name=name, kind=kind, sha256=sha256, verify=not no_verify, told=told)  # type: ignore[arg-type]
    refresh()
    _show(pulled)
    how_to_use(pulled.file.name, pulled.file.kind, is_default=registry.default() != before)


def how_to_use(name: str, kind: str, *, is_default: bool) -> None:
    """Say what can be typed now, and what has to be before it."""
    from shlex import quote

    from curta.engine.process.package import require_engine
    from curta.errors import CurtaError

    try:
        require_engine()
    except CurtaError as error:
        output.note(" ".join(filter(None, (error.what, error.why, error.then))), force=True)

    if kind == "embedding":
        output.note(f"Try it: curta embed -m {quote(name)} -c 'some words'")
    elif is_default:
        output.note(f"{name} is the default model now. Try it: curta 'ten names for a pelican'")
    else:
        output.note(f"Try it: curta -m {quote(name)} 'ten names for a pelican'")


@contextmanager
def _told() -> "Iterator[Told]":
    """What shows how a pull goes. Ctrl-C says that what has come is kept."""
    from curta.cli.ctrl_c import hear_at_once
    from curta.cli.live_line import LiveLine
    from curta.engine.files.pulling import Told

    hear_at_once()
    shown = LiveLine()
    wait: Callable[[], object] = lambda: output.note("Another process pulls this file: waiting for it ...")  # noqa: E731
    try:
        yield Told(_drawing(shown), shown.say_retry, wait)
    except KeyboardInterrupt:
        shown.clear()
        output.note("What has come is kept: the same command goes on from there.", force=True)
        raise
    finally:
        shown.clear()


def _drawing(shown: "LiveLine") -> "Callable[[Progress], None]":
    def draw(progress: "Progress") -> None:
        shown.tell(lambda: _line(progress))

    return draw


def _line(progress: "Progress") -> str:
    """`412 MB of 1.28 GB · 11.2 MB/s · 78 s left`."""
    from curta.cli.live_line import duration
    from curta.text.sizes import size

    pieces = [size(progress.done) + (f" of {size(progress.total)}" if progress.total else "")]
    pieces += [f"{size(progress.rate)}/s"] if progress.rate else []
    if (left := progress.seconds_left) is not None:
        pieces.append(f"{duration(left)} left")
    return " · ".join(pieces)


def _show(pulled: "Pulled") -> None:
    from curta.text.sizes import size

    file = pulled.file
    how = "Pulled" if pulled.new else "Here already:"
    output.line(f"{how} {file.name}, {size(file.bytes)}", (f"  {file.path}", "faint"))
    output.line((f"  SHA-256 {file.sha256}", "faint"))
    if not pulled.said:
        output.note("Nobody says which SHA-256 it should have: the one above is what came.", force=True)
    else:
        output.note(f"It is the SHA-256 that {pulled.said} gave.")
