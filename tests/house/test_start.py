"""Starting is cheap because nothing is imported before it is needed. Counted, not timed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "httpx2", "rich", "yaml", "numpy", "wasmtime", "pluggy", "asyncio", "importlib.metadata", "starlette", "openai",
    "pydantic", "logging.config", "urllib.request", "http.client", "email", "html.parser", "unittest",
    "sqlite_utils", "multiprocessing", "concurrent.futures", "ssl",
}  # fmt: skip

# difflib is not in it: click imports it for every short option.
REPORT = "import sys; sys.stderr.write('\\n'.join(['MODULES', *sys.modules]))"


def modules_after(tmp_path: Path, arguments: list[str], stdin: str = "", **environment: str) -> set[str]:
    """The modules that a run of the program had imported when it ended."""
    program = f"import sys, atexit\nsys.argv = ['curta', *{arguments!r}]\natexit.register(lambda: exec({REPORT!r}))\n"
    program += "from curta.cli import main\nmain()\n"
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, "CURTA_HOME": str(tmp_path / "home"), **environment},
        timeout=60,
    )
    _, _, names = done.stderr.rpartition("MODULES\n")
    assert names, done.stderr
    return set(names.splitlines())


@pytest.fixture(scope="module")
def bare() -> set[str]:
    program = f"{REPORT}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines())


def heavy(modules: set[str]) -> set[str]:
    return {name for name in HEAVY if name in modules}


def test_version_imports_next_to_nothing(tmp_path: Path, bare: set[str]) -> None:
    added = modules_after(tmp_path, ["--version"]) - bare - {"atexit"}
    assert added <= {"curta", "curta.cli"}


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["keys"], ["keys", "path"], ["logs", "path"], ["models", "default"], ["templates", "path"]],
)
def test_local_commands_import_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    assert not heavy(modules_after(tmp_path, arguments))


def test_a_plain_prompt_imports_only_what_it_needs(tmp_path: Path, bare: set[str]) -> None:
    modules = modules_after(tmp_path, ["-m", "extractive", "say hi"], stdin="hi")
    assert not heavy(modules)
    assert "curta.store" in modules  # it was logged
    ours = {name for name in modules if name.startswith("curta")}
    assert len(ours) <= 60
    assert len(modules - bare) <= 170


def test_looking_at_the_log_imports_no_model(tmp_path: Path) -> None:
    modules = modules_after(tmp_path, ["logs", "-n", "3"])
    assert not heavy(modules)
    assert not {name for name in modules if name.startswith(("curta.models", "curta.sources"))}
