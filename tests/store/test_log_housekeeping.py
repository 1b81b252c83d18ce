"""Removing, pruning, redacting, copying: what goes is gone, what stays is whole."""

import sqlite3
import stat
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.errors import LogUnavailable, UnknownCall, UsageError
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
    user,
)
from curta.store import Entry, Filter, Log, Outcome, open_log
from curta.store.redaction import Substitution

Say = Callable[..., Entry]

SECRET = "Qwfpg-4711"


def rows(log: Log, table: str) -> int:
    with log._database.reading() as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def whole(log: Log) -> None:
    """Every invariant between the tables holds."""
    with log._database.reading() as connection:
        connection.execute("INSERT INTO call_search (call_search, rank) VALUES ('integrity-check', 1)")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        indexed = connection.execute("SELECT count(*) FROM call_search").fetchone()
        assert indexed == connection.execute("SELECT count(*) FROM call WHERE status <> 'running'").fetchone()
    for call in log.calls():
        request = call.request()
        assert log.find(request.sha256()) is not None or call.status != "ok"
        assert Request.from_dict(request.to_dict()) == request
        with log._database.reading() as connection:
            stored = connection.execute("SELECT hash FROM message WHERE id = ?", (call._input,)).fetchone()[0]
        assert stored.hex() == chain(request.messages)


def test_removed_call_is_gone_with_all_that_was_only_its_own(log: Log, say: Say) -> None:
    kept = say(Document("shared text", "shared.txt"), "keep")
    gone = say(
        Document("own text", "own.txt"),
        Document("shared text", "shared.txt"),
        Attachment("image/png", b"x"),
        "go",
        model="rare",
        options={"seed": 1},
    )
    log.record_check(gone.id, {"quotes": []})
    assert log.remove([gone.id]) == 1
    with pytest.raises(UnknownCall):
        log.call(gone.id)
    assert [rows(log, table) for table in ("call", "message", "document", "blob", "verdict", "parameters")] == [
        *(1, 2, 1, 1, 0, 0)
    ]
    assert list(log.calls(Filter(query="go"))) == []
    assert log.call(kept.id).documents[0].text == "shared text"
    whole(log)


def test_conversation_outlives_its_first_call(log: Log, say: Say) -> None:
    first = say("one")
    messages, tip, _ = log.history(first.id)
    second = say("two", before=messages, base=tip, conversation=first.id)
    log.remove([first.id])
    assert log.call(second.id).conversation_id == first.id
    assert [message.text for message in log.call(second.id).messages()] == ["one", "yes", "two", "yes"]
    assert log.history(first.id)[2].id == second.id
    messages, tip, _ = log.history(second.id)
    third = say("three", before=messages, base=tip, conversation=first.id)
    assert {call.id for call in log.calls(Filter(conversation=first.id))} == {second.id, third.id}
    whole(log)
    log.remove([second.id, third.id])
    assert [rows(log, table) for table in ("call", "message", "conversation", "name")] == [0, 0, 0, 0]


def test_calls_that_share_a_beginning_are_removed_apart(log: Log, say: Say) -> None:
    first = say("same", answer="A")
    second = say("same", answer="B")
    third = say("same", answer="B")
    assert rows(log, "message") == 3
    log.remove([second.id])
    assert rows(log, "message") == 3
    log.remove([first.id])
    assert rows(log, "message") == 2
    assert log.call(third.id).response == "B"
    whole(log)


def test_removing_an_unknown_call_removes_nothing(log: Log, say: Say) -> None:
    kept = say("keep")
    with pytest.raises(UnknownCall):
        log.remove([kept.id, "01zzzzzzzzzzzzzzzzzzzzzzzz"])
    assert log.call().id == kept.id


def test_running_call_is_not_removed(log: Log) -> None:
    entry = log.begin(Request("m", (user("?"),)))
    with pytest.raises(UsageError, match="running"):
        log.remove([entry.id])
    assert log.prune(timedelta(0)) == 0
    entry.finish(Outcome("ok", assistant("done")))
    assert log.call().response == "done"


def test_old_calls_are_pruned_and_their_space_given_back(
    log: Log, say: Say, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    now = time.time_ns()
    for age in (40, 35, 10, 0):
        monkeypatch.setattr(time, "time_ns", lambda age=age: now - age * 86_400_000_000_000)
        say(f"{age} days", answer="word " * 100_000)
    size = log.status().size
    assert log.prune(timedelta(days=30)) == 2
    assert [call.prompt for call in log.calls()] == ["0 days", "10 days"]
    assert log.status().size < size * 0.6
    whole(log)


EVERYWHERE = Request(
    f"model-{SECRET}",
    (
        Message("system", (Text(f"Never say {SECRET}."),)),
        user(
            f"The password is {SECRET}!",
            Document(
                f"ann: {SECRET} {SECRET}\nbob: fine",
                f"/home/{SECRET}.txt",
                SECRET,
                (Span(0, 26, SECRET, "1"), Span(27, 36, "bob", "2")),
            ),
            Attachment("text/plain", f"key={SECRET}".encode() * 200, SECRET),
            Attachment("image/png", b"\x89\xff" + SECRET.encode() + b"\xff", "a.png"),
            Attachment("image/png", url=f"https://example.org/{SECRET}"),
        ),
        Message("assistant", (Reasoning(SECRET, {"k": SECRET}), ToolCall(SECRET, "find", {SECRET: [SECRET]}))),
        Message("tool", (ToolResult(SECRET, (Text(SECRET), Document(SECRET * 300, "b")), failed=False),)),
        user("so?"),
    ),
    {"stop": [SECRET]},
    {"title": SECRET},
    (Tool("find", SECRET, {}),),
)


def everything(log: Log, home: Path) -> bytes:
    log.close()
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def test_redacted_text_is_gone_from_every_file(log: Log, say: Say, home: Path) -> None:
    entry = log.begin(EVERYWHERE, template=SECRET)
    entry.checkpoint([SECRET], [SECRET])
    entry.write_checkpoint()
    entry.finish(Outcome("failed", assistant(f"I heard {SECRET}."), error=f"bad key {SECRET}"))
    log.record_check(entry.id, {"quotes": [{"text": SECRET}], "unchecked": [SECRET] * 300})
    messages, tip, _ = log.history(entry.id)
    say("later", before=messages, base=tip, conversation=entry.id)
    for number in range(30):
        say(f"other {number} " + "x" * number)
    needle, lower = SECRET.encode(), SECRET.split("-")[0].lower().encode()
    before = everything(log, home)
    assert needle in before
    assert lower in before
    preview = log.redact(SECRET, dry_run=True)
    found = log.redact(SECRET)
    assert preview == found
    assert (found.messages, found.documents, found.attachments) == (5, 2, 2)
    after = everything(log, home)
    assert needle not in after
    assert lower not in after
    assert b"4711" not in after
    whole(log)
    call = log.call(entry.id)
    assert call.prompt == "so?"
    assert call.response == "I heard [redacted]."
    assert (call.model, call.template, call.error) == ("model-[redacted]", "[redacted]", "bad key [redacted]")
    assert call.documents[0].text == "ann: [redacted] [redacted]\nbob: fine"
    assert [call.documents[0].text[span.start : span.end] for span in call.documents[0].spans] == [
        "ann: [redacted] [redacted]",
        "bob: fine",
    ]
    assert call.quotes == {"quotes": [{"text": "[redacted]"}], "unchecked": ["[redacted]"] * 300}
    assert log.redact(SECRET).matches == 0
    assert [call.prompt for call in log.calls(Filter(query="redacted"))] == ["so?"]


def test_preview_of_a_redaction_changes_nothing(log: Log, say: Say, home: Path) -> None:
    say(f"my {SECRET}")
    log.close()
    before = log.path.read_bytes()
    assert log.redact(SECRET, dry_run=True).matches == 1
    assert log.call().prompt == f"my {SECRET}"
    log.close()
    assert log.path.read_bytes() == before


def test_conversation_goes_on_after_a_redaction(log: Log, say: Say) -> None:
    first = say(f"my {SECRET}")
    old_tip = log.history(first.id)[1]
    log.redact(SECRET)
    mended, tip, _ = log.history(first.id)
    assert mended[0].text == "my [redacted]"
    assert tip != old_tip
    say("next", before=mended, base=tip, conversation=first.id)
    assert rows(log, "message") == 4
    whole(log)


def test_redaction_of_one_call_spares_the_others(log: Log, say: Say) -> None:
    first, second = say(f"one {SECRET}"), say(f"two {SECRET}")
    log.redact(SECRET, calls=[first.id])
    assert log.call(first.id).prompt == "one [redacted]"
    assert log.call(second.id).prompt == f"two {SECRET}"
    whole(log)


def test_redaction_by_pattern(log: Log, say: Say) -> None:
    say("card 1234-5678 and 8765-4321", answer="card 1234-5678")
    found = log.redact(r"\d{4}-\d{4}", regex=True, replacement="#")
    assert found.matches == 3
    assert (log.call().prompt, log.call().response) == ("card # and #", "card #")
    whole(log)


def test_texts_that_become_equal_are_kept_apart_or_joined_safely(log: Log, say: Say) -> None:
    say(Document("key A1", "a.txt"), "x", options={"o": "A1"}, model="mA1")
    say(Document("key B1", "a.txt"), "x", options={"o": "B1"}, model="mB1")
    log.redact("[AB]1", regex=True, replacement="?")
    assert [call.documents[0].text for call in log.calls()] == ["key ?", "key ?"]
    assert {call.model for call in log.calls()} == {"m?"}
    whole(log)
    say("more")
    log.remove([call.id for call in log.calls()])
    assert [rows(log, table) for table in ("message", "document", "blob", "name", "parameters")] == [0] * 5


@pytest.mark.parametrize(("text", "regex"), [("", False), ("(", True), ("a*", True), ("$", True)])
def test_pattern_that_matches_everything_or_nothing_is_refused(log: Log, say: Say, text: str, regex: bool) -> None:
    say("aaa")
    with pytest.raises(UsageError):
        log.redact(text, regex=regex)
    assert log.call().prompt == "aaa"


def test_redaction_waits_for_calls_beside_the_log(log: Log, say: Say, home: Path) -> None:
    say("x")
    (home / "spool").mkdir()
    (home / "spool" / "unreadable.json").write_text(SECRET)
    with pytest.raises(LogUnavailable, match="spool"):
        log.redact(SECRET)


@settings(max_examples=80)
@given(st.lists(st.sampled_from(["ab", "a", "b", "abab", " x "]), max_size=12), st.sampled_from(["", "#", "longer"]))
def test_spans_follow_their_text(pieces: list[str], replacement: str) -> None:
    text, spans = "", []
    for piece in pieces:
        spans.append(Span(len(text), len(text) + len(piece)))
        text += piece
    document = Substitution("ab", False, replacement).in_document(Document(text, spans=tuple(spans)))
    assert document.text == text.replace("ab", replacement)
    assert all(before.end <= after.start for before, after in pairwise(document.spans))
    inside = [piece for piece in pieces if "ab" in piece or piece == " x "]
    if inside == pieces:  # no match lies across two spans
        shown = [document.text[span.start : span.end] for span in document.spans]
        assert shown == [piece.replace("ab", replacement) for piece in pieces]


def test_backup_is_a_whole_log(log: Log, say: Say, tmp_path: Path) -> None:
    entry = say(Document("text", "a.txt"), "hello")
    log.backup(tmp_path / "copy.db")
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    copy = open_log(tmp_path / "copy.db")
    assert copy.call(entry.id).to_dict() == log.call(entry.id).to_dict()
    with pytest.raises(UsageError, match="exists"):
        log.backup(tmp_path / "copy.db")
    with pytest.raises(LogUnavailable):
        log.backup(tmp_path / "nowhere" / "copy.db")


def test_status_counts(log: Log, say: Say) -> None:
    first = say("a")
    say("b", conversation=first.id)
    say("c", outcome=Outcome("failed"))
    status = log.status()
    assert status.calls == {"failed": 1, "ok": 2}
    assert status.conversations == 2
    assert status.on
    assert status.size > 0
    assert status.oldest is not None
    assert status.newest is not None
    assert status.oldest <= status.newest


def test_log_can_be_queried_with_plain_sql(log: Log, say: Say) -> None:
    say("what?", answer="that")
    log.close()
    connection = sqlite3.connect(log.path)
    query = "SELECT name.text, call_text.text FROM call JOIN call_text USING (id) JOIN name ON name.id = call.model"
    assert connection.execute(query).fetchall() == [("test-model", "what?\nthat")]
    assert connection.execute("SELECT text FROM call_search WHERE call_search MATCH 'that'").fetchone()
