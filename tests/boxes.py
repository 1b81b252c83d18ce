"""The guests of the sandbox for tests that run programs: built once in a checkout, compiled once on a machine."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import curta.sandbox
from curta.sandbox import cache

BOX = Path(curta.sandbox.__file__).parent / "pocket" / "box.wasm"


def compiled_home() -> Path:
    """A home whose compiled guests are kept from one run of the tests to the next: compiling takes seconds."""
    if not BOX.exists() and not BOX.with_suffix(".wasm.xz").exists():
        build = [sys.executable, "-m", "curta.sandbox.pocket.build", str(BOX)]
        subprocess.run(build, check=True, capture_output=True, timeout=120)
    home = Path(tempfile.gettempdir()) / f"curta-tests-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    environment = {**os.environ, "CURTA_HOME": str(home)}
    subprocess.run(
        [sys.executable, "-c", "import curta; curta.run('1', log=False)"], env=environment, check=True, timeout=120
    )
    return home


def seed(home: Path) -> None:
    """Put the compiled guests into a new home, and vouch for them there."""
    place = home / "wasm"
    place.mkdir(parents=True, mode=0o700)
    for code in (compiled_home() / "wasm").glob("*.cwasm"):
        kept = place / code.name
        shutil.copyfile(code, kept)
        kept.with_suffix(".json").write_text(json.dumps(cache._look(kept)))


@pytest.fixture(scope="session")
def _box_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("box") / "home"
    seed(home)
    yield home
    shutil.rmtree(home)


@pytest.fixture
def box(_box_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """CURTA_HOME with guests that are ready to run, and nothing else."""
    for each in _box_home.iterdir():
        if each.name != "wasm":
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    monkeypatch.setenv("CURTA_HOME", str(_box_home))
    return _box_home
