"""`curta` alone in a terminal: what it can do with what is configured, as keys to press."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from curta import __version__
from curta.cli import output
from curta.models import registry


@dataclass(frozen=True, slots=True)
class Choice:
    """A key to press, what it does, and the command it runs, as a user would type it."""

    key: str
    does: str
    command: Sequence[str]

    @property
    def typed(self) -> str:
        return " ".join(["curta", *(f"'{word}'" if " " in word else word for word in self.command)])


def examples() -> Path:
    """The folder of example sources: in the package when it is installed, beside it in a checkout."""
    packaged = Path(__file__).parents[1] / "data" / "examples"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "examples"


def choices() -> list[Choice]:
    """What can be done now, with what is configured."""
    thread, chapter = str(examples() / "hn-thread.json"), str(examples() / "diary-of-a-nobody-chapter-4.txt")
    offered = [
        Choice(
            "s", "Summarise a discussion, every quotation checked", ["-f", thread, "-t", "summarize-thread", "--quotes"]
        ),
        Choice("a", "Ask a chapter of a novel a question", ["-f", chapter, "What was Carrie wearing?", "--quotes"]),
        Choice("l", "See what was asked and answered", ["logs", "-n", "3"]),
        Choice("m", "See the models there are", ["models"]),
        Choice("d", "Check that everything works", ["doctor"]),
    ]
    if registry.default() != registry.BUILT_IN:
        offered.insert(2, Choice("p", f"Ask {registry.default()} something", ["Three names for a pet pelican"]))
    return offered


def welcome(read_key: Callable[[], str] = click.getchar) -> int:
    """Show the choices, wait for a key, run what was chosen; the exit code."""
    offered = choices()
    _introduce(offered)
    pressed = read_key().lower()
    chosen = next((each for each in offered if each.key == pressed), None)
    if chosen is None:
        return 0
    output.line(("$ ", "faint"), (chosen.typed, "bold"))
    from curta.cli.app import run

    return run(list(chosen.command))


def _introduce(offered: Sequence[Choice]) -> None:
    name = registry.default()
    output.line(("Curta", "bold"), f" {__version__} — a pocket calculator for words that shows its work")
    if registry.resolve(name) == registry.BUILT_IN:
        output.line(("Model: extractive, built in. It only quotes; nothing leaves this computer.", "faint"))
        output.line(
            ("For one that writes: curta models pull small, curta keys set openai, or curta models add", "faint")
        )
    else:
        goes = registry.get(name).facts.where
        output.line((f"Model: {name}. What you type goes to {goes}.", "faint"))
    output.line()
    for each in offered:
        output.line("  ", (each.key, "accent"), f"  {each.does}")
        output.line("     ", (each.typed, "faint"))
    output.line("  ", ("q", "accent"), "  Leave")
    output.line()
    output.line(("Press a key, or type: curta 'a question' -f FILE      All commands: curta --help", "faint"))
    sys.stdout.flush()
