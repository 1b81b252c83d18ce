"""How the parent and the worker speak: JSON in frames, each after its length in four bytes."""

import json
import struct
from typing import Any, BinaryIO

LARGEST = 512 << 20


def send(stream: BinaryIO, message: Any) -> None:
    data = json.dumps(message).encode()
    stream.write(struct.pack(">I", len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """The next message. Raises EOFError when there is none and none will come."""
    (length,) = struct.unpack(">I", _exactly(stream, 4))
    if length > LARGEST:
        raise EOFError
    return json.loads(_exactly(stream, length))


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = stream.read(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
