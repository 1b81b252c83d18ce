"""Google's Gemini API: generateContent, streamed or whole.

Reference: https://ai.google.dev/api/generate-content, and /gemini-api/docs/thought-signatures for what goes back
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from curta.errors import BrokenAnswer, Refused, UnsupportedRequest
from curta.events import Event, Finish, FinishReason, ReasoningDelta, Resolved, TextDelta, ToolCallDelta, UsageReport
from curta.http import HTTPRequest
from curta.messages import JSON, Attachment, Message, Part, Request, ToolCall
from curta.models.model import HTTPExchange, Option
from curta.models.wires import parts
from curta.models.wires.decoding import AnswerDecoder, cut_off, empty
from curta.models.wires.failures import Source, reported
from curta.models.wires.fields import count, object_, objects, string
from curta.models.wires.kept import Keeper, kept, pieces
from curta.models.wires.options import accept
from curta.models.wires.parts import base64
from curta.models.wires.schemas import Dialect, in_dialect
from curta.models.wires.served import Endpoint, Served, post

WIRE = "gemini"
VERSION = "v1beta"
OPTIONS = (
    Option("max_tokens", int, "The longest answer, thinking included, in tokens."),
    Option("temperature", float, "How freely words are chosen: 0 always the likeliest, 2 almost any."),
    Option("top_p", float, "Choose only among the likeliest words that together have this probability."),
    Option("top_k", int, "Choose only among this many likeliest words."),
    Option("seed", int, "The same seed gives the same answer, as far as the model can."),
    Option("stop", list, "End the answer before any of these texts."),
    Option("frequency_penalty", float, "Above 0: avoid words in proportion to how often they were said."),
    Option("presence_penalty", float, "Above 0: avoid words that were said."),
    Option("thoughts", bool, "Show a summary of what the model thinks."),
    Option("thinking_level", str, "How long models since Gemini 3 think: minimal, low, medium, high."),
    Option("thinking_budget", int, "How many tokens earlier models think at most: 0 none, -1 as they like."),
    Option("media_resolution", str, "How closely pictures are looked at: MEDIA_RESOLUTION_LOW, _MEDIUM, _HIGH."),
    Option("safety_settings", list, "Objects with a category and a threshold, as the API wants them."),
    Option("extra_body", dict, "Further fields of the request."),
)
RENAMED = {
    "max_tokens": "maxOutputTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "seed": "seed",
    "stop": "stopSequences",
    "frequency_penalty": "frequencyPenalty",
    "presence_penalty": "presencePenalty",
    "media_resolution": "mediaResolution",
}
THINKING = {"thoughts": "includeThoughts", "thinking_level": "thinkingLevel", "thinking_budget": "thinkingBudget"}
MEDIA = (
    *("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif", "application/pdf"),
    *("audio/wav", "audio/mp3", "audio/mpeg", "audio/aiff", "audio/aac", "audio/ogg", "audio/flac"),
    *("video/mp4", "video/mpeg", "video/quicktime", "video/x-msvideo", "video/x-flv", "video/webm", "video/x-ms-wmv"),
    "video/3gpp",
)
DIALECT = Dialect(
    "Gemini",
    # https://ai.google.dev/api/generate-content#FIELDS.response_json_schema
    keywords=frozenset(
        "type properties required additionalProperties propertyOrdering items prefixItems enum anyOf $ref $defs $id"
        " $anchor description title format minimum maximum minItems maxItems".split()
    ),
)
UNSIGNED = "skip_thought_signature_validator"
"""Stands for the signature of a call that another model made; Google's documentation names it for this."""
ADVICE = f"Check that the model's URL is that of the Gemini API; it usually ends in /{VERSION}."


class Gemini(Served):
    """A model behind an endpoint of the Gemini API."""

    options = OPTIONS

    @staticmethod
    def _exchange(request: Request, endpoint: Endpoint, stream: bool) -> HTTPExchange:
        return HTTPExchange(encode(request, endpoint, stream), Decoder(endpoint))


# Requests


def encode(request: Request, endpoint: Endpoint, stream: bool) -> HTTPRequest:
    """The HTTP request that asks for `request`. Raises UnsupportedRequest for what the protocol cannot carry."""
    options = accept(request.model, OPTIONS, request.options)
    safety = {"safetySettings": options.pop("safety_settings")} if "safety_settings" in options else {}
    extra = options.pop("extra_body", {})
    system = parts.system(request, parts.numbers(request))
    body = {
        **({"systemInstruction": {"parts": [{"text": system}]}} if system else {}),
        "contents": _contents(request, endpoint.model_id),
        **_tools(request),
        **_config(request, options),
        **safety,
        **extra,
    }
    authorization = {"x-goog-api-key": endpoint.key} if endpoint.key else {}
    return post(endpoint, _address(endpoint, stream), body, authorization, stream)


def _address(endpoint: Endpoint, stream: bool) -> str:
    """The API's version may be in the model's URL or not."""
    from urllib.parse import quote

    id = endpoint.model_id if "/" in endpoint.model_id else f"models/{endpoint.model_id}"
    last = endpoint.url.partition("?")[0].rstrip("/").rpartition("/")[2]
    version = "" if last[:1] == "v" and last[1:2].isdigit() else f"/{VERSION}"
    verb, query = ("streamGenerateContent", "alt=sse") if stream else ("generateContent", "")
    return endpoint.address(f"{version}/{quote(id)}:{verb}", query=query)


def _config(request: Request, options: Mapping[str, JSON]) -> dict[str, JSON]:
    thinking = {THINKING[name]: value for name, value in options.items() if name in THINKING}
    config = {
        **{RENAMED[name]: value for name, value in options.items() if name in RENAMED},
        **({"thinkingConfig": thinking} if thinking else {}),
    }
    if request.schema is not None:
        config["responseMimeType"] = "application/json"
        config["responseJsonSchema"] = in_dialect(request.schema, DIALECT)
    return {"generationConfig": config} if config else {}


def _tools(request: Request) -> dict[str, JSON]:
    choice = parts.chosen(request)
    if not request.tools:
        return {}
    declared = [
        {"name": tool.name, "description": tool.description, "parametersJsonSchema": dict(tool.parameters)}
        for tool in request.tools
    ]
    tools = {"tools": [{"functionDeclarations": declared}]}
    if choice is None:
        return tools
    mode = {"auto": {"mode": "AUTO"}, "none": {"mode": "NONE"}, "required": {"mode": "ANY"}}.get(
        choice, {"mode": "ANY", "allowedFunctionNames": [choice]}
    )
    return {**tools, "toolConfig": {"functionCallingConfig": mode}}


def _contents(request: Request, model: str) -> list[JSON]:
    """Messages of one role in a row are one: results of tools and the words after them, say."""
    writer = _Writer(request, model)
    written: list[dict[str, JSON]] = []
    for message in request.messages:
        role, content = writer.message(message)
        if content and written and written[-1]["role"] == role:
            written[-1]["parts"] += content
        elif content:
            written.append({"role": role, "parts": content})
    return written


class _Writer:
    """Writes messages. called: the name of the tool of each call so far, which its result has to repeat."""

    def __init__(self, request: Request, model: str) -> None:
        self.numbers = parts.numbers(request)
        self.model = model
        self.called: dict[str, str] = {}

    def message(self, message: Message) -> tuple[str, list[dict[str, JSON]]]:
        """The role and the parts; none of a system message, which stands elsewhere."""
        if message.role == "system":
            return "system", []
        if message.role == "assistant":
            return "model", self._said(message)
        if message.role == "tool":
            return "user", [self._result(part) for part in message.parts]
        documents = [{"text": text} for text in parts.documents(message.parts, self.numbers)]
        text = parts.texts(message.parts)
        attachments = map(_attachment, parts.attachments(message.parts))
        return "user", [*documents, *attachments, *([{"text": text}] if text else [])]

    def _said(self, message: Message) -> list[dict[str, JSON]]:
        words = parts.words(message.parts, self.numbers, "an answer")
        said: list[dict[str, JSON]] = []
        signature: dict[str, JSON] = {}
        for piece in pieces(message, words, kept(message, WIRE, self.model)):
            if isinstance(piece, ToolCall):
                said.append({**self._call(piece), **signature})
                signature = {}
            elif isinstance(piece, str):
                said.append({"text": piece})
            elif piece.value.get("call"):
                signature = _signature(piece.value)
            else:
                _sign(said, piece.value)
        return self._with_any_signature(said)

    def _call(self, call: ToolCall) -> dict[str, JSON]:
        self.called[call.id] = call.name
        return {"functionCall": {"id": call.id, "name": call.name, "args": dict(call.arguments)}}

    def _with_any_signature(self, said: list[dict[str, JSON]]) -> list[dict[str, JSON]]:
        """Models since Gemini 3 refuse a step whose first call is not signed."""
        first = next((part for part in said if "functionCall" in part), None)
        if first and not self.model.rpartition("/")[2].startswith(("gemini-1", "gemini-2")):
            first.setdefault("thoughtSignature", UNSIGNED)
        return said

    def _result(self, part: Part) -> dict[str, JSON]:
        result = parts.result(part)
        if result.id not in self.called:
            raise UnsupportedRequest(f"A tool's result answers no call: {result.id!r}.")
        attachments = parts.attachments(result.parts)
        words = parts.words((p for p in result.parts if not isinstance(p, Attachment)), self.numbers, "a tool's result")
        response: dict[str, JSON] = {"id": result.id, "name": self.called[result.id]}
        response["response"] = {"error" if result.failed else "output": words}
        if attachments:
            response["parts"] = [_attachment(part) for part in attachments]
        return {"functionResponse": response}


def _signature(value: Mapping[str, Any]) -> dict[str, JSON]:
    return {"thoughtSignature": value.get("thoughtSignature")}


def _sign(said: list[dict[str, JSON]], value: Mapping[str, Any]) -> None:
    """Sign the end of the last text, or add a thought: a part that is signed is never joined with one that is not."""
    if isinstance(value.get("thought"), str):
        said.append({"text": value["thought"], "thought": True, **_signature(value)})
        return
    length = count(value.get("length")) or 0
    last = said.pop()["text"] if length and said and said[-1].keys() == {"text"} else ""
    said += [{"text": last[:-length]}] if last[:-length] else []
    said.append({"text": last[-length:] if last else "", **_signature(value)})


def _attachment(part: Attachment) -> dict[str, JSON]:
    media_type = parts.media_type(part)
    if media_type not in MEDIA:
        raise parts.not_carried(part, MEDIA)
    if part.url:
        return {"fileData": {"mimeType": media_type, "fileUri": part.url}}
    return {"inlineData": {"mimeType": media_type, "data": base64(part.data)}}


# Answers


class Decoder(AnswerDecoder):
    """Bytes to events."""

    def __init__(self, endpoint: Endpoint) -> None:
        source = Source(endpoint.host, endpoint.model_id, endpoint.key)
        super().__init__(source, _Answer(source), ADVICE)


class _Answer:
    """What the chunks of one answer mean together; a whole answer has the form of a chunk."""

    content = "candidates"

    def __init__(self, source: Source) -> None:
        self.source = source
        self.finished = False
        self._begun = False
        self._resolved = False
        self._keeper = Keeper(WIRE, source.model)
        self._reason = ""
        self._usage: Mapping[str, Any] = {}
        self._id = ""

    def take(self, value: Mapping[str, Any]) -> Iterator[Event]:
        if value.get("error"):
            raise reported(self.source, value["error"])
        yield from self._model(value)
        self._id = string(value.get("responseId")) or self._id
        self._usage = object_(value.get("usageMetadata")) or self._usage
        for candidate in objects(value.get("candidates")):
            if candidate.get("index") in (0, None):
                self._begun = True
                yield from self._candidate(candidate)
        if not self._begun and (why := object_(value.get("promptFeedback"))).get("blockReason"):
            said = string(why.get("blockReasonMessage")) or f"It gives {why['blockReason']} as its reason."
            raise Refused(f"{self.source.host} declined the request for its content.", why=self.source.clean(said))

    def whole(self, value: Mapping[str, Any]) -> Iterator[Event]:
        yield from self.take(value)
        if self._begun:
            yield from self.done()

    def end(self) -> Iterator[Event]:
        """The stream has no last word of its own: it is complete when it has given its reason to finish."""
        if self._begun and not self._reason:
            raise cut_off(self.source)
        yield from self.done()

    def done(self) -> Iterator[Event]:
        """The last events. Raises BrokenAnswer when there was no answer at all."""
        if not self._begun:
            raise empty(self.source)
        self.finished = True
        if self._usage:
            yield _report(self._usage)
        reason = _REASONS.get(self._reason, "stop")
        yield Finish("tool_calls" if reason == "stop" and self._keeper.calls else reason)

    def _model(self, value: Mapping[str, Any]) -> Iterator[Event]:
        name = string(value.get("modelVersion"))
        if name and not self._resolved:
            self._resolved = True
            yield Resolved(name)

    def _candidate(self, candidate: Mapping[str, Any]) -> Iterator[Event]:
        for part in objects(object_(candidate.get("content")).get("parts")):
            yield from self._part(part)
        self._reason = string(candidate.get("finishReason")) or self._reason
        message = string(candidate.get("finishMessage"))
        if self._reason and self._reason not in _REASONS:
            why = self.source.clean(message or f"It gives {self._reason} as its reason.")
            raise BrokenAnswer(f"{self.source.host} ended the answer early.", why=why, then="Try again.")
        if message and _REASONS.get(self._reason) == "refused" and not self._keeper.text:
            yield TextDelta(message)

    def _part(self, part: Mapping[str, Any]) -> Iterator[Event]:
        text, call = string(part.get("text")), object_(part.get("functionCall"))
        if call:
            yield from self._signed(part, {"call": True})
            yield self._call(call)
        elif part.get("thought") is True:
            yield from self._signed(part, {"thought": text}, text)
        elif text:
            self._keeper.text += len(text)
            yield TextDelta(text)
            yield from self._signed(part, {"length": len(text)})
        else:
            yield from self._signed(part, {"length": 0})

    def _signed(self, part: Mapping[str, Any], what: Mapping[str, Any], text: str = "") -> Iterator[Event]:
        """`text` of a thought, and the part's signature with what is needed to put it back."""
        if signature := string(part.get("thoughtSignature")):
            yield ReasoningDelta(text, self._keeper.keep({"thoughtSignature": signature, **what}))
        elif text:
            yield ReasoningDelta(text)

    def _call(self, call: Mapping[str, Any]) -> ToolCallDelta:
        """Older models give their calls no id; one of ours has to be another in each answer."""
        place = self._keeper.calls
        self._keeper.calls += 1
        id = string(call.get("id")) or f"{self._id or 'call'}-{place}"
        arguments = json.dumps(object_(call.get("args")), ensure_ascii=False)
        return ToolCallDelta(place, id, string(call.get("name")), arguments)


_REASONS: dict[str, FinishReason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "refused",
    "RECITATION": "refused",
    "LANGUAGE": "refused",
    "BLOCKLIST": "refused",
    "PROHIBITED_CONTENT": "refused",
    "SPII": "refused",
    "IMAGE_SAFETY": "refused",
    "IMAGE_PROHIBITED_CONTENT": "refused",
    "IMAGE_RECITATION": "refused",
    "MODEL_ARMOR": "refused",
}
"""Any other reason is a failure of the model: a call it could not write, say."""


def _report(usage: Mapping[str, Any]) -> UsageReport:
    """Gemini counts thoughts apart from the rest of the output, and what its tools said apart from the input."""
    return UsageReport(
        input=_sum(usage, "promptTokenCount", "toolUsePromptTokenCount"),
        output=_sum(usage, "candidatesTokenCount", "thoughtsTokenCount"),
        cached=count(usage.get("cachedContentTokenCount")),
        reasoning=count(usage.get("thoughtsTokenCount")),
    )


def _sum(usage: Mapping[str, Any], *names: str) -> int | None:
    known = [n for name in names if (n := count(usage.get(name))) is not None]
    return sum(known) if known else None
