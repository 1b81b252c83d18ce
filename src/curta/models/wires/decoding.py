"""Bytes to the JSON objects of an answer: those of a stream of events, or the one of a whole answer."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from curta.errors import BrokenAnswer, ModelError
from curta.events import Event
from curta.messages import JSON
from curta.models.wires.failures import Source, failure
from curta.models.wires.sse import EventStream

LONGEST_JSON = 64 * 2**20
LONGEST_HEAD = 200


class Answer(Protocol):
    """What the objects of one answer mean together.

    finished: the last event was given. content: what a whole answer has, by its name in the protocol.
    """

    finished: bool
    content: str

    def take(self, value: Mapping[str, Any]) -> Iterator[Event]:
        """The events of one object of a stream. Raises a ModelError for an error told in it."""

    def whole(self, value: Mapping[str, Any]) -> Iterator[Event]:
        """The events of a whole answer; not finished afterwards when it was none."""

    def done(self) -> Iterator[Event]:
        """The stream said that it is complete (`[DONE]`)."""

    def end(self) -> Iterator[Event]:
        """The bytes ended before the answer was finished. Raises BrokenAnswer when something is missing."""


class AnswerDecoder:
    """Bytes to events, for an answer that is streamed, or whole because the server does not stream.

    advice: what to check when the bytes are not of the protocol.
    """

    def __init__(self, source: Source, answer: Answer, advice: str) -> None:
        self._source = source
        self._answer = answer
        self._advice = advice
        self._stream = EventStream()
        self._head = b""
        self._is_stream = True
        self._whole: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that `data` completes. Raises BrokenAnswer, and ProviderError for an error told in the stream."""
        if len(self._head) < LONGEST_HEAD:
            data = data if self._head else data.lstrip(b"\xef\xbb\xbf \t\r\n")
            self._head += data[:LONGEST_HEAD]
            self._recognise()
        if self._is_stream:
            for payload in self._stream.feed(data):
                yield from self._event(payload)
        else:
            self._keep(data)

    def close(self) -> Iterator[Event]:
        """The events that the end of the bytes completes. Raises BrokenAnswer when the answer is not whole."""
        for payload in self._stream.close():
            yield from self._event(payload)
        if not self._is_stream and not self._answer.finished:
            yield from self._whole_answer(b"".join(self._whole).decode("utf-8", "replace"))
        if not self._answer.finished:
            yield from self._answer.end()

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ModelError:
        """The error that an HTTP status of 400 or more with this body means."""
        return failure(self._source, status, headers, body)

    def _event(self, payload: str) -> Iterator[Event]:
        if self._answer.finished:
            return
        if payload.strip() == "[DONE]":
            yield from self._answer.done()
        elif payload.strip():
            yield from self._answer.take(self._parsed(payload))

    def _whole_answer(self, text: str) -> Iterator[Event]:
        yield from self._answer.whole(self._parsed(text))
        if not self._answer.finished:
            raise self._broken(f"It has no {self._answer.content}.", text)

    def _recognise(self) -> None:
        """Is it a stream, a JSON object, or something else altogether?"""
        self._is_stream = not self._head.startswith(b"{")
        if self._is_stream and not _may_be_events(self._head):
            raise self._broken("It is neither JSON nor a stream of events.", self._head.decode("utf-8", "replace"))

    def _keep(self, data: bytes) -> None:
        self._whole.append(data)
        self._size += len(data)
        if self._size > LONGEST_JSON:
            raise BrokenAnswer(f"The answer of {self._source.host} is larger than {LONGEST_JSON >> 20} MB.")

    def _parsed(self, payload: str) -> Mapping[str, JSON]:
        try:
            value = json.loads(payload)
        except (ValueError, RecursionError):
            raise self._broken("It holds something that is not JSON.", payload) from None
        if not isinstance(value, dict):
            raise self._broken("It holds something that is not a JSON object.", payload)
        return value

    def _broken(self, why: str, content: str) -> BrokenAnswer:
        return BrokenAnswer(
            f"The answer of {self._source.host} is not what the protocol says.",
            why=f"{why} It reads: {self._source.clean(content[:100])}",
            then=self._advice,
        )


def cut_off(source: Source) -> BrokenAnswer:
    """The stream ended before its end."""
    return BrokenAnswer(f"The answer of {source.host} was cut off.", why="Its end is missing.", then="Try again.")


def empty(source: Source) -> BrokenAnswer:
    """The stream ended before anything came."""
    return BrokenAnswer(f"{source.host} sent an empty answer.", then="Try again.")


def _may_be_events(head: bytes) -> bool:
    """True while `head` can be the beginning of an event stream."""
    return any(name.startswith(head[: len(name)]) for name in (b":", b"data", b"event", b"id", b"retry"))
