"""The protocol nearly every server speaks: OpenAI's chat completions, streamed or whole.

Spoken by OpenAI, Ollama, llama.cpp, vLLM, LM Studio, OpenRouter, Groq, Mistral, DeepSeek and others, each with its own
accent; the accents are understood where it costs nothing, and the comments below say whose they are.
Reference: https://platform.openai.com/docs/api-reference/chat
"""

import json
from collections.abc import Iterator, Mapping

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
from curta.messages import JSON, Attachment, Message, Part, Request, Tool, ToolCall
from curta.models.model import HTTPExchange, Option
from curta.models.wires import parts
from curta.models.wires.decoding import AnswerDecoder, cut_off, empty
from curta.models.wires.failures import Source, reported
from curta.models.wires.fields import count, object_, objects, string
from curta.models.wires.options import accept
from curta.models.wires.parts import IMAGES, PDF, base64, data_url
from curta.models.wires.schemas import openai_form
from curta.models.wires.served import Endpoint, Served, bearer, post

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
AUDIO = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/wave": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}


class OpenAIChat(Served):
    """A model behind a chat completions endpoint."""

    options = OPTIONS

    @staticmethod
    def _exchange(request: Request, endpoint: Endpoint, stream: bool) -> HTTPExchange:
        return HTTPExchange(encode(request, endpoint, stream), Decoder(endpoint))


# Requests


def encode(request: Request, endpoint: Endpoint, stream: bool) -> HTTPRequest:
    """The HTTP request that asks for `request`. Raises UnsupportedRequest for what the protocol cannot carry."""
    body = {
        "model": endpoint.model_id,
        "messages": _messages(request),
        **({"stream": True, "stream_options": {"include_usage": True}} if stream else {}),
        **_schema(request.schema),
        **parts.openai_tools(request, _tool, _chosen),
        **_options(request, endpoint),
    }
    return post(endpoint, endpoint.address("/chat/completions"), body, bearer(endpoint), stream)


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
    return {"response_format": {"type": "json_schema", "json_schema": openai_form(schema)}}


def _tool(tool: Tool) -> dict[str, JSON]:
    return {"type": "function", "function": tool.to_dict()}


def _chosen(name: str) -> dict[str, JSON]:
    return {"type": "function", "function": {"name": name}}


def _messages(request: Request) -> list[JSON]:
    numbers = parts.numbers(request)
    return [encoded for message in request.messages for encoded in _message(message, numbers)]


def _message(message: Message, numbers: Mapping[str, int]) -> Iterator[JSON]:
    if message.role == "tool":
        yield from (_tool_message(part, numbers) for part in message.parts)
        yield from _shown_by_tools(message)
    elif message.role == "assistant":
        yield _assistant(message, numbers)
    else:
        yield {"role": message.role, "content": _content(message, numbers)}


def _assistant(message: Message, numbers: Mapping[str, int]) -> JSON:
    """Reasoning stays here: the protocol has no place for it, and DeepSeek refuses requests that return it."""
    calls = [_tool_call(part) for part in message.parts if isinstance(part, ToolCall)]
    text = parts.words(message.parts, numbers, "an answer")
    content = {"role": "assistant", "content": text or (None if calls else "")}
    return {**content, "tool_calls": calls} if calls else content


def _tool_call(call: ToolCall) -> JSON:
    arguments = json.dumps(dict(call.arguments), ensure_ascii=False)
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _tool_message(part: Part, numbers: Mapping[str, int]) -> JSON:
    result = parts.result(part)
    text = parts.words((p for p in result.parts if not isinstance(p, Attachment)), numbers, "a tool's result")
    text = text or (SHOWN if parts.attachments(result.parts) else "")
    return {"role": "tool", "tool_call_id": result.id, "content": f"The tool failed: {text}" if result.failed else text}


def _shown_by_tools(message: Message) -> Iterator[JSON]:
    """The attachments that tools returned, as the user's: the protocol has no place for them in a tool's message."""
    content: list[JSON] = []
    for result in map(parts.result, message.parts):
        if attachments := parts.attachments(result.parts):
            content.append({"type": "text", "text": f"Returned by the tool call {result.id}:"})
            content += map(_attachment, attachments)
    if content:
        yield {"role": "user", "content": content}


def _content(message: Message, numbers: Mapping[str, int]) -> JSON:
    """Plain text where there is only text: some servers understand nothing else."""
    attachments = parts.attachments(message.parts)
    text = parts.words((part for part in message.parts if not isinstance(part, Attachment)), numbers, "a prompt")
    if not attachments:
        return text
    return [*([{"type": "text", "text": text}] if text else []), *map(_attachment, attachments)]


def _attachment(part: Attachment) -> JSON:
    media_type = parts.media_type(part)
    if media_type in IMAGES:
        return {"type": "image_url", "image_url": {"url": part.url or data_url(media_type, part.data)}}
    if media_type == PDF and not part.url:
        return {
            "type": "file",
            "file": {"filename": part.name or "document.pdf", "file_data": data_url(PDF, part.data)},
        }
    if media_type in AUDIO and not part.url:
        return {"type": "input_audio", "input_audio": {"data": base64(part.data), "format": AUDIO[media_type]}}
    raise parts.not_carried(part, (*IMAGES, PDF, *dict.fromkeys(f"audio/{kind}" for kind in AUDIO.values())))


# Answers


SHOWN = "The result is attached to the next message."
ADVICE = "Check that the model's URL is that of an OpenAI-compatible API; it usually ends in /v1."


class Decoder(AnswerDecoder):
    """Bytes to events."""

    def __init__(self, endpoint: Endpoint) -> None:
        source = Source(endpoint.host, endpoint.model_id, endpoint.key)
        super().__init__(source, _Answer(source), ADVICE)


class _Answer:
    """What the chunks of one answer mean together. begun: a choice has come."""

    content = "choices"

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
        for choice in objects(chunk.get("choices")):
            if choice.get("index") in (0, None):
                self.begun = True
                yield from self._choice(choice)

    def whole(self, value: Mapping[str, JSON]) -> Iterator[Event]:
        yield from self.take(value)
        if self.begun:
            yield from self.done()

    def end(self) -> Iterator[Event]:
        """The stream ended without saying so, which is fine when the answer had given its reason to finish."""
        if self.begun and self._reason is None:
            raise cut_off(self.source)
        yield from self.done()

    def done(self) -> Iterator[Event]:
        """The last events. Raises BrokenAnswer when there was no answer at all."""
        if not self.begun:
            raise empty(self.source)
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
        delta = object_(choice.get("delta") or choice.get("message"))
        yield from _reasoning(delta)
        yield from _text(delta.get("content"))
        if refusal := string(delta.get("refusal")):
            self._refused = True
            yield TextDelta(refusal)
        yield from self._calls.take(delta)
        self._reason = string(choice.get("finish_reason")) or self._reason

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
        for call in objects(delta.get("tool_calls")):
            yield self._delta(call, object_(call.get("function")))
        if function := object_(delta.get("function_call")):  # the form before tools
            yield self._delta({"index": 0}, function)

    def _delta(self, call: Mapping[str, JSON], function: Mapping[str, JSON]) -> ToolCallDelta:
        id, name = string(call.get("id")), string(function.get("name"))
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
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else string(value)


def _text(content: JSON) -> Iterator[Event]:
    """A string by the protocol; Mistral's reasoning models send a list of parts."""
    if isinstance(content, str) and content:
        yield TextDelta(content)
    for part in objects(content):
        if thought := "".join(string(inner.get("text")) for inner in objects(part.get("thinking"))):
            yield ReasoningDelta(thought)
        if text := string(part.get("text")):
            yield TextDelta(text)


def _reasoning(delta: Mapping[str, JSON]) -> Iterator[Event]:
    """`reasoning_content` is DeepSeek's, vLLM's and llama.cpp's name for it, `reasoning` OpenRouter's and Groq's."""
    if text := string(delta.get("reasoning_content")) or string(delta.get("reasoning")):
        yield ReasoningDelta(text)


def _usage(chunk: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """The last report counts; some servers send one with every chunk. Groq's is inside `x_groq`."""
    return object_(chunk.get("usage")) or object_(object_(chunk.get("x_groq")).get("usage"))


def _report(usage: Mapping[str, JSON]) -> UsageReport:
    cached = count(object_(usage.get("prompt_tokens_details")).get("cached_tokens"))
    reasoning = count(object_(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    input, output = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
    if (
        input is not None
        and output is not None
        and reasoning
        and usage.get("total_tokens") == input + output + reasoning
    ):
        output += reasoning  # xAI counts what was thought apart from the rest of the answer, and charges for both
    return UsageReport(
        input=input,
        output=output,
        cached=count(usage.get("prompt_cache_hit_tokens")) if cached is None else cached,  # the former is DeepSeek's
        reasoning=reasoning,
    )
