"""OpenAI's responses: requests held against the official package's types, answers read as that package reads them."""

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from curta.errors import BrokenAnswer, ProviderError, RateLimited, Refused, UnsupportedRequest
from curta.events import Event, Finish, ReasoningDelta, Resolved, TextDelta, ToolCallDelta
from curta.messages import Attachment, Message, Reasoning, Request, Text, Tool, ToolCall, ToolResult, system, user
from curta.models.wires.openai_responses import Decoder, encode
from curta.models.wires.served import Endpoint
from tests.servers.openai_responses import ResponsesProtocol, ResponsesServer

OPENAI = Endpoint("https://api.openai.com/v1", "gpt-x", "sk-secret")
SCHEMA = {"title": "A dog!", "type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def body(request: Request, stream: bool = True) -> dict[str, Any]:
    """The body that would be sent, which the official types accept."""
    value: dict[str, Any] = json.loads(encode(request, OPENAI, stream).body)
    assert ResponsesProtocol().complaint(value) == ""
    return value


def ask(*parts: Any, **more: Any) -> Request:
    return Request("m", (user(*parts),), **more)


# The official package and the loopback server


@pytest.fixture
def client() -> Iterator[openai.OpenAI]:
    with (
        ResponsesServer("sk-test") as server,
        openai.OpenAI(base_url=server.url, api_key="sk-test", max_retries=0) as client,
    ):
        yield client


def test_the_official_client_reads_a_whole_answer(client: openai.OpenAI) -> None:
    answer = client.responses.create(model="hello", input="hi")
    assert answer.output_text == "Hello, wörld! 👋🏽"
    assert (answer.status, answer.usage and answer.usage.output_tokens) == ("completed", 3)


def test_the_official_client_reads_a_stream_with_reasoning_and_tools(client: openai.OpenAI) -> None:
    tool: Any = {"type": "function", "name": "f", "parameters": SCHEMA, "strict": False}
    with client.responses.stream(model="tools", input="hi", tools=[tool]) as stream:
        answer = stream.get_final_response()
    reasoning, message, call = answer.output
    assert reasoning.type == "reasoning"
    assert (reasoning.summary[0].text, reasoning.encrypted_content) == ("A tool knows.", "gAAAsealed")
    assert message.type == "message"
    assert call.type == "function_call"
    assert call.arguments == '{"n": 1}'


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("error-400", openai.BadRequestError),
        ("error-401", openai.AuthenticationError),
        ("missing", openai.NotFoundError),
        ("error-429", openai.RateLimitError),
        ("error-500", openai.InternalServerError),
    ],
)
def test_the_official_client_knows_its_errors(client: openai.OpenAI, model: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        client.responses.create(model=model, input="hi")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"temperature": "hot"}, "temperature"),
        ({"temprature": 1}, "temprature"),
        ({"tools": [{"type": "function"}]}, "name"),
        ({"text": {"format": {"type": "poem"}}}, "type"),
    ],
)
def test_what_does_not_fit_the_official_types_is_refused(wrong: dict[str, Any], words: str) -> None:
    assert words in ResponsesProtocol().complaint({"model": "m", "input": "hi", **wrong})


# Requests


def test_a_plain_question_is_not_stored() -> None:
    assert body(Request("m", (system("Be brief."), user("Why?"))), stream=False) == {
        "model": "gpt-x",
        "input": [
            {"type": "message", "role": "system", "content": "Be brief."},
            {"type": "message", "role": "user", "content": "Why?"},
        ],
        "store": False,
    }


@pytest.mark.parametrize("url", ["http://h/v1", "http://h/v1/", "http://h/v1/responses"])
def test_the_address(url: str) -> None:
    assert encode(ask("hi"), Endpoint(url, "m"), True).url == "http://h/v1/responses"


def test_options_have_the_apis_names_and_places() -> None:
    given = {
        "max_tokens": "9",
        "reasoning_effort": "low",
        "reasoning_summary": "auto",
        "verbosity": "low",
        "store": True,
    }
    sent = body(ask("hi", options=given))
    assert {name: sent[name] for name in ("max_output_tokens", "reasoning", "text", "store")} == {
        "max_output_tokens": 9,
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"verbosity": "low"},
        "store": True,
    }
    assert "reasoning_effort" not in sent
    assert sent["include"] == ["reasoning.encrypted_content"]


def test_a_schema_that_can_be_strict_is_strict() -> None:
    form = body(ask("hi", schema=SCHEMA, options={"verbosity": "low"}))["text"]
    closed = {**SCHEMA, "additionalProperties": False}
    assert form == {
        "verbosity": "low",
        "format": {"type": "json_schema", "name": "A_dog", "schema": closed, "strict": True},
    }


def test_a_schema_that_cannot_be_strict_is_sent_as_it_is() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    form = body(ask("hi", schema=schema))["text"]["format"]
    assert (form["schema"], form["strict"]) == (schema, False)


def test_reasoning_stands_before_what_came_of_it() -> None:
    def kept(value: dict[str, Any], text: int, calls: int) -> dict[str, Any]:
        return {"wire": "openai_responses", "model": "gpt-x", "text": text, "calls": calls, "value": value}

    first = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed 1"}
    second = {"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": "sealed 2"}
    opaque = [kept(first, 0, 0), kept({"phase": "commentary"}, 0, 0), kept(second, 5, 1)]
    calls = (ToolCall("a", "f", {"x": "ü"}), ToolCall("b", "g", {}))
    said = Message("assistant", (Reasoning("Hm.", opaque), Text("Well."), *calls))
    results = Message("tool", (ToolResult("a", (Text("7"),)), ToolResult("b", (Text("no"),), failed=True)))
    assert body(Request("m", (user("?"), said, results)))["input"][1:] == [
        first,
        {"type": "message", "role": "assistant", "content": "Well.", "phase": "commentary"},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": '{"x": "ü"}'},
        second,
        {"type": "function_call", "call_id": "b", "name": "g", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "a", "output": "7"},
        {"type": "function_call_output", "call_id": "b", "output": "The tool failed: no"},
    ]


def test_files_have_names_for_the_provider_to_go_by() -> None:
    pdf, table, linked = body(
        ask(
            Attachment("application/pdf", b"%PDF"),
            Attachment("text/csv", b"a,b", "x.csv"),
            Attachment("application/pdf", url="https://a.example/b.pdf"),
        )
    )["input"][0]["content"]
    assert (pdf["filename"], table["filename"]) == ("document.pdf", "x.csv")
    assert linked == {"type": "input_file", "file_url": "https://a.example/b.pdf"}


def test_sound_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedRequest, match="audio/mpeg"):
        encode(ask("hi", Attachment("audio/mpeg", b"ID3")), OPENAI, True)


def test_tools_are_not_made_strict_behind_the_users_back() -> None:
    tool = Tool("f", "d", {"type": "object", "properties": {}})
    sent = body(ask("hi", tools=(tool,), choice="f"))
    assert sent["tools"][0]["strict"] is False
    assert sent["tool_choice"] == {"type": "function", "name": "f"}


# Answers


def decode(*values: dict[str, Any]) -> list[Event]:
    decoder = Decoder(OPENAI)
    came = [event for value in values for event in decoder.feed(b"data: " + json.dumps(value).encode() + b"\n\n")]
    return came + list(decoder.close())


def completed(**more: Any) -> dict[str, Any]:
    return {"type": "response.completed", "response": {"status": "completed", **more}}


def test_a_server_that_gives_items_only_when_they_are_done_is_understood() -> None:
    items = (
        {"type": "reasoning", "id": "r", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm."}]},
        {"type": "message", "content": [{"type": "output_text", "text": "Well."}]},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
    )
    events = [{"type": "response.output_item.done", "output_index": n, "item": item} for n, item in enumerate(items)]
    assert decode(*events, completed(model="gpt-x-1")) == [
        *(ReasoningDelta("Hm."), TextDelta("Well."), ToolCallDelta(0, "a", "f"), ToolCallDelta(0, arguments="{}")),
        *(Resolved("gpt-x-1"), Finish("tool_calls")),
    ]


def test_parts_of_a_summary_are_paragraphs() -> None:
    def part(kind: str, **more: Any) -> dict[str, Any]:
        return {"type": f"response.reasoning_summary_{kind}", "output_index": 0, **more}

    came = decode(
        *(part("part.added"), part("text.delta", delta="One."), part("part.added"), part("text.delta", delta="Two.")),
        completed(),
    )
    assert "".join(event.text for event in came if isinstance(event, ReasoningDelta)) == "One.\n\nTwo."


def test_an_item_is_kept_as_it_came_without_its_status() -> None:
    item = {
        "type": "reasoning",
        "id": "r",
        "summary": [],
        "encrypted_content": "sealed",
        "status": "completed",
        "x": None,
    }
    kept = decode({"type": "response.output_item.done", "output_index": 0, "item": item}, completed())[0]
    assert isinstance(kept, ReasoningDelta)
    assert kept.opaque["value"] == {"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "sealed"}


@pytest.mark.parametrize(
    ("why", "reason"),
    [("max_output_tokens", "length"), ("content_filter", "refused"), ("something_new", "length"), (None, "length")],
)
def test_an_incomplete_answer_says_why(why: str | None, reason: Any) -> None:
    response = {"status": "incomplete", "incomplete_details": {"reason": why} if why else None}
    assert decode({"type": "response.incomplete", "response": response})[-1] == Finish(reason)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        *(("rate_limit_exceeded", RateLimited), ("server_error", ProviderError), ("bio_policy", Refused)),
        *(("image_content_policy_violation", Refused), ("invalid_image", ProviderError)),
    ],
)
def test_a_response_that_failed_has_its_error(code: str, error: type) -> None:
    failed = {"status": "failed", "error": {"code": code, "message": "Too much, sk-secret."}}
    for events in ([{"type": "response.failed", "response": failed}], [{"type": "error", **failed["error"]}]):  # type: ignore[dict-item]
        with pytest.raises(error, match="Too much") as caught:
            decode(*events)
        assert "sk-secret" not in str(caught.value)


def test_an_answer_ends_only_where_it_says_so() -> None:
    decoder = Decoder(OPENAI)
    list(decoder.feed(b'data: {"type": "response.created", "response": {}}\n\n'))
    with pytest.raises(BrokenAnswer, match="cut off"):
        list(decoder.feed(b"data: [DONE]\n\n"))
