"""The events of an answer, whatever the version of `llm` and the kind of model, and what is known at its end."""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

CUT = {"length", "max_tokens", "max_output_tokens", "model_length"}
DECLINED = {"content_filter", "refusal", "safety", "prohibited_content", "blocklist", "recitation"}
CACHED = ("cached_tokens", "cachedContentTokenCount", "cached_content_token_count")
CACHED_BESIDE = "cache_read_input_tokens"  # Anthropic counts these beside its input tokens, not among them
REASONING = ("reasoning_tokens", "thoughtsTokenCount", "thoughts_token_count")


class Piece(NamedTuple):
    """One event of a stream. place: which part of the answer it belongs to, when the plugin or `llm` says so."""

    type: str
    chunk: str
    place: int | None = None
    call: str | None = None
    server: bool = False


def pieces(response: Any) -> Iterator[Piece]:
    """What the model streams, as it comes. `llm` before 0.32 streams text alone."""
    if inspect.isasyncgenfunction(getattr(response, "astream_events", None)):
        return map(_piece, _awaited(response.astream_events()))
    if hasattr(response, "stream_events"):
        return map(_piece, response.stream_events())
    return map(_piece, _awaited(response) if hasattr(response, "__anext__") else response)


def _piece(event: Any) -> Piece:
    if isinstance(event, str):
        return Piece("text", event)
    return Piece(event.type, event.chunk, event.part_index, event.tool_call_id, event.server_executed)


_loop: list[asyncio.AbstractEventLoop] = []


def loop() -> asyncio.AbstractEventLoop:
    """The one event loop of this process: clients that plugins keep are bound to it."""
    if not _loop:
        _loop.append(asyncio.new_event_loop())
        asyncio.set_event_loop(_loop[0])
    return _loop[0]


def _awaited(stream: Any) -> Iterator[Any]:
    """An async stream, from sync code."""
    iterator = stream.__aiter__()
    try:
        while True:
            try:
                yield loop().run_until_complete(iterator.__anext__())
            except StopAsyncIteration:
                return
    finally:
        _end_tasks()


def _end_tasks() -> None:
    """What an interrupted stream has left behind ends now, its connections closed."""
    tasks = asyncio.all_tasks(loop())
    for task in tasks:
        task.cancel()
    if tasks:
        loop().run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop().run_until_complete(loop().shutdown_asyncgens())


class ToolCalls:
    """The calls the model wants made: those it streamed, and those a plugin only names at the end."""

    def __init__(self, send: Callable[..., None]) -> None:
        self._send = send
        self._place: dict[Any, int] = {}
        self._streamed: dict[int, dict[str, str]] = {}

    def take(self, piece: Piece) -> None:
        """A piece of a call. Pieces without an id continue the call before them, unless they begin with a name."""
        key = ("part", piece.place) if piece.place is not None else ("id", piece.call)
        place = self._place.setdefault(key, len(self._place))
        call = self._streamed.setdefault(place, {"id": "", "name": "", "arguments": ""})
        field = "name" if piece.type == "tool_call_name" else "arguments"
        call["id"], call[field] = call["id"] or piece.call or "", call[field] + piece.chunk
        self._send(type="tool_call", place=place, call=piece.call or "", **{field: piece.chunk})

    def finish(self, named: list[Any]) -> int:
        """Tell the calls that were not streamed, and the ids of those that were without one; how many there are."""
        left = dict(self._streamed)
        for call in named:
            place = self._same(left, call)
            if place is None:
                place = len(self._place)
                self._place["named", place] = place
                arguments = json.dumps(call.arguments or {}, default=str)
                self._send(
                    type="tool_call", place=place, call=call.tool_call_id or "", name=call.name, arguments=arguments
                )
            elif not left.pop(place)["id"]:
                self._send(type="tool_call", place=place, call=call.tool_call_id or "")
        return len(self._place)

    @staticmethod
    def _same(streamed: dict[int, dict[str, str]], call: Any) -> int | None:
        """The place of the streamed call that `call` is: by its id, else by what it says."""
        by_id = [place for place, each in streamed.items() if each["id"] and each["id"] == call.tool_call_id]
        alike = [
            place
            for place, each in streamed.items()
            if not each["id"] and each["name"] == call.name and _read(each["arguments"]) == (call.arguments or {})
        ]
        return next(iter(by_id + alike), None)


def _read(arguments: str) -> Any:
    try:
        return json.loads(arguments or "{}")
    except ValueError:
        return None


def kept(response: Any) -> Iterator[dict[str, Any]]:
    """What the provider wants back unchanged (signatures, opaque reasoning, calls it made itself), and where it stood:
    after how many characters of text and how many calls."""
    text = calls = 0
    for part in _parts(response):
        kind, place = part["type"], {"text": text, "calls": calls}
        if kind in ("reasoning", "tool_result") or part.get("server_executed"):
            if kind != "reasoning" or part.get("provider_metadata") or part.get("redacted"):
                yield {**place, "value": {"part": part}}
        elif part.get("provider_metadata"):
            yield {**place, "value": {"of": kind, "provider_metadata": part["provider_metadata"]}}
        if kind == "text":
            text += len(part["text"])
        elif kind == "tool_call" and not part.get("server_executed"):
            calls += 1


def _parts(response: Any) -> list[dict[str, Any]]:
    if not hasattr(response, "stream_events") and not hasattr(response, "astream_events"):
        return []
    try:
        messages = response.messages()
        if inspect.isawaitable(messages):
            messages = loop().run_until_complete(messages)
    except ValueError as error:  # parts that llm cannot put together: the answer has arrived all the same
        sys.stderr.write(f"{error}\n")
        return []
    return [part.to_dict() for message in messages for part in message.parts]


def usage(response: Any) -> dict[str, Any] | None:
    """Tokens: `cached` is part of `input`, `reasoning` part of `output`."""
    given, said = response.input_tokens, response.output_tokens
    details = response.token_details or {}
    beside = _first(details, (CACHED_BESIDE,))
    if given is not None and beside:
        given += beside
    cached, thought = _first(details, CACHED) if beside is None else beside, _first(details, REASONING)
    known = {"input": given, "output": said, "cached": cached, "reasoning": thought}
    return known if any(value is not None for value in known.values()) else None


def _first(details: Any, names: tuple[str, ...]) -> int | None:
    """The first whole number under one of `names`, however deep."""
    if not isinstance(details, dict):
        return None
    for name, value in details.items():
        if name in names and type(value) is int:
            return value
    return next((found for value in details.values() if (found := _first(value, names)) is not None), None)


def finish(response: Any, calls: int) -> str:
    """Why the answer ended, as far as the provider's own answer, which plugins keep, tells."""
    if calls:
        return "tool_calls"
    said = {each.lower() for each in _reasons(response.response_json)}
    return "length" if said & CUT else "refused" if said & DECLINED else "stop"


def _reasons(answer: Any) -> Iterator[str]:
    if not isinstance(answer, dict):
        return
    for name in ("finish_reason", "stop_reason", "finishReason", "done_reason"):
        if isinstance(answer.get(name), str):
            yield answer[name]
    for name in ("choices", "candidates"):
        several = answer.get(name)
        for each in several if isinstance(several, list) else ():
            yield from _reasons(each)
