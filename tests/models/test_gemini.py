"""The Gemini API: requests held against the official package's types, answers read as that package reads them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from curta.errors import BadKey, BrokenAnswer, RateLimited, Refused, UnsupportedRequest
from curta.events import Event, Finish, ReasoningDelta, Resolved, TextDelta, ToolCallDelta, UsageReport
from curta.messages import Attachment, Message, Reasoning, Request, Text, Tool, ToolCall, ToolResult, system, user
from curta.models.wires.gemini import UNSIGNED, Decoder, encode
from curta.models.wires.served import Endpoint
from tests.servers.gemini import GeminiProtocol, GeminiServer

GEMINI = Endpoint("https://generativelanguage.googleapis.com/v1beta", "gemini-3.5-flash", "AIzaSecret")


def body(request: Request, endpoint: Endpoint = GEMINI) -> dict[str, Any]:
    """The body that would be sent, which the official types accept."""
    value: dict[str, Any] = json.loads(encode(request, endpoint, True).body)
    assert GeminiProtocol().complaint(value) == ""
    return value


def ask(*parts: Any, **more: Any) -> Request:
    return Request("m", (user(*parts),), **more)


# The official package and the loopback server


@pytest.fixture
def client() -> Iterator[genai.Client]:
    with GeminiServer("a-key") as server:
        yield genai.Client(api_key="a-key", http_options=types.HttpOptions(base_url=server.url))


def test_the_official_client_reads_a_whole_answer(client: genai.Client) -> None:
    answer = client.models.generate_content(model="hello", contents="hi")
    assert answer.text == "Hello, wörld! 👋🏽"
    assert answer.usage_metadata
    assert answer.usage_metadata.candidates_token_count == 3


def test_the_official_client_reads_a_stream(client: genai.Client) -> None:
    chunks = list(client.models.generate_content_stream(model="drip", contents="hi"))
    assert "".join(chunk.text or "" for chunk in chunks) == "Hello, wörld! 👋🏽"


def test_the_official_client_reads_thoughts_calls_and_signatures(client: genai.Client) -> None:
    function: Any = {"name": "f", "parameters": {"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}}}}
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[function])])
    answer = client.models.generate_content(model="tools", contents="hi", config=config)
    assert answer.candidates
    assert answer.candidates[0].content
    thought, text, call = answer.candidates[0].content.parts or []
    assert (thought.thought, thought.text, text.text) == (True, "A tool knows.", "Let me see.")
    assert call.function_call
    assert (call.function_call.args, call.thought_signature) == ({"n": 1}, b"signed")


@pytest.mark.parametrize(
    ("model", "error"),
    [
        *(("error-400", errors.ClientError), ("missing", errors.ClientError), ("error-403", errors.ClientError)),
        ("error-501", errors.ServerError),
    ],
)
def test_the_official_client_knows_its_errors(client: genai.Client, model: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        client.models.generate_content(model=model, contents="hi")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"contents": [{"role": "user", "parts": [{"txt": "hi"}]}]}, "txt"),
        ({"generationConfig": {"temprature": 1}}, "temprature"),
        ({"generationConfig": {"temperature": "hot"}}, "temperature"),
        ({"mystery": 1}, "mystery"),
        ({"contents": []}, "contents"),
    ],
)
def test_what_does_not_fit_the_official_types_is_refused(wrong: dict[str, Any], words: str) -> None:
    hi = [{"role": "user", "parts": [{"text": "hi"}]}]
    assert words in GeminiProtocol().complaint({"contents": hi, **wrong})


# Requests


def test_a_plain_question() -> None:
    assert body(Request("m", (system("Be brief."), user("Why?")))) == {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "user", "parts": [{"text": "Why?"}]}],
    }


@pytest.mark.parametrize(
    ("url", "id", "address"),
    [
        ("http://h", "m", "http://h/v1beta/models/m"),
        ("http://h/v1beta/", "m", "http://h/v1beta/models/m"),
        ("http://h/v1", "m", "http://h/v1/models/m"),
        ("http://h/vault", "m", "http://h/vault/v1beta/models/m"),
        ("http://h", "tunedModels/a b", "http://h/v1beta/tunedModels/a%20b"),
    ],
)
def test_the_address(url: str, id: str, address: str) -> None:
    endpoint = Endpoint(url, id)
    assert encode(ask("hi"), endpoint, True).url == f"{address}:streamGenerateContent?alt=sse"
    assert encode(ask("hi"), endpoint, False).url == f"{address}:generateContent"


def test_options_have_the_apis_names() -> None:
    given = {"max_tokens": "9", "top_k": 4, "stop": "END", "seed": 1, "thoughts": "true", "thinking_level": "low"}
    assert body(ask("hi", options=given))["generationConfig"] == {
        "maxOutputTokens": 9,
        "topK": 4,
        "stopSequences": ["END"],
        "seed": 1,
        "thinkingConfig": {"includeThoughts": True, "thinkingLevel": "low"},
    }


def test_safety_settings_stand_beside_the_contents() -> None:
    settings = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    assert body(ask("hi", options={"safety_settings": settings}))["safetySettings"] == settings


def test_sound_and_film_are_carried() -> None:
    parts = (Attachment("audio/mpeg", b"ID3"), Attachment("video/mp4", url="https://a.example/b.mp4"))
    audio, video, _ = body(ask("What is this?", *parts))["contents"][0]["parts"]
    assert audio == {"inlineData": {"mimeType": "audio/mpeg", "data": "SUQz"}}
    assert video == {"fileData": {"mimeType": "video/mp4", "fileUri": "https://a.example/b.mp4"}}


def kept(value: dict[str, Any], text: int, calls: int) -> dict[str, Any]:
    return {"wire": "gemini", "model": "gemini-3.5-flash", "text": text, "calls": calls, "value": value}


def test_signatures_go_back_to_their_parts() -> None:
    opaque = [
        kept({"thoughtSignature": "YQ==", "thought": "Hm."}, 0, 0),
        kept({"thoughtSignature": "Yg==", "length": 4}, 9, 0),
        kept({"thoughtSignature": "Yw==", "call": True}, 9, 1),
    ]
    calls = (ToolCall("a", "f", {}), ToolCall("b", "g", {}))
    said = Message("assistant", (Reasoning("Hm.", opaque), Text("Well. Now."[:9]), *calls))
    sent = body(Request("m", (user("?"), said, user("!"))))["contents"][1]["parts"]
    assert sent == [
        {"text": "Hm.", "thought": True, "thoughtSignature": "YQ=="},
        {"text": "Well."},
        {"text": " Now", "thoughtSignature": "Yg=="},
        {"functionCall": {"id": "a", "name": "f", "args": {}}, "thoughtSignature": UNSIGNED},
        {"functionCall": {"id": "b", "name": "g", "args": {}}, "thoughtSignature": "Yw=="},
    ]


def test_a_signature_at_the_end_without_text_has_a_part_of_its_own() -> None:
    said = Message("assistant", (Reasoning("", [kept({"thoughtSignature": "YQ==", "length": 0}, 4, 0)]), Text("Yes.")))
    sent = body(Request("m", (user("?"), said, user("!"))))["contents"][1]["parts"]
    assert sent == [{"text": "Yes."}, {"text": "", "thoughtSignature": "YQ=="}]


@pytest.mark.parametrize(("model", "signed"), [("gemini-2.5-flash", False), ("gemini-3.5-flash", True)])
def test_calls_that_another_model_made_are_signed_where_it_is_necessary(model: str, signed: bool) -> None:
    request = Request("m", (user("?"), Message("assistant", (ToolCall("a", "f", {}),)), user("!")))
    sent = body(request, GEMINI._replace(model_id=model))["contents"][1]["parts"][0]
    assert ("thoughtSignature" in sent) is signed


def test_a_result_repeats_the_name_of_its_tool() -> None:
    picture = Attachment("image/png", b"x")
    result = ToolResult("a", (Text("7"), picture))
    request = Request("m", (user("?"), Message("assistant", (ToolCall("a", "f", {}),)), Message("tool", (result,))))
    assert body(request)["contents"][-1]["parts"][0]["functionResponse"] == {
        "id": "a",
        "name": "f",
        "response": {"output": "7"},
        "parts": [{"inlineData": {"mimeType": "image/png", "data": "eA=="}}],
    }


def test_a_result_without_its_call_is_refused() -> None:
    with pytest.raises(UnsupportedRequest, match="answers no call: 'a'"):
        encode(Request("m", (Message("tool", (ToolResult("a", (Text("7"),)),)),)), GEMINI, True)


def test_the_choice_of_a_tool() -> None:
    tool = Tool("f", "d", {"type": "object", "properties": {}})
    sent = body(ask("hi", tools=(tool,), choice="f"))
    assert sent["toolConfig"]["functionCallingConfig"] == {"mode": "ANY", "allowedFunctionNames": ["f"]}


def test_a_schema_keeps_what_the_api_enforces() -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 1}, "kind": {"const": "a"}},
        "additionalProperties": {"type": "string", "default": "x"},
    }
    config = body(ask("hi", schema=schema))["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    assert config["responseJsonSchema"] == {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 1}, "kind": {"enum": ["a"]}},
        "additionalProperties": {"type": "string"},
    }


@pytest.mark.parametrize("keyword", ["oneOf", "not", "pattern", "maxLength", "uniqueItems"])
def test_what_would_be_ignored_in_a_schema_is_refused_by_name(keyword: str) -> None:
    with pytest.raises(UnsupportedRequest, match=keyword):
        encode(ask("hi", schema={"type": "array", "items": {"anyOf": [{keyword: 1}]}}), GEMINI, True)


# Answers


def decode(*values: dict[str, Any]) -> list[Event]:
    decoder = Decoder(GEMINI)
    came = [event for value in values for event in decoder.feed(b"data: " + json.dumps(value).encode() + b"\r\n\r\n")]
    return came + list(decoder.close())


def said(*parts: dict[str, Any], reason: str | None = "STOP", **more: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": list(parts)}, "finishReason": reason}], **more}


def test_calls_without_ids_are_given_some() -> None:
    calls = ({"functionCall": {"name": "f", "args": {"n": 1}}}, {"functionCall": {"name": "f"}})
    assert decode(said(*calls, responseId="r", modelVersion="gemini-x-001")) == [
        Resolved("gemini-x-001"),
        ToolCallDelta(0, "r-0", "f", '{"n": 1}'),
        ToolCallDelta(1, "r-1", "f", "{}"),
        Finish("tool_calls"),
    ]


def test_signatures_are_kept_with_their_places() -> None:
    came = decode(
        said({"text": "Hm.", "thought": True}, {"text": "Yes"}, reason=None),
        said({"text": ".", "thoughtSignature": "YQ=="}, {"text": "", "thoughtSignature": "Yg=="}),
    )
    assert came == [
        *(ReasoningDelta("Hm."), TextDelta("Yes"), TextDelta(".")),
        ReasoningDelta("", kept({"thoughtSignature": "YQ==", "length": 1}, 4, 0)),
        ReasoningDelta("", kept({"thoughtSignature": "Yg==", "length": 0}, 4, 0)),
        Finish("stop"),
    ]


def test_thoughts_are_part_of_the_output() -> None:
    usage = {
        "promptTokenCount": 9,
        "candidatesTokenCount": 5,
        "thoughtsTokenCount": 7,
        "cachedContentTokenCount": 4,
        "toolUsePromptTokenCount": 1,
    }
    assert decode(said({"text": "x"}, usageMetadata=usage))[-2] == UsageReport(10, 12, 4, 7)


@pytest.mark.parametrize(
    ("theirs", "ours"), [("STOP", "stop"), ("MAX_TOKENS", "length"), ("SAFETY", "refused"), ("SPII", "refused")]
)
def test_reasons_to_finish(theirs: str, ours: Any) -> None:
    assert decode(said({"text": "x"}, reason=theirs))[-1] == Finish(ours)


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "MISSING_THOUGHT_SIGNATURE", "OTHER", "SOMETHING_NEW"])
def test_a_failure_of_the_model_is_no_answer(reason: str) -> None:
    with pytest.raises(BrokenAnswer, match=reason):
        decode(said({"text": "Half"}, reason=reason))


def test_a_blocked_prompt_is_refused() -> None:
    with pytest.raises(Refused, match="PROHIBITED_CONTENT"):
        decode({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})


def test_a_wrong_key_is_known_though_its_status_is_400() -> None:
    error = {
        "code": 400,
        "message": "API key not valid. Please pass a valid API key.",
        "status": "INVALID_ARGUMENT",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
    }
    caught = Decoder(GEMINI).failure(400, {}, json.dumps({"error": error}).encode())
    assert type(caught) is BadKey
    assert "not valid" in caught.why


def test_an_error_that_comes_as_a_list_is_read() -> None:
    error = [{"error": {"code": 429, "message": "Quota exceeded for AIzaSecret.", "status": "RESOURCE_EXHAUSTED"}}]
    caught = Decoder(GEMINI).failure(429, {}, json.dumps(error).encode())
    assert type(caught) is RateLimited
    assert "AIzaSecret" not in str(caught)
