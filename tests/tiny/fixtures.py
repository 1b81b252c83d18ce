"""The tiny model as fixtures: `tiny_gguf`, its file for the engine; `tiny_held`, known in a test's home as `tiny`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from curta.engine import process
from curta.engine.files.held import ModelFile, keep
from curta.messages import sha256
from curta.training.export import to_gguf

MODEL = Path(__file__).parent / "model"


@pytest.fixture(scope="session")
def tiny_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny chat model as a GGUF file, made by our own converter."""
    pytest.importorskip("gguf", reason="the converter needs it")
    return to_gguf(MODEL, tmp_path_factory.mktemp("tiny") / "tiny.gguf", "f16", name="tiny", licence="Apache-2.0")


@pytest.fixture
def one_thread(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines compute in one thread: several that wait for each other on a busy machine are thirty times slower."""
    monkeypatch.setenv("CURTA_ENGINE_THREADS", "1")


@pytest.fixture
def tiny_held(tiny_gguf: Path, one_thread: None) -> Iterator[ModelFile]:
    """The model `tiny`, known in the home of the test: `curta -m tiny ...` runs it in an engine process, which ends
    with the test."""
    file = held("tiny", tiny_gguf)
    keep(file)
    yield file
    process.stop()


@pytest.fixture
def tiny_embedder(one_thread: None, tmp_path: Path) -> Iterator[ModelFile]:
    """The tiny model as the embedding model `tiny-embedder`: the mean of what it makes of each token."""
    pytest.importorskip("gguf", reason="the converter needs it")
    pytest.importorskip("xllamacpp", reason="the engine")
    file = held("tiny-embedder", to_gguf(MODEL, tmp_path / "embedder.gguf", embeds=True))._replace(kind="embedding")
    keep(file)
    yield file
    process.stop()


def held(name: str, path: Path) -> ModelFile:
    """A file of the tiny model as one that is held under `name`."""
    data = path.read_bytes()
    return ModelFile(name, path, sha256(data), len(data), licence="Apache-2.0", context=2048)
