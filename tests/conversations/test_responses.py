"""An answer as it arrives: iterated, awaited, interrupted, logged; the same from sync and async code."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

import curta
from curta.conversations import Conversation
from curta.errors import BrokenAnswer, ProviderError, UnsupportedRequest
from curta.models import registry
from tests.servers.openai import Answer


@pytest.fixture
def server(openai_server: Any) -> Any:
    for name in ("hello", "echo", "cut", "stall", "tools", "reasoning", "schema", "error-500", "endless"):
        registry.add(name, url=openai_server.url, model=name)
    return openai_server


def last() -> Any:
    return curta.open_log().call()


def test_the_text_arrives_in_pieces(server: Any) -> None:
    response = curta.prompt("hi", model="hello")
    pieces = list(response)
    assert len(pieces) > 1
    assert "".join(pieces) == response.text() == "Hello, wörld! 👋🏽"
    assert response.status == last().status == "ok"


def test_nothing_is_sent_before_somebody_wants_the_answer(server: Any) -> None:
    response = curta.prompt("hi", model="hello")
    assert server.requests == []
    response.text()
    assert len(server.requests) == 1


def test_reading_twice_asks_once(server: Any) -> None:
    response = curta.prompt("hi", model="hello")
    assert list(response.events()) == list(response.events())
    assert len(server.requests) == 1


def test_the_row_is_there_before_the_first_byte_leaves(server: Any) -> None:
    server.script(Answer("seen"))
    response = curta.prompt("hi", model="hello")
    begin = response.events()
    next(begin)
    assert last().status == "running"
    list(begin)
    assert last().status == "ok"


def test_whoever_reads_in_the_middle_of_reading_misses_nothing(server: Any) -> None:
    response = curta.prompt("hi", model="hello")
    assert list(response) == list(response)
    again = curta.prompt("hi", model="hello")
    pieces = iter(again)
    begun = next(pieces)
    assert again.text() == "Hello, wörld! 👋🏽"
    assert begun + "".join(pieces) == again.text()
    assert len(server.requests) == 2


def test_async_code_gets_the_same(server: Any) -> None:
    async def ask() -> list[str]:
        return [piece async for piece in curta.prompt("hi", model="hello")]

    assert asyncio.run(ask()) == list(curta.prompt("hi", model="hello"))
    first, second = curta.open_log().calls()
    assert (first.response, first.status) == (second.response, second.status)


def test_what_async_code_read_is_not_asked_for_again(server: Any) -> None:
    async def ask() -> str:
        return (await curta.prompt("hi", model="hello")).text()

    assert asyncio.run(ask()) == "Hello, wörld! 👋🏽"
    assert len(server.requests) == 1


def test_awaiting_waits_for_all_of_it(server: Any) -> None:
    async def ask() -> list[str]:
        answers = await asyncio.gather(*(curta.prompt(f"hi {n}", model="echo") for n in range(5)))
        return [answer.text() for answer in answers]

    assert all(f"hi {n}" in text for n, text in enumerate(asyncio.run(ask())))


def test_a_cancelled_answer_is_interrupted_and_kept(server: Any) -> None:
    async def ask() -> None:
        response = curta.prompt("hi", model="stall")
        task = asyncio.ensure_future(_drain(response))
        while not response.partial():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def _drain(response: Any) -> None:
        await response

    asyncio.run(ask())
    assert (last().status, last().response) == ("interrupted", "Half")


def test_a_closed_iterator_is_an_interrupted_answer(server: Any) -> None:
    answer = iter(curta.prompt("hi", model="endless"))
    next(answer)
    answer.close()  # type: ignore[attr-defined]
    assert last().status == "interrupted"
    assert last().response.startswith("again")


def test_what_had_arrived_survives_a_cut(server: Any) -> None:
    response = curta.prompt("hi", model="cut")
    with pytest.raises(BrokenAnswer):
        response.text()
    assert response.partial() == "Half an ans"
    assert response.status == "failed"
    with pytest.raises(BrokenAnswer):
        response.text()
    assert (last().status, last().response) == ("failed", "Half an ans")


def test_an_error_of_the_provider_is_logged(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curta.http.sleep", lambda seconds: None)
    retries: list[Any] = []
    with pytest.raises(ProviderError):
        curta.prompt("hi", model="error-500", on_retry=retries.append).text()
    assert len(retries) == 4
    assert last().status == "failed"
    assert "500" in last().error


def test_what_a_model_cannot_do_is_refused_and_logged() -> None:
    with pytest.raises(UnsupportedRequest):
        curta.prompt("hi", model="extractive").text()
    assert last().status == "failed"


def test_json_and_tool_calls(server: Any) -> None:
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}}
    assert curta.prompt("a dog", model="schema", schema=schema).json() == {"age": 1}
    with pytest.raises(BrokenAnswer, match="not JSON"):
        curta.prompt("hi", model="hello").json()
    tool = curta.messages.Tool("weather", "Says it.", {"type": "object", "properties": {"city": {"type": "string"}}})
    response = Conversation(registry.get("tools")).prompt("Rome?", tools=(tool,))
    response.text()
    assert [(call.name, call.arguments) for call in response.tool_calls] == [("weather", {"city": "text"})]
    assert response.finish == "tool_calls"


def test_a_conversation_remembers(server: Any) -> None:
    talk = curta.conversation("echo")
    talk.prompt("one", instructions="be kind").text()
    text = talk.prompt("two", instructions="be kind").text()
    roles = [message["role"] for message in server.requests[-1].body["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert text.endswith("user: two\nfields: model, stream, stream_options")
    talk.prompt("three", instructions="be brief").text()
    assert server.requests[-1].body["messages"][-2] == {"role": "system", "content": "be brief"}


def test_a_failed_turn_is_not_remembered(server: Any) -> None:
    talk = curta.conversation("cut")
    with pytest.raises(BrokenAnswer):
        talk.prompt("one").text()
    assert talk.messages == ()


def test_a_conversation_is_resumed_from_the_log_with_its_model(server: Any) -> None:
    talk = curta.conversation("echo")
    talk.prompt("one").text()
    again = curta.conversation(resume=True)
    assert again.messages == talk.messages
    assert again.model.name == "echo"
    assert "user: one" in again.prompt("two").text()
    assert last().conversation_id == talk.id


def test_without_a_log_nothing_is_written(server: Any, home: Path) -> None:
    assert curta.prompt("hi", model="hello", log=False).text()
    assert not (home / "log.db").exists()


def test_cost_follows_the_dated_prices(server: Any) -> None:
    from curta.events import UsageReport
    from curta.models.model import Facts, Price

    response = curta.prompt("hi", model="hello", log=False)
    response.text()
    facts = Facts("somewhere", price=Price(input=2.0, output=8.0, cached=0.5, date="2026-01-01"))
    response.model = type("Priced", (), {"facts": facts, "name": "priced"})()
    response._arrived.usage = UsageReport(input=1_000_000, output=500_000, cached=400_000)
    assert response.cost == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 4)


def test_ctrl_c_keeps_what_had_arrived(server: Any, home: Path) -> None:
    program = textwrap.dedent("""
        import curta, sys
        for piece in curta.prompt("hi", model="stall"):
            print(piece, flush=True)
    """)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"Half\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert (last().status, last().response) == ("interrupted", "Half")


def test_kill_9_loses_nothing_that_is_older_than_a_second(server: Any, home: Path) -> None:
    program = (
        "import curta; print(next(iter(curta.prompt('hi', model='stall'))), flush=True); import time; time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"Half\n"
    time.sleep(1.5)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert (last().status, last().response) == ("interrupted", "Half")
