"""Pages and threads over HTTP, from a real server on this computer."""

import gzip
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from curta.errors import SourceError, SourceNotFound, SourceNotText, SourceTooLarge
from curta.sources import files, load
from curta.sources.web import discussion


@dataclass
class Site:
    """Pages by path: status, headers, body. url: without a slash at its end."""

    url: str = ""
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def page(self, path: str, body: bytes | str, media_type: str = "", status: int = 200, **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if media_type:
            named["Content-Type"] = media_type
        self.pages[path] = (status, named, body if isinstance(body, bytes) else body.encode())
        return self.url + path


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            status, headers, body = site.pages.get(self.path, (404, {}, b"nothing here"))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def test_a_page_becomes_text(site: Site) -> None:
    url = site.page("/a/page", "<title>The page</title><h1>Hi</h1><p>a &amp; b", "text/html; charset=utf-8")
    (document,) = load(url)
    assert (document.text, document.title, document.uri) == ("# Hi\n\na & b", "The page", url)
    assert document.trust == "untrusted"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        ("<p>дом", "text/html; charset=windows-1251"),
        ("<meta charset=windows-1251><p>дом", "text/html"),
        ("дом", 'Text/Plain; Charset="Windows-1251"; x'),
    ],
)
def test_the_charset_of_the_header_or_the_page(site: Site, body: str, media_type: str) -> None:
    (document,) = load(site.page("/x", body.encode("cp1251"), media_type))
    assert document.text == "дом"


@pytest.mark.parametrize(
    ("path", "media_type", "body", "text"),
    [
        ("/a.txt", "text/plain", "<p>a", "<p>a"),
        ("/a.json", "application/json", '{"a": 1}', '{"a": 1}'),
        ("/a", "application/ld+json", "[1]", "[1]"),
        ("/feed", "application/rss+xml", "<rss/>", "<rss/>"),
        ("/a", "application/xhtml+xml", "<p>a</p>", "a"),
        ("/a", "", "<!DOCTYPE html><p>a", "a"),
        ("/a", "", "plain", "plain"),
    ],
)
def test_the_content_type_decides(site: Site, path: str, media_type: str, body: str, text: str) -> None:
    assert load(site.page(path, body, media_type))[0].text == text


def test_markdown_keeps_its_text_and_gives_its_title(site: Site) -> None:
    (document,) = load(site.page("/README.md", "# Name\n\n*text*", "text/plain"))
    assert (document.text, document.title) == ("# Name\n\n*text*", "Name")


@pytest.mark.parametrize("media_type", ["image/png", "application/octet-stream", "video/mp4"])
def test_what_is_no_text_is_refused(site: Site, media_type: str) -> None:
    with pytest.raises(SourceNotText, match=media_type):
        load(site.page("/x", b"anything", media_type))


def test_a_picture_that_calls_itself_text_is_refused(site: Site) -> None:
    with pytest.raises(SourceNotText, match="PNG"):
        load(site.page("/x", b"\x89PNG\r\n\x1a\n\0\0\0", "text/plain"))


def test_redirects_are_followed(site: Site) -> None:
    site.page("/there", "found", "text/plain")
    (document,) = load(site.page("/here", "", status=302, Location="/there"))
    assert (document.text, document.uri) == ("found", f"{site.url}/here")


@pytest.mark.parametrize(("status", "error"), [(404, SourceNotFound), (410, SourceNotFound), (403, SourceError)])
def test_a_status_that_is_no_page(site: Site, status: int, error: type[SourceError]) -> None:
    with pytest.raises(error) as caught:
        load(site.page("/x", "sorry", "text/html", status))
    assert str(status) in str(caught.value)


def test_a_page_that_is_too_large(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LIMIT", 1000)
    with pytest.raises(SourceTooLarge):
        load(site.page("/x", "x" * 1001, "text/plain"))
    with pytest.raises(SourceTooLarge):
        load(site.page("/y", gzip.compress(b"x" * 1001), "text/plain", Content_Encoding="gzip"))


def test_no_server() -> None:
    with pytest.raises(SourceError, match=r"127\.0\.0\.1"):
        load("http://127.0.0.1:1/page")


@pytest.mark.parametrize(
    "url", ["http://", "https:///x", "http://[", "http://exa mple/", "http://x:99999/", "http://\n/"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(SourceError):
        load(url)


def test_a_password_in_an_address_is_not_kept(site: Site) -> None:
    url = site.page("/x", "text", "text/plain").replace("http://", "http://me:hush@")
    assert "hush" not in load(url)[0].uri


# Hacker News


def test_a_thread_is_fetched_by_its_number(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    reply = {"id": 9, "type": "comment", "author": "bob", "text": "So it is.", "children": []}
    item = {"id": 8, "type": "story", "author": "ann", "title": "T", "text": None, "url": None, "children": [reply]}
    site.page("/api/items/8", json.dumps(item), "application/json")
    for base in (f"{site.url}/api", f"{site.url}/api/"):
        monkeypatch.setenv("CURTA_HN_URL", base)
        (document,) = load("hn:8")
        assert (document.uri, document.title, document.spans[0].author) == ("hn:8", "T", "bob")
    assert load("https://news.ycombinator.com/item?id=8") == [document]
    assert load(f"{site.url}/api/items/8")[0].spans == document.spans
    assert set(site.asked) == {"/api/items/8"}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("null", "has no item 8"),
        ("<html>", "is not JSON"),
        ("[]", "is no JSON object"),
        ('{"id": 8}', "has no type"),
        ("\x89PNG\0\0\0", "no plain text"),
    ],
)
def test_an_answer_that_is_no_thread(site: Site, monkeypatch: pytest.MonkeyPatch, body: str, problem: str) -> None:
    monkeypatch.setenv("CURTA_HN_URL", site.url)
    site.page("/items/8", body, "application/json")
    with pytest.raises(SourceError, match=problem):
        load("hn:8")


def test_a_thread_that_does_not_exist(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURTA_HN_URL", site.url)
    with pytest.raises(SourceNotFound, match="Hacker News has no item 99"):
        load("hn:99")


@pytest.mark.parametrize("spec", ["hn:", "hn:abc", "hn:8/../9", "hn:-1", "hn:²", "hn:8 ", "hn:8?x"])
def test_a_number_that_is_none_is_not_asked_for(site: Site, monkeypatch: pytest.MonkeyPatch, spec: str) -> None:
    monkeypatch.setenv("CURTA_HN_URL", site.url)
    with pytest.raises(SourceError, match="names no thread"):
        load(spec)
    assert site.asked == []


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("https://news.ycombinator.com/item?id=8863", "8863"),
        ("http://NEWS.ycombinator.com/item?p=2&id=8863#9224", "8863"),
        ("https://news.ycombinator.com/item?id=x", ""),
        ("https://news.ycombinator.com/news?id=1", ""),
        ("https://news.ycombinator.com.evil.org/item?id=1", ""),
    ],
)
def test_the_page_of_a_thread_is_recognised(url: str, number: str) -> None:
    assert discussion(url) == number
