"""Compiling what takes minutes and gigabytes: refused where it cannot be, told of while it is, ended by Ctrl-C."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from curta.errors import SandboxError
from curta.sandbox import cache

TINY = b"\0asm\1\0\0\0"
COMPILES = """
import sys
from pathlib import Path
from curta.sandbox import cache
cache.compiled(cache.Artefact(Path(sys.argv[1]), "digest"), "tiny")
"""


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CURTA_HOME", str(tmp_path / "own"))
    (tmp_path / "tiny.wasm").write_bytes(TINY)
    return tmp_path / "tiny.wasm"


def left() -> list[str]:
    return sorted(path.name for path in cache.folder().iterdir() if path.suffix != ".lock")


def test_where_there_is_not_enough_memory_it_is_refused_beforehand(tiny: Path) -> None:
    said: list[str] = []
    with pytest.raises(SandboxError, match=r"Compiling the large sandbox takes 1\d+\.\d GB of memory, and .* free"):
        cache.compiled(cache.Artefact(tiny, "digest", memory=1 << 70), "large", said.append)
    assert (said, left()) == ([], [])


def test_while_it_lasts_it_says_so(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "BETWEEN", 0.01)
    said: list[str] = []
    cache.compiled(cache.Artefact(tiny, "digest", cost="this takes ages"), "tiny", said.append)
    assert said[0] == "Compiling the tiny sandbox, once; this takes ages."
    assert said[1:]
    assert all(each.endswith(" s so far") for each in said[1:])


def test_what_is_not_what_its_package_says_is_not_compiled(tiny: Path) -> None:
    with pytest.raises(SandboxError, match="is not what its package says"):
        cache.compiled(cache.Artefact(tiny, "digest", sha256="0" * 64), "tiny")
    assert left() == []


def test_ctrl_c_ends_it_and_leaves_nothing(tiny: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "slow.wasm")
    command = [sys.executable, "-c", COMPILES, str(tmp_path / "slow.wasm")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True) as running:
        pipe = os.open(tmp_path / "slow.wasm", os.O_WRONLY)  # returns when the compiling process reads
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does
        assert b"KeyboardInterrupt" in running.communicate(timeout=60)[1]
        ends = select.poll()
        ends.register(pipe, 0)
        assert ends.poll(60_000), "nobody reads any more"
        os.close(pipe)
    assert left() == []
    assert cache.compiled(cache.Artefact(tiny, "digest"), "tiny").exists()
