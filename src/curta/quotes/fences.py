"""Fenced code blocks of an answer, found in one pass."""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Fence(NamedTuple):
    """`text[start:end]` is a block with its fences, `text[body:stop]` what they hold."""

    start: int
    body: int
    stop: int
    end: int


def fences(text: str) -> Iterator[Fence]:
    """The closed blocks of `text`, in order."""
    opened: re.Match[str] | None = None
    for line in re.finditer(r"^[ \t]*(`{3,}|~{3,})([^\n]*)$", text, re.MULTILINE):
        if opened is None:
            opened = line if "`" not in line[2] else None
        elif line[1].startswith(opened[1]) and not line[2].strip("`~ \t"):
            yield Fence(opened.start(), opened.end() + 1, line.start(), line.end())
            opened = None
