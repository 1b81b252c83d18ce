"""Anthropic's messages on 127.0.0.1, well and badly: `with AnthropicServer() as server`; see `tests.servers.protocol`.

Every body is validated by the types of the official `anthropic` package.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from tests.servers.openai import Answer, Failure
from tests.servers.protocol import Protocol, ProtocolServer, event, fits, words

ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "refused": "refusal"}


class AnthropicServer(ProtocolServer):
    def __init__(self, key: str | None = None) -> None:
        super().__init__(AnthropicProtocol(), key)


class AnthropicProtocol(Protocol):
    def key(self, headers: Mapping[str, str]) -> str:
        return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")

    def is_known(self, path: str) -> bool:
        return path == "/v1/messages"

    def complaint(self, body: Mapping[str, Any]) -> str:
        from anthropic.types import message_create_params as params

        known = params.MessageCreateParamsBase.__annotations__.keys() | {"stream"}
        if unknown := body.keys() - known:
            return f"{', '.join(sorted(unknown))}: Extra inputs are not permitted"
        return fits(_adapters()[bool(body.get("stream"))], body) or _changed(body)

    def said(self, body: Mapping[str, Any]) -> Iterable[str]:
        return [f"{message['role']}: {_flat(message['content'])}" for message in body["messages"]]

    def schema(self, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        form = body.get("output_config", {}).get("format")
        return form["schema"] if form else None

    def tools(self, body: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
        return [(tool["name"], tool["input_schema"]) for tool in body.get("tools", [])]

    def results(self, body: Mapping[str, Any]) -> list[str]:
        blocks = [block for message in body["messages"] for block in message["content"] if isinstance(block, dict)]
        return [_flat(block["content"]) for block in blocks if block["type"] == "tool_result"]

    def whole(self, answer: Answer, model: str, body: Mapping[str, Any]) -> dict[str, Any]:
        blocks = [{**block, **more} for block, more, _ in _blocks(answer, body)]
        return {**_frame(answer, model), "content": blocks, **_stop(answer), "usage": _usage(answer)}

    def events(self, answer: Answer, model: str, body: Mapping[str, Any]) -> Iterator[bytes]:
        usage = {**_usage(answer), "output_tokens": 1}
        start = {**_frame(answer, model), "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
        yield event({"type": "message_start", "message": start})
        yield event({"type": "ping"})
        for index, (block, _, deltas) in enumerate(_blocks(answer, body)):
            yield event({"type": "content_block_start", "index": index, "content_block": block})
            for delta in deltas:
                yield event({"type": "content_block_delta", "index": index, "delta": delta})
            yield event({"type": "content_block_stop", "index": index})
        yield event({"type": "message_delta", "delta": _stop(answer), "usage": _usage(answer)})
        yield event({"type": "message_stop"})

    def half(self) -> bytes:
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Half"}}
        start = {**_frame(Answer(), "m"), "content": [], "stop_reason": None, "usage": _usage(Answer())}
        return event({"type": "message_start", "message": start}) + event(block) + event(delta)

    def error_event(self) -> bytes:
        return event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded."}})

    def error(self, failure: Failure) -> dict[str, Any]:
        kind = failure.code if failure.code in ERRORS.values() else ERRORS.get(failure.status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": failure.message}, "request_id": "req_1"}


@cache
def _adapters() -> dict[bool, Any]:
    from anthropic.types import message_create_params as params
    from pydantic import TypeAdapter

    forms = (params.MessageCreateParamsNonStreaming, params.MessageCreateParamsStreaming)
    return {streams: TypeAdapter(form) for streams, form in zip((False, True), forms, strict=True)}


def _flat(content: Any) -> str:
    if isinstance(content, str):
        return content
    return " ".join(block.get("text") or f"<{block['type']}>" for block in content)


def _frame(answer: Answer, model: str) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": f"{model}-20260101"}


def _stop(answer: Answer) -> dict[str, Any]:
    details = {"type": "refusal", "category": None, "explanation": answer.refusal} if answer.refusal else None
    return {"stop_reason": STOPS[answer.finish], "stop_sequence": None, "stop_details": details}


def _usage(answer: Answer) -> dict[str, Any]:
    return {
        "input_tokens": 5,
        "cache_creation_input_tokens": 2,
        "cache_read_input_tokens": answer.cached,
        "output_tokens": len(answer.text.split()) + answer.thought,
        "output_tokens_details": {"thinking_tokens": answer.thought},
    }


def _changed(body: Mapping[str, Any]) -> str:
    """Thinking is bound to all that was before it."""
    for n, message in enumerate(body["messages"]):
        for block in message["content"] if isinstance(message["content"], list) else []:
            if block["type"] == "thinking" and block["signature"] != signature(body, n):
                return f"messages.{n}: Invalid `signature`. The block is bound to a different conversation."
    return ""


def signature(body: Mapping[str, Any], n: int | None = None) -> str:
    """What signs a thought about the request, or about it as far as its message `n`."""
    before = [body.get("system"), body.get("tools"), body.get("messages", [])[:n]]
    text = json.dumps(before, sort_keys=True, ensure_ascii=False).replace(
        ', "cache_control": {"type": "ephemeral"}', ""
    )
    return hashlib.sha256(text.replace('"cache_control": {"type": "ephemeral"}, ', "").encode()).hexdigest()


def _blocks(
    answer: Answer, body: Mapping[str, Any]
) -> Iterator[tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]]:
    """Each block as it begins, what it has when it is whole, and the deltas between."""
    if answer.reasoning:
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in words(answer.reasoning)]
        whole = {"thinking": answer.reasoning, "signature": signature(body)}
        signing = [{"type": "signature_delta", "signature": whole["signature"]}]
        yield {"type": "thinking", "thinking": "", "signature": ""}, whole, deltas + signing
        yield {"type": "redacted_thinking", "data": "ZGFyaw=="}, {}, []
    if answer.text:
        deltas = [{"type": "text_delta", "text": piece} for piece in words(answer.text)]
        yield {"type": "text", "text": "", "citations": None}, {"text": answer.text}, deltas
    for n, (name, arguments) in enumerate(answer.calls):
        cut = [arguments[:5], arguments[5:]]
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in cut]
        yield (
            {"type": "tool_use", "id": f"toolu_{n}", "name": name, "input": {}},
            {"input": json.loads(arguments)},
            deltas,
        )
