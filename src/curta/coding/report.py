"""What came of a run, as a model is told of it, and as a line for people.

A program's words may be somebody else's: it has read files. So they are a Document, which nobody mistakes for ours.
"""

import re

from curta.messages import Document
from curta.sandbox import Result
from curta.sandbox.taking import found

LONGEST = 4000
"""Characters of each stream and of the error that a model gets: the end, where the cause is named."""

MOST_FILES = 50

_NUMBERS = re.compile(r"0x[0-9a-fA-F]+|\d+")

ENDINGS = {
    "ok": "It ended without an error.",
    "error": "It ended with an error.",
    "deadline": "It was stopped: it took too long.",
    "memory": "It was stopped: it wanted too much memory.",
    "ended": "It broke off beyond catching.",
}


def document(result: Result, name: str) -> Document:
    """What came of a run, called `name` (`program`, `test`): how it ended, its error, its output, its files."""
    parts = [
        ENDINGS[result.status],
        _section("error", result.error),
        _section("printed on stderr", result.stderr),
        _section("printed", result.stdout),
        _section("last value", result.value),
        _section("files", _files(result)),
    ]
    uri = f"run:{result.id}" if result.id else "run"
    return Document("\n\n".join(part for part in parts if part) + "\n", uri, f"What came of the {name}")


def _section(name: str, text: str) -> str:
    return f"{name}:\n{tail(text.rstrip())}" if text.strip() else ""


def tail(text: str) -> str:
    """The end of a text, with a word about what is left out."""
    if len(text) <= LONGEST:
        return text
    return f"({len(text) - LONGEST:,} characters are left out here)\n{text[-LONGEST:]}"


def _files(result: Result) -> str:
    made = found(result)
    lines = [f"{each.name}  {each.size} bytes" for each in made[:MOST_FILES]]
    return "\n".join(lines + [f"and {len(made) - MOST_FILES} more"] * (len(made) > MOST_FILES))


def complaint(result: Result) -> str:
    """Why a run did not do, on one line: the last line of its error. Empty when it did."""
    if result.ok:
        return ""
    lines = [line.strip() for line in result.error.splitlines() if line.strip()]
    return lines[-1] if lines else f"{ENDINGS[result.status]} Exit code {result.exit_code}."


def signature(complaint: str) -> str:
    """What two complaints about the same mistake have in common: all but numbers, such as lines and addresses."""
    return _NUMBERS.sub("#", complaint)
