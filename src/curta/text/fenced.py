"""Fenced code blocks of a Markdown text."""

import re

_FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,})[^\n`]*\n(?P<body>.*?)^(?P=fence)[`~]*[ \t]*$", re.MULTILINE | re.DOTALL)


def fenced_block(text: str, *, last: bool = False) -> str | None:
    """The content of the first (or last) fenced block, without its fences; None when there is none."""
    blocks = [match["body"] for match in _FENCE.finditer(text)]
    return (blocks[-1] if last else blocks[0]) if blocks else None
