"""Ollama's own protocol: `/api/chat`, answers in lines of JSON.

Its OpenAI-compatible one has no place for `num_ctx`, without which a prompt longer than a few thousand tokens loses its
beginning, and nobody is told. Reference: https://github.com/ollama/ollama/blob/main/docs/api.md
"""

import json
from collections.abc import Iterator, Mapping

from curta.errors import BrokenAnswer, ModelError, UnsupportedRequest
from curta.events import Event, Finish, FinishReason, ReasoningDelta, Resolved, TextDelta, ToolCallDelta, UsageReport
from curta.http import HTTPRequest
from curta.messages import JSON, Attachment, Message, Request, ToolCall
from curta.models.model import Option
from curta.models.wires import openai_chat, parts
from curta.models.wires.decoding import LONGEST_JSON, cut_off, empty
from curta.models.wires.failures import Source, failure, reported
from curta.models.wires.fields import count, object_, objects, string
from curta.models.wires.options import accept
from curta.models.wires.served import Endpoint, bearer, post

_AS_ELSEWHERE = "temperature max_tokens top_p seed stop frequency_penalty presence_penalty extra_body".split()
OPTIONS = (
    *(option for option in openai_chat.OPTIONS if option.name in _AS_ELSEWHERE),
    Option("top_k", int, "Choose only among so many of the likeliest words."),
    Option("min_p", float, "Leave out words less likely than this share of the likeliest."),
    Option("repeat_penalty", float, "Above 1: avoid words that were said."),
    Option("thinking", bool, "Let a model that can think do so before it answers.", False),
    Option("num_ctx", int, "Tokens of context; without it, enough for the prompt and its answer."),
    Option("keep_alive", str, "How long the model stays in memory afterwards: 5m, -1 for ever."),
)
_BESIDE = {"thinking", "keep_alive", "extra_body"}
"""Options that stand beside the model's own."""

# Requests


def encode(request: Request, endpoint: Endpoint, stream: bool, context: int, thinks: bool) -> HTTPRequest:
    """The HTTP request that asks for `request`. Raises UnsupportedRequest for what the protocol cannot carry.

    context: tokens, where the request does not say. thinks: whether the model has thinking to switch on or off.
    """
    options = accept(request.model, OPTIONS, request.options)
    own = {name: value for name, value in options.items() if name not in _BESIDE}
    if "max_tokens" in own:
        own["num_predict"] = own.pop("max_tokens")
    body = {
        "model": endpoint.model_id,
        "messages": _messages(request),
        "stream": stream,
        "options": {"num_ctx": context, **own},
        **({"format": request.schema} if request.schema is not None else {}),
        **({"think": options.get("thinking", False)} if thinks else {}),
        **({"keep_alive": options["keep_alive"]} if "keep_alive" in options else {}),
        **_tools(request),
        **options.get("extra_body", {}),
    }
    return post(endpoint, endpoint.address("/api/chat"), body, bearer(endpoint), stream)


def _tools(request: Request) -> dict[str, JSON]:
    choice = parts.chosen(request)
    if choice == "none" or not request.tools:
        return {}
    if choice not in (None, "auto"):
        raise UnsupportedRequest("Ollama cannot be told that a tool must be called.", then="Leave the choice to it.")
    return {"tools": [{"type": "function", "function": tool.to_dict()} for tool in request.tools]}


def _messages(request: Request) -> list[JSON]:
    numbers = parts.numbers(request)
    calls = [part for message in request.messages for part in message.parts if isinstance(part, ToolCall)]
    names = {call.id: call.name for call in calls}
    return [encoded for message in request.messages for encoded in _message(message, numbers, names)]


def _message(message: Message, numbers: Mapping[str, int], names: Mapping[str, str]) -> Iterator[JSON]:
    if message.role == "tool":
        for result in map(parts.result, message.parts):
            text = parts.words(result.parts, numbers, "a tool's result")
            told = f"The tool failed: {text}" if result.failed else text
            yield {"role": "tool", "content": told, "tool_name": names.get(result.id, "")}
        return
    pictures = parts.attachments(message.parts)
    calls = [part for part in message.parts if isinstance(part, ToolCall)]
    rest = (part for part in message.parts if part not in pictures)
    encoded: dict[str, JSON] = {"role": message.role, "content": parts.words(rest, numbers, "a prompt")}
    if pictures:
        encoded["images"] = [_picture(part) for part in pictures]
    if calls:
        encoded["tool_calls"] = [{"function": {"name": c.name, "arguments": dict(c.arguments)}} for c in calls]
    yield encoded


def _picture(part: Attachment) -> str:
    if parts.media_type(part) not in parts.IMAGES or part.url:
        raise parts.not_carried(part, parts.IMAGES)
    return parts.base64(part.data)


# Answers


class Decoder:
    """Bytes to events. Each line is an object; the last one says `done`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._source = Source(endpoint.host, endpoint.model_id, endpoint.key)
        self._line = b""
        self._calls = 0
        self._begun = self._finished = False

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that `data` completes. Raises BrokenAnswer, and ProviderError for an error told in a line."""
        *lines, self._line = (self._line + data).split(b"\n")
        if len(self._line) > LONGEST_JSON:
            raise BrokenAnswer(f"The answer of {self._source.host} has a line of more than {LONGEST_JSON >> 20} MB.")
        for line in lines:
            yield from self._taken(line)

    def close(self) -> Iterator[Event]:
        """The events that the end completes. Raises BrokenAnswer when the answer is not whole."""
        yield from self._taken(self._line)
        if not self._finished:
            raise cut_off(self._source) if self._begun else empty(self._source)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ModelError:
        """The error that an HTTP status of 400 or more with this body means."""
        return failure(self._source, status, headers, body)

    def _taken(self, line: bytes) -> Iterator[Event]:
        if self._finished or not line.strip():
            return
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            shown = self._source.clean(line[:100].decode("utf-8", "replace"))
            why = f"A line of it is no JSON object. It reads: {shown}"
            raise BrokenAnswer(f"The answer of {self._source.host} is not what the protocol says.", why=why)
        if value.get("error"):
            raise reported(self._source, value["error"])
        yield from self._events(value)

    def _events(self, value: Mapping[str, JSON]) -> Iterator[Event]:
        if not self._begun and (model := string(value.get("model"))):
            yield Resolved(model)
        self._begun = True
        message = object_(value.get("message"))
        if thought := string(message.get("thinking")):
            yield ReasoningDelta(thought)
        if text := string(message.get("content")):
            yield TextDelta(text)
        for call in objects(message.get("tool_calls")):
            function = object_(call.get("function"))
            arguments = json.dumps(object_(function.get("arguments")), ensure_ascii=False)
            yield ToolCallDelta(self._calls, string(call.get("id")), string(function.get("name")), arguments)
            self._calls += 1
        if value.get("done") is True:
            self._finished = True
            yield UsageReport(count(value.get("prompt_eval_count")), count(value.get("eval_count")))
            yield Finish(self._reason(string(value.get("done_reason"))))

    def _reason(self, told: str) -> FinishReason:
        if told == "length":
            return "length"
        return "tool_calls" if self._calls else "stop"
