"""The past is found where `llm` left it: both generations of its log, whole, in order of time, never written."""

import pytest

from curta.llm_home.past_log import past_log
from curta.messages import Attachment, Document, Text, ToolCall, ToolResult
from curta.store import Filter
from tests.llm_home.directories import PIXEL

pytestmark = pytest.mark.usefixtures("llm_folder", "untouched")


def by_prompt(words: str):
    return next(call for call in past_log().calls() if call.prompt == words)


def test_calls_come_newest_first() -> None:
    prompts = [call.prompt for call in past_log().calls()]
    assert prompts == [
        "What is this?", "A dog", "", "Shout the word", "And where?", "When does it sail?", "Say hi to Aristotle",
    ]  # fmt: skip


def test_a_call_has_what_llm_knew_of_it() -> None:
    call = by_prompt("Say hi to Aristotle")
    assert (call.model, call.system, call.response) == ("hello", "Be kind", "Hello, wörld! 👋🏽")
    assert (call.status, call.caller, call.input_tokens) == ("ok", "llm", 6)
    assert call.to_dict()["source"] == "llm"
    assert call.duration_ms is not None
    assert call.request().messages == call.messages()[:-1]


def test_fragments_are_documents_beside_the_words() -> None:
    call = by_prompt("When does it sail?")
    (message,) = call.request().messages
    assert [type(part) for part in message.parts] == [Document, Text]
    assert call.documents[0].text == "The boat sails at noon."
    assert call.documents[0].uri.endswith("notes.txt")
    assert call.document_records[0].characters == 23
    assert call.options == {"temperature": 0.5}
    assert call.response.endswith("fields: model, stream, stream_options, temperature")


def test_a_conversation_is_whole() -> None:
    call, first = by_prompt("And where?"), by_prompt("When does it sail?")
    assert call.conversation_id == first.conversation_id
    assert [message.role for message in call.messages()] == ["user", "assistant", "user", "assistant"]


def test_tools_calls_and_results_are_kept() -> None:
    asked, answered = by_prompt("Shout the word"), by_prompt("")
    (call,) = [part for part in asked.message().parts if isinstance(part, ToolCall)]
    assert (call.name, call.arguments) == ("shout", {"word": "text"})
    assert asked.request().tools[0].description == "Say it louder"
    (result,) = [part for part in answered.request().messages[-1].parts if isinstance(part, ToolResult)]
    assert result == ToolResult(call.id, (Text("TEXT!"),))


def test_schemas_and_attachments_are_kept() -> None:
    assert set(by_prompt("A dog").schema["properties"]) == {"name", "age"}
    call = by_prompt("What is this?")
    assert call.attachments == (Attachment("image/png", PIXEL, "pixel.png"),)
    assert call.attachment_records[0]["media_type"] == "image/png"


def test_a_search_uses_the_index_of_llm() -> None:
    def found(query: str) -> list[str]:
        return [call.prompt for call in past_log().calls(Filter(query=query))]

    assert found("aristotle") == ["Say hi to Aristotle"]
    assert found("sail -where") == ["When does it sail?"]
    assert found('"does it sail"') == ["And where?", "When does it sail?"]
    assert found("nothing-of-the-kind") == []


def test_filters_apply() -> None:
    log, calls = past_log(), list(past_log().calls())
    middle = calls[3].started
    assert [call.prompt for call in log.calls(Filter(model="schema"))] == ["A dog"]
    assert [call.id for call in log.calls(Filter(limit=2))] == [call.id for call in calls[:2]]
    assert [call.id for call in log.calls(Filter(oldest_first=True))] == [call.id for call in reversed(calls)]
    assert [call.id for call in log.calls(Filter(since=middle))] == [call.id for call in calls[:4]]
    assert [call.id for call in log.calls(Filter(before=middle))] == [call.id for call in calls[4:]]
    assert [call.id for call in log.calls(Filter(ids=(calls[2].id,)))] == [calls[2].id]
    assert not list(log.calls(Filter(status="failed")))
    assert not list(log.calls(Filter(caller="map")))
    assert log.count() == len(calls) == 7
    assert log.count(Filter(query="sail")) == 2
