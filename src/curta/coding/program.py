"""The program in a model's answer: the content of its fenced block."""

import re

_FENCE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[ \t]*(?P<tag>[\w+#.-]*)[^\n`]*\n(?P<body>.*?)(?:^(?P=fence)[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_PYTHON = {"python", "py", "python3"}
_NAMES = {
    "python": _PYTHON,
    "data": _PYTHON,
    "javascript": {"javascript", "js", "node"},
    "c": {"c"},
    "lua": {"lua"},
    "sql": {"sql", "sqlite"},
    "php": {"php"},
    "ruby": {"ruby", "rb"},
}


def program_in(answer: str, language: str) -> str | None:
    """The program that an answer holds: its last block in this language, else its longest one; None without any.

    The last, because a model that corrects itself does so further down; the longest of those without a language,
    because beside a program there may be a command that would start it. A block whose end is missing counts.
    """
    blocks = [(match["tag"].lower(), match["body"]) for match in _FENCE.finditer(answer)]
    fitting = [body for tag, body in blocks if tag in _NAMES.get(language, {language}) and body.strip()]
    if fitting:
        return fitting[-1]
    others = [body for tag, body in blocks if not tag and body.strip()]
    return max(others, key=len) if others else None
