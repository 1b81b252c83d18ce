"""The protocol nearly every server speaks: OpenAI's chat completions, streamed or whole.

Spoken by OpenAI, Ollama, llama.cpp, vLLM, LM Studio, OpenRouter, Groq, Mistral, DeepSeek and others, each with its own
accent; the accents are understood where it costs nothing, and the comments below say whose they are.
Reference: https://platform.openai.com/docs/api-reference/chat
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from curta.errors import BrokenAnswer, ModelError, UnsupportedRequest
from curta.events import (
    Event,
    Finish,
    FinishReason,
    ReasoningDelta,
    Resolved,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from curta.http import HTTPRequest
from curta.messages import JSON, Attachment, Document, Message, Part, Request, Text, Tool, ToolCall, ToolResult
from curta.models.model import Facts, HTTPExchange, Option
from curta.models.rendering import render
from curta.models.wires.failures import Source, failure, reported
from curta.models.wires.options import accept
from curta.models.wires.schemas import strict
from curta.models.wires.sse import EventStream

OPTIONS = (
    Option("temperature", float, "How freely words are chosen: 0 always the likeliest, 2 almost any."),
    Option("max_tokens", int, "The longest answer, in tokens."),
    Option("top_p", float, "Choose only among the likeliest words that together have this probability."),
    Option("seed", int, "The same seed gives the same answer, as far as the server can."),
    Option("stop", list, "End the answer before any of these texts."),
    Option("frequency_penalty", float, "Above 0: avoid words in proportion to how often they were said."),
    Option("presence_penalty", float, "Above 0: avoid words that were said."),
    Option("logit_bias", dict, "Token id to a bias from -100 to 100."),
    Option("reasoning_effort", str, "How long a reasoning model thinks: minimal, low, medium, high."),
    Option("verbosity", str, "How long answers are: low, medium, high."),
    Option("service_tier", str, "The provider's class of service: auto, default, flex, priority."),
    Option("extra_body", dict, "Further fields of the request, for what only this server knows."),
)
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
AUDIO = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/wave": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}
PDF = "application/pdf"
LONGEST_JSON = 64 * 2**20
LONGEST_HEAD = 200


class Endpoint(NamedTuple):
    """Where a model is served. url: of the API (`https://host/v1`). model_id: the name the server knows it by."""

    url: str
    model_id: str
    key: str | None = None
    headers: Mapping[str, str] = MappingProxyType({})

    def __repr__(self) -> str:
        """Without the key, and without headers, which may hold one."""
        return f"Endpoint({self.url!r}, {self.model_id!r})"

    @property
    def address(self) -> str:
        """The URL of chat completions; a query (`?api-version=...`, as Azure wants it) stays where it belongs."""
        base, question, query = self.url.partition("?")
        base = base.rstrip("/").removesuffix("/chat/completions")
        return f"{base}/chat/completions{question}{query}"

    @property
    def host(self) -> str:
        return self.url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]

    @property
    def is_openai(self) -> bool:
        return self.host.endswith(("api.openai.com", ".openai.azure.com"))


@dataclass(frozen=True, slots=True)
class OpenAIChat:
    """A model behind a chat completions endpoint.

    key: called when an answer is asked for; returns the key, or None where the server wants none, or raises MissingKey.
    """

    name: str
    facts: Facts
    endpoint: Endpoint
    key: Callable[[], str | None] = field(repr=False)
    options: tuple[Option, ...] = OPTIONS

    def exchange(self, request: Request, *, stream: bool = True) -> HTTPExchange:
        """What to send, and who understands the answer. Raises UnsupportedRequest and MissingKey."""
        _refuse_what_is_known_not_to_work(self.name, self.facts, request)
        key = self.key()
        endpoint = self.endpoint._replace(key=key.strip() if key else None)
        return HTTPExchange(encode(request, endpoint, stream), Decoder(endpoint))


def _refuse_what_is_known_not_to_work(name: str, facts: Facts, request: Request) -> None:
    if request.schema is not None and facts.schema is False:
        raise UnsupportedRequest(f"{name} cannot follow a schema.", then="Choose another model with -m.")
    if request.tools and facts.tools is False:
        raise UnsupportedRequest(f"{name} cannot call tools.", then="Choose another model with -m.")


# Requests


def encode(request: Request, endpoint: Endpoint, stream: bool) -> HTTPRequest:
    """The HTTP request that asks for `request`. Raises UnsupportedRequest for what the protocol cannot carry."""
    body = {
        "model": endpoint.model_id,
        "messages": _messages(request),
        **({"stream": True, "stream_options": {"include_usage": True}} if stream else {}),
        **_schema(request.schema),
        **_tools(request),
        **_options(request, endpoint),
    }
    data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return HTTPRequest("POST", endpoint.address, _headers(endpoint, stream), data)


def _headers(endpoint: Endpoint, stream: bool) -> dict[str, str]:
    authorization = {"authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    accepted = "text/event-stream" if stream else "application/json"
    return {"content-type": "application/json", "accept": accepted, **authorization, **endpoint.headers}


def _options(request: Request, endpoint: Endpoint) -> dict[str, JSON]:
    """OpenAI renamed `max_tokens` for its own models and refuses the old name for some; others know only the old."""
    options = accept(request.model, OPTIONS, request.options)
    if endpoint.is_openai and "max_tokens" in options:
        options["max_completion_tokens"] = options.pop("max_tokens")
    extra = options.pop("extra_body", {})
    return {**options, **extra}


def _schema(schema: Mapping[str, JSON] | None) -> dict[str, JSON]:
    if schema is None:
        return {}
    closed = strict(schema)
    form = {"name": _schema_name(schema), "schema": dict(closed or schema), "strict": closed is not None}
    return {"response_format": {"type": "json_schema", "json_schema": form}}


def _schema_name(schema: Mapping[str, JSON]) -> str:
    title = str(schema.get("title", ""))
    name = "".join(char if char.isascii() and char.isalnum() else "_" for char in title)[:64].strip("_")
    return name or "answer"


def _tools(request: Request) -> dict[str, JSON]:
    names = {tool.name for tool in request.tools}
    if not names:
        if request.choice not in (None, "auto", "none"):
            raise UnsupportedRequest(f"The tool choice is {request.choice!r}, but there are no tools.")
        return {}
    tools = {"tools": [_tool(tool) for tool in request.tools]}
    if request.choice is None:
        return tools
    if request.choice in names:
        return {**tools, "tool_choice": {"type": "function", "function": {"name": request.choice}}}
    if request.choice not in ("auto", "none", "required"):
        raise UnsupportedRequest(f"There is no tool called {request.choice!r} to choose.")
    return {**tools, "tool_choice": request.choice}


def _tool(tool: Tool) -> dict[str, JSON]:
    return {"type": "function", "function": tool.to_dict()}


def _messages(request: Request) -> list[JSON]:
    numbers = _numbers(request)
    return [encoded for message in request.messages for encoded in _message(message, numbers)]


def _numbers(request: Request) -> dict[str, int]:
    """Each Document's number, by its hash: the same Document has the same number wherever it stands."""
    documents = [document for message in request.messages for document in _documents(message.parts)]
    return {hash: number for number, hash in enumerate(dict.fromkeys(d.sha256 for d in documents), start=1)}


def _documents(parts: Iterable[Part]) -> Iterator[Document]:
    for part in parts:
        if isinstance(part, Document):
            yield part
        elif isinstance(part, ToolResult):
            yield from _documents(part.parts)


def _message(message: Message, numbers: Mapping[str, int]) -> Iterator[JSON]:
    if message.role == "tool":
        yield from (_tool_message(part, numbers) for part in message.parts)
    elif message.role == "assistant":
        yield _assistant(message, numbers)
    else:
        yield {"role": message.role, "content": _content(message, numbers)}


def _assistant(message: Message, numbers: Mapping[str, int]) -> JSON:
    """Reasoning stays here: the protocol has no place for it, and DeepSeek refuses requests that return it."""
    calls = [_tool_call(part) for part in message.parts if isinstance(part, ToolCall)]
    text = _words(message.parts, numbers, "an answer")
    content = {"role": "assistant", "content": text or (None if calls else "")}
    return {**content, "tool_calls": calls} if calls else content


def _tool_call(call: ToolCall) -> JSON:
    arguments = json.dumps(dict(call.arguments), ensure_ascii=False)
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _tool_message(part: Part, numbers: Mapping[str, int]) -> JSON:
    if not isinstance(part, ToolResult):
        raise UnsupportedRequest("A tool message carries results of tools only.")
    text = _words(part.parts, numbers, "a tool's result")
    return {"role": "tool", "tool_call_id": part.id, "content": f"The tool failed: {text}" if part.failed else text}


def _words(parts: Iterable[Part], numbers: Mapping[str, int], where: str) -> str:
    """The Documents, rendered, and after them the words. Raises UnsupportedRequest when there is more than text."""
    parts = list(parts)
    for part in parts:
        if isinstance(part, Attachment):
            raise UnsupportedRequest(f"This protocol cannot carry an attachment ({part.media_type}) in {where}.")
    documents = [render(part, numbers[part.sha256]) for part in parts if isinstance(part, Document)]
    return "\n\n".join(documents + [part.text for part in parts if isinstance(part, Text)])


def _content(message: Message, numbers: Mapping[str, int]) -> JSON:
    """Plain text where there is only text: some servers understand nothing else."""
    attachments = [part for part in message.parts if isinstance(part, Attachment)]
    text = _words([part for part in message.parts if not isinstance(part, Attachment)], numbers, "a prompt")
    if not attachments:
        return text
    return [*([{"type": "text", "text": text}] if text else []), *map(_attachment, attachments)]


def _attachment(part: Attachment) -> JSON:
    media_type = part.media_type.partition(";")[0].strip().lower()
    if media_type in IMAGES:
        return {"type": "image_url", "image_url": {"url": part.url or _data_url(media_type, part.data)}}
    if media_type == PDF and not part.url:
        return {
            "type": "file",
            "file": {"filename": part.name or "document.pdf", "file_data": _data_url(PDF, part.data)},
        }
    if media_type in AUDIO and not part.url:
        return {"type": "input_audio", "input_audio": {"data": _base64(part.data), "format": AUDIO[media_type]}}
    known = ", ".join((*IMAGES, PDF, *dict.fromkeys(f"audio/{kind}" for kind in AUDIO.values())))
    raise UnsupportedRequest(
        f"This protocol cannot carry an attachment of type {part.media_type!r}{' by URL' if part.url else ''}.",
        then=f"It carries {known}. A text file is a source: -f FILE",
    )


def _data_url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{_base64(data)}"


def _base64(data: bytes) -> str:
    from base64 import b64encode

    return b64encode(data).decode("ascii")


# Answers


class Decoder:
    """Bytes to events, for an answer that is streamed, or whole because the server does not stream."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._source = Source(endpoint.host, endpoint.model_id, endpoint.key)
        self._answer = _Answer(self._source)
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
            yield from self._answer.finish()
        elif payload.strip():
            yield from self._answer.take(self._parsed(payload))

    def _whole_answer(self, text: str) -> Iterator[Event]:
        yield from self._answer.take(self._parsed(text))
        if not self._answer.begun:
            raise self._broken("It has no choices.", text)
        yield from self._answer.finish()

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
        return _broken(self._source, f"{why} It reads: {self._source.clean(content[:100])}")


def _broken(source: Source, why: str) -> BrokenAnswer:
    return BrokenAnswer(
        f"The answer of {source.host} is not what the protocol says.",
        why=why,
        then="Check that the model's URL is that of an OpenAI-compatible API; it usually ends in /v1.",
    )


def _may_be_events(head: bytes) -> bool:
    """True while `head` can be the beginning of an event stream."""
    return any(name.startswith(head[: len(name)]) for name in (b":", b"data", b"event", b"id", b"retry"))


class _Answer:
    """What the chunks of one answer mean together. begun: a choice has come. finished: the last event was given."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.finished = False
        self.begun = False
        self._resolved = False
        self._refused = False
        self._reason: str | None = None
        self._usage: Mapping[str, JSON] = {}
        self._calls = _Calls()

    def take(self, chunk: Mapping[str, JSON]) -> Iterator[Event]:
        """The events of one chunk, or of a whole answer, which has the same form with `message` for `delta`."""
        if chunk.get("error") or chunk.get("object") == "error":  # the second is vLLM's
            raise reported(self.source, chunk.get("error") or chunk)
        yield from self._model(chunk)
        self._usage = _usage(chunk) or self._usage
        for choice in _objects(chunk.get("choices")):
            if choice.get("index") in (0, None):
                self.begun = True
                yield from self._choice(choice)

    def end(self) -> Iterator[Event]:
        """The stream ended without saying so, which is fine when the answer had given its reason to finish."""
        if self.begun and self._reason is None:
            raise BrokenAnswer(
                f"The answer of {self.source.host} was cut off.", why="Its end is missing.", then="Try again."
            )
        yield from self.finish()

    def finish(self) -> Iterator[Event]:
        """The last events. Raises BrokenAnswer when there was no answer at all."""
        if not self.begun:
            raise BrokenAnswer(f"{self.source.host} sent an empty answer.", then="Try again.")
        self.finished = True
        if self._usage:
            yield _report(self._usage)
        yield Finish(self._finish_reason())

    def _model(self, chunk: Mapping[str, JSON]) -> Iterator[Event]:
        name = chunk.get("model")
        if isinstance(name, str) and name and not self._resolved:  # Azure's first chunk has an empty one
            self._resolved = True
            yield Resolved(name)

    def _choice(self, choice: Mapping[str, JSON]) -> Iterator[Event]:
        delta = _object(choice.get("delta") or choice.get("message"))
        yield from _reasoning(delta)
        yield from _text(delta.get("content"))
        if refusal := _string(delta.get("refusal")):
            self._refused = True
            yield TextDelta(refusal)
        yield from self._calls.take(delta)
        self._reason = _string(choice.get("finish_reason")) or self._reason

    def _finish_reason(self) -> FinishReason:
        """`stop` is also what some servers say when they wait for the results of tools."""
        reason = _REASONS.get(self._reason or "stop", "stop")
        if self._refused:
            return "refused"
        return "tool_calls" if reason == "stop" and self._calls.ids else reason


_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "model_length": "length",  # Mistral
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "refused",
}


class _Calls:
    """The tool calls of an answer. Each has an index of ours, for servers that give none, or 0 to all (Gemini's)."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._named: set[int] = set()
        self._latest: dict[JSON, int] = {}

    def take(self, delta: Mapping[str, JSON]) -> Iterator[Event]:
        for call in _objects(delta.get("tool_calls")):
            yield self._delta(call, _object(call.get("function")))
        if function := _object(delta.get("function_call")):  # the form before tools
            yield self._delta({"index": 0}, function)

    def _delta(self, call: Mapping[str, JSON], function: Mapping[str, JSON]) -> ToolCallDelta:
        id, name = _string(call.get("id")), _string(function.get("name"))
        index, is_new = self._index(call.get("index"), id)
        first_name = name if index not in self._named else ""
        if name:
            self._named.add(index)
        return ToolCallDelta(index, id if is_new else "", first_name, _arguments(function.get("arguments")))

    def _index(self, theirs: JSON, id: str) -> tuple[int, bool]:
        """Our index of the call, and whether `id` is news."""
        slot = theirs if isinstance(theirs, int) else None
        ours = self._latest.get(slot)
        if ours is None or (id and self.ids[ours] and self.ids[ours] != id):
            ours = self._latest[slot] = len(self.ids)
            self.ids.append(id)
            return ours, True
        is_new = bool(id) and not self.ids[ours]
        self.ids[ours] = self.ids[ours] or id
        return ours, is_new


def _arguments(value: JSON) -> str:
    """A string by the protocol; some servers send the object itself."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else _string(value)


def _text(content: JSON) -> Iterator[Event]:
    """A string by the protocol; Mistral's reasoning models send a list of parts."""
    if isinstance(content, str) and content:
        yield TextDelta(content)
    for part in _objects(content):
        if thought := "".join(_string(inner.get("text")) for inner in _objects(part.get("thinking"))):
            yield ReasoningDelta(thought)
        if text := _string(part.get("text")):
            yield TextDelta(text)


def _reasoning(delta: Mapping[str, JSON]) -> Iterator[Event]:
    """`reasoning_content` is DeepSeek's, vLLM's and llama.cpp's name for it, `reasoning` OpenRouter's and Groq's."""
    if text := _string(delta.get("reasoning_content")) or _string(delta.get("reasoning")):
        yield ReasoningDelta(text)


def _usage(chunk: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """The last report counts; some servers send one with every chunk. Groq's is inside `x_groq`."""
    return _object(chunk.get("usage")) or _object(_object(chunk.get("x_groq")).get("usage"))


def _report(usage: Mapping[str, JSON]) -> UsageReport:
    cached = _count(_object(usage.get("prompt_tokens_details")).get("cached_tokens"))
    return UsageReport(
        input=_count(usage.get("prompt_tokens")),
        output=_count(usage.get("completion_tokens")),
        cached=_count(usage.get("prompt_cache_hit_tokens")) if cached is None else cached,  # the former is DeepSeek's
        reasoning=_count(_object(usage.get("completion_tokens_details")).get("reasoning_tokens")),
    )


# What a server sends is believed only as far as it has the right form.


def _object(value: JSON) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: JSON) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _string(value: JSON) -> str:
    return value if isinstance(value, str) else ""


def _count(value: JSON) -> int | None:
    return value if type(value) is int and value >= 0 else None
