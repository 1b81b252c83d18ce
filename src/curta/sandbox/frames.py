"""How the parent and the worker speak: JSON in frames, each after its length in four bytes."""

import json
import struct
from typing import Any, BinaryIO

HEAD = 4
LARGEST = 512 << 20
PIECE = 1 << 20
"""Bytes of a file that travel at once."""


def packed(message: Any) -> bytes:
    """A message as it is sent."""
    data = json.dumps(message).encode()
    return struct.pack(">I", len(data)) + data


def length(head: bytes) -> int:
    """How many bytes follow the first `HEAD` ones. Raises EOFError for more than anybody here would send."""
    (count,) = struct.unpack(">I", head)
    if count > LARGEST:
        raise EOFError
    return int(count)


def send(stream: BinaryIO, message: Any) -> None:
    stream.write(packed(message))
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """The next message. Raises EOFError when there is none and none will come."""
    return json.loads(_exactly(stream, length(_exactly(stream, HEAD))))


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = stream.read(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
