"""Driving an exchange over real sockets, from sync and from async code: the same events, the same errors."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator

import pytest

from curta import http
from curta.errors import (
    BadKey,
    BrokenAnswer,
    MissingKey,
    ModelError,
    ProviderError,
    RateLimited,
    TimedOut,
    UnknownModel,
    UnsupportedRequest,
)
from curta.events import Event, Finish, ReasoningDelta, Resolved, TextDelta, ToolCallDelta, UsageReport
from curta.http import HTTPRequest, Retry
from curta.messages import Message, Request, Text, Tool, ToolCall, ToolResult, user
from curta.models.exchange import aevents, events
from curta.models.model import Exchange, Facts, HTTPExchange, LocalExchange
from curta.models.wires.openai_chat import Decoder, Endpoint, OpenAIChat
from tests.servers.openai import Bytes, Failure, OpenAIServer

FACTS = Facts("this computer")
WEATHER = Tool(
    "weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
)


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    delays: list[float] = []

    async def sleep(seconds: float) -> None:
        delays.append(seconds)

    monkeypatch.setattr(http, "sleep", delays.append)
    monkeypatch.setattr(http, "async_sleep", sleep)
    return delays


def in_sync(exchange: Exchange, seen: list[Event]) -> None:
    seen.extend(events(exchange))


def in_async(exchange: Exchange, seen: list[Event]) -> None:
    async def collect() -> None:
        async for event in aevents(exchange):
            seen.append(event)

    asyncio.run(collect())


@pytest.fixture(params=[in_sync, in_async], ids=["sync", "async"])
def drive(request: pytest.FixtureRequest) -> Callable[[Exchange], tuple[list[Event], ModelError | None]]:
    """Drives an exchange: the events that came, and the error that ended them."""

    def driven(exchange: Exchange) -> tuple[list[Event], ModelError | None]:
        seen: list[Event] = []
        try:
            request.param(exchange, seen)
        except ModelError as error:
            return seen, error
        return seen, None

    return driven


Drive = Callable[[Exchange], tuple[list[Event], ModelError | None]]


def begin(server: OpenAIServer, model: str = "any", *, stream: bool = True, **more: object) -> HTTPExchange:
    request = Request(model, (user("hi"),), **more)  # type: ignore[arg-type]
    return OpenAIChat(model, FACTS, Endpoint(server.url, model), lambda: "sk-secret\n").exchange(request, stream=stream)


def text_of(seen: list[Event]) -> str:
    return "".join(event.text for event in seen if isinstance(event, TextDelta))


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("model", ["hello", "whole", "no-done", "drip"])
def test_an_answer_arrives(openai_server: OpenAIServer, drive: Drive, model: str, stream: bool) -> None:
    seen, error = drive(begin(openai_server, model, stream=stream))
    assert error is None
    assert seen[0] == Resolved(f"{model}-2026-01-01")
    assert text_of(seen) == "Hello, wörld! 👋🏽"
    assert seen[-2:] == [UsageReport(1, 3, 0, 0), Finish("stop")]


def test_a_stream_comes_in_pieces(openai_server: OpenAIServer) -> None:
    pieces = [event.text for event in events(begin(openai_server, "hello")) if isinstance(event, TextDelta)]
    assert pieces == ["Hello, ", "wörld! ", "👋🏽"]


def test_the_first_words_come_before_the_rest_is_there(openai_server: OpenAIServer) -> None:
    arriving = events(begin(openai_server, "stall"))
    assert next(arriving) == TextDelta("Half")
    openai_server.release.set()
    with pytest.raises(BrokenAnswer, match="cut off"):
        next(arriving)


def test_reasoning_and_its_usage(openai_server: OpenAIServer, drive: Drive) -> None:
    seen, _ = drive(begin(openai_server, "reasoning"))
    assert "".join(event.text for event in seen if isinstance(event, ReasoningDelta)) == "Six times seven."
    assert seen[-2] == UsageReport(1, 5, 3, 4)


@pytest.mark.parametrize(("model", "reason"), [("refusal", "refused"), ("filtered", "refused"), ("length", "length")])
def test_how_it_ended(openai_server: OpenAIServer, drive: Drive, model: str, reason: str) -> None:
    seen, _ = drive(begin(openai_server, model))
    assert text_of(seen)
    assert seen[-1] == Finish(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize("stream", [True, False])
def test_a_schema_is_followed(openai_server: OpenAIServer, stream: bool) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    seen = list(events(begin(openai_server, "schema", stream=stream, schema=schema)))
    assert json.loads(text_of(seen)) == {"name": "text"}


@pytest.mark.parametrize("stream", [True, False])
def test_a_round_with_tools(openai_server: OpenAIServer, stream: bool) -> None:
    deltas = list(events(begin(openai_server, "tools", stream=stream, tools=(WEATHER,))))
    calls = [event for event in deltas if isinstance(event, ToolCallDelta)]
    arguments = "".join(call.arguments for call in calls)
    assert (calls[0].id, calls[0].name, json.loads(arguments)) == ("call_0", "weather", {"city": "text"})
    assert deltas[-1] == Finish("tool_calls")

    asked = Message("assistant", (ToolCall("call_0", "weather", json.loads(arguments)),))
    result = Message("tool", (ToolResult("call_0", (Text("rain"),)),))
    request = Request("tools", (user("hi"), asked, result), tools=(WEATHER,))
    model = OpenAIChat("tools", FACTS, Endpoint(openai_server.url, "tools"), lambda: None)
    assert text_of(list(events(model.exchange(request)))) == "The tools said: rain"


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("error-400", ProviderError),
        ("error-401", BadKey),
        ("missing", UnknownModel),
        ("error-408", TimedOut),
        ("error-429", RateLimited),
        ("quota", RateLimited),
        ("error-500", ProviderError),
        ("error-503", ProviderError),
        *((model, BrokenAnswer) for model in ("cut", "cut-early", "garbage", "html", "nothing")),
        ("error-in-stream", ProviderError),
    ],
)
def test_what_goes_wrong_has_its_class(openai_server: OpenAIServer, drive: Drive, model: str, kind: type) -> None:
    seen, error = drive(begin(openai_server, model))
    assert type(error) is kind
    assert text_of(seen) == {"cut": "Half an ans", "error-in-stream": "Half"}.get(model, "")
    assert "sk-secret" not in str(error)


@pytest.mark.parametrize("model", ["flaky-429", "flaky-500", "flaky-503"])
def test_what_passes_is_waited_for(openai_server: OpenAIServer, model: str, slept: list[float]) -> None:
    told: list[Retry] = []
    assert text_of(list(events(begin(openai_server, model), told.append))).startswith("Hello")
    assert [retry.attempt for retry in told] == [2, 3]
    assert slept == [0, 0]


def test_nothing_is_sent_again_once_an_answer_has_begun(openai_server: OpenAIServer, drive: Drive) -> None:
    openai_server.script(Bytes(b'data: {"choices": [{"delta": {"content": "Half"}}]}\n\n', cut=True), "again")
    seen, error = drive(begin(openai_server))
    assert text_of(seen) == "Half"
    assert isinstance(error, BrokenAnswer)
    assert len(openai_server.requests) == 1


def test_a_cut_after_the_end_of_the_answer_is_no_loss(openai_server: OpenAIServer, drive: Drive) -> None:
    whole = b'data: {"choices": [{"delta": {"content": "All."}, "finish_reason": "stop"}]}\n\n'
    openai_server.script(Bytes(whole, cut=True), Bytes(whole + b"data: [DONE]\n\n", cut=True))
    for _ in range(2):
        assert drive(begin(openai_server)) == ([TextDelta("All."), Finish("stop")], None)


def test_a_long_wait_is_not_waited_but_told(openai_server: OpenAIServer, drive: Drive, slept: list[float]) -> None:
    openai_server.script(Failure(429, "Slow down.", headers={"retry-after": "600"}))
    _, error = drive(begin(openai_server))
    assert isinstance(error, RateLimited)
    assert re.search(r"at \d\d:\d\d:\d\d, in 10 minutes", error.then)
    assert slept == []


def test_a_wrong_key_is_named_and_not_shown() -> None:
    with OpenAIServer(key="sk-right") as server:
        with pytest.raises(BadKey) as caught:
            list(events(begin(server, "hello")))
        assert "secret" not in str(caught.value)
        assert "Incorrect API key provided: ****" in caught.value.why


def test_the_key_is_asked_for_only_when_it_is_needed(openai_server: OpenAIServer) -> None:
    def missing() -> str:
        raise MissingKey("No key for openai.")

    model = OpenAIChat("hello", FACTS, Endpoint(openai_server.url, "hello"), missing)
    with pytest.raises(MissingKey):
        model.exchange(Request("hello", (user("hi"),)))
    assert openai_server.requests == []


@pytest.mark.parametrize(
    ("facts", "more", "word"),
    [
        (Facts("x", schema=False), {"schema": {"type": "object"}}, "schema"),
        (Facts("x", tools=False), {"tools": (WEATHER,)}, "tools"),
    ],
)
def test_what_a_model_is_known_not_to_do_is_refused(facts: Facts, more: dict[str, object], word: str) -> None:
    model = OpenAIChat("small", facts, Endpoint("http://127.0.0.1:1/v1", "small"), lambda: None)
    with pytest.raises(UnsupportedRequest, match=f"small cannot .*{word}"):
        model.exchange(Request("small", (user("hi"),), **more))  # type: ignore[arg-type]


def test_a_redirect_is_not_followed_with_the_key(openai_server: OpenAIServer, drive: Drive) -> None:
    openai_server.script(Failure(307, headers={"location": "https://elsewhere.example/"}))
    _, error = drive(begin(openai_server))
    assert isinstance(error, BrokenAnswer)
    assert "https://elsewhere.example/" in error.why


def test_a_huge_error_body_is_not_read_to_its_end(openai_server: OpenAIServer, drive: Drive) -> None:
    openai_server.script(Failure(400, "x" * 5_000_000))
    _, error = drive(begin(openai_server))
    assert isinstance(error, ProviderError)
    assert len(error.why) <= 500


def test_closing_the_generator_closes_the_connection(openai_server: OpenAIServer) -> None:
    arriving = events(begin(openai_server, "endless"))
    next(arriving)
    arriving.close()  # type: ignore[attr-defined]
    assert openai_server.disconnected.wait(5)


def test_an_error_of_the_reader_closes_the_connection(openai_server: OpenAIServer) -> None:
    def reading() -> None:
        for _ in events(begin(openai_server, "endless")):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        reading()
    assert openai_server.disconnected.wait(5)


def test_leaving_an_async_loop_closes_the_connection(openai_server: OpenAIServer) -> None:
    async def first() -> Event:
        arriving = aevents(begin(openai_server, "endless"))
        event = await anext(arriving)
        await arriving.aclose()  # type: ignore[attr-defined]
        return event

    assert isinstance(asyncio.run(first()), Resolved)
    assert openai_server.disconnected.wait(5)


def test_a_local_exchange_gives_its_own_events(drive: Drive) -> None:
    local = [TextDelta("Hi."), Finish("stop")]
    assert drive(LocalExchange(local)) == (local, None)


def test_an_error_of_a_local_exchange_comes_after_its_events(drive: Drive) -> None:
    def failing() -> Iterator[Event]:
        yield TextDelta("Half")
        raise BrokenAnswer("No more.")

    seen, error = drive(LocalExchange(failing()))
    assert (seen, str(error)) == ([TextDelta("Half")], "No more.")


def test_a_local_answer_leaves_the_loop_free() -> None:
    async def both() -> list[str]:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        order: list[str] = []

        def thinking() -> Iterator[Event]:
            asyncio.run_coroutine_threadsafe(elsewhere(), loop).result(5)
            yield TextDelta("thought")

        async def elsewhere() -> None:
            order.append("the loop ran")
            done.set()

        async for event in aevents(LocalExchange(thinking())):
            order.append(text_of([event]))
        return order

    assert asyncio.run(both()) == ["the loop ran", "thought"]


def test_many_at_once_in_one_loop(openai_server: OpenAIServer) -> None:
    async def answer() -> str:
        return text_of([event async for event in aevents(begin(openai_server, "hello"))])

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(answer() for _ in range(20)))

    assert set(asyncio.run(all_of_them())) == {"Hello, wörld! 👋🏽"}


def test_bytes_of_no_protocol_are_reported_with_the_host() -> None:
    exchange = HTTPExchange(HTTPRequest("POST", "http://127.0.0.1:1/"), Decoder(Endpoint("http://127.0.0.1:1/", "m")))
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:1"):
        list(events(exchange))
