"""What a tool is: what the model is told of it, and the code that does it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from curta.errors import UsageError
from curta.messages import Tool

NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
"""The names that every provider takes."""


@dataclass(frozen=True, slots=True)
class Function:
    """A tool that can be run here.

    tool: what the model is told: name, description, JSON schema of the arguments.
    call: takes the arguments as keywords, sync or async. It returns a text, a JSON-able value, None, a Part or a
        sequence of Parts (Text, Document, Attachment); what it raises goes to the model as a failed result.
    source: who provides it: `built-in`, `python`, `file`, `mcp:NAME`, `plugin:DIST`, `llm:PLUGIN`.
    state: what several functions share. Those that share it are called one after another, never at the same time.
    asks: whether its user wants to be asked before each call, unless they have said otherwise (tools of MCP servers).
    """

    tool: Tool
    call: Callable[..., Any]
    source: str = "python"
    state: object = None
    asks: bool = False

    def __post_init__(self) -> None:
        if not NAMES.fullmatch(self.name):
            raise UsageError(
                f"{self.name!r} cannot be the name of a tool.",
                why="Providers take up to 64 letters without accents, digits, `_` and `-`, a letter or `_` first.",
            )

    @property
    def name(self) -> str:
        return self.tool.name


def by_name(functions: Sequence[Function]) -> dict[str, Function]:
    """The functions under their names. Raises UsageError when two different ones have the same name."""
    found: dict[str, Function] = {}
    for function in functions:
        other = found.setdefault(function.name, function)
        if other.tool != function.tool or other.source != function.source:
            raise UsageError(
                f"Two tools are called {function.name!r}: one of {other.source}, one of {function.source}.",
                then="Leave one of them out, or rename it.",
            )
    return found
