"""Bytes of an answer as events, however they are cut, and whatever accent the server has."""

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curta.errors import BrokenAnswer, ModelError, ProviderError
from curta.events import Event, Finish, ReasoningDelta, Resolved, TextDelta, ToolCallDelta, UsageReport
from curta.models.wires import sse
from curta.models.wires.openai_chat import Decoder, Endpoint

ENDPOINT = Endpoint("https://api.example/v1", "m", "sk-secret")
DONE = b"data: [DONE]\n\n"


def chunk(delta: Any = None, finish: str | None = None, **more: Any) -> bytes:
    """One event of a stream."""
    value = {"choices": [{"index": 0, "delta": delta or {}, "finish_reason": finish}], **more}
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def said(text: str) -> bytes:
    return chunk({"content": text})


def decode(*pieces: bytes) -> list[Event]:
    decoder = Decoder(ENDPOINT)
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + list(decoder.close())


def whole(message: dict[str, Any], finish: str | None = "stop", **more: Any) -> bytes:
    return json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": finish}], **more}).encode()


def text_of(events: Iterable[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


STREAM = (
    "\ufeff: keep-alive\r\n\r\n".encode()
    + chunk({"role": "assistant", "content": ""}, model="m-2026")
    + said("Grüße, 世界 ")
    + b": still here\n\n"
    + said("👩‍👩‍👧")
    + b"event: message\r\nid: 7\r\nretry: 10\r\ndata: {\r\ndata: }\r\n\r\n"
    + chunk({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}]})
    + chunk(finish="tool_calls", usage={"prompt_tokens": 3, "completion_tokens": 5})
    + DONE
)
EVENTS = [
    Resolved("m-2026"),
    TextDelta("Grüße, 世界 "),
    TextDelta("👩‍👩‍👧"),
    ToolCallDelta(0, "c", "f", "{}"),
    UsageReport(3, 5),
    Finish("tool_calls"),
]


def cut(data: bytes, at: list[int]) -> list[bytes]:
    places = [0, *sorted(place % (len(data) + 1) for place in at), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


@given(st.lists(st.integers(0, 10_000)), st.sampled_from([b"\n", b"\r\n", b"\r"]))
@settings(max_examples=150)
def test_events_do_not_depend_on_how_the_bytes_are_cut(at: list[int], line_end: bytes) -> None:
    data = STREAM.replace(b"\r\n", b"\n").replace(b"\n", line_end)
    assert decode(*cut(data, at)) == EVENTS


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_byte_by_byte(line_end: bytes) -> None:
    data = STREAM.replace(b"\r\n", b"\n").replace(b"\n", line_end)
    assert decode(*(data[i : i + 1] for i in range(len(data)))) == EVENTS


@given(st.lists(st.integers(0, 10_000)))
def test_a_whole_answer_does_not_depend_on_how_it_is_cut(at: list[int]) -> None:
    data = b"\n " + whole({"content": "Grüße 世界"}, model="m-1", usage={"prompt_tokens": 1, "completion_tokens": 2})
    assert decode(*cut(data, at)) == [Resolved("m-1"), TextDelta("Grüße 世界"), UsageReport(1, 2), Finish("stop")]


@given(st.lists(st.text(), min_size=1))
def test_the_text_is_what_was_said(pieces: list[str]) -> None:
    clean = [piece.encode("utf-8", "replace").decode() for piece in pieces]
    assert text_of(decode(*map(said, clean), DONE)) == "".join(clean)


def outcome(*pieces: bytes) -> list[Event] | ModelError:
    """What comes of any bytes at all; no other exception is allowed."""
    try:
        return decode(*pieces)
    except ModelError as error:
        return error


@given(st.lists(st.binary(), max_size=5))
@example([b"{", b"[" * 100_000])
@example([b'data: {"choices": [[]]}\n\n'])
@example([b'{"error": 5}'])
def test_any_bytes_are_an_answer_or_one_clear_error(pieces: list[bytes]) -> None:
    came = outcome(*pieces)
    assert came.what if isinstance(came, ModelError) else isinstance(came[-1], Finish)


KEYS = st.sampled_from(
    [
        *("choices", "delta", "message", "content", "index", "finish_reason", "tool_calls", "function", "name", "id"),
        *("arguments", "usage", "error", "code", "model", "thinking", "text", "reasoning", "refusal", "prompt_tokens"),
        *("prompt_tokens_details", "cached_tokens", "x_groq", "function_call", "type", "object"),
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(KEYS, ANYTHING) | st.dictionaries(st.just("choices"), st.lists(ANYTHING)), min_size=1))
@settings(max_examples=60)
def test_any_json_is_an_answer_or_one_clear_error(values: list[Any]) -> None:
    streamed = outcome(*(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values), DONE)
    for came in (streamed, outcome(json.dumps(values[0]).encode())):
        assert came.what if isinstance(came, ModelError) else isinstance(came[-1], Finish)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        *(("stop", "stop"), ("length", "length"), ("tool_calls", "tool_calls"), ("function_call", "tool_calls")),
        *(("content_filter", "refused"), ("model_length", "length"), ("eos", "stop")),
    ],
)
def test_reasons_to_finish(theirs: str, ours: str) -> None:
    assert decode(said("x"), chunk(finish=theirs), DONE)[-1] == Finish(ours)  # type: ignore[arg-type]


def test_a_refusal_is_text_and_a_reason() -> None:
    assert decode(chunk({"refusal": "No."}), chunk(finish="stop"), DONE) == [TextDelta("No."), Finish("refused")]


def test_stop_with_tool_calls_waits_for_results() -> None:
    call = {"id": "c", "function": {"name": "f", "arguments": {"x": 1}}}
    assert decode(whole({"content": None, "tool_calls": [call]})) == [
        ToolCallDelta(0, "c", "f", '{"x": 1}'),
        Finish("tool_calls"),
    ]


def test_calls_that_all_have_index_0_are_told_apart_by_their_ids() -> None:
    calls = [{"index": 0, "id": id, "function": {"name": "f", "arguments": "{}"}} for id in ("a", "b")]
    events = decode(*(chunk({"tool_calls": [call]}) for call in calls), DONE)
    assert [event.place for event in events if isinstance(event, ToolCallDelta)] == [0, 1]


def test_an_id_and_a_name_that_are_repeated_are_given_once() -> None:
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "1"}}
    events = decode(chunk({"tool_calls": [call]}), chunk({"tool_calls": [call]}), DONE)
    assert events[:2] == [ToolCallDelta(0, "a", "f", "1"), ToolCallDelta(0, "", "", "1")]


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
    ],
)
def test_reasoning_in_every_accent(delta: dict[str, Any]) -> None:
    assert decode(chunk(delta), said("42"), DONE) == [ReasoningDelta("hm"), TextDelta("42"), Finish("stop")]


@pytest.mark.parametrize(
    ("usage", "report"),
    [
        (
            {
                "prompt_tokens": 9,
                "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 4},
                "completion_tokens_details": {"reasoning_tokens": 2},
            },
            UsageReport(9, 5, 4, 2),
        ),
        ({"prompt_tokens": 9, "completion_tokens": 5, "prompt_cache_hit_tokens": 4}, UsageReport(9, 5, 4)),
        ({"prompt_tokens": 9, "completion_tokens": None, "prompt_tokens_details": None}, UsageReport(9)),
    ],
)
def test_usage_in_every_accent(usage: dict[str, Any], report: UsageReport) -> None:
    assert decode(said("x"), chunk(finish="stop", usage=usage), DONE)[-2:] == [report, Finish("stop")]
    assert decode(said("x"), chunk(finish="stop", x_groq={"usage": usage}), DONE)[-2] == report


def test_usage_is_reported_once_though_sent_with_every_chunk() -> None:
    pieces = [chunk({"content": "x"}, usage={"prompt_tokens": 1, "completion_tokens": n}) for n in (1, 2)]
    assert decode(*pieces, DONE)[-2:] == [UsageReport(1, 2), Finish("stop")]


def test_the_model_is_told_once_and_when_it_is_known() -> None:
    pieces = [chunk({"content": "x"}, model=name) for name in ("", "m-1", "m-1")]
    assert [event for event in decode(*pieces, DONE) if isinstance(event, Resolved)] == [Resolved("m-1")]


def test_a_missing_done_is_fine_when_the_answer_had_finished() -> None:
    assert decode(said("x"), chunk(finish="stop"))[-1] == Finish("stop")


def test_a_forgotten_last_line_end_loses_nothing() -> None:
    assert decode(said("x"), DONE.rstrip())[-1] == Finish("stop")


def test_other_choices_are_left_aside() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "no"}}]}
    assert text_of(decode(said("yes"), b"data: " + json.dumps(other).encode() + b"\n\n", DONE)) == "yes"


def test_what_follows_done_is_left_aside() -> None:
    assert decode(said("x"), DONE, said("y"), b"data: rubbish\n\n") == [TextDelta("x"), Finish("stop")]


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([], "empty answer"),
        ([b"\n\n: ping\n\n"], "empty answer"),
        ([DONE], "empty answer"),
        ([said("Half")], "cut off"),
        ([said("x"), b"data: {oops\n\n"], r"not JSON. It reads: \{oops"),
        ([b"data: [1]\n\n"], "not a JSON object"),
        ([b"<html><title>Log in</title>"], "It reads: <html><title>Log in"),
        ([b"\x1b]52;c;AAAA\x07"], "neither JSON nor a stream"),
        ([b'{"choices": ['], "not JSON"),
        ([b'{"hello": "world"}'], "no choices"),
    ],
)
def test_broken_answers_say_what_came(pieces: list[bytes], words: str) -> None:
    with pytest.raises(BrokenAnswer, match=words) as caught:
        decode(*pieces)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        {"error": {"message": "Overloaded, sk-secret.", "code": 503}},
        {"object": "error", "message": "Overloaded, sk-secret.", "code": 503},
    ],
)
def test_an_error_in_the_stream_comes_after_what_was_said(error: dict[str, Any]) -> None:
    decoder = Decoder(ENDPOINT)
    assert list(decoder.feed(said("Half"))) == [TextDelta("Half")]
    with pytest.raises(ProviderError, match="Overloaded") as caught:
        list(decoder.feed(b"data: " + json.dumps(error).encode() + b"\n\n"))
    assert caught.value.status == 503
    assert "sk-secret" not in str(caught.value)


def test_a_line_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "LONGEST_LINE", 1000)
    with pytest.raises(BrokenAnswer, match="line"):
        decode(b"data: ", *[b"x" * 100] * 20)
