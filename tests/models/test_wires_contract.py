"""What every provider's wire has to do, against a loopback server that speaks its protocol."""

import asyncio
import json
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta import http
from curta.conversations import Response
from curta.errors import (
    BadKey,
    BrokenAnswer,
    ModelError,
    ProviderError,
    RateLimited,
    Refused,
    UnknownModel,
    UnsupportedRequest,
)
from curta.events import Event, Finish, ReasoningDelta, TextDelta, UsageReport
from curta.messages import Attachment, Document, Message, Reasoning, Request, Text, Tool, ToolResult, system, user
from curta.models.exchange import aevents, events
from curta.models.model import Facts
from curta.models.rendering import render
from curta.models.wires import WIRES
from curta.models.wires.schemas import in_dialect
from curta.models.wires.served import Endpoint, Served
from tests.servers.anthropic import AnthropicServer
from tests.servers.gemini import GeminiServer
from tests.servers.openai import Answer, Failure
from tests.servers.openai_responses import ResponsesServer
from tests.servers.protocol import ProtocolServer

SERVERS: dict[str, type[Any]] = {
    "anthropic": AnthropicServer,
    "gemini": GeminiServer,
    "openai_responses": ResponsesServer,
}
KEY = "a-key-for-nobody"
WEATHER = Tool(
    "weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
)
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "ages": {"type": "array", "items": {"type": "integer"}}},
    "required": ["name", "ages"],
}


def module(wire: str) -> Any:
    return import_module(WIRES[wire][0])


def served(wire: str, url: str, name: str, key: str = KEY) -> Served:
    model: Served = getattr(module(wire), WIRES[wire][1])(
        name, Facts("this computer"), Endpoint(url, name), lambda: key
    )
    return model


@pytest.fixture(params=list(SERVERS))
def wire(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def server(wire: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProtocolServer]:
    monkeypatch.setattr(http, "sleep", lambda seconds: None)
    with SERVERS[wire](KEY) as server:
        yield server


def ask(
    server: ProtocolServer, wire: str, name: str, request: Request | None = None, stream: bool = True
) -> list[Event]:
    model = served(wire, server.url, name)
    return list(events(model.exchange(request or Request(name, (user("hi"),)), stream=stream)))


def answer(server: ProtocolServer, wire: str, name: str, request: Request) -> Response:
    """An answer as conversations collect it: what it becomes is what a following request is made of."""
    response = Response(served(wire, server.url, name), request, log=None)
    response.text()
    return response


def text(of: list[Event]) -> str:
    return "".join(event.text for event in of if isinstance(event, TextDelta))


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("name", ["hello", "whole", "drip"])
def test_an_answer_is_its_text(server: ProtocolServer, wire: str, name: str, stream: bool) -> None:
    came = ask(server, wire, name, stream=stream)
    assert text(came) == "Hello, wörld! 👋🏽"
    assert came[-1] == Finish("stop")


@pytest.mark.parametrize("name", ["hello", "reasoning", "tools"])
def test_async_code_gets_the_same_events(server: ProtocolServer, wire: str, name: str) -> None:
    async def collect() -> list[Event]:
        return [event async for event in aevents(served(wire, server.url, name).exchange(request))]

    request = Request(name, (user("hi"),), tools=(WEATHER,))
    assert asyncio.run(collect()) == ask(server, wire, name, request)


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_reasoning_is_apart_from_the_answer_and_counted(server: ProtocolServer, wire: str, stream: bool) -> None:
    came = ask(server, wire, "reasoning", stream=stream)
    assert "".join(event.text for event in came if isinstance(event, ReasoningDelta)) == "Six times seven."
    assert text(came) == "42"
    usage = next(event for event in came if isinstance(event, UsageReport))
    assert (usage.cached, usage.reasoning) == (3, 4)
    assert usage.input is not None
    assert usage.input > 3
    assert usage.output == 5


@pytest.mark.parametrize(("name", "reason"), [("length", "length"), ("refusal", "refused"), ("tools", "tool_calls")])
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_reasons_to_finish(server: ProtocolServer, wire: str, name: str, reason: str, stream: bool) -> None:
    request = Request(name, (user("hi"),), tools=(WEATHER,))
    try:
        assert ask(server, wire, name, request, stream)[-1] == Finish(reason)  # type: ignore[arg-type]
    except Refused:
        assert reason == "refused"


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_tools_are_called_and_answered_with_the_reasoning_sent_back(
    server: ProtocolServer, wire: str, stream: bool
) -> None:
    asked = Request("tools", (system("Be brief."), user("Weather?")), tools=(WEATHER, WEATHER._replace(name="again")))
    first = Response(served(wire, server.url, "tools"), asked, log=None, stream=stream)
    assert first.text() == "Let me see."
    assert [(call.name, call.arguments) for call in first.tool_calls] == [
        ("weather", {"city": "text"}),
        ("again", {"city": "text"}),
    ]
    results = Message("tool", tuple(ToolResult(call.id, (Text(f"{call.name}: rain"),)) for call in first.tool_calls))
    second = Request("tools", (*first.messages, results), tools=asked.tools)
    assert answer(server, wire, "tools", second).text() == "The tools said: weather: rain; again: rain"
    given = next(part for part in first.message.parts if isinstance(part, Reasoning))
    sent = json.dumps(server.requests[-1].body)
    assert given.opaque
    for opaque in given.opaque:
        assert all(json.dumps(value) in sent for value in opaque["value"].values() if isinstance(value, str) and value)


def test_what_another_provider_or_model_wants_back_is_not_sent(server: ProtocolServer, wire: str) -> None:
    kept = [
        {"wire": "telepathy", "model": "echo", "text": 0, "calls": 0, "value": {"type": "thinking", "data": "SECRET"}},
        {"wire": wire, "model": "another", "text": 0, "calls": 0, "value": {"type": "thinking", "data": "SECRET"}},
        "SECRET",
    ]
    said = Message("assistant", (Reasoning("Hm.", kept), Text("Yes.")))
    assert "Yes." in text(ask(server, wire, "echo", Request("echo", (user("Why?"), said, user("Sure?")))))
    assert "SECRET" not in json.dumps(server.requests[-1].body)


def test_everything_that_is_said_arrives_in_its_place(server: ProtocolServer, wire: str) -> None:
    one, two = Document("First text."), Document("Second text.")
    conversation = (
        system("Be brief."),
        user("Compare.", one, two),
        Message("assistant", (Text("Alike."),)),
        user("Sure?"),
    )
    said = text(ask(server, wire, "echo", Request("echo", conversation)))
    places = [said.find(words) for words in (render(one, 1), render(two, 2), "Compare.", "Alike.", "Sure?")]
    assert -1 not in places
    assert places == sorted(places)
    assert "Be brief." in json.dumps(server.requests[-1].body)


def test_an_answer_follows_a_schema(server: ProtocolServer, wire: str) -> None:
    came = ask(server, wire, "schema", Request("schema", (user("hi"),), schema=SCHEMA))
    assert json.loads(text(came)) == {"name": "text", "ages": [1]}


@pytest.mark.parametrize("choice", ["auto", "none", "required", "weather"])
def test_tool_choices_are_valid(server: ProtocolServer, wire: str, choice: str) -> None:
    ask(server, wire, "echo", Request("echo", (user("hi"),), tools=(WEATHER,), choice=choice))


@pytest.mark.parametrize(("tools", "choice"), [((), "required"), ((WEATHER,), "wether")])
def test_a_choice_without_its_tool_is_refused(wire: str, tools: tuple[Tool, ...], choice: str) -> None:
    with pytest.raises(UnsupportedRequest, match=choice):
        served(wire, "http://x", "m").exchange(Request("m", (user("hi"),), tools=tools, choice=choice))


def test_pictures_and_pdf_are_carried(server: ProtocolServer, wire: str) -> None:
    parts = (
        Attachment("image/png", b"\x89PNG"),
        Attachment("image/jpeg", url="https://a.example/b.jpg"),
        Attachment("application/pdf", b"%PDF", "a.pdf"),
    )
    ask(server, wire, "echo", Request("echo", (user("What is this?", *parts),)))
    sent = json.dumps(server.requests[-1].body)
    assert all(words in sent for words in ("iVBORw"[:4], "https://a.example/b.jpg", "JVBERg=="))


def test_other_attachments_are_refused_by_name(wire: str) -> None:
    with pytest.raises(UnsupportedRequest, match="application/x-msdownload"):
        served(wire, "http://x", "m").exchange(
            Request("m", (user("hi", Attachment("application/x-msdownload", b"x")),))
        )


def test_an_attachment_can_be_a_tools_result(server: ProtocolServer, wire: str) -> None:
    first = answer(server, wire, "tools", Request("tools", (user("Look."),), tools=(WEATHER,)))
    picture = ToolResult(first.tool_calls[0].id, (Text("Here:"), Attachment("image/png", b"\x89PNG")))
    request = Request("tools", (*first.messages, Message("tool", (picture,))), tools=(WEATHER,))
    assert "Here:" in answer(server, wire, "tools", request).text()
    assert "iVBO" in json.dumps(server.requests[-1].body)


def test_a_failed_tool_is_told_as_such(server: ProtocolServer, wire: str) -> None:
    first = answer(server, wire, "tools", Request("tools", (user("Look."),), tools=(WEATHER,)))
    failed = ToolResult(first.tool_calls[0].id, (Text("no city"),), failed=True)
    request = Request("tools", (*first.messages, Message("tool", (failed,))), tools=(WEATHER,))
    answer(server, wire, "tools", request)
    assert "error" in json.dumps(server.requests[-1].body) or "failed" in json.dumps(server.requests[-1].body)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        *(("cut", BrokenAnswer), ("garbage", BrokenAnswer), ("html", BrokenAnswer), ("nothing", BrokenAnswer)),
        *(("error-in-stream", ProviderError), ("error-400", ProviderError), ("error-401", BadKey)),
        *(("error-429", RateLimited), ("error-500", ProviderError), ("missing", UnknownModel)),
    ],
)
def test_what_goes_wrong_has_its_error(server: ProtocolServer, wire: str, name: str, error: type[ModelError]) -> None:
    with pytest.raises(error) as caught:
        ask(server, wire, name)
    assert type(caught.value) is error
    assert KEY not in str(caught.value)


def test_what_had_arrived_before_an_error_was_given(server: ProtocolServer, wire: str) -> None:
    coming = events(served(wire, server.url, "error-in-stream").exchange(Request("m", (user("hi"),))))
    assert "Half" in (event.text for event in coming if isinstance(event, TextDelta))
    with pytest.raises(ProviderError, match=r"Overloaded\."):
        list(coming)


def test_the_providers_sentence_is_passed_on_and_the_key_is_not(server: ProtocolServer, wire: str) -> None:
    server.script(Failure(400, f"temprature: no such thing, {KEY}"))
    with pytest.raises(ProviderError, match="temprature: no such thing") as caught:
        ask(server, wire, "hello")
    assert KEY not in str(caught.value)


def test_a_wrong_key_is_refused_without_being_shown(server: ProtocolServer, wire: str) -> None:
    with pytest.raises(BadKey) as caught:
        list(events(served(wire, server.url, "hello", "wrong-key-1").exchange(Request("hello", (user("hi"),)))))
    assert "wrong-key-1" not in str(caught.value)


def test_the_key_is_in_one_header_and_nowhere_else(wire: str) -> None:
    request = served(wire, "https://x/v1", "m").exchange(Request("m", (user("hi"),))).request
    assert [value for value in request.headers.values() if KEY in value] != []
    assert KEY not in repr(request) + request.url + request.body.decode()
    bare = served(wire, "https://x/v1", "m", "").exchange(Request("m", (user("hi"),))).request
    assert not {"authorization", "x-api-key", "x-goog-api-key"} & bare.headers.keys()


def test_an_unknown_option_is_refused_with_a_close_name(wire: str) -> None:
    with pytest.raises(UnsupportedRequest, match="Did you mean 'max_tokens'"):
        served(wire, "http://x", "m").exchange(Request("m", (user("hi"),), {"max_token": 1}))


def test_every_option_says_what_it_does(wire: str) -> None:
    assert all(option.help.endswith(".") for option in module(wire).OPTIONS)


def test_further_fields_are_passed_on(wire: str) -> None:
    request = Request("m", (user("hi"),), {"extra_body": {"mystery": 7}})
    assert json.loads(served(wire, "http://x", "m").exchange(request).request.body)["mystery"] == 7


def test_lone_surrogates_do_not_break_the_request(wire: str) -> None:
    assert "a\ufffdb" in served(wire, "http://x", "m").exchange(Request("m", (user("a\ud800b"),))).request.body.decode()


# Bytes, however they are cut and whatever they are


SPEAKING = Answer(
    "Grüße, 世界 👩‍👩‍👧", "Ich denke, 世", (("f", '{"a": "ü"}'), ("g", "{}")), finish="tool_calls", thought=2
)


def decode(wire: str, *data: bytes) -> list[Event]:
    decoder = module(wire).Decoder(Endpoint("https://api.example/v1", "m", KEY))
    came = [event for piece in data for event in decoder.feed(piece)]
    return came + list(decoder.close())


def outcome(wire: str, *data: bytes) -> list[Event] | ModelError:
    """What comes of any bytes at all; no other exception is allowed."""
    try:
        return decode(wire, *data)
    except ModelError as error:
        return error


def is_clear(came: list[Event] | ModelError) -> bool:
    return bool(came.what) if isinstance(came, ModelError) else isinstance(came[-1], Finish)


@given(st.sampled_from(list(SERVERS)), st.lists(st.integers(0, 10_000)), st.sampled_from([b"\n", b"\r\n", b"\r"]))
@settings(max_examples=60)
def test_events_do_not_depend_on_how_the_bytes_are_cut(wire: str, at: list[int], line_end: bytes) -> None:
    protocol = SERVERS[wire]().protocol
    data = b"".join(protocol.events(SPEAKING, "m", {})).replace(b"\n", line_end)
    places = [0, *sorted(place % (len(data) + 1) for place in at), len(data)]
    assert decode(wire, *(data[start:end] for start, end in pairwise(places))) == decode(wire, data)
    assert decode(wire, *(data[i : i + 1] for i in range(len(data)))) == decode(wire, data)


@given(st.sampled_from(list(SERVERS)), st.data())
@settings(max_examples=60)
def test_a_stream_that_ends_early_is_broken(wire: str, data: st.DataObject) -> None:
    pieces = list(SERVERS[wire]().protocol.events(SPEAKING, "m", {}))
    kept = data.draw(st.integers(0, len(pieces) - 3))
    came = outcome(wire, *pieces[:kept])
    assert isinstance(came, BrokenAnswer)


def test_a_stream_says_what_a_whole_answer_says(wire: str) -> None:
    protocol = SERVERS[wire]().protocol
    streamed = decode(wire, *protocol.events(SPEAKING, "m", {}))
    whole = decode(wire, json.dumps(protocol.whole(SPEAKING, "m", {})).encode())
    for kind in (ReasoningDelta, UsageReport, Finish):
        assert _joined(streamed, kind) == _joined(whole, kind)
    assert text(streamed) == text(whole) == SPEAKING.text


def _joined(of: list[Event], kind: type) -> list[Any]:
    """Their texts in one piece, and all that is not text."""
    found = [event for event in of if isinstance(event, kind)]
    words = "".join(getattr(event, "text", "") for event in found)
    return [words, *(getattr(event, "opaque", event) for event in found if getattr(event, "opaque", event))]


@given(st.sampled_from(list(SERVERS)), st.lists(st.binary(), max_size=5))
@settings(max_examples=60)
def test_any_bytes_are_an_answer_or_one_clear_error(wire: str, pieces: list[bytes]) -> None:
    assert is_clear(outcome(wire, *pieces))


NAMES = st.sampled_from(
    [
        *("type", "index", "message", "content_block", "delta", "usage", "content", "text", "thinking", "signature"),
        *("partial_json", "stop_reason", "stop_details", "error", "data", "id", "name", "input", "model", "code"),
        *("item", "output", "response", "output_index", "arguments", "summary", "encrypted_content", "phase", "status"),
        *("candidates", "parts", "functionCall", "args", "thought", "thoughtSignature", "finishReason", "details"),
        *("usageMetadata", "promptTokenCount", "promptFeedback", "blockReason", "responseId", "modelVersion"),
    ]
)
WORDS = st.sampled_from(
    [
        *("message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta"),
        *(
            "message_stop",
            "error",
            "text",
            "thinking",
            "tool_use",
            "text_delta",
            "signature_delta",
            "redacted_thinking",
        ),
        *("response.created", "response.output_item.added", "response.output_item.done", "response.completed"),
        *("response.output_text.delta", "response.function_call_arguments.delta", "response.failed", "function_call"),
        *("reasoning", "response.reasoning_summary_text.delta", "response.incomplete", "STOP", "SAFETY", "in_progress"),
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(list(SERVERS)), st.lists(st.dictionaries(NAMES, ANYTHING, max_size=5), min_size=1, max_size=5))
@settings(max_examples=150)
def test_any_json_is_an_answer_or_one_clear_error(wire: str, values: list[Any]) -> None:
    assert is_clear(outcome(wire, *(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values)))
    assert is_clear(outcome(wire, json.dumps(values[0]).encode()))


@pytest.mark.parametrize("wire", ["anthropic", "gemini"])
def test_words_beside_the_keywords_of_a_schema_are_no_keywords(wire: str) -> None:
    schema = {**SCHEMA, "x-order": 1, "examples": [], "discriminator": {}, "title": "Dogs"}
    translated = in_dialect(schema, module(wire).DIALECT)
    assert translated["title"] == "Dogs"
    assert not {"x-order", "examples", "discriminator"} & translated.keys()
