"""A hub on this computer, a model on it, and no waiting between attempts."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from curta import http
from tests.servers.hub import Hub, gguf_file

REPO, FILE = "maker/small-models", "tiny-Q8_0.gguf"
ADDRESS = f"hf:{REPO}/{FILE}"


@pytest.fixture(scope="session")
def model() -> bytes:
    """A model file of some hundred kilobytes."""
    return gguf_file(random.Random(7).randbytes(300_000))


@pytest.fixture
def hub(model: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The hub that HF_ENDPOINT names. It has `model` as ADDRESS."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    with Hub() as server:
        server.put(REPO, FILE, model)
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "sleep", lambda _: None)


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Path:
    """The folder of the repository in the Hub's cache."""
    return tmp_path / "huggingface/hub" / f"models--{REPO.replace('/', '--')}"
