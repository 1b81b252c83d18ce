"""OpenAI's responses on 127.0.0.1, well and badly: `with ResponsesServer() as server`; see `tests.servers.protocol`.

Every body is validated by the types of the official `openai` package.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from tests.servers.openai import CREATED, Answer, Failure
from tests.servers.protocol import Protocol, ProtocolServer, event, fits, words

CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


class ResponsesServer(ProtocolServer):
    def __init__(self, key: str | None = None) -> None:
        super().__init__(ResponsesProtocol(), key)


class ResponsesProtocol(Protocol):
    base = "/v1"

    def key(self, headers: Mapping[str, str]) -> str:
        return headers.get("authorization", "").removeprefix("Bearer ")

    def is_known(self, path: str) -> bool:
        return path == "/v1/responses"

    def complaint(self, body: Mapping[str, Any]) -> str:
        from openai.types.responses import response_create_params as params

        known = params.ResponseCreateParamsBase.__annotations__.keys() | {"stream"}
        if unknown := body.keys() - known:
            return f"Unknown parameter: {', '.join(sorted(unknown))}"
        return fits(_adapters()[bool(body.get("stream"))], body)

    def said(self, body: Mapping[str, Any]) -> Iterable[str]:
        return [f"{item['role']}: {_flat(item['content'])}" for item in _items(body) if "role" in item]

    def schema(self, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        form = body.get("text", {}).get("format", {})
        return form["schema"] if form.get("type") == "json_schema" else None

    def tools(self, body: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
        return [(tool["name"], tool["parameters"]) for tool in body.get("tools", [])]

    def results(self, body: Mapping[str, Any]) -> list[str]:
        return [_flat(item["output"]) for item in _items(body) if item.get("type") == "function_call_output"]

    def whole(self, answer: Answer, model: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return _response(answer, model, _ending(answer), list(_output(answer)))

    def events(self, answer: Answer, model: str, body: Mapping[str, Any]) -> Iterator[bytes]:
        for number, value in enumerate(_events(answer, model)):
            yield event({**value, "sequence_number": number})

    def half(self) -> bytes:
        values = _events(Answer("Half of it"), "m")
        return b"".join(event({**next(values), "sequence_number": n}) for n in range(3)) + event(
            {**_of(0, "output_text.delta"), "content_index": 0, "delta": "Half", "logprobs": [], "sequence_number": 3}
        )

    def error_event(self) -> bytes:
        return event({"type": "error", "code": "server_error", "message": "Overloaded.", "param": None})

    def error(self, failure: Failure) -> dict[str, Any]:
        code = CODES.get(failure.status, failure.code)
        return {"error": {"message": failure.message, "type": "invalid_request", "param": None, "code": code}}


@cache
def _adapters() -> dict[bool, Any]:
    from openai.types.responses import response_create_params as params
    from pydantic import TypeAdapter

    forms = (params.ResponseCreateParamsNonStreaming, params.ResponseCreateParamsStreaming)
    return {streams: TypeAdapter(form) for streams, form in zip((False, True), forms, strict=True)}


def _items(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    given = body["input"]
    return [{"role": "user", "content": given}] if isinstance(given, str) else given


def _flat(content: Any) -> str:
    if isinstance(content, str):
        return content
    return " ".join(part.get("text") or f"<{part['type']}>" for part in content)


def _output(answer: Answer) -> Iterator[dict[str, Any]]:
    if answer.reasoning:
        summary = [{"type": "summary_text", "text": answer.reasoning}]
        yield {"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "gAAAsealed", "status": None}
    if answer.text or answer.refusal:
        yield {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [_content(answer)],
            "phase": "commentary" if answer.calls else "final_answer",
        }
    for n, (name, arguments) in enumerate(answer.calls):
        call = {"call_id": f"call_{n}", "name": name, "arguments": arguments, "status": "completed"}
        yield {"type": "function_call", "id": f"fc_{n}", **call}


def _content(answer: Answer) -> dict[str, Any]:
    if answer.refusal:
        return {"type": "refusal", "refusal": answer.refusal}
    return {"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}


def _events(answer: Answer, model: str) -> Iterator[dict[str, Any]]:
    yield {"type": "response.created", "response": _response(answer, model, "in_progress", [])}
    for index, item in enumerate(_output(answer)):
        yield {**_of(index, "output_item.added"), "item": _begun(item)}
        yield from ({**value, "item_id": item["id"]} for value in _pieces(index, item))
        yield {**_of(index, "output_item.done"), "item": item}
    ending = _ending(answer)
    yield {"type": f"response.{ending}", "response": _response(answer, model, ending, list(_output(answer)))}


def _of(index: int, kind: str) -> dict[str, Any]:
    return {"type": f"response.{kind}", "output_index": index, "item_id": "msg_1"}


def _begun(item: dict[str, Any]) -> dict[str, Any]:
    nothing = {"reasoning": {"summary": [], "encrypted_content": "gA"}, "message": {"content": []}}
    return {**item, **nothing.get(item["type"], {"arguments": ""})}


def _pieces(index: int, item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if item["type"] == "reasoning":
        part = {"type": "summary_text", "text": ""}
        yield {**_of(index, "reasoning_summary_part.added"), "summary_index": 0, "part": part}
        for piece in words(item["summary"][0]["text"]):
            yield {**_of(index, "reasoning_summary_text.delta"), "summary_index": 0, "delta": piece}
    elif item["type"] == "message":
        content = item["content"][0]
        kind = "refusal" if "refusal" in content else "output_text"
        name = "refusal" if "refusal" in content else "text"
        part = {**content, name: ""}
        yield {**_of(index, "content_part.added"), "content_index": 0, "part": part}
        for piece in words(content[name]):
            yield {**_of(index, f"{kind}.delta"), "content_index": 0, "delta": piece, "logprobs": []}
        yield {**_of(index, f"{kind}.done"), "content_index": 0, name: content[name], "logprobs": []}
    else:
        for piece in (item["arguments"][:5], item["arguments"][5:]):
            yield {**_of(index, "function_call_arguments.delta"), "delta": piece}
        done = {"arguments": item["arguments"], "name": item["name"]}
        yield {**_of(index, "function_call_arguments.done"), **done}


def _ending(answer: Answer) -> str:
    return "incomplete" if answer.finish == "length" else "completed"


def _response(answer: Answer, model: str, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
    counted = len(answer.text.split()) + answer.thought
    usage = {
        "input_tokens": 5 + answer.cached,
        "input_tokens_details": {"cached_tokens": answer.cached, "cache_write_tokens": 0},
        "output_tokens": counted,
        "output_tokens_details": {"reasoning_tokens": answer.thought},
        "total_tokens": 5 + answer.cached + counted,
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "instructions": None,
        "metadata": {},
        "model": f"{model}-2026-01-01",
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": None if status == "in_progress" else usage,
    }
