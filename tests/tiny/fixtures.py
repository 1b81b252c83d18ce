"""The tiny model as fixtures: `tiny_gguf`, its file for the engine; `tiny_held`, known in the home of a test as `tiny`."""

from pathlib import Path

import pytest

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
def tiny_held(tiny_gguf: Path, home: Path) -> ModelFile:
    """The model `tiny`, known in the home of the test: `curta -m tiny ...` runs it in an engine process."""
    data = tiny_gguf.read_bytes()
    file = ModelFile("tiny", tiny_gguf, sha256(data), len(data), licence="Apache-2.0", context=2048)
    keep(file)
    return file
