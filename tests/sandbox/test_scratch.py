"""What a process leaves in the temporary folder when it is killed is removed at the next start, and nothing else."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from curta.sandbox import scratch
from curta.sandbox.scratch import PREFIX, Scratch

HOLDS = """
import sys
from curta.sandbox.scratch import Scratch
held = Scratch("test")
(held.path / "file").write_text("x")
print(held.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of this test's own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def holder() -> "Iterator[subprocess.Popen[str]]":
    """A process that holds a folder until it is killed."""
    started = subprocess.Popen([sys.executable, "-c", HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with started:
        yield started
        started.kill()


def path_of(holder: "subprocess.Popen[str]") -> Path:
    assert holder.stdout
    return Path(holder.stdout.readline().strip())


def test_a_folder_is_private_and_gone_when_it_is_closed() -> None:
    with Scratch("test") as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "file").write_text("x")
    assert not folder.exists()


def test_a_folder_goes_with_its_object() -> None:
    held = Scratch("test")
    path = held.path
    del held
    assert not path.exists()


def test_what_a_killed_process_left_is_removed_at_the_next_start(holder: "subprocess.Popen[str]") -> None:
    left = path_of(holder)
    holder.send_signal(signal.SIGKILL)
    holder.wait(30)
    assert (left / "file").exists()
    with Scratch("test"):
        assert not left.exists()


def test_what_a_process_still_has_stays(holder: "subprocess.Popen[str]") -> None:
    theirs = path_of(holder)
    with Scratch("one") as ours:
        scratch._swept.clear()
        scratch.sweep()
        assert (theirs / "file").exists()
        assert ours.exists()


def test_only_folders_of_ours_are_removed(place: Path) -> None:
    (place / "elsewhere").mkdir()
    (place / "elsewhere" / "kept").touch()
    (place / f"{PREFIX}link").symlink_to(place / "elsewhere")
    (place / f"{PREFIX}file").touch()
    (place / "curta-other").mkdir()
    os.mkfifo(place / f"{PREFIX}pipe")
    (place / f"{PREFIX}left").mkdir()
    scratch.sweep()
    assert sorted(each.name for each in place.iterdir()) == sorted(
        ["elsewhere", f"{PREFIX}link", f"{PREFIX}file", "curta-other", f"{PREFIX}pipe"]
    )
    assert (place / "elsewhere" / "kept").exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody else")
def test_a_folder_of_somebody_else_stays(place: Path) -> None:
    theirs = place / f"{PREFIX}theirs"
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    scratch.sweep()
    assert theirs.exists()


def test_a_folder_that_is_swept_before_it_is_locked_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep of another process may come between the two."""
    made: list[str] = []

    def make(prefix: str) -> str:
        made.append(real(prefix=prefix))
        if len(made) == 1:
            os.rmdir(made[0])
        return made[-1]

    real = tempfile.mkdtemp
    monkeypatch.setattr(tempfile, "mkdtemp", make)
    with Scratch("test") as folder:
        assert str(folder) == os.path.realpath(made[1])
        assert folder.is_dir()


def test_no_link_in_a_folder_is_followed_when_it_is_removed(place: Path) -> None:
    (place / "elsewhere").mkdir()
    (place / "elsewhere" / "kept").touch()
    with Scratch("test") as folder:
        (folder / "link").symlink_to(place / "elsewhere")
    assert (place / "elsewhere" / "kept").exists()
