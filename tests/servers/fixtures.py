"""Fixtures every test may use; `tests/conftest.py` imports them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers.crowd import Crowd
from tests.servers.openai import OpenAIServer
from tests.servers.shelf import Shelf
from tests.warm import LIBRARIES, WarmProgram

if TYPE_CHECKING:
    from tests.servers.hub import Hub
    from tests.servers.postgres import PostgresServer

FOREIGN = (
    "OPENAI_",
    "CURTA_",
    "ANTHROPIC_",
    "GEMINI_",
    "GOOGLE_",
    "LLM_",
    "PG",
    "HF_",
    "OLLAMA_",
    "LLAMA_",
    "OLLAMA_",
    "LMSTUDIO_",
    "LLAMA_ARG_",
)
FOREIGN_NAMES = {"NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PAGER", "COLUMNS", "LINES"}
PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}


@pytest.fixture
def openai_server() -> Iterator[OpenAIServer]:
    """A loopback server that speaks OpenAI's protocol: `openai_server.url`, `.script(...)`, `.requests`."""
    with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator["PostgresServer"]:
    """A PostgreSQL with pgvector: `postgres.url`, `postgres.sql(...)`."""
    pytest.importorskip("pgserver", reason="its programs come in a package for Python up to 3.12")
    from tests.servers.postgres import PostgresServer

    with PostgresServer() as server:
        yield server


@pytest.fixture
def crowd(home: Path) -> Iterator[Crowd]:
    """A loopback server for many requests at once, known as the model `crowd`: `crowd.answer = lambda words: ...`."""
    from curta.models import registry

    with Crowd() as server:
        registry.add("crowd", url=server.url, model="crowd")
        yield server


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A loopback web server with files: `shelf.put("/rows.csv", text)` gives its URL."""
    shelf = Shelf()
    with shelf.server:
        yield shelf


@pytest.fixture
def model_hub(tiny_gguf: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["Hub"]:
    """A hub on this computer with every model of the catalogue, each of them the tiny one, and an Ollama with one more.

    Where the page of a hub would say how large a model is and which SHA-256 it has, the catalogue says that of these.
    """
    from curta.engine import process
    from tests.servers.hub import Hub, of_catalogue
    from tests.servers.ollama import keep_model

    with Hub() as hub:
        of_catalogue(hub, tiny_gguf.read_bytes(), tmp_path / "catalogue.json")
        keep_model(tmp_path / "ollama", tiny_gguf.read_bytes(), "registry.ollama.ai", "library", "llama3.2", "1b")
        monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "ollama"))
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub
        process.stop()


@pytest.fixture(scope="session")
def warm_curta() -> Iterator[WarmProgram]:
    """Curta in processes that have imported what other people wrote, and nothing of its own."""
    with WarmProgram("curta.cli:main", LIBRARIES) as program:
        yield program


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty CURTA_HOME, and nothing of the user's own environment that changes what Curta does."""
    for name in list(os.environ):
        if name.startswith(FOREIGN) or name in FOREIGN_NAMES or name.upper() in PROXIES:
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    monkeypatch.setenv("CURTA_HOME", str(folder))
    monkeypatch.setenv("CURTA_LLM_PYTHON", "off")  # the plugins of whoever runs the tests are theirs
    monkeypatch.setenv("CURTA_LOCAL_SERVERS", "off")  # and so are their servers of models
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path / "llm"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))
    yield folder
    if (folder / "engines").is_dir():  # those of commands that the test has run
        from curta.engine.process import stop

        stop()
