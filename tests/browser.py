"""A page in a real browser without a screen: Debian's Chromium, which the tests do not install."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = which("chromium")
_PATIENCE = 120_000
"""Milliseconds: the machine may be busy."""
_FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync""".split()


@contextmanager
def launched(*flags: str) -> Iterator["Browser"]:
    """A browser. Only one can run in a process at a time. Skips the test where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not there")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=[*_FLAGS, *flags], timeout=_PATIENCE)
        yield browser
        browser.close()


@contextmanager
def opened(browser: "Browser", *, width: int = 1000, height: int = 800) -> Iterator["Page"]:
    """An empty page, with nothing kept of others. `page.noticed` are its requests, and what its console says."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    page.noticed = []
    page.on("request", lambda request: page.noticed.append(request.url))
    page.on("console", lambda message: page.noticed.append(message.text))
    page.on("pageerror", lambda error: page.noticed.append(str(error)))
    yield page
    context.close()


@contextmanager
def open_page(path: Path, *, width: int = 1000, height: int = 800) -> Iterator["Page"]:
    """The page in the file, open. `page.noticed` are the requests that left it, and what its console says."""
    with launched() as browser, opened(browser, width=width, height=height) as page:
        page.goto(path.as_uri())
        yield page
