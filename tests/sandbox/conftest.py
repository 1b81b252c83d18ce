"""A sandbox that is really there: the guest is built, if this checkout has none, and its compiled code is kept."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import curta.sandbox
from tests import boxes

BOX = Path(curta.sandbox.__file__).parent / "pocket" / "box.wasm"


@pytest.fixture(scope="session")
def compiled_home() -> Path:
    """A home whose compiled guests are kept from one run of the tests to the next: compiling takes seconds."""
    if not BOX.exists() and not BOX.with_suffix(".wasm.xz").exists():
        build = [sys.executable, "-m", "curta.sandbox.pocket.build", str(BOX)]
        subprocess.run(build, check=True, capture_output=True, timeout=120)
    home = Path(tempfile.gettempdir()) / f"curta-tests-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    return home


@pytest.fixture
def home(compiled_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """CURTA_HOME for the tests of this folder."""
    monkeypatch.setenv("CURTA_HOME", str(compiled_home))
    return compiled_home


@pytest.fixture(scope="session")
def data_home() -> Path:
    return boxes.data_home()


@pytest.fixture(scope="module")
def warm_home(compiled_home: Path) -> Iterator[Path]:
    """The same for what lives as long as a module's tests do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CURTA_HOME", str(compiled_home))
        yield compiled_home
