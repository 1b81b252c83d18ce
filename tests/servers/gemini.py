"""The Gemini API on 127.0.0.1, well and badly: `with GeminiServer() as server`; see `tests.servers.protocol`.

Every body is validated by the types of the official `google-genai` package, as JSON.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from tests.servers.openai import Answer, Failure
from tests.servers.protocol import Protocol, ProtocolServer, event, words

STATUSES = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "refused": "PROHIBITED_CONTENT"}
VERSIONS = ("/v1beta/models/", "/v1/models/")
SIGNATURE = "c2lnbmVk"


class GeminiServer(ProtocolServer):
    def __init__(self, key: str | None = None) -> None:
        super().__init__(GeminiProtocol(), key)


class GeminiProtocol(Protocol):
    def key(self, headers: Mapping[str, str]) -> str:
        return headers.get("x-goog-api-key", "")

    def is_known(self, path: str) -> bool:
        path, _, query = path.partition("?")
        verb = path.rpartition(":")[2]
        whole, streamed = verb == "generateContent", verb == "streamGenerateContent" and query == "alt=sse"
        return path.startswith(VERSIONS) and (whole or streamed)

    def model(self, path: str, body: Mapping[str, Any]) -> str:
        return path.rpartition("/")[2].partition(":")[0]

    def streams(self, path: str, body: Mapping[str, Any]) -> bool:
        return ":stream" in path

    def complaint(self, body: Mapping[str, Any]) -> str:
        from pydantic import ValidationError

        for name, value in body.items():
            if name not in _adapters():
                return f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
            try:
                _adapters()[name].validate_json(json.dumps(value))
            except ValidationError as error:
                return "; ".join(f"{name}.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3])
        return "" if body.get("contents") else "contents is not specified"

    def said(self, body: Mapping[str, Any]) -> Iterable[str]:
        for content in body["contents"]:
            yield f"{content['role']}: " + " ".join(part.get("text", "<part>") for part in content["parts"])

    def schema(self, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        schema: Mapping[str, Any] | None = body.get("generationConfig", {}).get("responseJsonSchema")
        return schema

    def tools(self, body: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
        declared = [each for tool in body.get("tools", []) for each in tool["functionDeclarations"]]
        return [(each["name"], each.get("parametersJsonSchema") or _lower(each["parameters"])) for each in declared]

    def results(self, body: Mapping[str, Any]) -> list[str]:
        found = [
            part["functionResponse"] for content in body["contents"] for part in content["parts"] if _is_result(part)
        ]
        return [next(iter(each["response"].values())) for each in found]

    def whole(self, answer: Answer, model: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return _chunk(answer, model, list(_parts(answer)), whole=True)

    def events(self, answer: Answer, model: str, body: Mapping[str, Any]) -> Iterator[bytes]:
        for part in _parts(answer):
            for piece in _cut(part):
                yield event(_chunk(answer, model, [piece]), named=False)
        yield event(_chunk(answer, model, [{"text": ""}], whole=True), named=False)

    def half(self) -> bytes:
        return event(_chunk(Answer(), "m", [{"text": "Half"}]), named=False)

    def error_event(self) -> bytes:
        return event({"error": {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}}, named=False)

    def error(self, failure: Failure) -> dict[str, Any]:
        status = STATUSES.get(failure.status, "INTERNAL")
        return {"error": {"code": failure.status, "message": failure.message, "status": status}}


@cache
def _adapters() -> dict[str, Any]:
    from google.genai import types
    from pydantic import TypeAdapter

    fields = {
        "contents": list[types.Content],
        "systemInstruction": types.Content,
        "generationConfig": types.GenerationConfig,
        "tools": list[types.Tool],
        "toolConfig": types.ToolConfig,
        "safetySettings": list[types.SafetySetting],
    }
    return {name: TypeAdapter(kind) for name, kind in fields.items()}


def _is_result(part: Mapping[str, Any]) -> bool:
    return "functionResponse" in part


def _lower(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Google's own form of a schema has its types in capitals."""
    inner = {name: _lower(each) for name, each in schema.get("properties", {}).items()}
    return {**schema, "type": schema["type"].lower(), "properties": inner}


def _parts(answer: Answer) -> Iterator[dict[str, Any]]:
    if answer.reasoning:
        yield {"text": answer.reasoning, "thought": True}
    if answer.text:
        yield {"text": answer.text, **({} if answer.calls else {"thoughtSignature": SIGNATURE})}
    for n, (name, arguments) in enumerate(answer.calls):
        call = {"functionCall": {"id": f"fc-{n}", "name": name, "args": json.loads(arguments)}}
        yield {**call, **({} if n else {"thoughtSignature": SIGNATURE})}


def _cut(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A text in words; its signature comes with the last."""
    if "text" not in part:
        yield part
        return
    pieces = words(part["text"])
    rest = {name: value for name, value in part.items() if name not in ("text", "thoughtSignature")}
    yield from ({"text": piece, **rest} for piece in pieces[:-1])
    yield {**part, "text": pieces[-1]}


def _chunk(answer: Answer, model: str, of: list[dict[str, Any]], whole: bool = False) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": of, "role": "model"}, "index": 0}
    if whole:
        candidate["finishReason"] = REASONS[answer.finish]
    if whole and answer.refusal:
        candidate["finishMessage"] = answer.refusal
    return {
        "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": 5 + answer.cached,
            "cachedContentTokenCount": answer.cached,
            "candidatesTokenCount": len(answer.text.split()),
            "thoughtsTokenCount": answer.thought,
            "totalTokenCount": 5 + answer.cached + len(answer.text.split()) + answer.thought,
        },
        "modelVersion": f"{model}-001",
        "responseId": "resp1",
    }
