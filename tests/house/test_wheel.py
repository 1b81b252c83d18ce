"""What a wheel carries: the guests of the sandbox, the notices of those who made them, and not too much of it all."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

import pytest

from curta.sandbox.languages.build import INTERPRETERS

ROOT = Path(__file__).parents[2]
LARGEST = 20_000_000
NOTICES = {
    "CPython.txt": "PYTHON SOFTWARE FOUNDATION LICENSE",
    "componentize-py.txt": "Bytecode Alliance",
    "LLVM-runtimes.txt": "LLVM Exceptions",
    "Lua.txt": "Lua.org, PUC-Rio",
    "QuickJS-ng.txt": "Fabrice Bellard",
    "SQLite.txt": "public domain",
    "wasi-libc.txt": "musl as a whole is licensed",
    "zig.txt": "Zig contributors",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """A wheel of this checkout, with the guests that are built here."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(folder / done.stdout.split()[-1]) as archive:
        yield archive


@pytest.mark.parametrize("name", NOTICES)
def test_it_carries_the_notices_of_what_is_compiled_into_it(wheel: zipfile.ZipFile, name: str) -> None:
    (path,) = (each for each in wheel.namelist() if each.endswith(f".dist-info/licenses/licenses/{name}"))
    assert NOTICES[name] in wheel.read(path).decode()


def test_its_metadata_names_every_notice_there_is(wheel: zipfile.ZipFile) -> None:
    (path,) = (each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
    named = Parser().parsestr(wheel.read(path).decode()).get_all("License-File")
    assert set(named or ()) == {"LICENSE", *(f"licenses/{each.name}" for each in (ROOT / "licenses").iterdir())}


def test_it_carries_the_guests_that_are_built_and_no_more_than_it_may_weigh(wheel: zipfile.ZipFile) -> None:
    sandbox = ROOT / "src/curta/sandbox"
    expected = [sandbox / "pocket/box.wasm.xz", *(sandbox / f"languages/{name}.wasm.xz" for name in INTERPRETERS)]
    guests = {str(each.relative_to(ROOT / "src")) for each in expected if each.exists()}
    assert {name for name in wheel.namelist() if ".wasm" in name} == guests
    assert sum(each.compress_size for each in wheel.infolist()) < LARGEST
