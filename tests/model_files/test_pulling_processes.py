"""Pulls in processes of their own: killed, interrupted, two at once, on a full disk; and beside huggingface_hub."""

import hashlib
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from curta.engine.files import held, places
from curta.engine.files.pulling import pull
from tests.model_files.conftest import ADDRESS, FILE, REPO
from tests.servers.hub import Hub

PULL = [sys.executable, "-m", "curta", "models", "pull", ADDRESS]


def begin(*more: str, **how: Any) -> subprocess.Popen[str]:
    return subprocess.Popen([*PULL, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how)


def stall(hub: Hub, after: int) -> None:
    """Have the next answers stop after so many bytes, until `go_on`."""
    hub.faults.stall_after = after


def go_on(hub: Hub) -> None:
    hub.faults.stall_after = None
    hub.release.set()


def wait_for_bytes(count: int, process: subprocess.Popen[str]) -> None:
    """Until the process has written so much."""
    while process.poll() is None:
        if any(each.stat().st_size >= count for each in places.unfinished()):
            return
    raise AssertionError(process.communicate())


def test_a_pull_that_was_killed_goes_on_where_it_was(hub: Hub, model: bytes) -> None:
    stall(hub, 120_000)
    process = begin()
    wait_for_bytes(120_000, process)
    process.kill()
    process.communicate()
    assert held.held() == {}
    go_on(hub)
    assert pull(ADDRESS).file.path.read_bytes() == model
    assert hub.downloads()[-1].headers["range"] == "bytes=120000-"


def test_ctrl_c_keeps_what_has_come_and_says_so(hub: Hub) -> None:
    stall(hub, 50_000)
    process = begin()
    wait_for_bytes(50_000, process)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on from there" in told
    assert [each.stat().st_size for each in places.unfinished()] == [50_000]


def test_of_two_pulls_the_second_waits_and_finds_the_file(hub: Hub, model: bytes) -> None:
    stall(hub, 50_000)
    first = begin()
    wait_for_bytes(50_000, first)
    second = begin("--name", "again")
    assert second.stderr
    assert "Another process pulls this file" in second.stderr.readline()
    go_on(hub)
    assert [each.communicate(timeout=60) and each.returncode for each in (first, second)] == [0, 0]
    assert len(hub.downloads()) == 1
    assert {name: file.path.read_bytes() for name, file in held.held().items()} == {"tiny-Q8_0": model, "again": model}


def test_a_disk_that_fills_up_is_said_and_the_rest_comes_later(hub: Hub, model: bytes) -> None:
    process = begin(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "is full" in told
    assert "100,000 bytes have come and are kept" in told
    assert pull(ADDRESS).file.path.read_bytes() == model
    assert hub.downloads()[-1].headers["range"] == "bytes=100000-"


def test_a_file_that_cannot_fit_is_not_begun(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    from curta.errors import ModelFileError

    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**6, 10**6 - 1000, 1000))
    with pytest.raises(ModelFileError, match="no room") as caught:
        pull(ADDRESS)
    assert "1,000 bytes are free" in caught.value.why


# huggingface_hub as the oracle


@pytest.fixture
def official(hub: Hub, tmp_path: Path) -> Any:
    """`official("...")` runs Python with huggingface_hub, and gives what it prints."""
    pytest.importorskip("huggingface_hub")

    def run(source: str, **environment: str) -> str:
        program = f"from huggingface_hub import hf_hub_download, scan_cache_dir\n{source}"
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1", **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


DOWNLOAD = f"print(hf_hub_download({REPO!r}, {FILE!r}))"


def test_huggingface_hub_finds_what_was_pulled(hub: Hub, official: Any) -> None:
    pulled = pull(ADDRESS)
    assert official(DOWNLOAD, HF_HUB_OFFLINE="1") == str(pulled.file.path)
    scanned = official("i = scan_cache_dir(); print([r.repo_id for r in i.repos], i.warnings)")
    assert scanned == f"[{REPO!r}] []"


def test_what_huggingface_hub_has_downloaded_is_not_fetched_again(hub: Hub, model: bytes, official: Any) -> None:
    path = official(DOWNLOAD)
    before = len(hub.downloads())
    pulled = pull(ADDRESS)
    assert (str(pulled.file.path), pulled.new, len(hub.downloads())) == (path, False, before)
    assert pulled.file.sha256 == hashlib.sha256(model).hexdigest()


def test_what_huggingface_hub_would_take_with_a_flipped_bit_is_caught(hub: Hub, model: bytes, official: Any) -> None:
    hub.faults.flips.append(150_000)
    path = Path(official(DOWNLOAD))
    assert path.read_bytes() != model
    assert pull(ADDRESS).new
    assert path.read_bytes() == model
