"""Imports a program once and forks for each run: `python server.py SOCKET MODULE:FUNCTION [MODULE...]`.

Says `ready` on stdout, and serves until its standard input ends. It has no threads, so that forks are whole.
"""

import _socket
import gc
import os
import select
import signal
import socket
import sys
from array import array
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import NamedTuple


class Run(NamedTuple):
    """What a client handed over. streams: (number, descriptor) of each standard stream that is open."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    streams: list[tuple[int, int]]


def serve(path: str, entry: str, preload: list[str]) -> "Run | None":
    """In this process: fork for every client, None at the end. In each fork: what to run."""
    for name in (entry.partition(":")[0], *preload):
        import_module(name)
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    ended, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    os.write(1, b"ready\n")
    running: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([listener, ended, 0], [], [])
        if ended in ready:
            os.read(ended, 64)
            _bury(running)
        if 0 in ready:
            return None
        if listener in ready:
            client, _ = listener.accept()
            run = _read(client)
            if pid := os.fork():
                running[pid] = client
                for _, descriptor in run.streams:
                    os.close(descriptor)
            else:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for each in (listener, client, *running.values()):
                    each.close()
                os.close(ended)
                os.close(tell)
                return run


def _bury(running: dict[int, socket.socket]) -> None:
    """Tell the clients of all that have ended how they did."""
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with running.pop(pid) as client, suppress(OSError):  # nobody may be waiting for it
            client.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))


def _read(client: socket.socket) -> Run:
    head, control, _, _ = client.recvmsg(7, _socket.CMSG_SPACE(3 * 4))
    handed = array("i")
    for _, _, data in control:
        handed.frombytes(data)
    size = int.from_bytes(head[:4], "big")
    told = bytearray()
    while len(told) < size:
        told += client.recv(size - len(told))
    values = [value.decode("utf-8", "surrogateescape") for value in bytes(told).split(b"\0")]
    count = int(values[0])
    pairs = [value.partition("=") for value in values[count + 3 :]]
    numbers = [number for number in head[4:] if number != 255]
    return Run(values[2 : 2 + count], values[1], {n: v for n, _, v in pairs}, list(zip(numbers, handed, strict=True)))


def become(run: Run, program: str) -> None:
    """Make this process what the client would have been."""
    taken = dict(run.streams)
    for number, descriptor in taken.items():
        os.dup2(descriptor, number)
    for descriptor in taken.values():
        os.close(descriptor)
    for number in {0, 1, 2} - taken.keys():
        os.close(number)
    os.chdir(run.folder)
    os.environ.clear()
    os.environ.update(run.environment)
    sys.argv = [program, *run.arguments]
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = _stream(number) if number in taken else None
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _stream(number: int) -> TextIOWrapper:
    """A standard stream as Python makes it at its start."""
    errors = "backslashreplace" if number == 2 else "surrogateescape"
    stream = open(number, "w" if number else "r", encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115 - for as long as the process runs
    assert isinstance(stream, TextIOWrapper)
    if number == 2:
        stream.reconfigure(line_buffering=True)
    return stream


def main() -> None:
    path, entry, *preload = sys.argv[1:]
    module, _, function = entry.partition(":")
    run = serve(path, entry, preload)
    if run is not None:
        become(run, module.partition(".")[0])
        getattr(import_module(module), function)()


main()
