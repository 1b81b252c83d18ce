"""Finding calls: filters, words, pages, and what each query reads."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.errors import UsageError
from curta.messages import Message, Text, system
from curta.store import Entry, Filter, Log, Outcome, reading

Say = Callable[..., Entry]


def prompts(log: Log, **filter: object) -> list[str]:
    return [call.prompt for call in log.calls(Filter(**filter))]  # type: ignore[arg-type]


def test_calls_come_newest_first_and_as_many_as_asked_for(log: Log, say: Say) -> None:
    for number in range(5):
        say(str(number))
    assert prompts(log) == ["4", "3", "2", "1", "0"]
    assert prompts(log, limit=2) == ["4", "3"]
    assert prompts(log, limit=2, oldest_first=True) == ["0", "1"]
    assert prompts(log, limit=0) == []
    assert log.count(Filter(limit=1)) == 5


def test_pages_join_without_a_seam(log: Log, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PAGE", 3)
    for number in range(10):
        say(f"word {number}", model="a" if number % 2 else "b")
    every = [f"word {number}" for number in range(9, -1, -1)]
    moment = log.call().started + timedelta(days=1)
    assert prompts(log) == prompts(log, query="word") == prompts(log, before=moment) == every
    assert prompts(log, oldest_first=True) == prompts(log, oldest_first=True, query="word") == every[::-1]
    assert prompts(log, model="a", limit=4) == ["word 9", "word 7", "word 5", "word 3"]


def test_filters_combine(log: Log, say: Say) -> None:
    say("apple pie", model="small", answer="sweet")
    say("apple tart", model="large", answer="sour")
    say("pear tart", model="small", outcome=Outcome("failed", error="no oven", resolved_model="small-1"))
    assert prompts(log, query="apple", model="small") == ["apple pie"]
    assert prompts(log, status="failed") == prompts(log, model="small-1") == ["pear tart"]
    assert prompts(log, status="ok", query="tart") == ["apple tart"]
    assert prompts(log, caller="nobody") == []
    assert log.count(Filter(query="tart")) == 2


def test_calls_of_a_time(log: Log, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    base = time.time_ns()
    for day in range(4):
        monkeypatch.setattr(time, "time_ns", lambda day=day: base + day * 86_400_000_000_000)
        say(f"day {day}")
    first = log.call(next(iter(log.calls(Filter(oldest_first=True)))).id).started
    assert prompts(log, since=first + timedelta(days=1), before=first + timedelta(days=3)) == ["day 2", "day 1"]
    assert prompts(log, before=first) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("brown", ["the quick brown fox", "a brown bear"]),
        ("BROWN fox", ["the quick brown fox"]),
        ("quick*", ["the quick brown fox", "quickly now"]),
        ('"brown fox"', ["the quick brown fox"]),
        ('"fox brown"', []),
        ("brown -fox", ["a brown bear"]),
        ('brown -"brown fox"', ["a brown bear"]),
        ("café", ["le Café noir"]),
        ("cafe", ["le Café noir"]),
        (
            "answered",
            ["the quick brown fox", "a brown bear", "quickly now", "le Café noir", "東京の天気", "don't-panic"],
        ),
        ("天気", ["東京の天気"]),
        ("天気 answered", ["東京の天気"]),
        ("brown -天気", ["the quick brown fox", "a brown bear"]),
        ("天気 -answered", []),
        ("don't-panic", ["don't-panic"]),
        ("text:brown", []),
        ("nowhere", []),
    ],
)
def test_words_are_found(log: Log, say: Say, query: str, found: list[str]) -> None:
    for prompt in ("don't-panic", "東京の天気", "le Café noir", "quickly now", "a brown bear", "the quick brown fox"):
        say(prompt, answer="it answered")
    assert prompts(log, query=query) == found


@pytest.mark.parametrize("query", ["", "-x", "  ", '""', "-", "*", "!!!", "-天気"])
def test_search_for_nothing_is_refused(log: Log, say: Say, query: str) -> None:
    with pytest.raises(UsageError, match="at least one word"):
        prompts(log, query=query)


@settings(max_examples=150)
@given(st.text(st.sampled_from("ab \"'*-+():^{}天\0\\.,<>NEAR NOT OR AND\u0301é\ud800")))
def test_no_query_is_an_error_of_the_database(log: Log, say: Say, query: str) -> None:
    try:
        list(log.calls(Filter(query=query, limit=2)))
    except UsageError:
        assert not re.search(r"(?<!-)\b[ab]", query) or "-" in query


def test_interrupted_and_failed_answers_are_found_too(log: Log, say: Say) -> None:
    partial = Message("assistant", (Text("half an"),))
    say("one", outcome=Outcome("interrupted", partial))
    assert prompts(log, query="half") == ["one"]


def test_system_prompt_is_shown_whenever_it_was_said(log: Log, say: Say) -> None:
    first = say("one", before=(system("Be brief."),))
    messages, tip, _ = log.history(first.id)
    second = say("two", before=(*messages, system("Be kind.")), base=tip, conversation=first.id)
    messages, tip, _ = log.history(first.id)
    third = say("three", before=messages, base=tip, conversation=first.id)
    assert log.call(first.id).system == "Be brief."
    assert log.call(second.id).system == log.call(third.id).system == "Be brief.\n\nBe kind."
    assert log.call(third.id).request().system == log.call(third.id).system


@pytest.mark.parametrize(
    ("filter", "by"),
    [
        (Filter(limit=3), "SCAN call"),
        (Filter(limit=3, query="word"), "SCAN call_search VIRTUAL TABLE"),
        (Filter(limit=3, status="failed"), "INDEX call_not_ok (status=?)"),
        (Filter(limit=3, ids=("01m80hp7s930cgknhpknhn2af8",)), "INDEX call_ulid (ulid=?)"),
    ],
)
def test_listing_reads_no_more_than_it_shows(log: Log, say: Say, filter: Filter, by: str) -> None:
    say("word")
    statements: list[str] = []
    with log._database.reading() as connection:
        connection.set_trace_callback(statements.append)
        list(log.calls(filter))
        connection.set_trace_callback(None)
        listing = next(statement for statement in statements if "AS chosen" in statement)
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {listing}")]
    assert any(by in step for step in plan), plan
    assert plan[0].startswith(("CO-ROUTINE", "MATERIALIZE"))
    chosen = plan[1 : plan.index("SCAN chosen")] if "SCAN chosen" in plan else plan[1:3]
    assert not any("TEMP B-TREE" in step for step in chosen) or filter.status or filter.ids, plan


def test_documents_are_read_only_when_asked_for(log: Log, say: Say) -> None:
    from curta.messages import Document

    say(Document("text " * 1000, "a.txt"), "about it")
    statements: list[str] = []
    with log._database.reading() as connection:
        connection.set_trace_callback(statements.append)
    call = next(iter(log.calls()))
    call.to_dict()
    assert not any("FROM blob" in statement for statement in statements)
    assert call.documents[0].text == "text " * 1000
    assert any("FROM blob" in statement for statement in statements)
