"""A connection to one server: opened, kept, and closed by one task; what is asked over it is bounded in time."""

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, TypeVar

from curta import __version__
from curta.errors import CurtaError, ServerError
from curta.messages import JSON
from curta.tools.mcp.listing import Listed
from curta.tools.mcp.settings import Server

if TYPE_CHECKING:
    from mcp import Client
    from mcp_types import CallToolResult

T = TypeVar("T")

LARGEST_LISTING = 4 << 20
MOST_PAGES = 100
MOST_CHANGES = 5


class Link:
    """A connection: a task that opens it, keeps it, and closes it.

    The task is the only one that enters and leaves the client, as its cancel scopes demand.

    why: what ended it, as far as that is known. refusal: the last HTTP error the server answered with.
    stale: the server has announced that what it lists has changed.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.why = ""
        self.refusal = ""
        self.stale = False
        self.tools: tuple[Listed, ...] = ()
        self._leave = asyncio.Event()
        self._ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self.task = asyncio.ensure_future(self._keep())

    @property
    def over(self) -> bool:
        return self._leave.is_set() or self.task.done()

    async def client(self) -> "Client":
        """The client, once it is connected. Raises ServerError."""
        return await self._within(asyncio.shield(self._ready), "begun")

    async def list(self) -> tuple[Listed, ...]:
        """What the server lists, as of now or its last announcement of a change. Raises ServerError."""
        client = await self.client()
        for _ in range(MOST_CHANGES):
            if not self.stale:
                return self.tools
            self.stale = False
            try:
                self.tools = await self._within(_pages(client), "listed its tools")
            except BaseException:
                self.stale = True  # what was listed before is not known to hold
                raise
        raise ServerError(f"The server {self.server.name} keeps changing its tools.")

    async def call(self, tool: str, arguments: Mapping[str, JSON]) -> "CallToolResult":
        client = await self.client()
        return await self._within(client.call_tool(tool, dict(arguments)), "answered")

    async def leave(self, why: str = "") -> None:
        """Close it, also while it is being opened."""
        self._ended(why)
        if not self._ready.done():
            self.task.cancel()
        await asyncio.wait({self.task})

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
            await asyncio.wait({task, self.task}, timeout=self.server.timeout, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return self._come(task)
            if self.task.done():
                raise self._broken()
            raise self._late(verb)
        finally:
            task.cancel()

    def _late(self, verb: str) -> ServerError:
        if not self._ready.done():  # whoever asks next tries anew
            self._leave.set()
            self.task.cancel()
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


def _first(error: BaseException) -> BaseException:
    """The first cause in what may be a group of errors, or a group of groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
