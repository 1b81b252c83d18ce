"""Compiled code is machine code that will be run: it is made once, and loaded only as it was written."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from curta.errors import CurtaError, SandboxError
from curta.sandbox import Sandbox, cache, stale, wasm

TINY = b"\0asm\1\0\0\0"


@pytest.fixture
def artefact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> cache.Artefact:
    """The smallest module there is, in a home of its own."""
    monkeypatch.setenv("CURTA_HOME", str(tmp_path / "own"))
    (tmp_path / "tiny.wasm").write_bytes(TINY)
    return cache.Artefact(tmp_path / "tiny.wasm", "digest")


def test_code_is_compiled_once_and_said_before(artefact: cache.Artefact) -> None:
    said: list[str] = []
    code = cache.compiled(artefact, "tiny", said.append)
    assert cache.compiled(artefact, "tiny", said.append) == code
    assert len(said) == 1
    assert "tiny" in said[0]


def test_only_its_owner_may_enter_where_it_lies(artefact: cache.Artefact) -> None:
    code = cache.compiled(artefact, "tiny")
    assert code.parent.stat().st_mode & 0o077 == 0
    assert code.stat().st_mode & 0o022 == 0
    assert list(code.parent.glob("*.draft")) == []


@pytest.mark.parametrize("harm", ["flipped", "cut", "empty", "replaced", "no seal", "broken seal", "gone", "link"])
def test_code_that_is_not_as_it_was_written_is_compiled_again(
    artefact: cache.Artefact, tmp_path: Path, harm: str
) -> None:
    code = cache.compiled(artefact, "tiny")
    good = code.read_bytes()
    seal = code.with_suffix(".json")
    if harm == "flipped":
        code.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    elif harm in ("cut", "empty"):
        os.truncate(code, len(good) // 2 if harm == "cut" else 0)
    elif harm == "replaced":
        other = tmp_path / "other"
        other.write_bytes(good)
        os.utime(other, ns=(0, code.stat().st_mtime_ns))
        os.replace(other, code)
    elif harm == "no seal":
        seal.unlink()
    elif harm == "broken seal":
        seal.write_text("[1, 2")
    elif harm == "gone":
        code.unlink()
    elif harm == "link":
        code.rename(tmp_path / "elsewhere")
        code.symlink_to(tmp_path / "elsewhere")
    said: list[str] = []
    assert cache.compiled(artefact, "tiny", said.append).read_bytes() == good
    assert len(said) == 1
    assert not code.is_symlink()


def test_a_folder_others_can_write_to_is_refused(artefact: cache.Artefact) -> None:
    place = cache.folder()
    place.chmod(0o777)
    with pytest.raises(SandboxError, match="written by others"):
        cache.compiled(artefact, "tiny")


def test_a_folder_that_is_a_link_is_refused(artefact: cache.Artefact, tmp_path: Path) -> None:
    place = cache.folder()
    place.rename(tmp_path / "mine")
    place.symlink_to(tmp_path / "mine")
    with pytest.raises(SandboxError):
        cache.compiled(artefact, "tiny")


@pytest.mark.parametrize("mode", [0o770, 0o720, 0o702])
def test_one_that_its_group_or_anybody_can_write_to_is_refused(artefact: cache.Artefact, mode: int) -> None:
    cache.compiled(artefact, "tiny")
    cache.folder().chmod(mode)
    with pytest.raises(SandboxError, match="chmod 700"):
        cache.compiled(artefact, "tiny")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody else")
def test_one_that_is_somebody_elses_is_refused(artefact: cache.Artefact) -> None:
    cache.compiled(artefact, "tiny")
    os.chown(cache.folder(), 65534, 65534)
    with pytest.raises(SandboxError, match="written by others"):
        cache.compiled(artefact, "tiny")


def test_what_cannot_be_compiled_is_said_and_leaves_nothing(artefact: cache.Artefact) -> None:
    artefact.path.write_bytes(b"no wasm")
    with pytest.raises(SandboxError, match="cannot be compiled"):
        cache.compiled(artefact, "tiny")
    assert not list(cache.folder().glob("*.cwasm")) + list(cache.folder().glob("*.draft"))


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root writes anywhere")
def test_a_home_that_cannot_be_written_is_said(artefact: cache.Artefact, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir(mode=0o500)
    with pytest.raises(CurtaError, match="Cannot make the folder"):
        cache.compiled(artefact, "tiny")


def test_a_home_that_is_a_file_is_said(artefact: cache.Artefact, tmp_path: Path) -> None:
    (tmp_path / "own").write_text("in the way")
    with pytest.raises((CurtaError, OSError), match="own"):
        cache.compiled(artefact, "tiny")


COMPILES = """
import sys
from pathlib import Path
from curta.sandbox import cache
said = []
cache.compiled(cache.Artefact(Path(sys.argv[1]), "digest"), "tiny", said.append)
print(sum("once" in each for each in said))
"""


def test_of_processes_that_compile_at_once_one_does(artefact: cache.Artefact) -> None:
    command = [sys.executable, "-c", COMPILES, str(artefact.path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    told = sorted(int(each.communicate(timeout=60)[0]) for each in started)
    assert told == [0, 0, 0, 1]


def test_of_threads_that_compile_at_once_one_does(artefact: cache.Artefact) -> None:
    said: list[str] = []
    threads = [threading.Thread(target=cache.compiled, args=(artefact, "tiny", said.append)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("once" in each for each in said) == 1


def test_who_waits_for_another_process_is_told(artefact: cache.Artefact) -> None:
    said: list[str] = []
    with open((cache.folder() / wasm.compiled_name(artefact.digest)).with_suffix(".lock"), "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        def tell(words: str) -> None:
            said.append(words)
            fcntl.flock(lock, fcntl.LOCK_UN)

        assert cache.compiled(artefact, "tiny", tell).exists()
    assert said[0] == cache.ANOTHER


def test_code_that_cannot_be_loaded_is_an_error_of_ours(
    warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    garbage = tmp_path / "x.cwasm"
    garbage.write_bytes(b"garbage")
    monkeypatch.setattr(cache, "compiled", lambda *_: garbage)
    with Sandbox() as sandbox, pytest.raises(SandboxError, match="did not start"):
        sandbox.run("print(1)")


# Code that nobody will load again


@pytest.fixture
def newer(artefact: cache.Artefact) -> cache.Artefact:
    """The same, after an upgrade: another digest names its code."""
    return artefact._replace(digest="newer")


def unused_for(code: Path, seconds: float) -> None:
    past = time.time() - seconds
    os.utime(code.with_suffix(".json"), (past, past))


def test_the_code_of_an_older_version_goes_when_the_new_one_is_compiled(
    artefact: cache.Artefact, newer: cache.Artefact
) -> None:
    old = cache.compiled(artefact, "tiny")
    unused_for(old, 2 * stale.RECENT)
    new = cache.compiled(newer, "tiny")
    assert sorted(each.name for each in new.parent.iterdir()) == sorted(
        new.with_suffix(ending).name for ending in (".cwasm", ".json", ".lock")
    )


def test_code_that_was_just_used_stays(artefact: cache.Artefact, newer: cache.Artefact) -> None:
    old = cache.compiled(artefact, "tiny")
    unused_for(old, 2 * stale.RECENT)
    cache.compiled(artefact, "tiny")
    cache.compiled(newer, "tiny")
    assert cache.is_compiled(artefact)


@pytest.mark.parametrize(("idle", "stays"), [(2 * stale.RECENT, True), (2 * stale.LONG_AGO, False)])
def test_code_of_another_python_stays_until_nobody_has_used_it_for_long(
    artefact: cache.Artefact, newer: cache.Artefact, monkeypatch: pytest.MonkeyPatch, idle: float, stays: bool
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "prefix", "/another/python")
        theirs = cache.compiled(artefact, "tiny")
    unused_for(theirs, idle)
    cache.compiled(newer, "tiny")
    assert theirs.exists() == stays


def test_code_whose_installation_is_gone_goes(artefact: cache.Artefact, tmp_path: Path) -> None:
    other = cache.Artefact(tmp_path / "other.wasm", "other")
    other.path.write_bytes(TINY)
    code = cache.compiled(other, "tiny")
    other.path.unlink()
    unused_for(code, 2 * stale.RECENT)
    cache.compiled(artefact, "tiny")
    assert not code.exists()


def test_only_files_of_ours_go(artefact: cache.Artefact, newer: cache.Artefact) -> None:
    place = cache.folder()
    theirs = [place / name for name in ("notes.txt", "my.cwasm", f"{'a' * 32}.bak", f"{'g' * 32}.cwasm")]
    ours = [place / name for name in (f"{'a' * 32}.cwasm", f"{'b' * 32}.cwasm.123.draft")]
    for each in (*theirs, *ours):
        each.write_text("x")
        os.utime(each, (0, 0))
    cache.compiled(artefact, "tiny")
    assert all(each.exists() for each in theirs)
    assert not any(each.exists() for each in ours)
