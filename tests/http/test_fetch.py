"""Fetching a source: redirects, limits, errors."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from curta import http
from curta.errors import SourceError, SourceNotFound, SourceTooLarge
from curta.http import fetch
from tests.servers.quiet import QuietServer


class Site(BaseHTTPRequestHandler):
    """A small site: pages, redirects, and statuses by number."""

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def do_GET(self) -> None:
        kind, _, rest = self.path.strip("/").partition("/")
        if kind == "to":
            return self._answer(302, {"location": rest})
        if kind == "status":
            return self._answer(int(rest))
        return self._answer(200, {"content-type": "text/plain"}, b"x" * int(rest or 5))

    def _answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def site() -> Iterator[str]:
    with QuietServer(Site) as server:
        yield server.address


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "sleep", lambda _: None)


def test_a_page_is_fetched(site: str) -> None:
    page = fetch(f"{site}/page", max_bytes=10)
    assert (page.status, page.headers["content-type"], page.body, page.url) == (
        *(200, "text/plain", b"xxxxx"),
        f"{site}/page",
    )


def test_redirects_are_followed_and_the_last_address_is_told(site: str) -> None:
    assert fetch(f"{site}/to//to//page", max_bytes=10).url == f"{site}/page"


def test_a_page_as_large_as_allowed_is_read(site: str) -> None:
    assert len(fetch(f"{site}/page/1000", max_bytes=1000).body) == 1000


def test_a_larger_page_is_refused(site: str) -> None:
    with pytest.raises(SourceTooLarge, match="larger than 1,000 bytes"):
        fetch(f"{site}/page/5000000", max_bytes=1000)


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_not_found(site: str, status: int) -> None:
    with pytest.raises(SourceNotFound, match=f"/status/{status}"):
        fetch(f"{site}/status/{status}", max_bytes=10)


@pytest.mark.parametrize(("status", "words"), [(403, "not open"), (500, "answered 500"), (418, "answered 418")])
def test_other_statuses_are_source_errors(site: str, status: int, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        fetch(f"{site}/status/{status}", max_bytes=10)


def test_redirects_in_circles_end(site: str) -> None:
    with pytest.raises(SourceError, match="circles"):
        fetch(f"{site}/to/" + "/to/" * 12, max_bytes=10)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://a.example/", "javascript:alert(1)"])
def test_only_the_web_is_redirected_to(site: str, target: str) -> None:
    with pytest.raises(SourceError, match="web address"):
        fetch(f"{site}/to/{target}", max_bytes=10)


def test_a_page_of_the_net_cannot_send_us_into_this_network() -> None:
    inside = ("localhost", "127.0.0.1", "10.0.0.8", "169.254.169.254", "192.168.1.1", "[::1]")
    for host in inside:
        reply = http.Reply(302, {"location": f"http://{host}/secret"}, iter(()))
        with pytest.raises(SourceError, match="own network"):
            http.redirection(reply, "https://news.example/")
        assert http.redirection(reply, "http://127.0.0.1:8000/") == f"http://{host}/secret"


def test_an_unreachable_source_is_a_source_error() -> None:
    with pytest.raises(SourceError, match="Is the server running"):
        fetch("http://127.0.0.1:1/", max_bytes=10)


@pytest.mark.parametrize("url", ["", "notes.txt", "http://[", "http://\x00/"])
def test_what_is_no_address_is_a_source_error(url: str) -> None:
    with pytest.raises(SourceError):
        fetch(url, max_bytes=10)


def test_a_password_in_the_address_is_not_repeated(site: str) -> None:
    with pytest.raises(SourceNotFound) as caught:
        fetch(site.replace("://", "://me:hunter2@") + "/status/404", max_bytes=10)
    assert "hunter2" not in str(caught.value)
