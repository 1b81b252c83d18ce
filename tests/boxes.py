"""The guests of the sandbox for tests that run programs: built once in a checkout, compiled once on a machine."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import curta.sandbox
from curta.errors import CurtaError
from curta.sandbox import cache, engines
from curta.sandbox.wasm import compiled_name

BOX = Path(curta.sandbox.__file__).parent / "pocket" / "box.wasm"


def compiled_home() -> Path:
    """A home whose compiled guests are kept from one run of the tests to the next: compiling takes seconds."""
    if not BOX.exists() and not BOX.with_suffix(".wasm.xz").exists():
        build = [sys.executable, "-m", "curta.sandbox.pocket.build", str(BOX)]
        subprocess.run(build, check=True, capture_output=True, timeout=120)
    return _with_compiled("curta-tests", "curta.run('1', log=False)", 120)


def data_home() -> Path:
    """The same for Python with its libraries of data analysis: minutes to compile, half a gigabyte of disk."""
    need_data()
    return _with_compiled("curta-tests-data", "curta.run('1', data=True, log=False)", 1500)


def need_data() -> None:
    """Skip a test, or a whole file of them, where these libraries are not installed."""
    if not engines.is_installed("data"):
        pytest.skip("the extra `data` is not installed; make test-data runs this", allow_module_level=True)


def _with_compiled(name: str, run: str, seconds: int) -> Path:
    home = Path(tempfile.gettempdir()) / f"{name}-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    environment = {**os.environ, "CURTA_HOME": str(home)}
    subprocess.run([sys.executable, "-c", f"import curta; {run}"], env=environment, check=True, timeout=seconds)
    return home


def seed(home: Path) -> None:
    """Put the compiled guests into a new home, and vouch for them there."""
    place = home / "wasm"
    place.mkdir(parents=True, mode=0o700)
    compiled = compiled_home() / "wasm"
    for artefact in _built():
        name = compiled_name(artefact.digest)
        if (compiled / name).exists():
            shutil.copyfile(compiled / name, place / name)
            cache.vouch_for(place / name, artefact.path)


def _built() -> Iterator[cache.Artefact]:
    """What the engines are loaded from, as far as it is there."""
    for name, entry in engines.ENGINES.items():
        if entry.artefact is not None and name != "data":
            with suppress(CurtaError):
                yield entry.artefact()


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
