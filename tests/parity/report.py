"""What is on record of the lines: how many do the same, which do not and why, and that `llm` itself was asked.

The share and the differences stand in docs/from-llm.md. They follow from the pages alone, for the tests hold each line
to what its page says of it. `checked.json` has the pages as they were when `llm` last did what they expect.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

import click

from tests.parity.runner import Line, page, pages

DOCUMENT = Path(__file__).parents[2] / "docs" / "from-llm.md"
CHECKED = Path(__file__).with_name("checked.json")
MARKS = re.compile(
    r"(?<=<!-- parity: written by `python -m tests\.parity --write` -->\n).*?(?=<!-- end -->)", re.DOTALL
)


def section() -> str:
    """What docs/from-llm.md says of the lines."""
    every = [line for name in pages() for line in page(name)[1]]
    different = [line for line in every if line.differs]
    same = len(every) - len(different)
    told = (
        f"{same} of {len(every)} documented command lines do the same under the name `llm` ({same / len(every):.1%})."
    )
    rows = "\n".join(f"| `{_shown(line)}` | {line.differs} |" for line in different)
    return f"\n{told} These do not:\n\n| Line | Why |\n| --- | --- |\n{rows}\n\n{_table(every)}\n"


def _table(every: list[Line]) -> str:
    """Each command of `llm`, and what was run of it."""
    rows = ["| Command of `llm` | Lines that do the same | One of them |", "| --- | --- | --- |"]
    for name in commands():
        of_it = [line for line in every if name in _commands_in(line.run)]
        same = [line for line in of_it if not line.differs]
        example = f"`{_shown(min(same, key=lambda line: len(line.run)))}`" if same else "none"
        rows.append(f"| `llm {name}` | {len(same)} of {len(of_it)} | {example} |")
    return "\n".join(rows) + "\n"


@cache
def commands() -> dict[str, str]:
    """Every command of the `llm` that is installed, groups left out -> what it is called without a default's name."""
    from llm.cli import cli

    return dict(_under(cli, "", ""))


def _under(group: click.Group, name: str, short: str) -> Iterator[tuple[str, str]]:
    default = getattr(group, "default_cmd_name", None)
    for each, command in sorted(group.commands.items()):
        full, called = f"{name} {each}".strip(), short if each == default else f"{name} {each}".strip()
        if isinstance(command, click.Group):
            yield from _under(command, full, called)
        else:
            yield full, called


@cache
def _commands_in(run: str) -> frozenset[str]:
    """The commands of `llm` that a line runs."""
    runs = [" ".join(match.split()) for match in re.findall(r"\bllm((?:\s+[a-z][a-z-]*)*)(?![\w.])", run)]
    return frozenset(found for words in runs if (found := _command(words)))


def _command(words: str) -> str:
    """The command that the words after `llm` name; a prompt when they name none."""
    by_length = sorted(commands().items(), key=lambda each: -len(each[1]))
    for full, short in [(name, name) for name in sorted(commands(), key=len, reverse=True)] + by_length:
        if f"{words} ".startswith(f"{short} "):
            return full
    return "prompt"


def _shown(line: Line) -> str:
    """The command, short enough for a table."""
    return " ".join(line.run.split()).replace("|", "\\|")


def written(document: str) -> str:
    """`document` with its section as it should be."""
    return MARKS.sub(lambda _: section(), document)


def write() -> None:
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


def fingerprints() -> dict[str, str]:
    """Page -> the hash of what it expects. Reasons for a difference are no part of it."""
    return {name: hashlib.sha256(repr(_expected(name)).encode()).hexdigest()[:16] for name in pages()}


def _expected(name: str) -> object:
    before, lines = page(name)
    return before, [(line.run, sorted(line.wanted.items(), key=str), bool(line.llm)) for line in lines]


def record(names: list[str]) -> None:
    """Put on record that `llm` did what these pages expect of it."""
    known = json.loads(CHECKED.read_text()) if CHECKED.exists() else {"pages": {}}
    now = fingerprints()
    checked = {name: each for name, each in known["pages"].items() if name in now} | {name: now[name] for name in names}
    CHECKED.write_text(json.dumps({"llm": version("llm"), "pages": checked}, indent=2, sort_keys=True) + "\n")
