"""A server in a process of its own that answers every chat completion after 50 ms, at next to no cost.

Prints its port, and serves until its standard input ends.
"""

import asyncio
import json
import sys

LATENCY = 0.05
CHOICE = {
    "index": 0,
    "finish_reason": "stop",
    "message": {"role": "assistant", "content": "Bonjour tout le monde, comment allez-vous ?"},
}
USAGE = {"prompt_tokens": 12, "completion_tokens": 9, "total_tokens": 21}
BODY = json.dumps(
    {"id": "1", "object": "chat.completion", "created": 1, "model": "slow-1", "choices": [CHOICE], "usage": USAGE}
).encode()
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Slow(asyncio.Protocol):
    """One connection: each request, once it is whole, is answered later."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.received = transport, b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (size := self._size()) is not None:
            self.received = self.received[size:]
            asyncio.get_running_loop().call_later(LATENCY, self._answer)

    def _size(self) -> int | None:
        """The bytes of the first request; None while it is not whole."""
        head, end, rest = self.received.partition(b"\r\n\r\n")
        lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = int(lengths[0]) if lengths else 0
        return len(head) + 4 + body if end and len(rest) >= body else None

    def _answer(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(ANSWER)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Slow, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
