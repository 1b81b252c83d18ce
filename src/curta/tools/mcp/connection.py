"""One connection for each server and process, kept open from the first call to the end of the program.

All of them live in one event loop, in a thread of its own, so that sync and async code, several loops and several
threads use the same connection, and calls of one server run side by side. A connection that broke is opened anew by the
next call; the call it broke under is not repeated, for nobody knows what it has done.
"""

import asyncio
import atexit
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING

from curta.errors import ConfigError
from curta.messages import JSON
from curta.tools.mcp.link import Link
from curta.tools.mcp.listing import Listed
from curta.tools.mcp.settings import Server

if TYPE_CHECKING:
    from mcp_types import CallToolResult

CLOSING = 5.0
"""Seconds that the end of the program waits for servers to end."""


def listed(server: Server) -> tuple[Listed, ...]:
    """What the server lists now, over a connection made for this. Waits for it. Raises ServerError."""
    return asyncio.run_coroutine_threadsafe(_listed(server), _ours().events).result()


async def call(
    server: Server, tool: str, arguments: Mapping[str, JSON], check: Callable[[tuple[Listed, ...]], None]
) -> "CallToolResult":
    """Call a tool of the server. Raises ServerError when it cannot be reached, breaks off or is too slow.

    check: is given what the server lists, each time it may have changed, before the call is made; it raises to stop it.
    """
    work = _call(server, tool, arguments, check)
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, _ours().events))


def close() -> None:
    """Close all connections of this process and end their servers."""
    global _loop
    with _lock:
        loop, _loop = _loop, None
    if loop is None or loop.process != os.getpid():
        return
    with suppress(Exception):
        asyncio.run_coroutine_threadsafe(_closed(), loop.events).result(CLOSING)
    loop.events.call_soon_threadsafe(loop.events.stop)


# The loop


class _Loop:
    """An event loop in a thread that the end of the program does not wait for."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.events = asyncio.new_event_loop()
        Thread(target=self.events.run_forever, daemon=True, name="curta-mcp").start()


_lock = Lock()
_loop: _Loop | None = None
_links: dict[str, Link] = {}
"""The connections for calls, by all that they depend on. Only the loop's thread touches them."""
_open: set[Link] = set()
"""All connections whose servers may still run."""
_parents: list[object] = []
"""After fork(), what is the parent's: kept from being collected, which would close what the parent still uses."""


def _ours() -> _Loop:
    global _loop
    with _lock:
        if _loop is None or _loop.process != os.getpid():  # a child of fork() has the variables but not the thread
            _parents.extend((_loop, dict(_links), set(_open)))
            _links.clear()
            _open.clear()
            _loop = _Loop()
            atexit.register(close)
        return _loop


_UNHEARD = logging.NullHandler()
"""Where the warnings of the package `mcp` about a bad server go, which would else appear on the user's terminal."""


def _require_mcp() -> None:
    """Import the package, in our thread: it takes a second. Raises ConfigError."""
    try:
        import mcp  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "Tools of MCP servers need the package mcp, which is not installed.", then="curta install 'curta[mcp]'"
        ) from error
    for name in ("mcp", "client"):
        logging.getLogger(name).addHandler(_UNHEARD)


# In the loop


def _linked(server: Server) -> Link:
    """The connection to the server; opened when there is none, or when it has ended."""
    link = _links.get(server.reach)
    if link is None or link.over:
        link = _links[server.reach] = _opened(server)
    return link


async def _call(
    server: Server, tool: str, arguments: Mapping[str, JSON], check: Callable[[tuple[Listed, ...]], None]
) -> "CallToolResult":
    _require_mcp()
    link = _linked(server)
    check(await link.list())
    return await link.call(tool, arguments)


async def _listed(server: Server) -> tuple[Listed, ...]:
    _require_mcp()
    link = _opened(server)
    try:
        return await link.list()
    finally:
        await link.leave()


async def _closed() -> None:
    _links.clear()
    await asyncio.gather(*(link.leave() for link in list(_open)), return_exceptions=True)


def _opened(server: Server) -> Link:
    link = Link(server)
    _open.add(link)
    link.task.add_done_callback(lambda _: _open.discard(link))
    return link
