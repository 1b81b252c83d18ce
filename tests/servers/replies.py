"""How the servers of tests answer over HTTP: whole, in chunks, stalled, or cut off in the middle."""

import json
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

PATIENCE = 20  # seconds a stalled answer waits for the test
NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Bytes:
    """Bytes as they are. cut: break the connection after them. stall: wait for `server.release` after them."""

    data: bytes
    content_type: str = "text/event-stream"
    cut: bool = False
    stall: bool = False


class Replies(BaseHTTPRequestHandler):
    """The part of a request handler that answers."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    release: ClassVar[threading.Event]  # a stalled answer goes on when this is set

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def send_json(self, status: int, value: Any, headers: Mapping[str, str] = NO_HEADERS) -> None:
        data = json.dumps(value, ensure_ascii=False).encode()
        self._head(status, {"content-type": "application/json", "content-length": str(len(data)), **headers})
        self.wfile.write(data)

    def send_events(self, events: Iterable[bytes], size: int) -> None:
        """Each event in chunks of at most `size` bytes, each sent by itself."""
        self._head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})
        for event in events:
            for start in range(0, len(event), size):
                self._chunk(event[start : start + size])
        self._chunk(b"")

    def send_raw(self, answer: Bytes) -> None:
        self._head(200, {"content-type": answer.content_type, "transfer-encoding": "chunked"})
        if answer.data:
            self._chunk(answer.data)
        self.wfile.flush()
        if answer.stall:
            self._wait_for_release()
        if answer.cut:
            self.close_connection = True
        else:
            self._chunk(b"")

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _wait_for_release(self) -> None:
        """Until the test says so, or the client leaves."""
        self.connection.settimeout(0.02)
        end = time.monotonic() + PATIENCE
        while not self.release.is_set() and time.monotonic() < end:
            with suppress(TimeoutError):
                if not self.connection.recv(1):
                    raise ConnectionResetError
        self.connection.settimeout(None)
