"""Requests as chat completions: every body is held against the official package's own types."""

import json
from base64 import b64decode
from typing import Any

import pytest

from curta.errors import UnsupportedRequest
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
    assistant,
    system,
    user,
)
from curta.models.rendering import render
from curta.models.wires.openai_chat import OPTIONS, Endpoint, encode
from tests.servers.openai import complaint

OPENAI = Endpoint("https://api.openai.com/v1", "gpt-x", "sk-secret")
LOCAL = Endpoint("http://127.0.0.1:8080/v1/", "llama")
WEATHER = Tool("weather", "The weather in a city.", {"type": "object", "properties": {"city": {"type": "string"}}})


def body(request: Request, endpoint: Endpoint = OPENAI, stream: bool = True) -> dict[str, Any]:
    """The body that would be sent, which the official types accept."""
    value: dict[str, Any] = json.loads(encode(request, endpoint, stream).body)
    assert complaint(value) == ""
    return value


def ask(*parts: Any, **more: Any) -> Request:
    return Request("m", (user(*parts),), **more)


def test_a_plain_question() -> None:
    assert body(Request("m", (system("Be brief."), user("Why?"))), stream=False) == {
        "model": "gpt-x",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}],
    }


def test_a_stream_asks_for_its_usage() -> None:
    sent = body(ask("hi"))
    assert (sent["stream"], sent["stream_options"]) == (True, {"include_usage": True})


def test_the_key_is_in_one_header_and_nowhere_else() -> None:
    request = encode(ask("hi"), OPENAI, True)
    assert request.headers["authorization"] == "Bearer sk-secret"
    assert "sk-secret" not in repr(request) + repr(OPENAI) + request.body.decode()
    assert "authorization" not in encode(ask("hi"), LOCAL, True).headers


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://h/v1", "http://h/v1/chat/completions"),
        ("http://h/v1/", "http://h/v1/chat/completions"),
        ("http://h/v1/chat/completions", "http://h/v1/chat/completions"),
        ("https://h/openai?api-version=1", "https://h/openai/chat/completions?api-version=1"),
    ],
)
def test_the_address(url: str, address: str) -> None:
    assert encode(ask("hi"), Endpoint(url, "m"), True).url == address


def test_documents_stand_before_the_words_with_their_numbers() -> None:
    one, two = Document("First text."), Document("Second text.")
    request = Request("m", (user("Compare.", one, two), assistant("Alike."), user(two, "Sure?")))
    contents = [message["content"] for message in body(request)["messages"]]
    assert contents == [
        f"{render(one, 1)}\n\n{render(two, 2)}\n\nCompare.",
        "Alike.",
        f"{render(two, 2)}\n\nSure?",
    ]


def test_pictures_by_bytes_and_by_url() -> None:
    parts = (Attachment("image/png", b"\x89PNG"), Attachment("image/jpeg", url="https://a.example/b.jpg"))
    text, png, jpeg = body(ask("What is this?", *parts))["messages"][0]["content"]
    assert text == {"type": "text", "text": "What is this?"}
    assert b64decode(png["image_url"]["url"].removeprefix("data:image/png;base64,")) == b"\x89PNG"
    assert jpeg["image_url"]["url"] == "https://a.example/b.jpg"


def test_pdf_and_audio() -> None:
    pdf, audio = body(ask(Attachment("application/pdf", b"%PDF", "a.pdf"), Attachment("audio/mpeg", b"ID3")))[
        "messages"
    ][0]["content"]
    assert pdf["file"]["filename"] == "a.pdf"
    assert b64decode(pdf["file"]["file_data"].partition(",")[2]) == b"%PDF"
    assert audio == {"type": "input_audio", "input_audio": {"data": "SUQz", "format": "mp3"}}


@pytest.mark.parametrize(
    "attachment",
    [
        Attachment("video/mp4", b"x"),
        Attachment("text/plain", b"x"),
        Attachment("application/pdf", url="https://a/b.pdf"),
    ],
)
def test_other_attachments_are_refused_by_name(attachment: Attachment) -> None:
    with pytest.raises(UnsupportedRequest, match=attachment.media_type):
        encode(ask("hi", attachment), OPENAI, True)


def test_a_turn_with_tools() -> None:
    call = ToolCall("call_1", "weather", {"city": "Köln"})
    request = Request(
        "m",
        (
            user("Weather?"),
            Message("assistant", (Reasoning("hm"), call)),
            Message("tool", (ToolResult("call_1", (Text("rain"),)), ToolResult("call_2", (Text("no city"),), True))),
        ),
        tools=(WEATHER,),
        choice="weather",
    )
    sent = body(request)
    _, asked, rain, failed = sent["messages"]
    assert asked["content"] is None
    assert asked["tool_calls"][0]["function"] == {"name": "weather", "arguments": '{"city": "Köln"}'}
    assert (rain["tool_call_id"], rain["content"]) == ("call_1", "rain")
    assert failed["content"] == "The tool failed: no city"
    assert sent["tools"][0]["function"]["name"] == "weather"
    assert sent["tool_choice"] == {"type": "function", "function": {"name": "weather"}}


def test_documents_in_a_tool_result_are_rendered() -> None:
    document = Document("Found.")
    request = Request("m", (user("?"), Message("tool", (ToolResult("c", (document,)),))))
    assert body(request)["messages"][1]["content"] == render(document, 1)


@pytest.mark.parametrize("choice", ["auto", "none", "required"])
def test_tool_choices(choice: str) -> None:
    assert body(ask("hi", tools=(WEATHER,), choice=choice))["tool_choice"] == choice


@pytest.mark.parametrize(("tools", "choice"), [((), "required"), ((WEATHER,), "wether")])
def test_a_choice_without_its_tool_is_refused(tools: tuple[Tool, ...], choice: str) -> None:
    with pytest.raises(UnsupportedRequest, match=choice):
        encode(ask("hi", tools=tools, choice=choice), OPENAI, True)


def test_a_schema_that_can_be_strict_is_strict() -> None:
    schema = {"title": "A dog!", "type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    form = body(ask("hi", schema=schema))["response_format"]["json_schema"]
    assert form == {"name": "A_dog", "schema": {**schema, "additionalProperties": False}, "strict": True}


def test_a_schema_with_an_optional_property_is_sent_as_it_is() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    form = body(ask("hi", schema=schema))["response_format"]["json_schema"]
    assert form == {"name": "answer", "schema": schema, "strict": False}


def test_options_are_passed_on_in_their_types() -> None:
    given = {"temperature": "0.5", "top_p": 1, "seed": 7, "stop": "END", "logit_bias": '{"50": -100}'}
    typed = {"temperature": 0.5, "top_p": 1.0, "seed": 7, "stop": ["END"], "logit_bias": {"50": -100}}
    sent = body(ask("hi", options={**given, "verbosity": None}))
    assert {name: sent[name] for name in given} == typed
    assert "verbosity" not in sent


def test_openai_itself_wants_another_name_for_the_longest_answer() -> None:
    request = ask("hi", options={"max_tokens": 9})
    assert body(request)["max_completion_tokens"] == 9
    assert body(request, LOCAL)["max_tokens"] == 9
    assert "max_tokens" not in body(request)


def test_further_fields_for_servers_that_know_more() -> None:
    sent = json.loads(encode(ask("hi", options={"extra_body": {"top_k": 40}}), LOCAL, True).body)
    assert sent["top_k"] == 40
    assert "extra_body" not in sent


def test_an_unknown_option_is_refused_with_a_close_name() -> None:
    with pytest.raises(UnsupportedRequest, match="Did you mean 'temperature'"):
        encode(ask("hi", options={"temprature": 1}), OPENAI, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("temperature", value) for value in ("hot", True, [1], float("nan"), "Infinity")),
        *(("seed", value) for value in (1.5, "1.5", True, "")),
        *(("extra_body", value) for value in ("[1]", 3)),
        ("verbosity", 3),
    ],
)
def test_a_value_of_another_type_is_refused(name: str, value: Any) -> None:
    with pytest.raises(UnsupportedRequest, match=name):
        encode(ask("hi", options={name: value}), OPENAI, True)


def test_every_option_says_what_it_does() -> None:
    assert all(option.help.endswith(".") for option in OPTIONS)


def test_lone_surrogates_do_not_break_the_request() -> None:
    assert body(ask("a\ud800b"))["messages"][0]["content"] == "a\ufffdb"
