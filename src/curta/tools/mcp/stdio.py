"""The way to a server that is a program here: messages, one JSON line each, over its stdin and stdout.

The package `mcp` has such a transport too. This one differs where a bad server would hurt: a line has a largest length
and is read in time linear in it (10 MB take `mcp` 2.3 seconds, 50 MB minutes), what is no message is passed over
silently, stderr never fills, and nothing of the process group outlives the connection.
"""

import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from curta import config
from curta.errors import ServerError
from curta.tools.mcp.settings import Server, environment
from curta.tools.mcp.stderr import Complaints

if TYPE_CHECKING:
    from anyio.abc import ByteReceiveStream, Process
    from mcp.client._transport import TransportStreams

LONGEST_LINE = 32 << 20
GRACE = 1.5
"""Seconds a server has to end by itself when its stdin closes, and again when it is told to."""


@asynccontextmanager
async def opened(server: Server, ended: Callable[[str], None]) -> "AsyncIterator[TransportStreams]":
    """Start the server and give its streams. `ended` is told why, once nothing more will come.

    Raises ServerError when it cannot be started.
    """
    import anyio
    from mcp.shared.message import SessionMessage

    complaints = Complaints(config.home() / "mcp" / f"{server.name}.log")
    try:
        process = await _started(server, complaints.writing)
    finally:
        complaints.close()
    arriving, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, leaving = anyio.create_memory_object_stream[SessionMessage](0)
    closing = anyio.Event()

    def gone(why: str) -> None:
        if not closing.is_set():  # what ends because we close it has no reason of its own
            ended(why)

    async with read, write, anyio.create_task_group() as group:
        group.start_soon(_receive, process, complaints, arriving, gone)
        group.start_soon(_send, process, leaving)
        try:
            yield read, write
        finally:
            closing.set()
            with anyio.CancelScope(shield=True):
                await _stop(process)
            group.cancel_scope.cancel()


async def _started(server: Server, stderr: int) -> "Process":
    import anyio
    from mcp.client.stdio import get_default_environment

    folder = server.folder or None
    if folder and not os.path.isdir(folder):
        raise ServerError(f"The server {server.name} runs in {folder}, which is not there.", then=_again(server))
    try:
        return await anyio.open_process(
            [program(server.command[0], server.folder), *server.command[1:]],
            env=environment(server, get_default_environment()),
            stderr=stderr,
            cwd=folder,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ServerError(f"The server {server.name} could not be started: {why}.", then=_again(server)) from error


def program(word: str, folder: str) -> str:
    """The program that `word` names, as a shell in `folder` would find it. Raises ServerError when there is none."""
    from shutil import which

    path = os.path.join(folder, word) if os.path.dirname(word) else word
    if found := which(path):
        return found
    raise ServerError(f"There is no program called {word!r}.", then="Is it installed, and on the PATH?")


def _again(server: Server) -> str:
    return f"If it has moved: curta tools rm-server {server.name}, then add it again."


async def _receive(process: "Process", complaints: Complaints, arriving: Any, ended: Callable[[str], None]) -> None:
    import anyio
    from mcp.shared.message import SessionMessage
    from mcp_types import jsonrpc_message_adapter

    why = ""
    assert process.stdout is not None
    async with arriving:
        try:
            async for line in _lines(process.stdout):
                with suppress(ValueError):  # a server's own print() is no message
                    await arriving.send(SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False)))
        except _TooLong:
            why = f"It sent a line of more than {LONGEST_LINE >> 20} MB."
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, ConnectionError):
            pass  # the connection is being left
        ended(why or await _fate(process, complaints))


class _TooLong(Exception):
    """A line without an end."""


async def _lines(stream: "ByteReceiveStream") -> AsyncIterator[bytes]:
    pieces: list[bytes] = []
    size = 0
    async for chunk in stream:
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            yield b"".join([*pieces, line])
            pieces, size = [], 0
        pieces.append(rest)
        size += len(rest)
        if size > LONGEST_LINE:
            raise _TooLong


async def _send(process: "Process", leaving: Any) -> None:
    import anyio

    assert process.stdin is not None
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
        async with leaving:
            async for message in leaving:
                line = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                await process.stdin.send(line.encode() + b"\n")


async def _fate(process: "Process", complaints: Complaints) -> str:
    """How a process that says nothing more has ended, and its last words."""
    import anyio

    await _ended_within(process, GRACE)
    with anyio.move_on_after(GRACE / 10):
        while not complaints.read:
            await anyio.sleep(0.005)
    code = process.returncode
    how = "It closed its output." if code is None else f"It ended with code {code}."
    return f"{how} Its last words: {complaints.last_line}" if complaints.last_line else how


async def _stop(process: "Process") -> None:
    """Close its stdin, wait, then end whatever is left of its process group."""
    assert process.stdin is not None
    with suppress(Exception):
        await process.stdin.aclose()
    await _ended_within(process, GRACE)
    _signal(process, signal.SIGTERM)
    if not await _ended_within(process, GRACE):
        _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
        await _ended_within(process, GRACE)
    with suppress(Exception):
        await process.aclose()


async def _ended_within(process: "Process", seconds: float) -> bool:
    """By polling: `wait()` also waits for the pipes, which a grandchild may hold open."""
    import anyio

    with anyio.move_on_after(seconds):
        while process.returncode is None:
            await anyio.sleep(0.005)
    return process.returncode is not None


def _signal(process: "Process", number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)  # its group has its number: it was started as a session of its own
        elif process.returncode is None:
            process.send_signal(signal.Signals(number))
