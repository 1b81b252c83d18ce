"""The page of examples/browser, served with the tiny model, in a headless Chromium that knows no host but this one."""

import importlib.util
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.browser import launched, opened

SERVE = Path(__file__).parents[2] / "examples/browser/serve.py"
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@pytest.fixture(scope="session")
def serve() -> ModuleType:
    """The module that serves the page."""
    spec = importlib.util.spec_from_file_location("serve_browser_page", SERVE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(serve: ModuleType, tiny_gguf: Path) -> Iterator[ThreadingHTTPServer]:
    """The page on this computer, with the tiny model beside it."""
    try:
        serving = serve.server(tiny_gguf)
    except serve.VendorError as error:
        pytest.skip(str(error))
    threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield serving
    serving.shutdown()
    serving.server_close()


@pytest.fixture(scope="module")
def address(serve: ModuleType, site: ThreadingHTTPServer) -> str:
    """Where the page is, without a model."""
    return str(serve.address(site, None))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless browser."""
    with launched(ALONE) as browser:
        yield browser


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """An empty page. What it asks for, and what its console says, is in `page.noticed`."""
    with opened(chromium) as page:
        yield page


@pytest.fixture(scope="module")
def page_with_model(chromium: Any, serve: ModuleType, site: ThreadingHTTPServer, tiny_gguf: Path) -> Iterator[Any]:
    """A page with the tiny model: to compile what runs it takes seconds, so it is done once."""
    with opened(chromium) as page:
        page.goto(serve.address(site, tiny_gguf))
        page.locator("#words:enabled").wait_for()
        yield page


@pytest.fixture
def loaded(page_with_model: Any) -> Any:
    """The page with the tiny model and a new conversation."""
    page_with_model.locator("#new").click()
    return page_with_model
