"""Model files: interrupted downloads, flipped bytes, and what a download costs beside huggingface_hub.

The hub is on this computer (`tests/servers/hub.py`). Interruptions are of three kinds, by turns: lines cut at random
places, processes killed in the middle (`kill -9`), and both.
"""

import hashlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from curta import http
from curta.engine.files import held, places
from curta.engine.files.pulling import pull
from curta.errors import ModelError, WrongFile
from tests.servers.hub import Hub, gguf_file

PULLS, FLIPS, ALTERNATED = 100, 200, 7
REPO, FILE = "maker/models", "model.gguf"
ADDRESS = f"hf:{REPO}/{FILE}"
OURS = f"import curta; print(curta.pull({ADDRESS!r}).file.sha256)"
THEIRS = f"from huggingface_hub import hf_hub_download; print(hf_hub_download({REPO!r}, {FILE!r}))"


def is_possible() -> bool:
    return find_spec("huggingface_hub") is not None


def rows() -> list[dict[str, Any]]:
    http.sleep = lambda seconds: None
    complete, cuts, kills = _interrupted()
    caught = _flipped()
    ours, theirs, plain = _beside()
    return [
        {
            "what": f"{PULLS} interrupted downloads that complete and verify",
            "curta": complete,
            "target": PULLS,
            "note": f"{cuts} cut lines, {kills} processes killed; 2 MB each",
        },
        {
            "what": f"{FLIPS} downloads with a flipped bit that are refused",
            "curta": caught,
            "peer": "0 (huggingface_hub compares no hash)",
            "target": FLIPS,
        },
        {
            "what": "CPU seconds of a download of 100 MB, the process as a whole",
            "curta": round(ours, 2),
            "peer": round(theirs, 2),
            "ratio": round(ours / theirs, 2),
            "note": f"hashed while it comes; huggingface_hub over plain HTTP, no hash; SHA-256 alone {plain:.2f}",
        },
    ]


@contextmanager
def _hub(content: bytes) -> Iterator[Hub]:
    """A hub with `content`, and a cache and a home of its own."""
    with tempfile.TemporaryDirectory() as folder, Hub() as hub:
        hub.put(REPO, FILE, content)
        own = {"HF_ENDPOINT": hub.url, "HF_HOME": folder, "CURTA_HOME": f"{folder}/home", "HF_HUB_DISABLE_XET": "1"}
        before = {name: os.environ.get(name) for name in own}
        os.environ.update(own)
        try:
            yield hub
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


def _interrupted() -> tuple[int, int, int]:
    """How many of the pulls ended with the very file, after how many cut lines and killed processes."""
    chance, complete, cuts, kills = random.Random(1), 0, 0, 0
    content = gguf_file(chance.randbytes(2_000_000))
    for number in range(PULLS):
        with _hub(content) as hub:
            if number % 3:
                kills += _killed(hub, chance.randrange(1, len(content)))
            if number % 3 != 1:
                hub.faults.cuts.extend(chance.randrange(500_000) for _ in range(chance.randrange(1, 9)))
                cuts += len(hub.faults.cuts)
            complete += _until_whole().read_bytes() == content
    return complete, cuts, kills


def _killed(hub: Hub, after: int) -> int:
    """Begin a pull in a process of its own and kill it when `after` bytes have come."""
    hub.faults.stall_after = after
    process = subprocess.Popen([sys.executable, "-c", OURS], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not any(each.stat().st_size >= after for each in places.unfinished()):
        time.sleep(0.002)
    process.kill()
    process.wait()
    hub.faults.stall_after = None
    hub.release.set()
    return 1


def _until_whole() -> Path:
    """Pull as a person would: again when it has given up."""
    while True:
        try:
            return pull(ADDRESS).file.path
        except ModelError:
            continue


def _flipped() -> int:
    """How many downloads with one bit flipped, at random places, were refused."""
    chance, caught = random.Random(2), 0
    content = gguf_file(chance.randbytes(200_000))
    with _hub(content) as hub:
        for _ in range(FLIPS):
            hub.faults.flips.append(chance.randrange(len(content)))
            try:
                pull(ADDRESS)
            except WrongFile:
                caught += 1
            assert not held.held()
    return caught


def _beside() -> tuple[float, float, float]:
    """CPU seconds of a whole process that downloads 100 MB: ours, huggingface_hub's, and hashing alone."""
    content = gguf_file(random.Random(3).randbytes(100_000_000))
    ours, theirs = [], []
    for _ in range(ALTERNATED):
        for source, spent in ((OURS, ours), (THEIRS, theirs)):
            with _hub(content):
                spent.append(_cpu([sys.executable, "-c", source]))
    began = time.process_time()
    hashlib.sha256(content).hexdigest()
    return statistics.median(ours), statistics.median(theirs), time.process_time() - began


def _cpu(command: list[str]) -> float:
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
