"""What goes into the log comes out of it: calls, requests, conversations, documents."""

import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.errors import UnknownCall
from curta.events import UsageReport
from curta.messages import (
    Attachment,
    Document,
    Message,
    Reasoning,
    Request,
    Span,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    assistant,
    chain,
    system,
    user,
)
from curta.store import Entry, Filter, Log, Outcome, Tip, open_log

Say = Callable[..., Entry]

THREAD = Document(
    "ann: it works\nbob: it does not",
    "hn:1",
    "A thread",
    (Span(0, 13, "ann", "2"), Span(14, 30, "bob", "3", parent="2", depth=1)),
)

EVERYTHING = Request(
    "big-model",
    (
        system("Be brief."),
        user("Look at", THREAD, "and at", Attachment("image/png", b"\x89PNG\0\xff" * 200, "a.png"), "together"),
        Message("assistant", (Reasoning("Let me see.", {"signature": "abc"}), ToolCall("c1", "lookup", {"q": "ü"}))),
        Message("tool", (ToolResult("c1", (Text("found"), Document("a page", "https://example.org")), failed=False),)),
        user("And", Attachment("image/png", url="https://example.org/a.png"), "?"),
    ),
    {"temperature": 0.5, "stop": ["\n"]},
    {"type": "object", "properties": {"answer": {"type": "string"}}},
    (Tool("lookup", "Looks things up", {"type": "object"}),),
    "auto",
)


def test_making_a_log_touches_nothing(home: Path) -> None:
    open_log()
    assert not home.exists()


def test_a_log_that_does_not_exist_reads_as_empty(log: Log, home: Path) -> None:
    assert list(log.calls()) == []
    assert log.status().calls == {}
    assert log.find("0" * 64) is None
    with pytest.raises(UnknownCall, match="empty"):
        log.call()
    assert not home.exists()


def test_what_was_read_as_empty_is_written_to_the_disk(log: Log, say: Say) -> None:
    assert list(log.calls()) == []
    say("hello")
    assert [call.prompt for call in open_log().calls()] == ["hello"]


def test_log_is_readable_by_its_owner_alone(log: Log, say: Say, home: Path) -> None:
    say("hello")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert {"log.db", "log.lock"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_call_shows_what_was_asked_and_answered(log: Log) -> None:
    request = Request("asked", (system("Be brief."), user("Why?")), {"temperature": 1})
    entry = log.begin(request, caller="map", template="explain")
    usage = UsageReport(12, 3, cached=4, reasoning=1)
    answer = Message("assistant", (Reasoning("Hm."), Text("Because.")))
    entry.finish(Outcome("ok", answer, "resolved-1", usage, 0.002, "stop", None, 120, 950))
    call = log.call(entry.id)
    assert call.to_dict() == {
        "id": entry.id,
        "conversation_id": entry.id,
        "model": "asked",
        "resolved_model": "resolved-1",
        "status": "ok",
        "error": None,
        "system": "Be brief.",
        "prompt": "Why?",
        "response": "Because.",
        "reasoning": "Hm.",
        "documents": [],
        "attachments": [],
        "quotes": None,
        "options": {"temperature": 1},
        "schema": None,
        "template": "explain",
        "caller": "map",
        "datetime_utc": call.datetime_utc,
        "duration_ms": 950,
        "first_token_ms": 120,
        "input_tokens": 12,
        "output_tokens": 3,
        "cached_tokens": 4,
        "reasoning_tokens": 1,
        "written_tokens": None,
        "unit": "tokens",
        "cost": 0.002,
        "finish": "stop",
        "cached_from": None,
        "tool_calls": [],
        "tool_results": [],
    }
    json.dumps(call.to_dict(), allow_nan=False)
    assert abs((datetime.now(UTC) - call.started).total_seconds()) < 60


def test_request_is_rebuilt_exactly(log: Log) -> None:
    entry = log.begin(EVERYTHING)
    answer = Message("assistant", (Text("one"), Text("two"), ToolCall("c2", "lookup", {})))
    tip = entry.finish(Outcome("ok", answer))
    call = open_log().call(entry.id)
    assert call.request() == EVERYTHING
    assert call.request().sha256() == EVERYTHING.sha256()
    assert call.messages() == (*EVERYTHING.messages, answer)
    assert tip == Tip(chain((*EVERYTHING.messages, answer)), 6)
    assert log.find(EVERYTHING.sha256()).id == entry.id  # type: ignore[union-attr]
    assert [document.uri for document in call.documents] == ["hn:1", "https://example.org"]
    assert call.documents[0] == THREAD
    assert [part.media_type for part in call.attachments] == ["image/png"] * 2
    assert call.system == "Be brief."


PARTS = st.recursive(
    st.builds(Text, st.text())
    | st.builds(Document, st.text(), st.text(), st.text())
    | st.builds(Attachment, st.text(), st.binary(), st.text(), st.just(""))
    | st.builds(Reasoning, st.text(st.characters(exclude_categories=["Cs"])), st.none()),
    lambda inner: st.builds(ToolResult, st.just("x"), st.lists(inner, max_size=3).map(tuple), st.booleans()),
    max_leaves=4,
)
MESSAGES = st.builds(
    Message, st.sampled_from(["system", "user", "assistant", "tool"]), st.lists(PARTS, max_size=4).map(tuple)
)


@settings(max_examples=60)
@given(st.lists(MESSAGES, max_size=4), MESSAGES)
def test_any_request_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, sent: list[Message], answer: Message
) -> None:
    log = open_log(tmp_path_factory.mktemp("log") / "log.db")
    request = Request("m", tuple(sent))
    entry = log.begin(request)
    entry.finish(Outcome("ok", answer))
    call = log.call(entry.id)
    assert entry.warnings == []
    assert call.messages() == (*sent, answer)
    assert call.request().sha256() == request.sha256()
    assert log.find(request.sha256()) is not None
    call.to_dict()
    log.close()


@pytest.mark.parametrize("text", ["", "a\0b\0", "\ud800 lone", "é" * 5000, "𝄞\u202e\x1b[31m", "' OR 1=1 --", "\r\n"])
def test_odd_text_comes_back(log: Log, say: Say, text: str) -> None:
    entry = say(text, answer=text)
    call = log.call(entry.id)
    assert entry.warnings == []
    assert call.prompt == call.response == user(text).text


def test_a_prompt_of_ten_megabytes_comes_back(log: Log, say: Say) -> None:
    huge = "word " * 2_000_000
    entry = say(huge, Document(huge + "!", "big.txt"))
    call = log.call(entry.id)
    assert call.prompt == huge
    assert call.document_records[0].characters == len(huge) + 1
    assert call.documents[0].text == huge + "!"


def test_conversation_is_continued_from_the_log(log: Log, say: Say) -> None:
    first = say("one", answer="1")
    messages, tip, last = log.history(first.conversation)
    assert messages == (user("one"), assistant("1"))
    assert tip == Tip(chain(messages), 2)
    assert last.id == first.id
    second = say("two", answer="2", before=messages, base=tip, conversation=first.conversation)
    assert second.conversation == first.conversation == first.id
    assert len(log.history(second.id)[0]) == 4
    assert [call.prompt for call in log.calls(Filter(conversation=first.id))] == ["two", "one"]


def test_failed_turn_is_left_out_when_continuing(log: Log, say: Say) -> None:
    first = say("one", answer="1")
    messages, tip, _ = log.history(first.id)
    failed = Outcome("failed", error="no network")
    say("two", before=messages, base=tip, conversation=first.id, outcome=failed)
    messages, tip, last = log.history(first.id)
    assert [message.text for message in messages] == ["one", "1"]
    assert (last.prompt, last.status, last.error) == ("two", "failed", "no network")


def test_a_new_turn_writes_only_what_is_new(log: Log, say: Say, home: Path) -> None:
    document = Document("a long text " * 100, "a.txt")
    entry = say(document, "turn 0")
    messages, tip, _ = log.history(entry.id)
    for number in range(1, 30):
        entry = say(f"turn {number}", before=messages, base=tip, conversation=entry.conversation)
        messages, tip, _ = log.history(entry.conversation)
    with log._database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM message").fetchone() == (60,)
        assert connection.execute("SELECT count(*) FROM document").fetchone() == (1,)
    assert [document.uri for document in log.call().documents] == ["a.txt"]


def test_cost_of_a_turn_does_not_grow_with_the_conversation(log: Log, say: Say) -> None:
    statements: list[str] = []
    counts = []
    entry = say("turn 0")
    messages, tip, _ = log.history(entry.id)
    with log._database.reading() as connection:
        connection.set_trace_callback(statements.append)
    for number in range(1, 100):
        statements.clear()
        request = Request("test-model", (*messages, user(f"turn {number}")))
        entry = log.begin(request, conversation=entry.conversation, base=tip)
        tip = entry.finish(Outcome("ok", assistant(f"answer {number}")))
        counts.append(sum(not statement.startswith("--") for statement in statements))
        messages = (*request.messages, assistant(f"answer {number}"))
        assert tip.length == len(messages)
    assert len(set(counts[1:])) == 1
    assert tip.sha256 == chain(messages)


def test_a_base_the_log_does_not_know_is_written_in_full(log: Log, say: Say) -> None:
    entry = say("two", before=(user("one"), assistant("1")), base=Tip("ab" * 32, 2))
    assert [message.text for message in log.call(entry.id).messages()] == ["one", "1", "two", "yes"]


def test_conversation_whose_first_call_is_unknown_keeps_its_id(log: Log, say: Say) -> None:
    elsewhere = "01m80hp7s930cgknhpknhn2af8"
    first = say("a", conversation=elsewhere)
    second = say("b", conversation=elsewhere)
    assert {log.call(entry.id).conversation_id for entry in (first, second)} == {elsewhere}
    assert [call.prompt for call in log.calls(Filter(conversation=elsewhere))] == ["b", "a"]
    assert log.history(elsewhere)[2].id == second.id


def test_same_text_under_two_names_is_stored_once(log: Log, say: Say) -> None:
    text = "the same text " * 1000
    say(Document(text, "a.txt"), "x")
    say(Document(text, "b.txt"), "y")
    say(Document(text, "a.txt"), "z")
    with log._database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM document").fetchone() == (2,)
        assert connection.execute("SELECT count(*), sum(length(data)) < 2000 FROM blob").fetchone() == (1, 1)


def test_call_is_found_by_the_beginning_of_its_id(log: Log, say: Say) -> None:
    entry = say("hello")
    assert log.call(entry.id[:25]).id == entry.id
    assert log.call(entry.id.upper()).id == entry.id
    again = say("again")
    with pytest.raises(UnknownCall, match=entry.id):
        log.call(entry.id[:3])
    with pytest.raises(UnknownCall, match=again.id):
        log.call("01" + "z" * 24)
    for nonsense in ("hello!", "", "z" * 26, "0" * 27, "é"):
        with pytest.raises(UnknownCall):
            log.call(nonsense)


def test_ids_grow_even_when_the_clock_goes_back(log: Log, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    first = say("before")
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000_000)
    second = say("after")
    assert second.id > first.id
    assert second.id[:20] != first.id[:20]  # so that the beginning of an id is enough to name a call
    assert log.call().id == second.id
    assert log.call().started.year == 1970


def test_report_of_a_check_is_kept_with_its_call(log: Log, say: Say) -> None:
    entry = say("quote!")
    assert log.call(entry.id).quotes is None
    assert log.record_check(entry.id, {"verified": 1}) == []
    assert log.record_check(entry.id, {"verified": 2}) == []
    assert log.call(entry.id).quotes == {"verified": 2}
    assert log.record_check("01" + "0" * 24, {}) != []


def test_tools_and_schemas_that_repeat_are_stored_once(log: Log, say: Say) -> None:
    tools = tuple(Tool(f"tool{n}", "does something " * 50, {"type": "object"}) for n in range(20))
    for number in range(5):
        say(f"prompt {number}", tools=tools, schema={"type": "string"})
    with log._database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM parameters").fetchone() == (1,)
    assert log.call().request().tools == tools


def test_export_is_complete_in_itself(log: Log, say: Say) -> None:
    entry = log.begin(EVERYTHING)
    entry.finish(Outcome("ok", assistant("Done.")))
    say("later")
    lines = [json.loads(json.dumps(line)) for line in log.export()]
    assert lines[0]["id"] == entry.id
    assert Request.from_dict(lines[0]["request"]) == EVERYTHING
    assert Message.from_dict(lines[0]["message"]) == assistant("Done.")
    assert len(list(log.export(Filter(limit=1)))) == 1


def test_forked_child_logs_to_the_same_file(log: Log, say: Say) -> None:
    say("parent")
    child = os.fork()
    if child == 0:
        try:
            os._exit(len(say("child").warnings))
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    say("parent again")
    assert {(call.prompt, call.status) for call in log.calls()} == {
        ("parent", "ok"),
        ("child", "ok"),
        ("parent again", "ok"),
    }


def test_child_forked_while_the_log_is_in_use_is_not_stuck(log: Log, say: Say) -> None:
    say("parent")
    with log._database.writing():
        child = os.fork()
        if child == 0:
            try:
                prompts = [call.prompt for call in log.calls()]
                os._exit(0 if prompts == ["parent"] else 1)
            finally:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
    assert say("parent again").warnings == []
