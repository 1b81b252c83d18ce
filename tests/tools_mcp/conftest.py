"""Real MCP servers: a well-behaved one, and one that does what a script says."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from curta import config
from curta.tools.mcp import servers
from curta.tools.mcp.settings import Server
from tests.cli.conftest import curta, terminal

pytest.importorskip("mcp", reason="the extra mcp is not installed")

__all__ = ["curta", "terminal"]

HERE = Path(__file__).parent
WELL_BEHAVED = [sys.executable, str(HERE / "well_behaved.py")]
MISBEHAVED = [sys.executable, str(HERE / "misbehaved.py")]


@pytest.fixture(scope="session", autouse=True)
def connections() -> Iterator[None]:
    """Connections stay open from test to test, as they do from call to call, and end with the session."""
    from curta.tools.mcp import connection

    yield
    connection.close()


@pytest.fixture(scope="session")
def good_settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is kept of the well-behaved server once it was added."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CURTA_HOME", str(tmp_path_factory.mktemp("home")))
        patch.chdir(HERE)
        servers.propose("good", WELL_BEHAVED, timeout=20).accept()
        return config.read(servers.FILE)


@pytest.fixture
def good(good_settings: dict[str, Any]) -> Server:
    """The well-behaved server, added as `good`."""
    config.write(servers.FILE, good_settings)
    return servers.get("good")


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., Path]:
    """`script(tool, ..., calls={...})` says what the misbehaved server does from now on."""
    path = tmp_path / "script.json"

    def write(*tools: dict[str, Any], **more: Any) -> Path:
        path.write_text(json.dumps({"tools": list(tools), **more}), encoding="utf-8")
        return path

    return write


@pytest.fixture
def bad(script: Callable[..., Path]) -> Callable[..., Server]:
    """`bad(tool, ..., calls={...})` adds the misbehaved server as `bad`; how: as `servers.propose` has it."""

    def add(*tools: dict[str, Any], how: dict[str, Any] | None = None, **more: Any) -> Server:
        command = [*MISBEHAVED, str(script(*tools, **more))]
        return servers.propose("bad", command, **{"timeout": 20, **(how or {})}).accept()

    return add
