"""The log of `llm` up to 0.31 is read as well, and a log that has both generations as one."""

import sqlite3
from pathlib import Path

import pytest

from curta.llm_home.past_log import past_log
from curta.messages import Attachment, Document, Message, Text, ToolCall, ToolResult, assistant, system
from curta.store import Filter
from tests.llm_home.directories import FIRST, PIXEL, SECOND, TALK, THIRD, run_llm


@pytest.mark.usefixtures("old_log", "untouched")
def test_a_conversation_is_put_together_from_its_rows() -> None:
    log = past_log()
    assert [call.id for call in log.calls()] == [THIRD, SECOND, FIRST]
    last = log.call(THIRD)
    call = ToolCall("call_a", "quack", {"loud": True})
    assert last.conversation_id == TALK
    assert last.messages() == (
        system("Be brief"),
        Message(
            "user", (Document("All about ducks.", "ducks.txt"), Attachment("image/png", PIXEL), Text("Name a duck"))
        ),
        assistant("Donald"),
        Message("user", (Text("Quack how often?"),)),
        Message("assistant", (call,)),
        Message("tool", (ToolResult(call.id, (Text("3"),)),)),
        assistant("Three times"),
    )


@pytest.mark.usefixtures("old_log", "untouched")
def test_figures_and_options_are_kept() -> None:
    call = past_log().call(FIRST)
    assert (call.input_tokens, call.output_tokens, call.cached_tokens, call.duration_ms) == (10, 5, 7, 120)
    assert (call.model, call.resolved_model, call.options) == ("gpt-4o", "gpt-4o-2024", {"temperature": 0.5})
    assert call.datetime_utc == "2024-06-10T12:00:01.000+00:00"
    assert past_log().call(SECOND).request().tools[0].name == "quack"


@pytest.mark.usefixtures("old_log", "untouched")
def test_it_is_searched() -> None:
    assert [call.id for call in past_log().calls(Filter(query="donald"))] == [FIRST]
    assert [call.id for call in past_log().calls(Filter(query="quack* -three"))] == [SECOND]


def test_both_generations_are_read_as_one(old_log: Path, made_by_llm) -> None:
    """`llm` itself brings the older log up to date and adds to it."""
    folder, _server = made_by_llm
    (old_log.parent / "extra-openai-models.yaml").write_text((folder / "extra-openai-models.yaml").read_text())
    run_llm(old_log.parent, ("-m", "hello", "One more"))
    calls = list(past_log().calls())
    assert [call.prompt for call in calls] == ["One more", "", "Quack how often?", "Name a duck"]
    run_llm(old_log.parent, ("--cid", TALK, "-m", "echo", "Four times?"))
    newest = next(past_log().calls())
    assert newest.conversation_id == TALK
    assert newest.prompt == "Four times?"
    assert past_log().count() == 5


def test_a_log_from_before_tokens_and_schemas(empty_llm_folder: Path) -> None:
    connection = sqlite3.connect(empty_llm_folder / "logs.db")
    connection.executescript(
        "CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);"
        "CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT,"
        " options_json TEXT, response TEXT, response_json TEXT, conversation_id TEXT, duration_ms INTEGER,"
        " datetime_utc TEXT);"
        "INSERT INTO responses VALUES ('odd id', 'm', 'Hello there', NULL, NULL, '{}', 'Hi', NULL, NULL, 1,"
        " '2023-08-01T10:00:00')"
    )
    connection.commit()
    (call,) = past_log().calls()
    assert call.messages() == (Message("user", (Text("Hello there"),)), assistant("Hi"))
    assert len(call.id) == 26
    assert past_log().call(call.id).prompt == "Hello there"
    assert [each.id for each in past_log().calls(Filter(query="hello"))] == [call.id]
