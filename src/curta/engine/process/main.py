"""The engine process itself: loads one model file, answers over HTTP, and ends when nobody asks any more.

Only this process imports the engine's package. What it is to do comes on its standard input; that it can be asked is
known by its state file, and told by a word on its standard output.
"""

import json
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from typing import Any

from curta.engine.process.package import installed_version
from curta.engine.process.state import Address, Held, Place, socket_path

ERRORS = 1
"""The verbosity that says why a file cannot be loaded, and nothing of what is asked later."""
SHORTEST_LOOK, LONGEST_LOOK = 0.05, 5.0
"""Seconds between two looks at whether anybody asked."""


def main() -> None:
    """Load, answer, end."""
    order = json.load(sys.stdin)
    tell = _detached()
    address, server = _listening(order)
    held = Held(Place(Path(order["place"][0]), order["place"][1]), address, order["idle"])
    _silence()
    _say_ready(tell)
    _answer_until_idle(server, held, order["idle"])
    held.remove()
    sys.stdout.flush()
    os._exit(0)  # the threads of the server wait for requests that are under way, and would hold this up


def _detached() -> int:
    """Go away from the terminal; the descriptor on which to say that all is ready."""
    os.umask(0o077)
    for name in ("SIGINT", "SIGHUP", "SIGPIPE"):
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # the threads of the server inherit it
    tell = os.dup(1)
    with open(os.devnull, "r+b") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)
    return tell


def _silence() -> None:
    """Say no more: what goes wrong from here on is answered to who asked."""
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), 2)


def _say_ready(tell: int) -> None:
    try:
        os.write(tell, b"ready")
    except OSError:
        pass  # who started it is gone; the next who asks finds it
    finally:
        os.close(tell)


def _listening(order: dict[str, Any]) -> tuple[Address, Any]:
    """The engine with its model loaded. Ends the process when it cannot be."""
    import xllamacpp  # type: ignore[import-untyped,unused-ignore]

    os.chdir("/" if os.name == "posix" else Path.home())
    key = secrets.token_urlsafe(32)
    socket = _socket(order)
    server = _server(xllamacpp, order, key, socket)
    url = "http://localhost" if socket else str(server.listening_address)
    address = Address(
        name=order["name"],
        url=f"{url}/v1",
        socket=socket,
        key=key,
        sha256=order["sha256"],
        engine=installed_version(),
        context=order["context"],
        slots=order["slots"],
        threads=order["threads"],
        process=os.getpid(),
        started=time.time(),
        bytes=order["bytes"],
    )
    return address, server


def _socket(order: dict[str, Any]) -> str:
    """The path of the Unix socket to listen on; empty for a port."""
    import socket

    if order["port"] is not None or not hasattr(socket, "AF_UNIX"):
        return ""
    path = socket_path(Place(Path(order["place"][0]), order["place"][1]))
    path.unlink(missing_ok=True)
    return str(path)


def _server(engine: Any, order: dict[str, Any], key: str, socket: str) -> Any:
    """Raises RuntimeError when the file cannot be loaded; on standard error is why.

    A port that is taken is not insisted on: then any other.
    """
    wanted = order["port"] or 0
    for port in dict.fromkeys((wanted, 0)):
        if port and _is_taken(port):
            continue
        try:
            return engine.Server(parameters(engine, order, key, socket or "127.0.0.1", port))
        except RuntimeError:
            if port and _is_taken(port):
                continue
            sys.exit(1)
    raise AssertionError("any port is free")


def _is_taken(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def parameters(engine: Any, order: dict[str, Any], key: str, host: str, port: int) -> Any:
    """What the engine is told. Its own defaults let every page of the web use the model and read prompts."""
    asked = engine.CommonParams()
    asked.model.path = order["path"]
    asked.model_alias = {order["name"]}
    asked.hostnames, asked.port = [host], port
    asked.api_keys = [key]
    asked.cors_origins, asked.cors_origins_explicit, asked.cors_credentials = "", True, False
    asked.endpoint_slots = asked.endpoint_props = asked.ui = asked.ui_mcp_proxy = False
    asked.endpoint_metrics = True  # it counts requests, by which this process knows that it is not idle
    asked.cache_ram_mib = 0
    asked.verbosity = ERRORS
    asked.n_ctx = order["context"] * order["slots"]
    asked.n_parallel = order["slots"]
    asked.kv_unified = False  # each answer has the whole context that was promised
    asked.ctx_shift = False  # nothing is forgotten silently
    asked.fit_params = False
    asked.warmup = False
    asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = order["threads"]
    asked.n_threads_http = order["slots"] + 4
    asked.embedding = order["embeds"]
    return asked


def _answer_until_idle(server: Any, held: Held, idle: float) -> None:
    """Wait while the threads of the server answer. Ends when told to, and when nobody asked for long enough."""
    look, counted = min(max(idle / 4, SHORTEST_LOOK), LONGEST_LOOK), ""
    while not _told_to_end(look):
        before, counted = counted, server.handle_metrics()
        if counted != before or "requests_processing 0\n" not in counted:
            held.stay()
        elif not held.is_known or (held.until <= time.time() and held.withdraw()):
            return


def _told_to_end(seconds: float) -> bool:
    """Wait; whether the process was told to end meanwhile."""
    if hasattr(signal, "sigtimedwait"):
        return signal.sigtimedwait({signal.SIGTERM}, seconds) is not None
    time.sleep(seconds)
    return False
