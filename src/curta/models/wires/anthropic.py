"""Anthropic's messages, streamed or whole.

Reference: https://platform.claude.com/docs/en/api/messages, and /api/versioning for the versions of the API
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from curta.errors import UnsupportedRequest
from curta.events import Event, Finish, FinishReason, ReasoningDelta, Resolved, TextDelta, ToolCallDelta, UsageReport
from curta.http import HTTPRequest
from curta.messages import JSON, Attachment, Message, Part, Request, ToolCall, canonical
from curta.models.model import HTTPExchange, Option
from curta.models.wires import parts
from curta.models.wires.decoding import AnswerDecoder, cut_off, empty
from curta.models.wires.failures import Source, reported
from curta.models.wires.fields import count, object_, objects, string
from curta.models.wires.kept import Keeper, Kept, Place, kept, pieces
from curta.models.wires.options import accept
from curta.models.wires.parts import IMAGES, PDF, base64
from curta.models.wires.schemas import Dialect, in_dialect
from curta.models.wires.served import Endpoint, Served, post

WIRE = "anthropic"
VERSION = "2026-10-21"
VERSION_WITH_SAMPLING = "2023-06-01"
SAMPLING = ("temperature", "top_p", "top_k")  # only the older version of the API takes them, for older models
LONGEST_ANSWER = 32_000
NO_ARGUMENTS = {"type": "object"}
THINKING = ("adaptive", "between_tools", "disabled")
CACHE = ("5m", "1h", "off")
OPTIONS = (
    Option("max_tokens", int, "The longest answer, thinking included, in tokens.", LONGEST_ANSWER),
    Option("effort", str, "How thorough the answer is: low, medium, high, xhigh, max."),
    Option("thinking", str, f"Think, and show a summary of it: {', '.join(THINKING)}."),
    Option("thinking_budget", int, "How many tokens to think at most; for models that take no effort."),
    Option("temperature", float, "How freely words are chosen, 0 to 1; the latest models refuse it."),
    Option("top_p", float, "Choose only among the likeliest words with this probability; the latest models refuse it."),
    Option("top_k", int, "Choose only among this many likeliest words; the latest models refuse it."),
    Option("stop", list, "End the answer before any of these texts."),
    Option(
        "cache", str, f"How long the provider keeps your documents for the next question: {', '.join(CACHE)}.", "5m"
    ),
    Option("service_tier", str, "The provider's class of service: auto, standard_only."),
    Option("extra_body", dict, "Further fields of the request."),
)
DIALECT = Dialect(
    "Anthropic",
    # https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
    keywords=frozenset(
        "type properties required additionalProperties items enum const anyOf allOf $ref $defs definitions"
        " description title format pattern minItems".split()
    ),
    closed=True,
    formats=frozenset("date-time time date duration email hostname uri ipv4 ipv6 uuid".split()),
    fewest=(0, 1),
)
ADVICE = "Check that the model's URL is that of an API for Anthropic's messages."


class Anthropic(Served):
    """A model behind an endpoint for Anthropic's messages."""

    options = OPTIONS

    @staticmethod
    def _exchange(request: Request, endpoint: Endpoint, stream: bool) -> HTTPExchange:
        sent, prefix = encode(request, endpoint, stream)
        return HTTPExchange(sent, Decoder(endpoint, prefix))


# Requests


def encode(request: Request, endpoint: Endpoint, stream: bool) -> tuple[HTTPRequest, str]:
    """The HTTP request that asks for `request`, and the hash to which thinking in its answer is bound.

    Raises UnsupportedRequest for what the protocol cannot carry.
    """
    options = accept(request.model, OPTIONS, request.options)
    version = VERSION_WITH_SAMPLING if any(name in options for name in SAMPLING) else VERSION
    cache = _choice("cache", options.pop("cache", "5m"), CACHE)
    system = parts.system(request, parts.numbers(request))
    before = {**({"system": system} if system else {}), **_tools(request)}
    writer = _Writer(request, endpoint.model_id, before)
    body = {
        "model": endpoint.model_id,
        "max_tokens": options.pop("max_tokens", LONGEST_ANSWER),
        **before,
        "messages": writer.messages(cache),
        **_tool_choice(request),
        **_withdrawn(request),
        **({"stream": True} if stream else {}),
        **_output(request, options),
        **_thinking(options),
        **_renamed(options),
    }
    authorization = {"anthropic-version": version, **({"x-api-key": endpoint.key} if endpoint.key else {})}
    address = endpoint.address("/v1/messages", without="/v1")
    return post(endpoint, address, body, authorization, stream), writer.prefix


def _choice(name: str, value: JSON, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise UnsupportedRequest(f"The option {name!r} is one of {', '.join(choices)}, not {value!r}.")
    return str(value)


def _output(request: Request, options: dict[str, JSON]) -> dict[str, JSON]:
    effort = {"effort": options.pop("effort")} if "effort" in options else {}
    schema = request.schema
    form = {} if schema is None else {"format": {"type": "json_schema", "schema": in_dialect(schema, DIALECT)}}
    return {"output_config": {**effort, **form}} if effort or form else {}


def _thinking(options: dict[str, JSON]) -> dict[str, JSON]:
    """Without `display`, the latest models show nothing of their thinking."""
    kind, budget = options.pop("thinking", None), options.pop("thinking_budget", None)
    if budget is not None:
        if kind is not None:
            raise UnsupportedRequest("The options 'thinking' and 'thinking_budget' exclude each other.")
        return {"thinking": {"type": "enabled", "budget_tokens": budget, "display": "summarized"}}
    if kind is None:
        return {}
    shown = {"display": "summarized"} if kind == "adaptive" else {}
    return {"thinking": {"type": _choice("thinking", kind, THINKING), **shown}}


def _tools(request: Request) -> dict[str, JSON]:
    tools = [
        {"name": tool.name, "description": tool.description, "input_schema": {"type": "object", **tool.parameters}}
        for tool in request.tools
    ]
    return {"tools": tools} if tools else {}


def _withdrawn(request: Request) -> dict[str, JSON]:
    """The tools of earlier calls, by their names: a request that has such calls but no tools is refused."""
    calls = (part for message in request.messages for part in message.parts if isinstance(part, ToolCall))
    names = () if request.tools else dict.fromkeys(call.name for call in calls)
    tools = [{"name": name, "description": "Not offered any more.", "input_schema": NO_ARGUMENTS} for name in names]
    return {"tools": tools, "tool_choice": {"type": "none"}} if tools else {}


def _tool_choice(request: Request) -> dict[str, JSON]:
    choice = parts.chosen(request)
    if choice is None or not request.tools:
        return {}
    kind = {"auto": "auto", "none": "none", "required": "any"}.get(choice)
    return {"tool_choice": {"type": kind} if kind else {"type": "tool", "name": choice}}


def _renamed(options: dict[str, JSON]) -> dict[str, JSON]:
    extra = options.pop("extra_body", {})
    stop = {"stop_sequences": options.pop("stop")} if "stop" in options else {}
    return {**options, **stop, **extra}


class _Writer:
    """Writes messages. before: what of the request comes before them.

    Thinking goes back only behind exactly what it was a thought about: the API refuses a request in which anything
    before it has changed (https://platform.claude.com/docs/en/build-with-claude/preserved-thinking).
    """

    def __init__(self, request: Request, model: str, before: Mapping[str, JSON]) -> None:
        self._request = request
        self._numbers = parts.numbers(request)
        self._model = model
        self._hash = hashlib.sha256(canonical(before))
        self._is_unchanged = True
        self._cacheable: list[dict[str, JSON]] = []  # blocks that hold documents; the last ends what is worth keeping

    @property
    def prefix(self) -> str:
        """The hash of all that was written so far."""
        return self._hash.hexdigest()

    def messages(self, cache: str) -> list[JSON]:
        """All of them. Those of one role in a row are one: results of tools and the words after them, say."""
        written: list[dict[str, JSON]] = []
        for message in self._request.messages:
            role, blocks = self._message(message)
            self._hash.update(b"".join(canonical([role, block]) for block in blocks))
            if blocks and written and written[-1]["role"] == role:
                written[-1]["content"] += blocks
            elif blocks:
                written.append({"role": role, "content": blocks})
        if self._cacheable and cache != "off":
            self._cacheable[-1]["cache_control"] = {"type": "ephemeral", **({"ttl": "1h"} if cache == "1h" else {})}
        return written

    def _message(self, message: Message) -> tuple[str, list[JSON]]:
        """The role and the blocks; none of a system message, which stands elsewhere."""
        if message.role == "system":
            return "system", []
        if message.role == "assistant":
            return "assistant", self._assistant(message)
        if message.role == "tool":
            return "user", [self._result(part) for part in message.parts]
        documents = self._documents(message.parts)
        self._cacheable += documents[-1:]
        return "user", [*documents, *self._rest(message.parts)]

    def _assistant(self, message: Message) -> list[JSON]:
        words = parts.words(message.parts, self._numbers, "an answer")
        thoughts = kept(message, WIRE, self._model)
        self._is_unchanged = self._is_unchanged and all(each.prefix == self.prefix for each in thoughts)
        said = pieces(message, words, thoughts if self._is_unchanged else [])
        return [block for piece in said if (block := _block(piece))]

    def _result(self, part: Part) -> JSON:
        result = parts.result(part)
        documents = self._documents(result.parts)
        block: dict[str, JSON] = {"type": "tool_result", "tool_use_id": _id(result.id)}
        block["content"] = [*documents, *self._rest(result.parts)]
        if result.failed:
            block["is_error"] = True
        self._cacheable += [block] if documents else []
        return block

    def _documents(self, of: tuple[Part, ...]) -> list[dict[str, JSON]]:
        return [{"type": "text", "text": text} for text in parts.documents(of, self._numbers)]

    def _rest(self, of: tuple[Part, ...]) -> list[JSON]:
        words = _text(parts.texts(of))
        return [*map(_attachment, parts.attachments(of)), *([words] if words else [])]


def _block(piece: str | ToolCall | Kept) -> JSON:
    if isinstance(piece, Kept):
        return dict(piece.value)
    if isinstance(piece, ToolCall):
        return {"type": "tool_use", "id": _id(piece.id), "name": piece.name, "input": dict(piece.arguments)}
    return _text(piece)


def _text(text: str) -> JSON:
    """None for text without anything in it, which the API refuses."""
    return {"type": "text", "text": text} if text.strip() else None


def _id(id: str) -> str:
    """The id of a call in the characters the API allows; another provider's may have others."""
    return "".join(char if char.isascii() and (char.isalnum() or char in "_-") else "_" for char in id) or "_"


def _attachment(part: Attachment) -> JSON:
    media_type = parts.media_type(part)
    kind = {**dict.fromkeys(IMAGES, "image"), PDF: "document"}.get(media_type)
    if kind is None:
        raise parts.not_carried(part, (*IMAGES, PDF))
    data = {"type": "base64", "media_type": media_type, "data": base64(part.data)}
    named = {"title": part.name} if kind == "document" and part.name else {}
    return {"type": kind, "source": {"type": "url", "url": part.url} if part.url else data, **named}


# Answers


class Decoder(AnswerDecoder):
    """Bytes to events."""

    def __init__(self, endpoint: Endpoint, prefix: str = "") -> None:
        """prefix: the hash of the request, to which thinking is bound."""
        source = Source(endpoint.host, endpoint.model_id, endpoint.key)
        super().__init__(source, _Answer(source, prefix), ADVICE)


class _Thinking:
    """A block of thinking while it arrives."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.text: list[str] = []
        self.signature: list[str] = []


class _Answer:
    """What the events of one answer mean together."""

    content = "content"

    def __init__(self, source: Source, prefix: str) -> None:
        self.source = source
        self.finished = False
        self._begun = False
        self._keeper = Keeper(WIRE, source.model, prefix)
        self._calls: dict[JSON, int] = {}
        self._thinking: dict[JSON, _Thinking] = {}
        self._thought = False
        self._stop: Mapping[str, Any] = {}
        self._usage: dict[str, int] = {}

    def take(self, value: Mapping[str, Any]) -> Iterator[Event]:
        kind, index = value.get("type"), count(value.get("index"))
        if kind == "error" or value.get("error"):
            raise reported(self.source, value.get("error") or value)
        if kind == "message_start":
            yield from self._start(object_(value.get("message")))
        elif kind == "content_block_start":
            yield from self._open(index, object_(value.get("content_block")))
        elif kind == "content_block_delta":
            yield from self._delta(index, object_(value.get("delta")))
        elif kind == "content_block_stop":
            yield from self._close(index)
        elif kind == "message_delta":
            self._stopping(object_(value.get("delta")), value)
        elif kind == "message_stop":
            yield from self.done()

    def whole(self, value: Mapping[str, Any]) -> Iterator[Event]:
        if value.get("type") == "error" or value.get("error"):
            raise reported(self.source, value.get("error") or value)
        if not isinstance(value.get("content"), list):
            return
        yield from self._start(value)
        for index, block in enumerate(objects(value["content"])):
            yield from self._open(index, block)
            yield from self._close(index)
        self._stopping(value, value)
        yield from self.done()

    def end(self) -> Iterator[Event]:
        if self._begun and not self._stop:
            raise cut_off(self.source)
        yield from self.done()

    def done(self) -> Iterator[Event]:
        """The last events. Raises BrokenAnswer when there was no answer at all."""
        if not self._begun:
            raise empty(self.source)
        self.finished = True
        explanation = string(object_(self._stop.get("stop_details")).get("explanation"))
        if explanation and not self._keeper.text:
            yield TextDelta(explanation)
        if self._usage:
            yield _report(self._usage)
        yield Finish(_REASONS.get(string(self._stop.get("stop_reason")), "stop"))

    def _start(self, message: Mapping[str, Any]) -> Iterator[Event]:
        self._begun = True
        self._count(message)
        if name := string(message.get("model")):
            yield Resolved(name)

    def _stopping(self, delta: Mapping[str, Any], value: Mapping[str, Any]) -> None:
        self._count(value)
        self._stop = delta if string(delta.get("stop_reason")) else self._stop

    def _count(self, value: Mapping[str, Any]) -> None:
        """Later counts replace earlier ones; those that are not told again stand."""
        usage = object_(value.get("usage"))
        hour = object_(usage.get("cache_creation")).get("ephemeral_1h_input_tokens")
        thought = object_(usage.get("output_tokens_details")).get("thinking_tokens")
        counted = {**usage, "thinking_tokens": thought, "written_for_an_hour": hour}
        self._usage.update({name: n for name, each in counted.items() if (n := count(each)) is not None})

    def _open(self, index: JSON, block: Mapping[str, Any]) -> Iterator[Event]:
        kind = block.get("type")
        if kind == "text":
            yield from self._said(string(block.get("text")))
        elif kind == "thinking":
            self._thinking[index] = _Thinking(self._keeper.place)
            if self._thought:
                yield ReasoningDelta("\n\n")
            yield from self._think(index, string(block.get("thinking")))
            self._thinking[index].signature.append(string(block.get("signature")))
        elif kind == "redacted_thinking":
            yield ReasoningDelta("", self._keeper.keep({"type": kind, "data": block.get("data")}))
        elif kind == "tool_use":
            self._calls[index] = self._keeper.calls
            self._keeper.calls += 1
            arguments = json.dumps(block["input"], ensure_ascii=False) if object_(block.get("input")) else ""
            yield ToolCallDelta(self._calls[index], string(block.get("id")), string(block.get("name")), arguments)

    def _delta(self, index: JSON, delta: Mapping[str, Any]) -> Iterator[Event]:
        kind = delta.get("type")
        if kind == "text_delta":
            yield from self._said(string(delta.get("text")))
        elif kind == "thinking_delta":
            yield from self._think(index, string(delta.get("thinking")))
        elif kind == "signature_delta" and index in self._thinking:
            self._thinking[index].signature.append(string(delta.get("signature")))
        elif kind == "input_json_delta" and index in self._calls and (more := string(delta.get("partial_json"))):
            yield ToolCallDelta(self._calls[index], arguments=more)

    def _close(self, index: JSON) -> Iterator[Event]:
        """A block of thinking goes back whole, and only with its signature: the API checks that it is unchanged."""
        block = self._thinking.pop(index, None)
        if block and (signature := "".join(block.signature)):
            value = {"type": "thinking", "thinking": "".join(block.text), "signature": signature}
            yield ReasoningDelta("", self._keeper.keep(value, block.place))

    def _said(self, text: str) -> Iterator[Event]:
        if text:
            self._keeper.text += len(text)
            yield TextDelta(text)

    def _think(self, index: JSON, text: str) -> Iterator[Event]:
        if text and index in self._thinking:
            self._thought = True
            self._thinking[index].text.append(text)
            yield ReasoningDelta(text)


_REASONS: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "refused",
}


def _report(usage: Mapping[str, int]) -> UsageReport:
    """Anthropic counts what was written to and read from its cache apart from the rest of the input."""
    read = usage.get("cache_read_input_tokens")
    fresh = usage.get("input_tokens")
    written = usage.get("cache_creation_input_tokens")
    return UsageReport(
        input=None if fresh is None else fresh + (read or 0) + (written or 0),
        output=usage.get("output_tokens"),
        cached=read,
        reasoning=usage.get("thinking_tokens"),
        written=written,
        written_for_an_hour=usage.get("written_for_an_hour") or None,
    )
