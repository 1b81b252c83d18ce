"""Runs what `asking` wants: two drivers of a few lines, one for sync and one for async code.

Closing either, or an exception in whoever reads it, closes the connection at once.
"""

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from curta import http
from curta.errors import BrokenAnswer, ModelError
from curta.http import HTTPRequest
from curta.models.embedding.asking import Reply, Steps
from curta.models.embedding.embedder import EmbedError, Vector

if TYPE_CHECKING:
    from curta.http import OnRetry

LARGEST_ANSWER = 512 * 1024 * 1024
"""Bytes: 2,048 vectors of 4,096 dimensions, as text."""


def run(steps: Steps, on_retry: "OnRetry | None" = None) -> Iterator[Vector | EmbedError]:
    """The results, as they come. Raises what `steps` raises."""
    answer: Reply | ModelError | None = None
    while (step := _next(steps, answer)) is not None:
        answer = None
        if isinstance(step, HTTPRequest):
            answer = _sent(step, on_retry)
        else:
            yield step


async def arun(steps: Steps, on_retry: "OnRetry | None" = None) -> AsyncIterator[Vector | EmbedError]:
    """`run` for async code."""
    answer: Reply | ModelError | None = None
    while (step := _next(steps, answer)) is not None:
        answer = None
        if isinstance(step, HTTPRequest):
            answer = await _asent(step, on_retry)
        else:
            yield step


def _next(steps: Steps, answer: Reply | ModelError | None) -> HTTPRequest | Vector | EmbedError | None:
    try:
        return steps.throw(answer) if isinstance(answer, ModelError) else steps.send(answer)
    except StopIteration:
        return None


def _sent(request: HTTPRequest, on_retry: "OnRetry | None") -> Reply | ModelError:
    body = _Body()
    try:
        with http.stream(request, on_retry=on_retry) as reply:
            for chunk in reply.chunks:
                body.take(chunk)
            return Reply(reply.status, reply.headers, body.whole())
    except ModelError as error:
        return error


async def _asent(request: HTTPRequest, on_retry: "OnRetry | None") -> Reply | ModelError:
    body = _Body()
    try:
        async with http.astream(request, on_retry=on_retry) as reply:
            async for chunk in reply.chunks:
                body.take(chunk)
            return Reply(reply.status, reply.headers, body.whole())
    except ModelError as error:
        return error


class _Body:
    """The bytes of an answer, as far as anybody wants to hold them. Raises BrokenAnswer beyond that."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0

    def take(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > LARGEST_ANSWER:
            raise BrokenAnswer("The answer is larger than any number of vectors could be.")

    def whole(self) -> bytes:
        return b"".join(self._chunks)
