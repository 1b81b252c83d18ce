"""Whose `llm` it is: the interpreter that runs the `llm` a user has installed, found without starting any.

In this order: `CURTA_LLM_PYTHON` (`off` says: none), `llm_python` in `config.json`, the first line of the `llm` on
PATH, and the places where pipx and uv put programs.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from curta import config
from curta.errors import ConfigError

VARIABLE, SETTING = "CURTA_LLM_PYTHON", "llm_python"
OFF = "off"

_SHEBANG = re.compile(rb"#!\s*([^\r\n]+)")
_TRAMPOLINE = re.compile(rb"'''exec'\s+\"?([^\"\n]+?)\"?\s+\"\$0\"")
"""How installers begin a script whose interpreter has a long path or spaces in it."""


class Installation(NamedTuple):
    """An `llm` of the user's. python: its interpreter. command: the words that start it."""

    python: str
    command: tuple[str, ...]


def find() -> Installation | None:
    """The user's `llm`, or None. Raises ConfigError when one is named that is not there."""
    named = os.environ.get(VARIABLE) or config.read("config.json").get(SETTING)
    if named == OFF:
        return None
    if named:
        return _named(os.path.expanduser(named))
    script = shutil.which("llm")
    if script and (python := interpreter_of(Path(script))):
        return Installation(python, (script,))
    return next((Installation(each, (each, "-m", "llm")) for each in _elsewhere() if os.path.exists(each)), None)


def _named(python: str) -> Installation:
    if not (found := shutil.which(python)):
        raise ConfigError(
            f"{python} is not a program, but {VARIABLE} or {SETTING} names it as the interpreter of llm.",
            then=f"Name the Python that llm runs under, or {OFF!r} to do without its plugins.",
        )
    return Installation(found, (found, "-m", "llm"))


def interpreter_of(script: Path) -> str | None:
    """The Python that a script is started with; None when it is no script of Python's, or its Python is gone."""
    try:
        with open(script, "rb") as file:
            head = file.read(2048)
            if head.startswith(b"MZ"):  # on Windows the script is appended to a program that starts it
                head = head[:2] + file.read()
    except OSError:
        return None
    words = _first_line(head)
    if words[:1] and os.path.basename(words[0]) == "env":
        words = [each for each in words[1:] if not each.startswith("-")]
    program = words[0] if words else ""
    return shutil.which(program) if "python" in os.path.basename(program).lower() else None


def _first_line(head: bytes) -> list[str]:
    if trampoline := _TRAMPOLINE.search(head):
        return [os.fsdecode(trampoline[1])]
    line = _SHEBANG.search(head) if head.startswith(b"MZ") else _SHEBANG.match(head)
    if line is None:
        return []
    text = os.fsdecode(line[1]).strip()
    return [text.strip('"')] if os.path.exists(text.strip('"')) else text.split()


def _elsewhere() -> Iterator[str]:
    """Where pipx and uv keep the environment of a program, also when its script is not on PATH."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    pipx = [Path(named) for named in (os.environ.get("PIPX_HOME"),) if named]
    roots = [*(each / "venvs" for each in [*pipx, data / "pipx", Path.home() / ".local/pipx"])]
    roots += [Path(os.environ.get("UV_TOOL_DIR") or data / "uv/tools")]
    for root in roots:
        yield str(root / "llm" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
