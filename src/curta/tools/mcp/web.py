"""The way to a server that is an address: Streamable HTTP, with the saved keys in their headers.

The package `mcp` follows a redirect only on the same host, so a key goes nowhere else. OAuth is not spoken.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from curta import http
from curta.errors import ServerError
from curta.tools.mcp.settings import Server, headers

if TYPE_CHECKING:
    import httpx2
    from mcp.client._transport import TransportStreams

LARGEST_ANSWER = 32 << 20


@asynccontextmanager
async def opened(server: Server, refused: Callable[[str], None]) -> "AsyncIterator[TransportStreams]":
    """The streams to the server. Nothing is sent before the first message.

    refused: is told when the server answers with an HTTP error, which the package `mcp` says nothing more of.
    """
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    settings = http.client_settings(server.url)
    settings["headers"] = {**settings["headers"], **headers(server)}
    timeout = httpx2.Timeout(server.timeout, connect=http.Timeouts.configured().connect)

    async def seen(response: "httpx2.Response") -> None:
        if response.is_error:
            refused(_refusal(response.status_code, server))
        await _bounded(response)

    client = httpx2.AsyncClient(**settings, timeout=timeout, event_hooks={"response": [seen]})
    async with (
        client,
        streamable_http_client(server.url, http_client=client, max_sse_event_size=LARGEST_ANSWER) as streams,
    ):
        yield streams


def _refusal(status: int, server: Server) -> str:
    if status in (401, 403):
        wanted = "refused the key it was sent" if server.headers else "wants a key (--key NAME)"
        return f"It {wanted}: HTTP status {status}."
    return f"It answered with HTTP status {status}."


async def _bounded(response: "httpx2.Response") -> None:
    """Read no more of an answer than it may have. (A stream of events is bounded by `mcp`, event by event.)"""
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        return
    import httpx2

    class Bounded(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for chunk in stream:
                size += len(chunk)
                if size > LARGEST_ANSWER:
                    raise ServerError(f"It answered with more than {LARGEST_ANSWER >> 20} MB.")
                yield chunk

        async def aclose(self) -> None:
            await stream.aclose()

    assert isinstance(response.stream, httpx2.AsyncByteStream)
    stream = response.stream
    response.stream = Bounded()
