"""One connection for each server and process, kept open from the first call to the end of the program.

All of them live in one event loop, in a thread of its own, so that sync and async code, several loops and several
threads use the same connection, and calls of one server run side by side. A connection that broke is opened anew by the
next call; the call it broke under is not repeated, for nobody knows what it has done.
"""

import asyncio
import atexit
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from curta import __version__
from curta.errors import ConfigError, CurtaError, ServerError
from curta.messages import JSON
from curta.tools.mcp.listing import Listed
from curta.tools.mcp.settings import Server

if TYPE_CHECKING:
    from mcp import Client
    from mcp_types import CallToolResult

T = TypeVar("T")

CLOSING = 5.0
"""Seconds that the end of the program waits for servers to end."""

LARGEST_LISTING = 4 << 20
MOST_PAGES = 100


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
_links: dict[str, "_Link"] = {}
"""The connections for calls, by all that they depend on. Only the loop's thread touches them."""
_open: set["_Link"] = set()
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


# A connection


class _Link:
    """A connection: a task that opens it, keeps it, and closes it.

    The task is the only one that enters and leaves the client, as its cancel scopes demand.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.why = ""
        self.refusal = ""
        self.stale = False
        self.tools: tuple[Listed, ...] = ()
        self._leave = asyncio.Event()
        self._ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._task = asyncio.ensure_future(self._keep())
        _open.add(self)

    @property
    def over(self) -> bool:
        return self._leave.is_set() or self._task.done()

    async def client(self) -> "Client":
        """The client, once it is connected. Raises ServerError."""
        return await self._within(asyncio.shield(self._ready), "begun")

    async def list(self) -> tuple[Listed, ...]:
        client = await self.client()
        if self.stale:
            self.stale = False
            self.tools = await self._within(_pages(client), "listed its tools")
        return self.tools

    async def call(self, tool: str, arguments: Mapping[str, JSON]) -> "CallToolResult":
        client = await self.client()
        return await self._within(client.call_tool(tool, dict(arguments)), "answered")

    async def leave(self, why: str = "") -> None:
        """Close it, also while it is being opened."""
        self._ended(why)
        if not self._ready.done():
            self._task.cancel()
        await asyncio.wait({self._task})

    async def _keep(self) -> None:
        from mcp import Client
        from mcp_types import Implementation

        try:
            client = Client(
                self._streams(),
                client_info=Implementation(name="curta", version=__version__),
                message_handler=self._heard,
                cache=None,
            )
            async with client:
                self.tools = await _pages(client)
                self._ready.set_result(client)
                await self._leave.wait()
        except BaseException as error:
            cause = _first(error)
            self.why = self.why or self._reason(cause)
            self._fail(cause if isinstance(cause, CurtaError) else self._broken())
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            self._leave.set()
            _open.discard(self)

    def _streams(self) -> AbstractAsyncContextManager[Any]:
        from curta.tools.mcp import stdio, web

        return web.opened(self.server, self._refused) if self.server.url else stdio.opened(self.server, self._ended)

    def _refused(self, why: str) -> None:
        self.refusal = why

    def _reason(self, error: BaseException) -> str:
        """Why it could not be opened, or ended, in a sentence."""
        import httpx2
        from mcp import MCPError

        from curta import http

        if isinstance(error, httpx2.RequestError):
            return str(http.translated(error, begun=False))
        if isinstance(error, MCPError):
            http_error = error.message == "Server returned an error response"
            return self.refusal if http_error and self.refusal else f"It says: {error.message}"
        if isinstance(error, ValueError):
            return f"It does not keep to the protocol: {error}"
        return f"{type(error).__name__}: {error}".removesuffix(": ")

    def _fail(self, error: CurtaError) -> None:
        """What those get who wait for it to be opened, if they still do."""
        if not self._ready.done():
            self._ready.set_exception(error)
            self._ready.exception()  # seen, also when nobody waits any more

    def _ended(self, why: str) -> None:
        self.why = self.why or why
        self._leave.set()

    async def _heard(self, message: Any) -> None:
        if getattr(message, "method", "") == "notifications/tools/list_changed":
            self.stale = True

    async def _within(self, work: Awaitable[T], verb: str) -> T:
        """What `work` comes to, in the server's time and while it lives."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task, self._task}, timeout=self.server.timeout, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return self._come(task)
            if self._task.done():
                raise self._broken()
            raise self._late(verb)
        finally:
            task.cancel()

    def _late(self, verb: str) -> ServerError:
        if not self._ready.done():  # whoever asks next tries anew
            self._leave.set()
            self._task.cancel()
        seconds = f"{self.server.timeout:g} s"
        return ServerError(f"The server {self.server.name} was too slow: it had not {verb} after {seconds}.")

    def _come(self, task: "asyncio.Future[T]") -> T:
        from mcp import MCPError
        from mcp_types import CONNECTION_CLOSED

        try:
            return task.result()
        except MCPError as error:
            if error.code == CONNECTION_CLOSED or "Session terminated" in error.message:
                self._ended("It broke off.")
                raise self._broken() from error
            raise ServerError(f"The call of {self.server.name} failed.", why=self._reason(error)) from error
        except (ValueError, RuntimeError) as error:
            raise ServerError(f"The call of {self.server.name} failed.", why=self._reason(error)) from error

    def _broken(self) -> ServerError:
        opened = self._ready.done() and not self._ready.exception()
        what = "The connection to the server {} has ended." if opened else "The server {} cannot be used."
        return ServerError(what.format(self.server.name), why=self.why)


async def _pages(client: "Client") -> tuple[Listed, ...]:
    """All pages of the list of tools. Raises ServerError for one that does not end."""
    found: list[Listed] = []
    cursor, size = None, 0
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor, cache_mode="bypass")
        found += (Listed.of(tool.model_dump(by_alias=True, mode="json", exclude_none=True)) for tool in page.tools)
        size += len(page.model_dump_json())
        cursor = page.next_cursor
        if size > LARGEST_LISTING:
            break
        if not cursor:
            return tuple({tool.name: tool for tool in found}.values())
    raise ServerError("The server's list of tools is too long, or does not end.")


def _linked(server: Server) -> _Link:
    """The connection to the server; opened when there is none, or when it has ended."""
    link = _links.get(server.reach)
    if link is None or link.over:
        link = _links[server.reach] = _Link(server)
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
    link = _Link(server)
    try:
        return await link.list()
    finally:
        await link.leave()


async def _closed() -> None:
    _links.clear()
    await asyncio.gather(*(link.leave() for link in list(_open)), return_exceptions=True)


def _first(error: BaseException) -> BaseException:
    """The first cause in what may be a group of errors, or a group of groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
