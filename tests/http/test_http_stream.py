"""Streaming over real sockets: retries, connections, cancellation, errors."""

import asyncio
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from curta import http
from curta.errors import BrokenAnswer, ConfigError, TimedOut, Unreachable
from curta.http import HTTPRequest, Retry, Timeouts, astream, stream
from tests.servers.openai import Failure, OpenAIServer


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The delays between attempts, which take no time here."""
    delays: list[float] = []

    async def sleep(seconds: float) -> None:
        delays.append(seconds)

    monkeypatch.setattr(http, "sleep", delays.append)
    monkeypatch.setattr(http, "async_sleep", sleep)
    return delays


def ask(server: OpenAIServer, model: str) -> HTTPRequest:
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}], "stream": True}
    return HTTPRequest("POST", f"{server.url}/chat/completions", body=json.dumps(body).encode())


def read(request: HTTPRequest, **options: object) -> tuple[int, bytes]:
    with stream(request, **options) as reply:  # type: ignore[arg-type]
        return reply.status, b"".join(reply.chunks)


async def aread(request: HTTPRequest) -> tuple[int, bytes]:
    async with astream(request) as reply:
        return reply.status, b"".join([chunk async for chunk in reply.chunks])


@pytest.fixture
def closed_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A server that accepts connections and says nothing by itself."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server


def address(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_sync_and_async_bring_the_same_bytes(openai_server: OpenAIServer) -> None:
    request = ask(openai_server, "hello")
    assert read(request) == asyncio.run(aread(request))
    assert read(request)[1].endswith(b"data: [DONE]\n\n")


def test_retries_are_told_and_then_succeed(openai_server: OpenAIServer, slept: list[float]) -> None:
    openai_server.script(Failure(503), Failure(429, headers={"retry-after": "7"}), "At last.")
    told: list[Retry] = []
    status, body = read(ask(openai_server, "any"), on_retry=told.append)
    assert (status, b"last" in body) == (200, True)
    assert [(retry.reason, retry.attempt, retry.attempts) for retry in told] == [("503", 2, 5), ("429", 3, 5)]
    assert slept == [told[0].delay, 7]


def test_async_code_retries_alike(openai_server: OpenAIServer, slept: list[float]) -> None:
    openai_server.script(Failure(503, headers={"retry-after": "1"}), "At last.")
    assert asyncio.run(aread(ask(openai_server, "any")))[0] == 200
    assert slept == [1]


def test_after_five_attempts_the_error_is_the_answer(openai_server: OpenAIServer, slept: list[float]) -> None:
    status, body = read(ask(openai_server, "error-500"))
    assert (status, json.loads(body)["error"]["message"]) == (500, "The server says no.")
    assert (len(openai_server.requests), len(slept)) == (5, 4)


def test_a_long_retry_after_is_not_waited_for(openai_server: OpenAIServer, slept: list[float]) -> None:
    openai_server.script(Failure(429, headers={"retry-after": "3600"}))
    assert read(ask(openai_server, "any"))[0] == 429
    assert slept == []


def test_one_connection_serves_many_calls(openai_server: OpenAIServer) -> None:
    for _ in range(5):
        read(ask(openai_server, "hello"))
    assert openai_server.connections == 1


def test_async_calls_of_one_loop_share_connections(openai_server: OpenAIServer) -> None:
    async def many() -> None:
        for _ in range(5):
            await aread(ask(openai_server, "hello"))

    asyncio.run(many())
    assert openai_server.connections == 1
    asyncio.run(many())
    assert openai_server.connections == 2
    assert not http._async_clients, "a client ends with its loop"


def test_no_cookies_are_kept_between_calls(openai_server: OpenAIServer) -> None:
    openai_server.script(Failure(400, headers={"set-cookie": "who=me"}), "ok")
    read(ask(openai_server, "any"))
    read(ask(openai_server, "any"))
    assert "cookie" not in openai_server.requests[1].headers


def test_leaving_early_closes_the_connection(openai_server: OpenAIServer) -> None:
    with stream(ask(openai_server, "endless")) as reply:
        next(reply.chunks)
    assert openai_server.disconnected.wait(5)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this system cannot signal a thread")
def test_ctrl_c_closes_the_connection(openai_server: OpenAIServer) -> None:
    def press_ctrl_c() -> None:
        openai_server.received.wait(5)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=press_ctrl_c).start()
    with pytest.raises(KeyboardInterrupt):
        read(ask(openai_server, "stall"))
    assert openai_server.disconnected.wait(5)


def test_cancelling_a_task_closes_the_connection(openai_server: OpenAIServer) -> None:
    async def cancelled() -> None:
        task = asyncio.create_task(aread(ask(openai_server, "stall")))
        await asyncio.to_thread(openai_server.received.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert openai_server.disconnected.wait(5)


def test_a_stall_is_timed_out(openai_server: OpenAIServer) -> None:
    with pytest.raises(TimedOut) as caught, stream(ask(openai_server, "stall"), timeouts=Timeouts(read=0.05)) as reply:
        list(reply.chunks)
    assert "127.0.0.1" in caught.value.what
    assert "CURTA_TIMEOUT" in caught.value.then


def test_a_refused_local_connection_asks_for_the_server_at_once(closed_port: int, slept: list[float]) -> None:
    with pytest.raises(Unreachable) as caught:
        read(HTTPRequest("GET", f"http://127.0.0.1:{closed_port}/"))
    assert str(caught.value) == (
        f"No connection to 127.0.0.1:{closed_port}.\nThe connection was refused.\nIs the server running?"
    )
    assert slept == []


def test_async_code_has_the_same_errors(closed_port: int) -> None:
    with pytest.raises(Unreachable, match=r"refused\.\nIs the server running"):
        asyncio.run(aread(HTTPRequest("GET", f"http://127.0.0.1:{closed_port}/")))


def test_an_unknown_host_is_named() -> None:
    with pytest.raises(Unreachable, match=r"No connection to no\.such\.host\.invalid\."):
        read(HTTPRequest("GET", "https://no.such.host.invalid/"))


@pytest.mark.parametrize("rubbish", [b"", b"SSH-2.0-OpenSSH\r\n", b"\x00" * 500])
def test_what_is_not_http_is_a_broken_answer(listening: socket.socket, rubbish: bytes) -> None:
    def serve() -> None:
        for _ in range(http.ATTEMPTS):
            with listening.accept()[0] as connection:
                connection.recv(1 << 16)
                connection.sendall(rubbish)

    threading.Thread(target=serve, daemon=True).start()
    with pytest.raises(BrokenAnswer, match="sent no proper answer"):
        read(HTTPRequest("GET", address(listening)))


def test_a_false_compression_is_a_broken_answer(listening: socket.socket) -> None:
    def serve() -> None:
        with listening.accept()[0] as connection:
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd")

    threading.Thread(target=serve, daemon=True).start()
    with pytest.raises(BrokenAnswer, match="sent no proper answer"):
        read(HTTPRequest("GET", address(listening)))


def test_what_goes_to_this_computer_passes_no_proxy(
    openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
    assert read(ask(openai_server, "hello"))[0] == 200


def test_a_proxy_is_used_for_other_hosts(listening: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", address(listening))
    seen: list[bytes] = []

    def serve() -> None:
        with listening.accept()[0] as connection:
            seen.append(connection.recv(1 << 16))
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nproxy")

    threading.Thread(target=serve, daemon=True).start()
    assert read(HTTPRequest("GET", "http://a.example/page")) == (200, b"proxy")
    assert seen[0].startswith(b"GET http://a.example/page HTTP/1.1\r\n")


@pytest.mark.parametrize("proxy", ["gopher://127.0.0.1:1", "http://[::1"])
def test_a_proxy_of_no_use_is_named(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigError, match="proxy"):
        read(HTTPRequest("GET", "https://a.example/"))


def test_certificates_that_cannot_be_read_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    with pytest.raises(ConfigError, match="SSL_CERT_FILE"):
        read(HTTPRequest("GET", "https://a.example/"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_opens_connections_of_its_own(openai_server: OpenAIServer) -> None:
    read(ask(openai_server, "hello"))
    child = os.fork()
    if not child:
        os._exit(0 if read(ask(openai_server, "hello"))[0] == 200 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert read(ask(openai_server, "hello"))[0] == 200
    assert openai_server.connections == 2


def test_threads_share_one_pool(openai_server: OpenAIServer) -> None:
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(read(ask(openai_server, "hello"))[0])) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 12
