"""Plugins as pip would have installed them, and the program in a process of its own that finds them."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

HEAD = """\
import os
from curta.plugins import hookimpl
with open(os.environ.get("IMPORTED", os.devnull), "a") as file:
    file.write(__name__ + "\\n")
"""

MODEL = """
from curta.events import Finish, TextDelta
from curta.models.model import Facts, LocalExchange

class Shout:
    name, facts, options = "shout", Facts(where="this computer"), ()
    def exchange(self, request, *, stream=True):
        return LocalExchange(iter([TextDelta(request.messages[-1].text.upper()), Finish("stop")]))
"""

SHOUT = f"""{HEAD}{MODEL}
@hookimpl
def register_models(register):
    register("shout", Shout, aliases=("loud",))
"""

FOX = f"""{HEAD}
from curta import Document

def load(rest):
    "Sentences about foxes."
    return Document(f"The fox jumped over the {{rest}}.", uri=f"fox:{{rest}}")

@hookimpl
def register_sources(register):
    register("fox", load)
"""


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str


Curta = Callable[..., Done]


@pytest.fixture
def curta(home: Path, tmp_path: Path) -> Curta:
    """`curta("-m", "shout", "hi")` runs the command without a terminal."""

    def run(*arguments: str, stdin: str = "", python: Path | str = sys.executable, **environment: str) -> Done:
        done = subprocess.run(
            [python, "-m", "curta", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, **environment},
            timeout=120,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@dataclass(frozen=True)
class Site:
    """A folder of modules on the path, with what pip writes beside them."""

    folder: Path

    def add(self, name: str, source: str, version: str = "1.0", entry: str | None = None) -> Path:
        """Install a plugin of one module; its file."""
        module = self.folder / f"{name.replace('-', '_')}.py"
        module.write_text(source)
        info = self.folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nA plugin.\n")
        (info / "entry_points.txt").write_text(f"[curta]\nit = {entry or module.stem}\n")
        return module

    def remove(self, name: str) -> None:
        for info in self.folder.glob(f"{name.replace('-', '_')}-*.dist-info"):
            for file in info.iterdir():
                file.unlink()
            info.rmdir()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """An empty site folder; commands of the test find what is added to it."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return Site(folder)


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """`imported()`: the plugins that were imported since the last time it was asked."""
    record = tmp_path / "imported"
    monkeypatch.setenv("IMPORTED", str(record))

    def read() -> list[str]:
        names = record.read_text().split() if record.exists() else []
        record.unlink(missing_ok=True)
        return names

    return read


__all__ = ["FOX", "HEAD", "MODEL", "SHOUT", "Curta", "Done", "Site"]
