"""Tools for models whose chat template knows none: a call or an answer, in a form that the engine is held to."""

import json
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.conversations import Conversation
from curta.engine.constraints import json_values, tool_calls
from curta.engine.files.held import ModelFile
from curta.errors import ChainTooLong, UnsupportedRequest
from curta.events import Event, Finish, TextDelta, ToolCallDelta
from curta.messages import Message, Request, Text, Tool, ToolCall, ToolResult, assistant, user
from curta.models import exchange
from curta.models.constrained import Constrained, constrained
from curta.models.local import Local
from curta.schemas import problems
from curta.tools import of
from tests.tiny.fixtures import MODEL
from tests.tiny.hard_schemas import SCHEMAS, closed, number

WEATHER = Tool("weather", "The weather in a town.", closed(town={"enum": ["Oslo", "Lima"]}, days=number(1, 9)))
TREE = Tool("plant", "Plant a tree.", SCHEMAS["a tree"])


def events(held: ModelFile, choice: str | None, *tools: Tool, seed: int = 0, schema: dict | None = None) -> list[Event]:
    request = Request("tiny", (user("What is the weather in Oslo?"),), {"seed": seed}, schema, tools, choice)
    return list(exchange.events(Local(held).exchange(request)))


def test_a_required_call_is_made_and_follows_its_schema(tiny_held: ModelFile) -> None:
    for seed in range(4):
        *_, call, finish = [
            each
            for each in events(tiny_held, "required", WEATHER, TREE, seed=seed)
            if isinstance(each, ToolCallDelta | Finish)
        ]
        assert finish == Finish("tool_calls")
        asked = {"weather": WEATHER, "plant": TREE}[call.name]
        assert not problems(json.loads(call.arguments), asked.parameters)


def test_a_named_tool_is_the_one_that_is_called(tiny_held: ModelFile) -> None:
    calls = [each for each in events(tiny_held, "plant", WEATHER, TREE) if isinstance(each, ToolCallDelta)]
    assert [call.name for call in calls] == ["plant"]


def test_an_answer_instead_of_a_call_is_plain_text(tiny_held: ModelFile) -> None:
    said = events(tiny_held, "none", WEATHER, seed=3)
    assert "".join(each.text for each in said if isinstance(each, TextDelta))
    assert '{"answer"' not in "".join(each.text for each in said if isinstance(each, TextDelta))
    assert said[-1] == Finish("stop")


def test_an_answer_in_json_beside_tools_follows_its_schema(tiny_held: ModelFile) -> None:
    said = events(tiny_held, "none", WEATHER, schema=closed(degrees=number(0, 40)))
    assert 0 <= json.loads("".join(each.text for each in said if isinstance(each, TextDelta)))["degrees"] <= 40


def test_past_calls_and_results_are_told_in_words(tiny_held: ModelFile) -> None:
    called = Message("assistant", (ToolCall("c1", "weather", {"town": "Oslo", "days": 1}),))
    result = Message("tool", (ToolResult("c1", (Text("It rains."),)),))
    messages = (user("Weather?"), called, result)
    sent = constrained(Request("tiny", messages, tools=(WEATHER,))).request
    assert [message.role for message in sent.messages] == ["system", "user", "assistant", "user"]
    assert "weather: The weather in a town." in sent.messages[0].text
    assert sent.messages[2].text == '{"tool": "weather", "args": {"town": "Oslo", "days": 1}}'
    assert "It rains." in sent.messages[3].text
    assert not sent.tools
    answer = Conversation(Local(tiny_held), messages=messages[:2]).prompt(
        ToolResult("c1", (Text("It rains."),)), tools=(WEATHER,), options={"seed": 1}
    )
    assert answer.text() or answer.tool_calls


def test_a_system_prompt_of_the_users_stays_first() -> None:
    request = Request("tiny", (Message("system", (Text("Be brief."),)), user("Hi"), assistant("Ho")), tools=(WEATHER,))
    system, _, said = constrained(request).request.messages
    assert system.text.startswith("Be brief.")
    assert said.text == '{"answer": "Ho"}'


def test_a_choice_of_no_tool_there_is_is_refused() -> None:
    with pytest.raises(UnsupportedRequest, match="'sing'"):
        tool_calls.schema([WEATHER], "sing")


def test_references_in_a_tools_schema_still_lead_somewhere() -> None:
    schema = tool_calls.schema([WEATHER, TREE], None)
    assert json_values.grammar(schema)
    planted = {"tool": "plant", "args": {"name": "a", "children": [{"name": "b", "children": []}]}}
    assert not problems(planted, schema)
    assert problems({"tool": "plant", "args": {"name": "a"}}, schema)
    assert not problems({"answer": "No."}, schema)


# The answer, as it arrives


class Pieces:
    """A protocol whose bytes are the text."""

    def feed(self, data: bytes) -> list[Event]:
        return [TextDelta(data.decode())]

    def close(self) -> list[Event]:
        return [Finish("stop")]


@given(answer=st.text(max_size=60), data=st.data())
def test_an_answer_arrives_whole_however_it_is_cut(answer: str, data: st.DataObject) -> None:
    written = json.dumps({"answer": answer}, ensure_ascii=data.draw(st.booleans()))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(written)), max_size=8)))
    held = constrained(Request("tiny", (user("Hi"),), tools=(WEATHER,)))
    decoder = held.decoder(Pieces())  # type: ignore[arg-type]
    arrived = [
        event
        for start, end in zip([0, *cuts], [*cuts, len(written)], strict=True)
        for event in decoder.feed(written[start:end].encode())
    ]
    arrived += decoder.close()
    assert "".join(each.text for each in arrived if isinstance(each, TextDelta)) == answer
    assert arrived[-1] == Finish("stop")


def test_what_is_cut_off_is_not_lost() -> None:
    class Cut(Pieces):
        def close(self) -> list[Event]:
            return [Finish("length")]

    held: Constrained = constrained(Request("tiny", (user("Hi"),), tools=(WEATHER,)))
    decoder = held.decoder(Cut())  # type: ignore[arg-type]
    arrived = [*decoder.feed(b'{"tool": "wea'), *decoder.close()]
    assert arrived == [TextDelta('{"tool": "wea'), Finish("length")]


def test_a_chain_calls_python_with_what_its_schema_allows(tiny_held: ModelFile) -> None:
    """The model leans towards the letter t, and so towards calls; it is asked twice and would go on."""
    towns: list[str] = []

    def weather(town: Literal["Oslo", "Lima"]) -> str:
        """The weather in a town."""
        towns.append(town)
        return "It rains."

    vocabulary = json.loads((MODEL / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    leaning = {str(number): 100 for token, number in vocabulary.items() if token.lstrip('{"').startswith("t")}
    chain = Conversation(Local(tiny_held)).chain(
        "What is the weather?", functions=of(weather), limit=2, options={"logit_bias": leaning, "seed": 1}
    )
    with pytest.raises(ChainTooLong):
        chain.text()
    assert len(towns) == 1
    assert towns[0] in ("Oslo", "Lima")
