"""Requests are taken as there is room, made at once, and come out in their order."""

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from curta.batch import Batch, Work
from curta.batch.batch import WINDOW
from curta.conversations import Response
from curta.errors import SourceError, UsageError
from curta.events import Finish, TextDelta
from curta.messages import Request, user
from curta.models.model import Facts, LocalExchange
from curta.models.prices import Price
from curta.store import Log
from tests.servers.crowd import Crowd, wait_for
from tests.servers.openai import Failure

Works = Callable[..., list[Work]]


def texts(batch: Batch) -> list[str]:
    return [done.text for done in batch]


def first_waits_for(event: threading.Event, set_by: str = "") -> Callable[[str], str]:
    """Answers "0" only after the event, which the question `set_by` sets."""

    def answer(words: str) -> str:
        if words == "0":
            wait_for(event)
        elif words == set_by:
            event.set()
        return words

    return answer


def test_answers_come_out_in_the_order_of_the_questions(crowd: Crowd, works: Works) -> None:
    crowd.answer = first_waits_for(threading.Event(), set_by="7")
    assert texts(Batch(works(8))) == list("01234567")


def test_or_as_they_end(crowd: Crowd, works: Works) -> None:
    others, found = threading.Event(), []
    crowd.answer = first_waits_for(others)
    for done in Batch(works(8), ordered=False):
        found.append(done.text)
        if len(found) == 7:
            others.set()
    assert found[-1] == "0"
    assert sorted(found) == list("01234567")


def test_as_many_are_made_at_once_as_asked_for_and_no_more(crowd: Crowd, works: Works) -> None:
    three = threading.Barrier(3, timeout=20)

    def answer(words: str) -> str:
        three.wait()
        return words

    crowd.answer = answer
    assert len(texts(Batch(works(9), concurrency=3))) == 9
    assert crowd.most == 3


def test_questions_are_taken_only_as_there_is_room_for_them(works: Works) -> None:
    taken = 0

    def source() -> Iterator[Work]:
        nonlocal taken
        for work in works(60):
            taken += 1
            yield work

    for released, _ in enumerate(Batch(source(), concurrency=2), 1):
        assert taken <= released + WINDOW * 2


class Local:
    """A model of this process."""

    name = "local"
    facts = Facts("this computer", price=Price(0, 0, "2026-01-01"))
    options = ()

    def exchange(self, request: Request, *, stream: bool = True) -> LocalExchange:
        return LocalExchange(iter([TextDelta(request.messages[-1].text), Finish("stop")]))


def test_memory_is_that_of_a_window_however_many_there_are() -> None:
    source = (Work(Local(), Request("local", (user(str(number)),))) for number in range(200))
    most = 0
    for number, _ in enumerate(Batch(source, concurrency=2)):
        if number % 50 == 49:
            most = max(most, sum(type(each) is Response for each in gc.get_objects()))
    assert number == 199
    assert most <= 2 * WINDOW * 2


def test_async_code_iterates_it_too(works: Works) -> None:
    async def ask() -> list[str]:
        return [done.text async for done in Batch(works(3))]

    assert asyncio.run(ask()) == ["Answer to 0", "Answer to 1", "Answer to 2"]


def test_sync_iteration_within_async_code_is_refused_by_name(works: Works) -> None:
    async def ask() -> None:
        list(Batch(works(1)))

    with pytest.raises(UsageError, match="async for"):
        asyncio.run(ask())


def test_what_cannot_be_asked_fails_in_its_place(model: Any, works: Works) -> None:
    first, last = works(2)
    bad = Work(model, SourceError("Line 7 is not JSON.", why="It ends early."))
    found = list(Batch([first, bad, last]))
    assert [done.error for done in found] == ["", "Line 7 is not JSON. It ends early.", ""]


def test_a_question_that_fails_stops_no_other(crowd: Crowd, works: Works) -> None:
    crowd.answer = lambda words: Failure(400, "Nonsense.") if words == "1" else words
    found = list(Batch(works(4)))
    assert [done.ok for done in found] == [True, False, True, True]
    assert "Nonsense." in found[1].error


def test_an_answer_that_is_cut_off_or_declined_has_failed(openai_server: Any) -> None:
    from curta.models import registry

    for name in ("length", "refusal", "hello"):
        registry.add(name, url=openai_server.url, model=name)
    asked = [Work(registry.get(name), Request(name, (user("hi"),))) for name in ("hello", "length", "refusal")]
    hello, length, refusal = Batch(asked)
    assert (hello.ok, length.text) == (True, "A very long")
    assert "cut off" in length.error
    assert "declined" in refusal.error


def test_an_answer_that_does_not_follow_its_schema_has_failed(crowd: Crowd, works: Works) -> None:
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    crowd.answer = lambda words: '{"age": 7}' if words == "0" else '{"age": "old"}'
    first, second = Batch(works(2, schema=schema))
    assert first.value == {"age": 7}
    assert "age" in second.error


def test_several_models_are_asked_in_one_batch(crowd: Crowd, works: Works) -> None:
    mixed = [Work(Local(), Request("local", (user("here"),))), *works("there")]
    assert texts(Batch(mixed)) == ["here", "Answer to there"]


def test_every_request_is_a_logged_call(log: Log, works: Works) -> None:
    found = list(Batch(works(3), log=log, caller="survey"))
    assert [log.call(done.call).prompt for done in found] == ["0", "1", "2"]
    assert {call.caller for call in log.calls()} == {"survey"}


def test_leaving_early_interrupts_what_is_under_way(crowd: Crowd, log: Log, works: Works) -> None:
    never = threading.Event()

    def answer(words: str) -> str:
        if words != "0":
            wait_for(never)
        return words

    crowd.answer = answer
    batch = iter(Batch(works(3), log=log))
    assert next(batch).text == "0"
    batch.close()  # type: ignore[attr-defined]
    never.set()
    assert {call.status for call in log.calls()} == {"ok", "interrupted"}
