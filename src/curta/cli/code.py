"""`curta code`: a model writes a program, it runs in the sandbox, what came of it goes back, until it works."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.errors import UsageError

if TYPE_CHECKING:
    from curta.coding.coded import Coded, Round
    from curta.conversations import Response

_HELP = """Have a program written: a model writes it, it runs in the sandbox, its errors go back, until it works.

\b
  curta code 'the ten most frequent words' -f report.txt
  curta code 'a chart of sales by month' --data -f sales.csv --out charts/
  curta code 'a function slug(text) for URLs' --test test_slug.py --save slug.py

The model sees the first lines of each file; the program finds the files in /work, as copies. Nothing it does reaches
this computer; --out copies files out when you agree. Exit code: 0 it works, 3 the test fails, 1 it does not work."""

_ENDINGS = {
    "works": "",
    "no progress": "Stopped: the same error came back, also after a hint to try another way.",
    "rounds": "Stopped after {rounds}; --rounds allows more.",
    "cost": "Stopped: the next round could cost more than --max-cost.",
    "refused": "The model declined.",
}


@click.command("code", help=_HELP, short_help="Have a program written, run and mended until it works.")
@click.argument("task", required=False)
@click.option("-m", "--model", metavar="NAME", help="The model that writes; `curta models` lists them.")
@click.option(
    "-f", "--file", "files", multiple=True, metavar="FILE", help="A file or folder the program finds in /work."
)
@click.option("-o", "--option", "options", multiple=True, nargs=2, metavar="NAME VALUE", help="An option of the model.")
@click.option("--lang", metavar="NAME", default="python", show_default=True, help="The language of the program.")
@click.option("--test", metavar="FILE", help="A program that judges it, in a fresh sandbox.")
@click.option("--wheel", "wheels", multiple=True, metavar="FILE", help="A pure Python wheel it may import.")
@click.option("--data", is_flag=True, help="It may use numpy, pandas, matplotlib and more.")
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="How many answers at most.")
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="USD", help="What all answers together may cost.")
@click.option("--timeout", type=float, default=10, show_default=True, metavar="SECONDS", help="The time of each run.")
@click.option("--memory", type=int, default=256, show_default=True, metavar="MB", help="The memory of each run.")
@click.option("--save", metavar="FILE", help="Write the program that works to a new file.")
@click.option("--out", metavar="DIR", help="Copy the files it made to this folder, when you agree.")
@click.option("-y", "--yes", is_flag=True, help="Agree to that beforehand; nothing is replaced.")
@click.option("--json", "as_json", is_flag=True, help="Print program, result and rounds as JSON.")
@click.option("-n", "--no-log", is_flag=True, help="Leave no trace in the log.")
@click.option("--key", metavar="NAME", help="The saved key to use, by name.")
@click.option(
    "--replay", metavar="ID", help="Run the logged rounds of this call again, without the model. '': the latest."
)
def code(task: str | None, **given: Any) -> int:
    from curta.api import programs
    from curta.cli import prompt_read as read
    from curta.cli import prompt_shown as shown
    from curta.cli.ctrl_c import hear_at_once

    if given["replay"] is not None:
        from curta.cli.code_replay import replay

        hear_at_once()
        return replay(given["replay"], as_json=given["as_json"], log=not given["no_log"])
    if given["save"]:
        _check_new(given["save"])
    read.warn_about_key(given["key"])
    hear_at_once()
    rounds = _Rounds()
    coded = programs.code(
        task or "",
        **{name: given[name] for name in _PASSED},
        language=given["lang"],
        options=read.read_options(given["options"]),
        log=read.is_logged({**given, "force_log": False}),
        on_ask=rounds.asking,
        on_round=rounds.tell,
        on_retry=shown.say_retry,
        on_compile=output.note,
    )
    return _finish(coded, given)


_PASSED = ("files", "model", "test", "wheels", "data", "rounds", "timeout", "memory", "max_cost", "key")


class _Rounds:
    """Each round as it happens, on stderr: how long the program is or how it changed, what is wrong, time and cost."""

    def __init__(self) -> None:
        self._before = ""

    def asking(self, number: int, response: "Response") -> None:
        output.note(f"Round {number}: {response.model.name} writes ...")

    def tell(self, done: "Round") -> None:
        facts = [self._size(done.source), _time(done), _cost(done)]
        output.note("  " + ", ".join(fact for fact in facts if fact))
        output.note(("  works" if done.ok else f"  {done.error}", "good" if done.ok else "bad"), force=not done.ok)
        self._before = done.source or self._before

    def _size(self, source: str | None) -> str:
        """`12 lines`; of a later program, how many of them are new and gone: `+3 -1 lines`."""
        if source is None:
            return "no program"
        if not self._before:
            count = len(source.splitlines())
            return f"{count} line{'s' * (count != 1)}"
        from difflib import unified_diff

        changes = list(unified_diff(self._before.splitlines(), source.splitlines(), n=0, lineterm=""))[2:]
        added = sum(line.startswith("+") for line in changes)
        return f"+{added} -{sum(line.startswith('-') for line in changes)} lines" if changes else "the same program"


def _time(done: "Round") -> str:
    written = f"written in {done.response.duration or 0:.1f} s"
    return f"{written}, ran {done.result.usage.seconds:.2f} s" if done.result else written


def _cost(done: "Round") -> str:
    from curta.text.money import dollars

    return dollars(done.response.cost) if done.response.cost else ""


def _finish(coded: "Coded", given: Mapping[str, Any]) -> int:
    from curta.cli import files_out

    if given["as_json"]:
        output.line(json.dumps(coded.to_dict(), ensure_ascii=False))
    else:
        _show(coded)
    if coded.result is not None and not given["as_json"]:
        files_out.tell(coded.result, given["out"])
    _say_ending(coded, given)
    if not coded.ok:
        return _failure(coded)
    if given["save"]:
        _save(coded.program, given["save"])
    return files_out.copy_out(coded.result, given["out"], given["yes"]) if given["out"] and coded.result else 0


def _show(coded: "Coded") -> None:
    """The program, fenced, and what it printed."""
    if not coded.program:
        return
    fence = "```"
    while fence in coded.program:
        fence += "`"
    program = f"{fence}{coded.language}\n{coded.program.rstrip()}\n{fence}\n"
    if output.is_terminal():
        from curta.cli import markdown

        markdown.show(program)
    else:
        output.write(program)
    if coded.result is not None and coded.result.stdout:
        output.write("\n" + coded.result.stdout.rstrip("\n") + "\n")


def _say_ending(coded: "Coded", given: Mapping[str, Any]) -> None:
    from curta.text.money import dollars

    rounds = f"{len(coded.rounds)} round{'s' * (len(coded.rounds) != 1)}"
    if ending := _ENDINGS[coded.stopped].format(rounds=rounds):
        output.note((ending, "bold"), force=True)
    cost = f", {dollars(coded.cost)}" if coded.cost else ""
    call = coded.rounds[-1].response.id if coded.result and coded.result.id else None
    output.note(f"{rounds}{cost}" + (f"; again without the model: curta code --replay {call}" if call else ""))
    for warning in dict.fromkeys(text for each in coded.rounds for text in each.response.warnings):
        output.note((warning, "bold"), force=True)


def _failure(coded: "Coded") -> int:
    if coded.stopped == "refused":
        return 4
    last = coded.rounds[-1]
    return 3 if last.judged is not None and not last.judged.ok else 1


def _check_new(path: str) -> None:
    """Raises UsageError before anything is asked, when the program could not be saved there."""
    from os.path import lexists

    if lexists(path):
        raise UsageError(f"{path} exists already.", then="Name a file that does not exist yet.")


def _save(program: str, path: str) -> None:
    _check_new(path)
    with open(path, "x", encoding="utf-8") as file:
        file.write(program if program.endswith("\n") else program + "\n")
    output.note(f"The program is in {path}.")
