"""`curta run`: run a program that nobody has read, in the sandbox."""

import json
import sys
from typing import TYPE_CHECKING

import click

from curta.cli import output
from curta.errors import SourceNotFound, UsageError

if TYPE_CHECKING:
    from curta.sandbox import Result, View

_HELP = """Run a program in the sandbox: WebAssembly, in a process that can open nothing but what you grant.

FILE is a program, or - for what is piped in. The language is that of the file's name, else Python.

\b
  echo 'print(sum(range(10)))' | curta run -
  curta run report.py --read data/
  curta run tidy.py --work photos/        # shows what it would change; photos/ stays as it is

It has no network, no environment and no other program; /tmp and /work are its own. Exit code: the program's, or 1 when
a limit ended it."""


@click.command("run", help=_HELP, short_help="Run a program in the sandbox.")
@click.argument("file")
@click.option("--lang", metavar="NAME", help="The language; by default that of the file's name, else Python.")
@click.option("--read", "readable", multiple=True, metavar="DIR", help="Let it read this folder, as /read/NAME.")
@click.option("--work", "workplace", metavar="DIR", help="Let it change a view of this folder, as /work.")
@click.option("--wheel", "wheels", multiple=True, metavar="FILE", help="A pure Python wheel it may import.")
@click.option("--timeout", type=float, default=10, show_default=True, metavar="SECONDS", help="Its time, on the clock.")
@click.option("--memory", type=int, default=256, show_default=True, metavar="MB", help="Its memory.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def run(
    file: str,
    lang: str | None,
    readable: tuple[str, ...],
    workplace: str | None,
    wheels: tuple[str, ...],
    timeout: float,
    memory: int,
    as_json: bool,
) -> int:
    from curta.sandbox import Limits, Sandbox, View

    source, language = _program(file), lang or _language_of(file)
    views = [View(each, "read") for each in readable]
    views += [View(workplace, "work")] if workplace else []
    limits = Limits(seconds=timeout, memory=memory << 20)
    with Sandbox(*views, limits=limits, wheels=wheels, on_compile=output.note) as sandbox:
        result = sandbox.run(source, language, stdin=_stdin(file), on_output=None if as_json else _show)
        if as_json:
            output.line(json.dumps(result.to_dict(), ensure_ascii=False))
        else:
            _finish(result, views)
    return result.exit_code or int(not result.ok)


def _program(file: str) -> str:
    """The text of the program. Raises SourceNotFound, UsageError for what is no text."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else open(file, "rb").read()  # noqa: SIM115 - read at once
    except OSError as error:
        raise SourceNotFound(f"Cannot read {file}: {error.strerror}.") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text.", then="Programs are text; data goes into a folder.") from error


def _language_of(file: str) -> str:
    from curta.sandbox.engines import by_suffix

    return by_suffix(file) or "python"


def _stdin(file: str) -> str:
    """What is piped in goes to the program, unless it is the program."""
    if file == "-" or sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return ""
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def _show(stream: str, text: str) -> None:
    target = sys.stdout if stream == "stdout" else sys.stderr
    target.write(output.safe(text, target))
    target.flush()


def _finish(result: "Result", views: "list[View]") -> None:
    if result.stdout and not result.stdout.endswith("\n") and output.is_terminal():
        output.write("\n")
    if result.error:
        output.note(result.error.rstrip("\n"), force=True)
    for stream in result.truncated:
        output.note(f"There was more on {stream} than is kept.", force=True)
    for view in views:
        for each in view.effects().changes:
            source = f"{each.source} -> " if each.source else ""
            output.note(f"would be {each.action}: {source}{each.path}", force=True)
