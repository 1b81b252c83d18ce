"""The documentation is true: every command and every Python block in it runs, and prints what it says.

A ```console block holds commands after `$ ` (continued with `> `) and what they print, stdout and stderr together.
A block marked `file=PATH` (after its language) is not run but written to that file.
`...` in the output stands for anything; `[exit 3]` after it is the exit code when it is not 0.
A ```python block is run as it stands; the blocks of a page share their names, as its commands share their files.
Pages run in a folder of their own that holds the project's examples, with a server on this computer for OpenAI's, and
one of PostgreSQL at `$DATABASE` for those that speak of it. Pages that pull models pull them from a hub on this
computer, where each model is the tiny one.
"""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import boxes

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "CONTRIBUTING.md",
    ROOT / "examples/README.md",
]
FENCE = re.compile(r"^```(\w*) ?([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
KNOWN = {"console", "python", "text", "yaml", "json", "sql", "toml", ""}


@dataclass
class Step:
    """A command of a page: what is typed, what it prints, how it exits."""

    line: int
    command: str
    expected: str
    code: int = 0


def steps(block: str, first_line: int) -> Iterator[Step]:
    current: Step | None = None
    for number, line in enumerate(block.splitlines(), first_line):
        if line.startswith("$ "):
            if current:
                yield current
            current = Step(number, line[2:], "")
        elif current is None:
            raise AssertionError(f"line {number}: output before any command: {line!r}")
        elif line.startswith("> ") and not current.expected:
            current.command += "\n" + line[2:]
        elif code := re.fullmatch(r"\[exit (\d+)\]", line):
            current.code = int(code[1])
        else:
            current.expected += line + "\n"
    if current:
        yield current


def matches(expected: str, printed: str) -> bool:
    pattern = ".*?".join(re.escape(piece) for piece in expected.strip().split("..."))
    return bool(re.fullmatch(pattern, printed.strip(), re.DOTALL))


def run(step: Step, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-c", step.command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert done.returncode == step.code, f"line {step.line}: {step.command}\nexit {done.returncode}\n{done.stdout}"
    if step.expected.strip():
        assert matches(step.expected, done.stdout), f"line {step.line}: {step.command}\nprinted:\n{done.stdout}"


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def run_python(source: str, line: int, page: Path, names: dict[str, object]) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile("\n" * line + source, str(page), "exec"), names)


@pytest.mark.parametrize("page", [page for page in PAGES if page.exists()], ids=lambda page: page.name)
def test_page_is_true(
    page: Path,
    tmp_path: Path,
    home: Path,
    openai_server,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-for-nobody")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")  # pip's way to say: without isolation, with the hatchling here
    names: dict[str, object] = {"__name__": "docs"}
    text = page.read_text(encoding="utf-8")
    if "curta models pull" in text or "curta.pull" in text:
        request.getfixturevalue("model_hub")
    if "curta run" in text or "curta code" in text:
        boxes.seed(home)
    if "$DATABASE" in text:
        monkeypatch.setenv("DATABASE", request.getfixturevalue("postgres").url)
    for fence in FENCE.finditer(text):
        language, mark, block = fence.groups()
        line = text.count("\n", 0, fence.start(3)) + 1
        assert language in KNOWN, f"line {line}: ```{language} is neither run nor known as data"
        if mark.startswith("file="):
            write(tmp_path / mark.removeprefix("file="), block)
        elif language == "console":
            for step in steps(block, line):
                run(step, tmp_path, dict(os.environ))
        elif language == "python":
            run_python(block, line - 1, page, names)


def test_every_page_is_reached_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [page.name for page in sorted((ROOT / "docs").glob("*.md")) if f"docs/{page.name}" not in readme]
    assert not missing


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "docs/decisions").glob("*.md"))], ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if not (page.parent / link).exists()]
