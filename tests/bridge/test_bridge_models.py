"""A model of an `llm` plugin is asked like any other, whether the plugin is of the old or the new kind."""

import json

import pytest

import curta
from curta.errors import UnsupportedRequest
from curta.events import Finish, ReasoningDelta, Resolved, TextDelta, ToolCallDelta, UsageReport
from curta.messages import Attachment, Document, Message, Request, Text, Tool, ToolCall, ToolResult, assistant, user
from curta.models import registry
from curta.models.exchange import events

ADD = Tool("add", "Adds.", {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}})


def ask(name: str, *messages, stream: bool = True, **how):
    model = registry.get(name)
    return list(events(model.exchange(Request(model.name, messages, **how), stream=stream)))


def text(arrived) -> str:
    return "".join(event.text for event in arrived if isinstance(event, TextDelta))


def said(name: str, *messages, **how):
    return json.loads(text(ask(name, *messages, **how)))


@pytest.mark.usefixtures("site")
class TestWhatAModelIsGiven:
    def test_new_plugins_read_messages(self):
        given = said("mirror", curta.Message("system", (Text("Be brief."),)), user("Hello"))
        assert given["messages"] == [
            {"role": "system", "parts": [{"type": "text", "text": "Be brief."}]},
            {"role": "user", "parts": [{"type": "text", "text": "Hello"}]},
        ]
        assert given["system"] == "Be brief."
        assert given["prompt"] == "Hello"

    def test_old_plugins_read_the_prompt_and_the_conversation(self):
        """Traps (a) and (b): without this they get an empty prompt, or a system prompt on the first turn only."""
        turns = said("old", Message("system", (Text("Be brief."),)), user("One"), assistant("Eins"), user("Two"))
        assert [turn.get("user") or turn.get("assistant") for turn in turns] == ["One", "Eins", "Two"]
        assert [turn["system"] for turn in turns if "system" in turn] == ["Be brief.", "Be brief."]

    def test_a_system_prompt_that_changes_takes_effect(self):
        """Defect 3 of llm: `-c -s new` was dropped by plugins that read messages."""
        messages = [Message("system", (Text("Old."),)), user("One"), assistant("Eins")]
        messages += [Message("system", (Text("New."),)), user("Two")]
        given = said("mirror", *messages)
        assert given["system"] == "New."
        assert [each["parts"][0]["text"] for each in given["messages"]] == ["New.", "One", "Eins", "Two"]
        assert said("old", *messages)[-1]["system"] == "New."

    def test_documents_are_rendered_with_their_provenance(self):
        document = Document("A fact.", "notes.txt", "Notes")
        given = said("mirror", user(document, "What is it?"))["prompt"]
        assert 'title="Notes" uri="notes.txt"' in given
        assert given.endswith("What is it?")

    def test_attachments_arrive_as_bytes(self):
        picture = Attachment("image/png", b"\x89PNG", "a.png")
        assert said("old", user(picture, "What?"), assistant("A dot."), user(picture, "And?"))[-1]["images"] == [4]
        part = said("mirror", user(picture, "What?"))["messages"][0]["parts"][1]
        assert part["attachment"] == {"type": "image/png", "content": "iVBORw=="}

    def test_a_type_is_known_by_its_other_names(self):
        part = said("mirror", user(Attachment("audio/x-wav", b"RIFF"), "What?"))["messages"][0]["parts"][1]
        assert part["attachment"]["type"] == "audio/wav"

    def test_an_attachment_it_does_not_read_is_refused_by_name(self):
        with pytest.raises(UnsupportedRequest, match="video/mp4"):
            ask("mirror", user(Attachment("video/mp4", b"x"), "What?"))

    def test_schema_and_tools(self):
        schema = {"type": "object", "properties": {"name": {"type": "string"}}}
        given = said("mirror", user("Hi"), schema=schema, tools=(ADD,))
        assert given["schema"] == schema
        assert given["tools"] == ["add"]
        assert said("mirror", user("Hi"), tools=(ADD,), choice="none")["tools"] == []

    @pytest.mark.parametrize(
        ("name", "how"),
        [("old", {"schema": {}}), ("thinker", {"tools": (ADD,)}), ("mirror", {"tools": (ADD,), "choice": "required"})],
    )
    def test_what_it_cannot_do_is_refused_before_it_is_asked(self, name, how):
        with pytest.raises(UnsupportedRequest):
            ask(name, user("Hi"), **how)

    def test_a_model_without_conversations_refuses_one(self):
        assert text(ask("alone", user("One"))) == "whole"
        with pytest.raises(UnsupportedRequest, match="one question"):
            ask("alone", user("One"), assistant("1"), user("Two"))

    def test_results_of_tools_go_back(self):
        messages = [
            user("Add."),
            assistant("Wait.", ToolCall("c1", "add", {"a": 1, "b": 2})),
            Message("tool", (ToolResult("c1", (Text("3"),)),)),
        ]
        assert text(ask("caller", *messages, tools=(ADD,))) == "add said 3"
        *_, asked, answered, now = said("old", *messages, tools=(ADD,))
        assert asked["user"] == "Add."
        assert answered["calls"] == [["add", {"a": 1, "b": 2}]]
        assert now["results"] == [["add", "3"]]

    def test_not_to_stream(self):
        assert said("mirror", user("Hi"), stream=False)["stream"] is False


@pytest.mark.usefixtures("site")
class TestOptions:
    def test_the_plugin_validates_them(self):
        given = said("mirror", user("Hi"), options={"temperature": 1, "loud": True})["options"]
        assert given == {"temperature": 1.0, "loud": True}

    def test_a_number_from_the_shell_can_be_a_text(self):
        assert said("mirror", user("Hi"), options={"tag": 7})["options"]["tag"] == "7"

    @pytest.mark.parametrize(("options", "named"), [({"temperature": 3}, "less than or equal to 2"), ({"x": 1}, "'x'")])
    def test_a_wrong_one_is_refused_by_name(self, options, named):
        with pytest.raises(UnsupportedRequest, match=named):
            ask("mirror", user("Hi"), options=options)

    def test_they_are_listed(self):
        temperature, tag, loud = registry.get("mirror").options
        assert (temperature.name, temperature.type, temperature.help) == ("temperature", float, "How daring.")
        assert (tag.type, loud.type, loud.default) == (str, bool, False)


@pytest.mark.usefixtures("site")
class TestWhatItAnswers:
    def test_usage_and_the_exact_model(self):
        *_, resolved, usage, finish = ask("mirror", user("Hi"))
        assert resolved == Resolved("mirror-2026-01-01")
        assert usage == UsageReport(10, 3, cached=4)
        assert finish == Finish("stop")

    def test_a_limit_of_length_is_told(self):
        assert ask("old", user("Hi"))[-1] == Finish("length")

    def test_it_streams(self):
        assert len([event for event in ask("old", user("Hi")) if isinstance(event, TextDelta)]) > 1

    def test_reasoning_goes_back_with_its_signature(self):
        talk = curta.Conversation(registry.get("thinker"))
        first = talk.prompt("One")
        assert first.text() == "First."
        assert first.message.parts[0].text == "Let me think."
        signed = {"type": "reasoning", "text": "Let me think.", "provider_metadata": {"signature": "s1gned"}}
        assert json.loads(talk.prompt("Two").text()) == [signed, {"type": "text", "text": "First."}]

    def test_tool_calls_streamed_or_named_at_the_end(self):
        arrived = ask("caller", user("Add."), tools=(ADD,))
        pieces = [event for event in arrived if isinstance(event, ToolCallDelta)]
        assert [piece.arguments for piece in pieces if piece.place == 0] == ["", '{"a": 1, ', '"b": 2}']
        assert pieces[-1] == ToolCallDelta(1, "c2", "add", '{"a": 3, "b": 4}')
        assert arrived[-1] == Finish("tool_calls")

    def test_calls_without_an_id_get_one_and_searches_of_the_provider_are_not_ours(self):
        answer = curta.Conversation(registry.get("nameless")).prompt("Add.", tools=(ADD,))
        answer.text()
        calls = answer.tool_calls
        assert [(call.name, dict(call.arguments)) for call in calls] == [
            ("add", {"a": 1, "b": 0}),
            ("add", {"a": 2, "b": 0}),
        ]
        assert len({call.id for call in calls} - {""}) == 2
        kept = [event.opaque["value"]["part"]["type"] for event in answer.events() if isinstance(event, ReasoningDelta)]
        assert kept == ["tool_call", "tool_result"]

    def test_an_async_model_is_asked_too(self):
        assert text(ask("async-only", user("Hi"))) == "one two"

    def test_a_model_that_asks_one_of_another_plugin(self):
        assert text(ask("delegates", user("Hi"))) == "streamed"

    def test_any_text_comes_through(self):
        answer = text(ask("odd", user("Hi")))
        assert answer.startswith("\ud800\x00\u2028\r\n")
        assert len(answer) == 100_005

    def test_what_a_plugin_prints_is_no_part_of_it(self):
        """Trap (d), in each way in which a process can print; and its stdin is not the protocol's."""
        assert text(ask("noisy", user("Hi"))) == "calm"

    def test_a_chain_of_calls_is_logged(self, home):
        def add(a: int, b: int) -> int:
            """Adds."""
            return a + b

        answer = curta.prompt("Add.", model="caller", tools=[add])
        assert answer.text().endswith("add said 3 and add said 7")


@pytest.mark.usefixtures("site")
class TestNames:
    def test_by_alias_and_by_force(self):
        assert registry.get("looking-glass").name == "mirror"
        assert registry.get("llm:mirror").name == "llm:mirror"
        assert said("llm:mirror", user("Hi"))["prompt"] == "Hi"

    def test_where_the_words_go(self):
        assert registry.get("mirror").facts.where == "through llm plugin llm-new"
        assert registry.get("mirror").facts.modalities == ("image", "audio")

    def test_a_conversation_is_resumed_with_it(self):
        curta.prompt("One", model="old").text()
        turns = json.loads(curta.conversation(resume=True).prompt("Two").text())
        assert [turn.get("user") for turn in turns] == ["One", None, "Two"]

    def test_a_default_model_can_be_one(self):
        registry.set_default("mirror")
        assert registry.get().name == "mirror"
