"""How the parent and the worker speak: each message is a line of JSON."""

import json
from typing import Any, BinaryIO

LARGEST = 512 << 20
"""Bytes of a message: more than anybody here would send."""

PIECE = 1 << 20
"""Bytes of a file that travel at once."""

_packed = json.JSONEncoder(separators=(",", ":")).encode


def send(stream: BinaryIO, message: Any) -> None:
    stream.write(_packed(message).encode() + b"\n")
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """The next message. Raises EOFError when there is none and none will come."""
    line = stream.readline(LARGEST)
    if not line.endswith(b"\n"):
        raise EOFError
    return json.loads(line)
