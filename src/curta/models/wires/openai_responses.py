"""OpenAI's responses, streamed or whole: what its reasoning models need to think on between two requests.

Nothing is kept at the provider (`store` is false), so a whole conversation is sent each time, reasoning included.
Reference: https://platform.openai.com/docs/api-reference/responses
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from curta.events import Event, Finish, FinishReason, ReasoningDelta, Resolved, TextDelta, ToolCallDelta, UsageReport
from curta.http import HTTPRequest
from curta.messages import JSON, Attachment, Message, Part, Request, Tool, ToolCall
from curta.models.model import HTTPExchange, Option
from curta.models.wires import parts
from curta.models.wires.decoding import AnswerDecoder, cut_off, empty
from curta.models.wires.failures import Source, reported
from curta.models.wires.fields import count, object_, objects, string
from curta.models.wires.kept import Keeper, Place, kept, pieces
from curta.models.wires.options import accept
from curta.models.wires.parts import IMAGES, PDF, data_url
from curta.models.wires.schemas import openai_form
from curta.models.wires.served import Endpoint, Served, bearer, post

WIRE = "openai_responses"
OPTIONS = (
    Option("max_tokens", int, "The longest answer, reasoning included, in tokens."),
    Option("reasoning_effort", str, "How long a reasoning model thinks: none, minimal, low, medium, high, xhigh, max."),
    Option("reasoning_summary", str, "Show a summary of what the model thinks: auto, concise, detailed."),
    Option("verbosity", str, "How long answers are: low, medium, high."),
    Option("temperature", float, "How freely words are chosen: 0 always the likeliest, 2 almost any."),
    Option("top_p", float, "Choose only among the likeliest words that together have this probability."),
    Option("service_tier", str, "The provider's class of service: auto, default, flex, priority."),
    Option("prompt_cache_key", str, "Requests with the same key find each other's beginning in the provider's cache."),
    Option("store", bool, "Let the provider keep the request and the answer.", False),
    Option("extra_body", dict, "Further fields of the request, for what only this server knows."),
)
OFFICE = "application/vnd.openxmlformats-officedocument."
FILES = {
    PDF: "document.pdf",
    f"{OFFICE}wordprocessingml.document": "document.docx",
    f"{OFFICE}presentationml.presentation": "slides.pptx",
    f"{OFFICE}spreadsheetml.sheet": "sheet.xlsx",
    "text/csv": "table.csv",
}
"""Media type of a file -> the name it has when it has none; the provider goes by the ending."""
SEALED = ["reasoning.encrypted_content"]
"""OpenAI includes it unasked; others want to be asked, and refuse that of models that do not reason."""
ADVICE = "Check that the model's URL is that of an API for OpenAI's responses; it usually ends in /v1."


class OpenAIResponses(Served):
    """A model behind a responses endpoint."""

    options = OPTIONS

    @staticmethod
    def _exchange(request: Request, endpoint: Endpoint, stream: bool) -> HTTPExchange:
        return HTTPExchange(encode(request, endpoint, stream), Decoder(endpoint))


# Requests


def encode(request: Request, endpoint: Endpoint, stream: bool) -> HTTPRequest:
    """The HTTP request that asks for `request`. Raises UnsupportedRequest for what the protocol cannot carry."""
    body = {
        "model": endpoint.model_id,
        "input": _input(request, endpoint.model_id),
        "store": False,
        **({"stream": True} if stream else {}),
        **parts.openai_tools(request, _tool, _chosen),
        **_options(request),
    }
    return post(endpoint, endpoint.address("/responses"), body, bearer(endpoint), stream)


def _options(request: Request) -> dict[str, JSON]:
    options = accept(request.model, OPTIONS, request.options)
    text = {**_taken(options, verbosity="verbosity"), **_format(request.schema)}
    reasoning = _taken(options, reasoning_effort="effort", reasoning_summary="summary")
    longest = _taken(options, max_tokens="max_output_tokens")
    extra = options.pop("extra_body", {})
    return {
        **({"text": text} if text else {}),
        **({"reasoning": reasoning, "include": SEALED} if reasoning else {}),
        **longest,
        **options,
        **extra,
    }


def _taken(options: dict[str, JSON], **names: str) -> dict[str, JSON]:
    """These options, taken out of `options`, under the names the API has for them."""
    return {theirs: options.pop(ours) for ours, theirs in names.items() if ours in options}


def _format(schema: Mapping[str, JSON] | None) -> dict[str, JSON]:
    if schema is None:
        return {}
    return {"format": {"type": "json_schema", **openai_form(schema)}}


def _tool(tool: Tool) -> JSON:
    """Not strict, which this API would otherwise make of schemas that are not."""
    return {"type": "function", **tool.to_dict(), "strict": False}


def _chosen(name: str) -> JSON:
    return {"type": "function", "name": name}


def _input(request: Request, model: str) -> list[JSON]:
    numbers = parts.numbers(request)
    return [item for message in request.messages for item in _items(message, numbers, model)]


def _items(message: Message, numbers: Mapping[str, int], model: str) -> Iterator[JSON]:
    if message.role == "tool":
        yield from (_result(part, numbers) for part in message.parts)
    elif message.role == "assistant":
        yield from _said(message, numbers, model)
    else:
        content = _content(message.parts, numbers)
        yield {"type": "message", "role": message.role, "content": content}


def _said(message: Message, numbers: Mapping[str, int], model: str) -> Iterator[JSON]:
    """The items of an answer; its reasoning has to stand before what came of it."""
    phase: Mapping[str, JSON] = {}
    words = parts.words(message.parts, numbers, "an answer")
    for piece in pieces(message, words, kept(message, WIRE, model)):
        if isinstance(piece, ToolCall):
            arguments = json.dumps(dict(piece.arguments), ensure_ascii=False)
            yield {"type": "function_call", "call_id": piece.id, "name": piece.name, "arguments": arguments}
        elif isinstance(piece, str):
            yield {"type": "message", "role": "assistant", "content": piece, **phase}
        elif "phase" in piece.value:
            phase = piece.value
        else:
            yield dict(piece.value)


def _result(part: Part, numbers: Mapping[str, int]) -> JSON:
    result = parts.result(part)
    output = _content(result.parts, numbers, "The tool failed: " if result.failed else "")
    return {"type": "function_call_output", "call_id": result.id, "output": output}


def _content(of: tuple[Part, ...], numbers: Mapping[str, int], before: str = "") -> JSON:
    """Plain text where there is only text."""
    text = before + parts.words((part for part in of if not isinstance(part, Attachment)), numbers, "a prompt")
    attachments = parts.attachments(of)
    if not attachments:
        return text
    return [*([{"type": "input_text", "text": text}] if text else []), *map(_attachment, attachments)]


def _attachment(part: Attachment) -> JSON:
    media_type = parts.media_type(part)
    if media_type in IMAGES:
        url = part.url or data_url(media_type, part.data)
        return {"type": "input_image", "image_url": url, "detail": "auto"}
    if media_type in FILES and part.url:
        return {"type": "input_file", "file_url": part.url}
    if media_type in FILES:
        name = part.name or FILES[media_type]
        return {"type": "input_file", "filename": name, "file_data": data_url(media_type, part.data)}
    raise parts.not_carried(part, (*IMAGES, *FILES))


# Answers


class Decoder(AnswerDecoder):
    """Bytes to events."""

    def __init__(self, endpoint: Endpoint) -> None:
        source = Source(endpoint.host, endpoint.model_id, endpoint.key)
        super().__init__(source, _Answer(source), ADVICE)


class _Item:
    """An item of the answer while it arrives. call: its number among the calls. given: characters given so far."""

    def __init__(self, place: Place, call: int) -> None:
        self.place = place
        self.call = call
        self.given = 0


class _Answer:
    """What the events of one answer mean together."""

    content = "output"

    def __init__(self, source: Source) -> None:
        self.source = source
        self.finished = False
        self._begun = False
        self._resolved = False
        self._refused = False
        self._thought = False
        self._keeper = Keeper(WIRE, source.model)
        self._items: dict[JSON, _Item] = {}

    def take(self, value: Mapping[str, Any]) -> Iterator[Event]:
        kind, index = string(value.get("type")), count(value.get("output_index"))
        if kind == "error" or value.get("error"):
            raise reported(self.source, value.get("error") or value)
        name = kind.removeprefix("response.")
        if name in ("created", "in_progress", "failed"):
            yield from self._state(object_(value.get("response")))
        elif name == "output_item.added":
            yield from self._open(index, object_(value.get("item")))
        elif name == "output_item.done":
            yield from self._close(index, object_(value.get("item")))
        elif name == "reasoning_summary_part.added" and self._thought:
            yield ReasoningDelta("\n\n")
        elif name.endswith(".delta"):
            yield from self._delta(name.removesuffix(".delta"), index, string(value.get("delta")))
        elif name in ("completed", "incomplete"):
            yield from self._conclude(object_(value.get("response")))

    def whole(self, value: Mapping[str, Any]) -> Iterator[Event]:
        yield from self._state(value)
        if not isinstance(value.get("output"), list):
            return
        for index, item in enumerate(objects(value["output"])):
            yield from self._close(index, item)
        yield from self._conclude(value)

    def end(self) -> Iterator[Event]:
        """An answer is complete when it says so; nothing else ends one."""
        raise cut_off(self.source) if self._begun else empty(self.source)

    done = end

    def _state(self, response: Mapping[str, Any]) -> Iterator[Event]:
        self._begun = True
        if response.get("error") or response.get("status") == "failed":
            raise reported(self.source, response.get("error") or {"message": "It does not say why."})
        name = string(response.get("model"))
        if name and not self._resolved:
            self._resolved = True
            yield Resolved(name)

    def _conclude(self, response: Mapping[str, Any]) -> Iterator[Event]:
        yield from self._state(response)
        self.finished = True
        if usage := object_(response.get("usage")):
            yield _report(usage)
        yield Finish(self._reason(response))

    def _reason(self, response: Mapping[str, Any]) -> FinishReason:
        """An answer that is incomplete for any reason but its content was cut off by some limit."""
        why = object_(response.get("incomplete_details")).get("reason")
        if self._refused or why == "content_filter":
            return "refused"
        if why or response.get("status") == "incomplete":
            return "length"
        return "tool_calls" if self._keeper.calls else "stop"

    def _open(self, index: JSON, item: Mapping[str, Any]) -> Iterator[Event]:
        self._begun = True
        self._items[index] = _Item(self._keeper.place, self._keeper.calls)
        if item.get("type") == "function_call":
            self._keeper.calls += 1
            yield ToolCallDelta(self._items[index].call, string(item.get("call_id")), string(item.get("name")))

    def _delta(self, kind: str, index: JSON, text: str) -> Iterator[Event]:
        if not text:
            return
        self._begun = True
        item = self._items.get(index) or _Item(self._keeper.place, 0)
        item.given += len(text)
        if kind in ("output_text", "refusal"):
            yield from self._speak(text, kind == "refusal")
        elif kind in ("reasoning_summary_text", "reasoning_text"):
            self._thought = True
            yield ReasoningDelta(text)
        elif kind == "function_call_arguments" and index in self._items:
            yield ToolCallDelta(item.call, arguments=text)

    def _close(self, index: JSON, item: Mapping[str, Any]) -> Iterator[Event]:
        """What of the item was not given piece by piece, and what has to be kept of it."""
        if index not in self._items:
            yield from self._open(index, item)
        open = self._items.pop(index)
        kind = item.get("type")
        if kind == "function_call":
            if rest := string(item.get("arguments"))[open.given :]:
                yield ToolCallDelta(open.call, arguments=rest)
        elif kind == "message":
            for part in objects(item.get("content")) if not open.given else ():
                yield from self._speak(string(part.get("text")) or string(part.get("refusal")), "refusal" in part)
            if phase := string(item.get("phase")):
                yield ReasoningDelta("", self._keeper.keep({"phase": phase}, open.place))
        elif kind == "reasoning":
            yield from self._reasoned(item, open)

    def _reasoned(self, item: Mapping[str, Any], open: _Item) -> Iterator[Event]:
        """Without its encrypted content the item means nothing to a provider that has not stored it."""
        shown = objects(item.get("summary")) or objects(item.get("content"))
        if not open.given and (text := "\n\n".join(string(part.get("text")) for part in shown)):
            yield ReasoningDelta(text)
        if string(item.get("encrypted_content")):
            value = {name: each for name, each in item.items() if each is not None and name != "status"}
            yield ReasoningDelta("", self._keeper.keep(value, open.place))

    def _speak(self, text: str, refusal: bool) -> Iterator[Event]:
        self._refused = self._refused or refusal
        if text:
            self._keeper.text += len(text)
            yield TextDelta(text)


def _report(usage: Mapping[str, Any]) -> UsageReport:
    return UsageReport(
        input=count(usage.get("input_tokens")),
        output=count(usage.get("output_tokens")),
        cached=count(object_(usage.get("input_tokens_details")).get("cached_tokens")),
        reasoning=count(object_(usage.get("output_tokens_details")).get("reasoning_tokens")),
    )
