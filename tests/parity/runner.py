"""Runs the lines of a page as a user would: in a shell, one after the other, in one home, under the name `llm`.

`llm` is Curta there, as with `alias llm=curta`, or `llm` itself: what is wanted of a line has to be true of both, so
that nothing counts as the same that `llm` does not do.

A page is a YAML file:

    before: [shell lines that are not counted]
    lines:
      - run: llm 'A prompt' -o temperature 1.5     # as documented; {web} is a server of pages on this computer
        sent: {last: A prompt, temperature: 1.5}   # of the last request: `last` its last words, `system`, or a field
        out: 'You said: .*'                        # a regular expression somewhere in what is printed
        err: ...                                   # the same, on stderr
        rows: [id, model]                          # stdout is a JSON list, not empty, of objects with these names
        object: [tools]                            # stdout is a JSON object with these names
        fails: true                                # the exit code is not 0
        unsent: true                               # nothing is sent to a model
        differs: why                               # Curta is known to do something else, and why
        llm: why                                   # `llm` itself does not do it here, and why
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.parity.server import AnyModelServer, Sent
from tests.parity.web import PIXEL
from tests.warm import LIBRARIES, WarmProgram

FOLDER = Path(__file__).parent / "commands"
KNOWN = {"rows", "object", "run", "stdin", "sent", "out", "err", "fails", "unsent", "differs", "llm"}


@dataclass(frozen=True)
class Line:
    """A documented command line. wanted: what it has to do. differs, llm: why Curta, or `llm`, is known not to."""

    page: str
    run: str
    wanted: Mapping[str, Any]
    differs: str = ""
    llm: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a line. wrong: what was otherwise than wanted; empty when it behaves the same."""

    line: Line
    wrong: str

    @property
    def same(self) -> bool:
        return not self.wrong


@cache
def page(name: str) -> tuple[tuple[str, ...], tuple[Line, ...]]:
    """What is run first, and the lines, of a page."""
    read = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    lines = []
    for each in read["lines"]:
        each = {"run": each} if isinstance(each, str) else dict(each)
        assert each.keys() <= KNOWN, f"{name}: {each.keys() - KNOWN}"
        lines.append(Line(name, each.pop("run"), each, each.pop("differs", ""), each.pop("llm", "")))
    return tuple(read.get("before", ())), tuple(lines)


def curta() -> WarmProgram:
    """Curta, to be run under the name `llm`."""
    from curta.cli.app import COMMANDS

    return WarmProgram("curta.cli:main", (*LIBRARIES, *(f"curta.cli.{entry.module}" for entry in COMMANDS.values())))


def llm() -> WarmProgram:
    """`llm` itself."""
    return WarmProgram("llm.cli:cli", ("llm.default_plugins.openai_models", "pydantic"))


def pages() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def outcomes(name: str, folder: Path, web: str, program: WarmProgram) -> Iterator[Outcome]:
    """Run a page in `folder`, which is empty, with `program` under the name `llm`."""
    before, lines = page(name)
    with AnyModelServer() as server:
        environment = _environment(folder, server.url, program)
        _files(folder)
        for command in ("llm models default gpt-4o-mini", *before):
            done = _shell(command, folder, environment, web, server.url)
            assert done.returncode == 0, f"{name}: {command}\n{done.stdout}{done.stderr}"
        for line in lines:
            sent = len(server.requests)
            done = _shell(line.run, folder, environment, web, server.url, line.wanted.get("stdin", ""))
            yield Outcome(line, _wrong(line.wanted, done, server.requests[sent:]))


def _wrong(wanted: Mapping[str, Any], done: "subprocess.CompletedProcess[str]", sent: list[Sent]) -> str:
    """What is otherwise than wanted, in a line."""
    if (done.returncode != 0) != wanted.get("fails", False):
        return f"exit {done.returncode}: {' '.join(done.stderr.split())[:300]}"
    for what, text in (("out", done.stdout), ("err", done.stderr)):
        if what in wanted and not re.search(wanted[what], text, re.DOTALL | re.MULTILINE):
            return f"{what}: {text[:300]!r}"
    if (why := _wrong_json(wanted, done.stdout)) is not None:
        return f"out: {why}"
    if wanted.get("unsent") and sent:
        return "a request was sent"
    if "sent" in wanted:
        return _wrong_request(wanted["sent"], sent)
    return ""


def _wrong_json(wanted: Mapping[str, Any], printed: str) -> str | None:
    """What names the JSON on stdout lacks."""
    if not (names := wanted.get("rows") or wanted.get("object")):
        return None
    value = json.loads(printed)
    if "object" in wanted:
        return None if isinstance(value, dict) and value.keys() >= set(names) else f"no object with {names}"
    if not isinstance(value, list) or not value:
        return "no list"
    missing = sorted({name for name in names for each in value if name not in each})
    return f"no {', '.join(missing)}" if missing else None


def _wrong_request(wanted: Mapping[str, Any], sent: list[Sent]) -> str:
    if not sent:
        return "nothing was sent"
    for name, value in wanted.items():
        found = sent[-1].field(name)
        if not (re.search(value, str(found), re.DOTALL) if isinstance(value, str) else found == value):
            return f"sent {name}: {found!r}"
    return ""


def _shell(
    command: str, folder: Path, environment: Mapping[str, str], web: str, api: str, stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-c", command.replace("{web}", web).replace("{api}", api)],
        input=stdin,
        cwd=folder / "work",
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=60,
    )


def _environment(folder: Path, url: str, program: WarmProgram) -> dict[str, str]:
    """The user's, with the program under the name `llm`, and a key for a server on this computer."""
    program.install(folder / "programs" / "llm")
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **inherited,
        "PATH": f"{folder / 'programs'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "CURTA_HOME": str(folder / "home"),
        "LLM_USER_PATH": str(folder / "llm"),
        "LLM_LOAD_PLUGINS": "",
        "OPENAI_BASE_URL": url,
        "OPENAI_API_KEY": "a-key-for-nobody-0123456789",
        "EDITOR": "true",
    }


DOG = '{"type": "object", "properties": {"name": {"type": "string"}, "bio": {"type": "string"}}}'
DOGS = f'{{"type": "object", "properties": {{"dogs": {{"type": "array", "items": {DOG}}}}}}}'


def _files(folder: Path) -> None:
    """The files that the documentation takes for granted."""
    work = folder / "work"
    work.mkdir()
    for name in ("image.jpg", "image1.jpg", "image2.jpg"):
        (work / name).write_bytes(PIXEL)
    texts = {
        "myscript.py": "print('hello')\n", "cli.py": "import click\n", "setup.py": "name = 'llm'\n",
        "docs.md": "# Metadata\n\nIt is kept in a table.\n", "my_doc.txt": "A document.\n",
        "explain_code.txt": "Explain code to a child.\n", "dogs.schema.json": DOGS, "dog.schema.json": DOG,
        "template.yaml": "system: Be brief.\nprompt: 'Shorten this: $input'\n",
    }  # fmt: skip
    for name, text in texts.items():
        (work / name).write_text(text)
