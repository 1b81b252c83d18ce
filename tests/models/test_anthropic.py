"""Anthropic's messages: requests held against the official package's types, answers read as that package reads them."""

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from curta.conversations import Response
from curta.errors import ProviderError, RateLimited, UnsupportedRequest
from curta.events import Event, Finish, ReasoningDelta, Resolved, TextDelta, ToolCallDelta, UsageReport
from curta.messages import (
    Attachment,
    Document,
    Message,
    Reasoning,
    Request,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    system,
    user,
)
from curta.models.model import Facts
from curta.models.wires.anthropic import VERSION, VERSION_WITH_SAMPLING, Anthropic, Decoder, encode
from curta.models.wires.served import Endpoint
from tests.servers.anthropic import AnthropicProtocol, AnthropicServer

CLAUDE = Endpoint("https://api.anthropic.com", "claude-x", "sk-ant-secret")
HI: Any = [{"role": "user", "content": "hi"}]


def body(request: Request, stream: bool = True) -> dict[str, Any]:
    """The body that would be sent, which the official types accept."""
    value: dict[str, Any] = json.loads(encode(request, CLAUDE, stream)[0].body)
    assert AnthropicProtocol().complaint(value) == ""
    return value


def ask(*parts: Any, **more: Any) -> Request:
    return Request("m", (user(*parts),), **more)


# The official package and the loopback server


@pytest.fixture
def server() -> Iterator[AnthropicServer]:
    with AnthropicServer("sk-test") as server:
        yield server


@pytest.fixture
def client(server: AnthropicServer) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=server.url, api_key="sk-test", max_retries=0) as client:
        yield client


def test_the_official_client_reads_a_whole_answer(client: anthropic.Anthropic) -> None:
    message = client.messages.create(model="hello", messages=HI, max_tokens=9)
    assert [block.text for block in message.content if block.type == "text"] == ["Hello, wörld! 👋🏽"]
    assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 3)


def test_the_official_client_reads_a_stream_with_thinking_and_tools(client: anthropic.Anthropic) -> None:
    tool: Any = {"name": "f", "input_schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}
    with client.messages.stream(model="tools", messages=HI, max_tokens=9, tools=[tool]) as stream:
        message = stream.get_final_message()
    thinking, redacted, text, call = message.content
    assert thinking.type == "thinking"
    assert thinking.thinking == "A tool knows."
    assert len(thinking.signature) == 64
    assert redacted.type == "redacted_thinking"
    assert text.type == "text"
    assert call.type == "tool_use"
    assert call.input == {"n": 1}


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("error-400", anthropic.BadRequestError),
        ("error-401", anthropic.AuthenticationError),
        ("missing", anthropic.NotFoundError),
        ("error-429", anthropic.RateLimitError),
        ("error-529", anthropic.InternalServerError),
    ],
)
def test_the_official_client_knows_its_errors(client: anthropic.Anthropic, model: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        client.messages.create(model=model, messages=HI, max_tokens=9)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"max_tokens": None}, "max_tokens"),
        ({"temperature": 1}, "temperature"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "role"),
        ({"messages": [{"role": "user", "content": [{"type": "picture"}]}]}, "type"),
        ({"thinking": {"type": "sometimes"}}, "thinking"),
    ],
)
def test_what_does_not_fit_the_official_types_is_refused(wrong: dict[str, Any], words: str) -> None:
    assert words in AnthropicProtocol().complaint({"model": "m", "max_tokens": 9, "messages": HI, **wrong})


# Requests


def test_a_plain_question() -> None:
    assert body(ask("Why?"), stream=False) == {
        "model": "claude-x",
        "max_tokens": 32_000,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Why?"}]}],
    }


@pytest.mark.parametrize("url", ["http://h", "http://h/", "http://h/v1", "http://h/v1/messages"])
def test_the_address(url: str) -> None:
    assert encode(ask("hi"), Endpoint(url, "m"), True)[0].url == "http://h/v1/messages"


def test_the_last_document_ends_what_the_provider_keeps() -> None:
    one, two = Document("First."), Document("Second.")
    request = Request("m", (user("Compare.", one, two), Message("assistant", (Text("Alike."),)), user("Sure?")))
    blocks = [block for message in body(request)["messages"] for block in message["content"]]
    marked = [block["text"] for block in blocks if "cache_control" in block]
    assert len(marked) == 1
    assert "Second." in marked[0]


@pytest.mark.parametrize(
    ("cache", "control"), [("5m", {"type": "ephemeral"}), ("1h", {"type": "ephemeral", "ttl": "1h"}), ("off", None)]
)
def test_how_long_documents_are_kept_is_an_option(cache: str, control: Any) -> None:
    block = body(ask("Why?", Document("Text."), options={"cache": cache}))["messages"][0]["content"][0]
    assert block.get("cache_control") == control


def test_without_documents_nothing_is_kept() -> None:
    assert "cache_control" not in json.dumps(body(ask("Why?", Attachment("image/png", b"x"))))


def test_a_document_in_a_tools_result_is_kept_with_the_result() -> None:
    result = ToolResult("a", (Document("Found."),))
    request = Request("m", (user("?"), Message("assistant", (ToolCall("a", "f", {}),)), Message("tool", (result,))))
    block = body(request)["messages"][-1]["content"][0]
    assert (block["type"], block["cache_control"]) == ("tool_result", {"type": "ephemeral"})


def test_results_and_the_words_after_them_are_one_message() -> None:
    call, result = ToolCall("call:1", "f", {"n": 1}), ToolResult("call:1", (Text("7"),), failed=True)
    request = Request("m", (user("?"), Message("assistant", (call,)), Message("tool", (result,)), user("Go on.")))
    _, made, came = body(request)["messages"]
    assert made["content"] == [{"type": "tool_use", "id": "call_1", "name": "f", "input": {"n": 1}}]
    assert [block["type"] for block in came["content"]] == ["tool_result", "text"]
    assert (came["content"][0]["tool_use_id"], came["content"][0]["is_error"]) == ("call_1", True)


def thought(n: int, text: int, calls: int, prefix: str) -> dict[str, Any]:
    value = {"type": "redacted_thinking", "data": f"{n}"}
    return {"wire": "anthropic", "model": "claude-x", "prefix": prefix, "text": text, "calls": calls, "value": value}


def test_thinking_goes_back_in_its_place() -> None:
    prefix = encode(ask("?"), CLAUDE, True)[1]
    opaque = [thought(3, 10, 1, prefix), thought(1, 0, 0, prefix), thought(2, 5, 0, prefix)]
    said = Message("assistant", (Reasoning("1 2 3", opaque), Text("Well. Now."), ToolCall("a", "f", {})))
    blocks = body(Request("m", (user("?"), said, user("!"))))["messages"][1]["content"]
    assert [block.get("data") or block.get("text") or block["name"] for block in blocks] == [
        *("1", "Well.", "2", " Now.", "f", "3")
    ]


@pytest.mark.parametrize(
    ("change", "thoughts"),
    [
        ({}, 2),
        ({"messages": (system("Be brief."),)}, 0),
        ({"tools": (Tool("f", "d", {}),)}, 0),
        ({"options": {"effort": "low", "cache": "off", "max_tokens": 9}}, 2),
    ],
)
def test_thinking_goes_back_only_behind_what_it_was_about(change: dict[str, Any], thoughts: int) -> None:
    """The server refuses thinking that does not fit what is before it, as Anthropic does."""
    with AnthropicServer() as server:
        model = Anthropic("m", Facts("here"), Endpoint(server.url, "reasoning"), lambda: None)
        first = Response(model, Request("m", (user("Six times seven?", Document("Sums.")),)), log=None)
        assert first.text() == "42"
        second = Response(model, Request("m", (*first.messages, user("Sure?"))), log=None)
        assert second.text() == "42"
        more = (*change.get("messages", ()), *second.messages, user("And eight?", Document("More sums.")))
        rest = {name: each for name, each in change.items() if name != "messages"}
        third = Response(model, Request("m", more, **rest), log=None)
        assert third.text() == "42"
        blocks = [block for message in server.requests[-1].body["messages"] for block in message["content"]]
        assert [block["type"] for block in blocks].count("thinking") == thoughts


def test_after_a_thought_that_does_not_fit_no_later_one_is_sent() -> None:
    one = Message("assistant", (Reasoning("", [thought(1, 0, 0, "0" * 64)]), Text("Yes.")))
    prefix = encode(Request("m", (user("?"), Message("assistant", (Text("Yes."),)), user("!"))), CLAUDE, True)[1]
    two = Message("assistant", (Reasoning("", [thought(2, 0, 0, prefix)]), Text("No.")))
    assert "redacted" not in json.dumps(body(Request("m", (user("?"), one, user("!"), two, user("?")))))


def test_text_without_anything_in_it_is_not_sent() -> None:
    request = Request("m", (user("?"), Message("assistant", (Text(" "),)), user("!")))
    assert [block["text"] for message in body(request)["messages"] for block in message["content"]] == ["?", "!"]


@pytest.mark.parametrize(
    ("options", "thinking"),
    [
        ({"thinking": "adaptive"}, {"type": "adaptive", "display": "summarized"}),
        ({"thinking": "between_tools"}, {"type": "between_tools"}),
        ({"thinking_budget": "2048"}, {"type": "enabled", "budget_tokens": 2048, "display": "summarized"}),
        ({}, None),
    ],
)
def test_thinking(options: dict[str, Any], thinking: Any) -> None:
    assert body(ask("hi", options=options)).get("thinking") == thinking


@pytest.mark.parametrize(
    "options", [{"thinking": "often"}, {"thinking": "adaptive", "thinking_budget": 2048}, {"cache": "forever"}]
)
def test_what_an_option_cannot_be_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedRequest, match="option"):
        encode(ask("hi", options=options), CLAUDE, True)


def test_effort_and_schema_share_their_place() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    config = body(ask("hi", options={"effort": "low"}, schema=schema))["output_config"]
    assert config == {
        "effort": "low",
        "format": {"type": "json_schema", "schema": {**schema, "additionalProperties": False}},
    }


def test_sampling_asks_for_the_version_of_the_api_that_has_it() -> None:
    assert encode(ask("hi"), CLAUDE, True)[0].headers["anthropic-version"] == VERSION
    sampled = encode(ask("hi", options={"temperature": 0, "stop": "END"}), CLAUDE, True)[0]
    assert sampled.headers["anthropic-version"] == VERSION_WITH_SAMPLING
    sent = json.loads(sampled.body)
    assert (sent["temperature"], sent["stop_sequences"]) == (0.0, ["END"])


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 1}, "'minimum'"),
        ({"type": "string", "maxLength": 3}, "'maxLength'"),
        ({"type": "array", "items": {"type": "string"}, "minItems": 2}, "'minItems' of 2"),
        ({"oneOf": [{"type": "string"}]}, "'oneOf'"),
        ({"type": "string", "format": "color"}, "'color'"),
        ({"type": "object"}, "not listed"),
        ({"type": "object", "properties": {}, "additionalProperties": {"type": "string"}}, "not listed"),
        (True, "only true"),
    ],
)
def test_what_would_be_ignored_in_a_schema_is_refused_by_name(schema: Any, words: str) -> None:
    outer = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    with pytest.raises(UnsupportedRequest, match=words) as caught:
        encode(ask("hi", schema=outer), CLAUDE, True)
    assert "/properties/a" in str(caught.value)


def test_what_says_nothing_about_values_is_left_out_of_a_schema() -> None:
    schema = {"$schema": "x", "type": "object", "properties": {"default": {"type": "string", "default": "y"}}}
    sent = body(ask("hi", schema=schema))["output_config"]["format"]["schema"]
    assert sent == {"type": "object", "properties": {"default": {"type": "string"}}, "additionalProperties": False}


def test_a_tool_without_parameters_is_an_object() -> None:
    assert body(ask("hi", tools=(Tool("f", "d", {}),)))["tools"][0]["input_schema"] == {"type": "object"}


# Answers


def decode(*values: dict[str, Any]) -> list[Event]:
    decoder = Decoder(CLAUDE)
    came = [event for value in values for event in decoder.feed(b"data: " + json.dumps(value).encode() + b"\n\n")]
    return came + list(decoder.close())


def test_blocks_side_by_side_are_told_apart() -> None:
    came = decode(
        {"type": "message_start", "message": {"model": "claude-x-1", "usage": {"input_tokens": 4}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "a", "name": "f"}},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "b", "name": "g"}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{}"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "{"}},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 7}},
        {"type": "message_stop"},
    )
    assert came == [
        Resolved("claude-x-1"),
        *(ToolCallDelta(0, "a", "f"), ToolCallDelta(1, "b", "g"), ToolCallDelta(1, arguments="{}")),
        *(ToolCallDelta(0, arguments="{"), UsageReport(4, 7), Finish("tool_calls")),
    ]


def test_thinking_without_a_signature_is_shown_and_not_kept() -> None:
    came = decode(
        {"type": "message_start", "message": {}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "Hm."}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    )
    assert came == [ReasoningDelta("Hm."), Finish("stop")]


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        *(("end_turn", "stop"), ("stop_sequence", "stop"), ("max_tokens", "length"), ("tool_use", "tool_calls")),
        *(("model_context_window_exceeded", "length"), ("refusal", "refused"), ("something_new", "stop")),
    ],
)
def test_reasons_to_finish(stop: str, reason: Any) -> None:
    came = decode({"type": "message_start"}, {"type": "message_delta", "delta": {"stop_reason": stop}})
    assert came == [Finish(reason)]


def test_a_refusal_explains_itself_where_nothing_was_said() -> None:
    details = {"stop_reason": "refusal", "stop_details": {"explanation": "It could do harm."}}
    came = decode({"type": "message_start"}, {"type": "message_delta", "delta": details})
    assert came == [TextDelta("It could do harm."), Finish("refused")]


@pytest.mark.parametrize(
    ("kind", "error", "status"),
    [
        ("overloaded_error", ProviderError, 529),
        ("rate_limit_error", RateLimited, 429),
        ("invalid_request_error", ProviderError, 400),
        ("something_new", ProviderError, 500),
    ],
)
def test_an_error_in_the_stream_has_the_status_it_would_have_had(kind: str, error: type, status: int) -> None:
    with pytest.raises(error, match="Too much") as caught:
        decode({"type": "error", "error": {"type": kind, "message": "Too much, sk-ant-secret."}})
    assert caught.value.status == status
    assert "sk-ant-secret" not in str(caught.value)
