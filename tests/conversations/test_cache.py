"""The log answers an identical request: the same answer, nothing sent, and it says so."""

import asyncio
from typing import Any

import pytest

import curta
from curta.events import Finish, UsageReport
from curta.models import price_table, registry
from curta.models.prices import Price
from tests.servers.openai import ANSWERS, Answer


@pytest.fixture
def server(openai_server: Any) -> Any:
    for name in ("hello", "reasoning", "tools", "schema", "length", "cut", "refusal", "echo"):
        registry.add(name, url=openai_server.url, model=name)
    return openai_server


def twice(server: Any, model: str, *words: str, **how: Any) -> Any:
    """The second answer to the same request; asserts that only the first was sent."""
    for _ in range(2):
        response = curta.prompt(*(words or ("hi",)), model=model, cache=True, **how)
        response.text()
    assert len(server.requests) == 1
    return response


def test_the_same_answer_comes_without_a_request(server: Any) -> None:
    price_table.set_own("hello", Price(1, 1, "2020-01-01"))
    again = twice(server, "hello")
    assert again.text() == ANSWERS["hello"].text
    new, old = curta.open_log().calls()
    assert (again.cached_from.id, new.cached_from, old.cached_from) == (old.id, old.id, None)
    assert (new.status, new.cost, new.input_tokens) == ("ok", 0.0, None)
    assert old.cost
    assert again.to_dict()["cached_from"] == old.id == new.to_dict()["cached_from"]


@pytest.mark.parametrize("model", ["hello", "reasoning"])
def test_the_events_come_to_the_same_message(server: Any, model: str) -> None:
    first = curta.prompt("hi", model=model)
    first.text()
    again = curta.prompt("hi", model=model, cache=True)
    events = list(again.events())
    assert again.message == first.message
    assert again.resolved_model == first.resolved_model
    assert [event for event in events if isinstance(event, Finish | UsageReport)] == [Finish("stop")]


def test_tool_calls_and_opaque_reasoning_come_back(server: Any) -> None:
    server.script(Answer("Looking.", reasoning="Hm.", calls=(("look", '{"b": 1, "a": [2]}'),), finish="tool_calls"))
    first = curta.prompt("hi", model="hello")
    first.text()
    again = curta.prompt("hi", model="hello", cache=True)
    assert again.text() == "Looking."
    assert (again.tool_calls, again.message) == (first.tool_calls, first.message)
    assert again.finish == "tool_calls"


def test_a_whole_chain_is_answered_from_the_log(server: Any) -> None:
    made = []

    def look(text: str) -> str:
        made.append(text)
        return "found"

    answers = [curta.prompt("go", model="tools", tools=[look], cache=True).text() for _ in range(2)]
    assert answers[0] == answers[1]
    assert (len(server.requests), len(made)) == (2, 2)


def test_another_server_of_the_same_name_answers_for_itself(server: Any) -> None:
    first = curta.prompt("hi", model="hello", cache=True)
    first.text()
    registry.add("hello", url=f"{server.url}/", model="hello")
    assert curta.prompt("hi", model="hello", cache=True).text() == first.text()
    assert len(server.requests) == 1  # the same place, spelt otherwise
    registry.add("hello", url=server.url.replace("127.0.0.1", "localhost"), model="hello")
    again = curta.prompt("hi", model="hello", cache=True)
    assert (again.text(), again.cached_from, len(server.requests)) == (first.text(), None, 2)


def test_async_code_gets_it_too(server: Any) -> None:
    first = curta.prompt("hi", model="hello").text()

    async def again() -> str:
        response = curta.prompt("hi", model="hello", cache=True)
        return "".join([piece async for piece in response])

    assert asyncio.run(again()) == first
    assert len(server.requests) == 1


@pytest.mark.parametrize("model", ["length", "cut", "refusal"])
def test_what_is_not_a_whole_answer_answers_nothing(server: Any, model: str) -> None:
    for _ in range(2):
        response = curta.prompt("hi", model=model, cache=True)
        for _ in range(2):
            try:
                response.text()
            except curta.CurtaError:
                continue
        assert response.cached_from is None
    assert len(server.requests) >= 2


@pytest.mark.parametrize(
    "other",
    [
        {"options": {"seed": 1}},
        {"system": "Be brief."},
        {"documents": [curta.Document("a text", "a.txt")]},
        {"schema": {"type": "object", "properties": {}}},
        {"attachments": [curta.Attachment("image/png", b"\x89PNG")]},
    ],
)
def test_another_request_is_another_answer(server: Any, other: Any) -> None:
    curta.prompt("hi", model="echo").text()
    curta.prompt("hi", model="echo", cache=True, **other).text()
    assert len(server.requests) == 2


def test_a_conversation_goes_on_from_a_repeated_answer(server: Any) -> None:
    for _ in range(2):
        talk = curta.conversation("echo")
        for words in ("one", "two"):
            curta.prompt(words, conversation=talk, cache=True).text()
    assert len(server.requests) == 2
    assert curta.conversation(resume=True).messages == talk.messages


def test_an_unlogged_call_is_answered_too_and_leaves_no_trace(server: Any) -> None:
    curta.prompt("hi", model="hello").text()
    again = curta.prompt("hi", model="hello", cache=True, log=False)
    assert again.text() == ANSWERS["hello"].text
    assert again.cached_from is not None
    assert curta.open_log().count() == 1


def test_a_log_that_cannot_be_read_costs_no_answer(server: Any, home: Any) -> None:
    home.mkdir(exist_ok=True)
    (home / "log.db").write_text("this is no database, though it is long enough to be taken for one")
    response = curta.prompt("hi", model="hello", cache=True, log=False)
    assert response.text()
    assert "No answer was looked for" in response.warnings[0]


def test_the_original_is_named_however_often_it_is_repeated(server: Any) -> None:
    first = curta.prompt("hi", model="hello")
    first.text()
    for _ in range(3):
        again = curta.prompt("hi", model="hello", cache=True)
        again.text()
        assert again.cached_from.id == first.id


def test_without_asking_for_it_nothing_is_repeated(server: Any) -> None:
    for _ in range(2):
        curta.prompt("hi", model="hello").text()
    assert len(server.requests) == 2


def test_what_was_removed_is_asked_again(server: Any) -> None:
    first = curta.prompt("hi", model="hello")
    first.text()
    twice_first = curta.prompt("hi", model="hello", cache=True)
    twice_first.text()
    curta.open_log().remove([first.id])
    assert curta.open_log().call().cached_from == first.id
    curta.prompt("hi", model="hello", cache=True).text()
    assert len(server.requests) == 2
