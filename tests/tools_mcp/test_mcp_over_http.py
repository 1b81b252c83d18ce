"""Servers reached by URL: Streamable HTTP with a saved key, and nothing else gets that key."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from curta import config
from curta.errors import CurtaError, ServerError
from curta.models import keys
from curta.tools.mcp import connection, servers
from tests.tools_mcp.calling import call, call_all, said

KEY = "a-long-key-for-the-loopback"
Served = Callable[..., Any]


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """The base URL of an ASGI application, served by uvicorn in a thread."""
    import uvicorn

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        connection.close()
        server.should_exit = True
        thread.join(10)


def guarded(application: Any, seen: list[dict[bytes, bytes]]) -> Any:
    """`application`, for those who have the key."""

    async def checked(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            seen.append(headers)
            if headers.get(b"authorization") != f"Bearer {KEY}".encode() and headers.get(b"x-key") != KEY.encode():
                await send({"type": "http.response.start", "status": 401, "headers": []})
                await send({"type": "http.response.body", "body": b"no"})
                return
        await application(scope, receive, send)

    return checked


@pytest.fixture(scope="module")
def seen() -> list[dict[bytes, bytes]]:
    """The headers of all requests."""
    return []


@pytest.fixture(scope="module")
def url(seen: list[dict[bytes, bytes]]) -> Iterator[str]:
    """A server that wants a key."""
    from mcp.server import MCPServer

    server = MCPServer("web")

    @server.tool()
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    @server.tool()
    def recite(length: int) -> str:
        """Say x."""
        return "x" * length

    with serving(guarded(server.streamable_http_app(), seen)) as base:
        yield f"{base}/mcp"


@pytest.fixture
def web(url: str) -> servers.Server:
    """The server, added as `web`."""
    keys.save("web", KEY)
    return servers.propose("web", url=url, headers=servers.carrying("web"), timeout=20).accept()


def test_a_server_is_called_over_http(web: servers.Server) -> None:
    (add,) = servers.functions("web/add")
    assert [said(each) for each in call_all((add, {"a": 1, "b": 2}), (add, {"a": 3, "b": 4}))] == ["3", "7"]


def test_the_key_is_sent_and_not_kept_beside_the_server(web: servers.Server, seen: list[dict[bytes, bytes]]) -> None:
    assert {headers[b"authorization"] for headers in seen} == {f"Bearer {KEY}".encode()}
    assert all(headers[b"user-agent"].startswith(b"curta/") for headers in seen)
    assert KEY not in (config.home() / servers.FILE).read_text()
    assert KEY not in str(web.describe())


def test_a_key_can_go_in_another_header(url: str) -> None:
    keys.save("web", KEY)
    servers.propose("web", url=url, headers=servers.carrying(None, [("X-Key", "web")]), timeout=20).accept()
    assert said(call("web/add", a=1, b=2)) == "3"


def test_a_wrong_key_is_a_sentence_without_the_key(url: str) -> None:
    keys.save("web", "another-key-of-somebody")
    with pytest.raises(ServerError, match="web") as refusal:
        servers.propose("web", url=url, headers=servers.carrying("web"), timeout=20)
    assert "another-key" not in str(refusal.value)


def test_answers_of_some_megabytes_arrive(web: servers.Server) -> None:
    assert len(said(call("web/recite", length=3_000_000))) > 90_000


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(CurtaError, match="web"):
        servers.propose("web", url=f"http://127.0.0.1:{port}/mcp", timeout=5)


def test_a_redirect_to_another_host_is_not_followed_and_sees_no_key(url: str) -> None:
    seen: list[Any] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if self.server is redirecting:
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(307)
                self.send_header("Location", f"http://127.0.0.1:{elsewhere.server_port}/mcp")
            else:
                seen.append(dict(self.headers))
                self.send_response(500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    keys.save("web", KEY)
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as redirecting, HTTPServer(("127.0.0.1", 0), Elsewhere) as elsewhere:
        for server in (redirecting, elsewhere):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{redirecting.server_port}/mcp"
        with pytest.raises(ServerError, match="not followed"):
            servers.propose("web", url=address, headers=servers.carrying("web"), timeout=5)
        redirecting.shutdown()
        elsewhere.shutdown()
    assert seen == []


def test_an_answer_without_an_end_is_given_up() -> None:
    class Endless(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            try:
                for _ in range(100):
                    self.wfile.write(b" " * (1 << 20))
            except OSError:
                given_up.set()

        def log_message(self, *_: Any) -> None:
            pass

    given_up = threading.Event()
    with HTTPServer(("127.0.0.1", 0), Endless) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(CurtaError, match="more than 32 MB"):
            servers.propose("web", url=f"http://127.0.0.1:{server.server_port}/", timeout=10)
        assert given_up.wait(5)
        server.shutdown()
