"""`curta run`: run a program that nobody has read, in the sandbox."""

import json
import sys
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.errors import SourceNotFound, UsageError

if TYPE_CHECKING:
    from curta.sandbox import Result

_HELP = """Run a program in the sandbox: WebAssembly, in a process that can open nothing but what you grant.

FILE is a program, or - for what is piped in. The language is that of the file's name, else Python.

\b
  echo 'print(sum(range(10)))' | curta run -
  curta run report.py --read data/
  curta run tidy.py --work photos/        # shows what it would change; photos/ stays as it is
  curta run plot.py --data -f sales.csv --out .  # with pandas; asks, then copies out the pictures
  curta run -i --lang javascript          # a session: type, and see

It has no network, no environment and no other program; /tmp and /work are its own. What is piped in is its input. Exit
code: the program's, or 1 when a limit ended it. Every run is logged: `curta logs runs`."""

LONGEST_INPUT = 64 << 20


@click.command("run", help=_HELP, short_help="Run a program in the sandbox.")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--lang", metavar="NAME", help="The language; by default that of the file's name, else Python.")
@click.option("-f", "--file", "files", multiple=True, metavar="FILE", help="A file or folder it finds in /work.")
@click.option("--read", multiple=True, metavar="DIR", help="Let it read this folder, as /read/NAME.")
@click.option("--work", metavar="DIR", help="Let it change a view of this folder, as /work.")
@click.option("--wheel", "wheels", multiple=True, metavar="FILE", help="A pure Python wheel it may import.")
@click.option("--data", is_flag=True, help="With numpy, pandas, matplotlib and more; figures become PNG files.")
@click.option("--timeout", type=float, default=10, show_default=True, metavar="SECONDS", help="Its time, on the clock.")
@click.option("--memory", type=int, default=256, show_default=True, metavar="MB", help="Its memory.")
@click.option("--out", metavar="DIR", help="Copy the files it made to this folder, when you agree.")
@click.option("-y", "--yes", is_flag=True, help="Agree to that beforehand; nothing is replaced.")
@click.option("-i", "--interactive", is_flag=True, help="A session: type cells; what one leaves, the next finds.")
@click.option("--again", metavar="ID", help="Run a logged program again, and say whether it comes to the same.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("-n", "--no-log", is_flag=True, help="Leave no trace in the log.")
def run(file: str | None, **given: Any) -> int:
    from curta.api import programs
    from curta.cli.ctrl_c import hear_at_once
    from curta.cli.prompt_read import is_logged

    how: dict[str, Any] = {"log": is_logged({**given, "force_log": False}), "on_compile": output.note}
    how |= {"on_output": None if given["as_json"] else Shown()}
    hear_at_once()
    if given["again"]:
        again = programs.run_again(given["again"], **how)
        code = _finish(again.result, given, {"same": again.same, "differs": list(again.differs)})
        return _say_whether_same(again.differs, given["as_json"]) or code
    if given["interactive"]:
        return _session(file, given, how)
    source = _program(file)
    result = programs.run(source, _language(file, given), stdin=_stdin(file), caller="run", **_granted(given), **how)
    return _finish(result, given, {})


def _session(file: str | None, given: Mapping[str, Any], how: Mapping[str, Any]) -> int:
    """A session, whose first cell is the file, if there is one."""
    from curta.api import programs
    from curta.cli.run_session import CALLER, converse

    if file == "-":
        raise UsageError("-i reads the cells from what is piped in.", then="Leave out the -.")
    first = None if file is None else _program(file)
    granted = {**_granted(given), "log": how["log"], "on_compile": how["on_compile"]}
    with programs.cells(_language(file, given), caller=CALLER, **granted) as cells:
        return converse(cells, given, first)


def _granted(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("files", "read", "work", "wheels", "data", "timeout", "memory")}


def _program(file: str | None) -> str:
    """The text of the program. Raises SourceNotFound, UsageError for what is no text."""
    from curta.sandbox.engines import LONGEST_SOURCE

    if file is None:
        raise UsageError("Which program?", then="Name a file, or - for what is piped in: curta run FILE")
    try:
        data = _read(sys.stdin.buffer, 4 * LONGEST_SOURCE) if file == "-" else _read_file(file, 4 * LONGEST_SOURCE)
    except OSError as error:
        then = "It takes a file, or - for a program that is piped in: echo 'print(1)' | curta run -"
        raise SourceNotFound(f"Cannot read {file}: {error.strerror}.", then=then) from error
    if data is None:
        then = "Put its data into a file, and give it with -f."
        raise UsageError(f"{file} is longer than {LONGEST_SOURCE >> 20} MB: too long for a program.", then=then)
    return text_of(data, file)


def text_of(data: bytes, name: str) -> str:
    """A program's bytes as text. Raises UsageError."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8 text.", then="Programs are text; data is given with -f.") from error


def _read_file(file: str, most: int) -> bytes | None:
    with open(file, "rb") as opened:
        return _read(opened, most)


def _read(file: IO[bytes], most: int) -> bytes | None:
    """All of it; None when there is more than `most`."""
    data = file.read(most + 1)
    return data if len(data) <= most else None


def _language(file: str | None, given: Mapping[str, Any]) -> str:
    from curta.sandbox.engines import by_suffix

    return str(given["lang"] or by_suffix(file or "") or "python")


def _stdin(file: str | None) -> str:
    """What is piped in goes to the program, unless it is the program. Raises UsageError when it is too much."""
    if file == "-" or sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return ""
    data = _read(sys.stdin.buffer, LONGEST_INPUT)
    if data is None:
        raise UsageError(
            f"More than {LONGEST_INPUT >> 20} MB were piped in.", then="Give it as a file: -f FILE, or --read DIR."
        )
    return data.decode("utf-8", "replace")


class Shown:
    """Output as it comes: what the program printed on stdout or stderr, safe for a terminal."""

    def __call__(self, stream: str, text: str) -> None:
        target = sys.stdout if stream == "stdout" else sys.stderr
        target.write(output.safe(text, target))
        target.flush()


def _finish(result: "Result", given: Mapping[str, Any], more: Mapping[str, Any]) -> int:
    """What is to be said after the output; the exit code."""
    from curta.cli import files_out

    if given["as_json"]:
        from curta.sandbox.record import files

        output.line(json.dumps({**result.to_dict(), "files": files(result), **more}, ensure_ascii=False))
    else:
        say_ending(result)
        _say_what_has_it(result.error)
        say_effects(result, given)
    for warning in result.warnings:
        output.note((warning, "bold"), force=True)
    copied = files_out.copy_out(result, given["out"], given["yes"]) if given["out"] else 0
    return exit_code(result) or copied


def exit_code(result: "Result") -> int:
    """That of the program; 1 when it has none and did not end well."""
    return result.exit_code & 0xFF or int(not result.ok)


def say_ending(result: "Result") -> None:
    """How a run ended, where there is something to say."""
    if result.stdout and not result.stdout.endswith("\n") and output.is_terminal():
        output.write("\n")
    if result.error:
        output.note(result.error.rstrip("\n"), force=True)
    for stream in result.truncated:
        output.note(f"There was more on {stream} than is kept.", force=True)
    if result.note:
        output.note(result.note)


def _say_what_has_it(error: str) -> None:
    from curta.sandbox.engines import missed

    if name := missed(error):
        output.note(f"--data runs it with {name}.", force=True)


def say_effects(result: "Result", given: Mapping[str, Any]) -> None:
    """What it did to files: to a folder that was granted, as what would be; else what it made."""
    from curta.cli import files_out

    if given["work"] is None:
        files_out.tell(result, given["out"])
        return
    for done in result.effects.values():
        for each in done.changes:
            source = f"{each.source} -> " if each.source else ""
            output.note(f"would be {each.action}: {source}{each.path}", force=True)


def _say_whether_same(differs: tuple[str, ...], as_json: bool) -> int:
    if not as_json:
        output.note(
            f"It differs from the logged run in {', '.join(differs)}." if differs else "The same as then.", force=True
        )
    return 3 if differs else 0
