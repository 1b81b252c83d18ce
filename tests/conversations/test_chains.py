"""A model that calls tools: asked, its calls made, asked again, until all is said; over every wire, from the log."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import curta
from curta.conversations.chain import REFUSED, Asking, Called, Calling, Pause
from curta.conversations.conversation import NOT_MADE
from curta.errors import BrokenAnswer, ChainTooLong, ProviderError, UsageError
from curta.messages import Attachment, Text, ToolResult
from curta.models import registry
from curta.tools import of
from tests.servers.anthropic import AnthropicServer
from tests.servers.gemini import GeminiServer
from tests.servers.openai import Answer, Bytes, Failure, OpenAIServer, _chunk
from tests.servers.openai_responses import ResponsesServer

SERVERS: dict[str, type[Any]] = {
    "openai_chat": OpenAIServer,
    "openai_responses": ResponsesServer,
    "anthropic": AnthropicServer,
    "gemini": GeminiServer,
}


def weather(city: str) -> str:
    """The weather in a city."""
    return f"sun in {city}"


def add(a: int, b: int) -> int:
    """The sum."""
    return a + b


def picture() -> list[Any]:
    """A picture."""
    return [Text("Here it is"), Attachment("image/png", b"\x89PNG\r\n\x1a\n", name="p.png")]


def asking(*calls: tuple[str, Any], text: str = "") -> Answer:
    written = tuple(
        (name, arguments if isinstance(arguments, str) else json.dumps(arguments)) for name, arguments in calls
    )
    return Answer(text, calls=written, finish="tool_calls")


@pytest.fixture
def server(openai_server: Any) -> Any:
    for name in ("hello", "tools"):
        registry.add(name, url=openai_server.url, model=name)
    return openai_server


def chain(*tools: Any, **how: Any) -> Any:
    return curta.prompt("Rome?", model="hello", tools=list(tools), **how)


def told(server: Any) -> list[str]:
    """What the last request says that tools said."""
    return [message["content"] for message in server.requests[-1].body["messages"] if message["role"] == "tool"]


def calls() -> list[Any]:
    """The logged calls, the oldest first."""
    return list(reversed(list(curta.open_log().calls())))


# The loop


@pytest.mark.parametrize("wire", SERVERS)
def test_a_chain_over_every_wire(wire: str) -> None:
    with SERVERS[wire]() as server:
        registry.add("voice", url=server.url, model="tools", wire=wire)
        answer = curta.prompt("Rome?", model="voice", tools=[weather, add])
        assert "The tools said: " in answer.text()
        assert "sun in text" in answer.text()
        assert [call.name for call in answer.tool_calls] == ["weather", "add"]
        assert len(answer.responses) == 2
        assert [call.finish for call in calls()] == ["tool_calls", "stop"]
        assert answer.usage.output > 0


@pytest.mark.parametrize("wire", SERVERS)
def test_a_picture_that_a_tool_returns_reaches_the_model_over_every_wire(wire: str) -> None:
    with SERVERS[wire]() as server:
        registry.add("voice", url=server.url, model="tools", wire=wire)
        assert "The tools said: " in curta.prompt("Show me.", model="voice", tools=[picture]).text()
        sent = json.dumps(server.requests[-1].body)
        assert "iVBORw0KGgo" in sent  # the picture in base64
        assert "Here it is" in sent


@pytest.mark.parametrize("wire", SERVERS)
def test_a_conversation_with_calls_goes_on_without_tools(wire: str) -> None:
    with SERVERS[wire]() as server:
        registry.add("voice", url=server.url, model="tools", wire=wire)
        talk = curta.conversation("voice")
        curta.prompt("Rome?", conversation=talk, tools=[weather]).text()
        assert talk.prompt("Thank you.").text()
        sent = server.requests[-1].body
        if wire == "anthropic":  # it refuses a request with calls and without tools
            assert [tool["name"] for tool in sent["tools"]] == ["weather"]
            assert sent["tool_choice"] == {"type": "none"}
        else:
            assert "tools" not in sent


def test_what_is_said_before_and_after_a_call_is_kept_and_shown(server: Any) -> None:
    server.script(asking(("weather", {"city": "Rome"}), text="Let me see."), "There is sun.")
    answer = chain(weather)
    assert answer.text() == "".join(answer) == answer.partial() == "Let me see.\n\nThere is sun."
    assert [type(event) for event in answer.events() if isinstance(event, Asking | Calling | Called)] == [
        Asking, Calling, Called, Asking,
    ]  # fmt: skip
    assert [call.response for call in calls()] == ["Let me see.", "There is sun."]


def test_calls_of_one_round_are_answered_together_and_in_order(server: Any) -> None:
    server.script(asking(("add", {"a": 1, "b": 2}), ("weather", {"city": "Rome"}), ("add", {"a": 3, "b": "4"})), "ok")
    assert chain(weather, add).text() == "ok"
    assert told(server) == ["3", "sun in Rome", "7"]


def test_a_chain_is_a_conversation_that_goes_on(server: Any) -> None:
    talk = curta.conversation("hello")
    server.script(asking(("add", {"a": 1, "b": 2})), "three", "again three")
    assert curta.prompt("1+2?", conversation=talk, tools=[add], system="Be brief.").text() == "three"
    assert curta.prompt("Sure?", conversation=talk, system="Be brief.").text() == "again three"
    roles = [message["role"] for message in server.requests[-1].body["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert {call.conversation_id for call in calls()} == {talk.id}


def test_without_a_call_it_is_one_answer(server: Any) -> None:
    answer = chain(weather)
    assert answer.text() == "Hello, wörld! 👋🏽"
    assert len(answer.responses) == len(calls()) == 1


def test_the_same_events_can_be_read_twice_and_in_the_middle(server: Any) -> None:
    server.script(asking(("add", {"a": 1, "b": 2})), "three")
    answer = chain(add)
    pieces = iter(answer)
    first = next(pieces)
    assert answer.text() == first + "".join(pieces) == "three"
    assert list(answer.events()) == list(answer.events())
    assert len(server.requests) == 2


# Limits, approval, going on


def test_the_limit_ends_a_chain_and_keeps_what_was_said(server: Any) -> None:
    server.script(*(asking(("add", {"a": n, "b": 1}), text=f"Step {n}.") for n in range(9)))
    answer = chain(add, chain_limit=3)
    with pytest.raises(ChainTooLong, match=r"still asks for tools \(add\) after 3 calls"):
        answer.text()
    assert answer.partial() == "Step 0.\n\nStep 1.\n\nStep 2."
    assert [call.arguments["a"] for call in answer.pending] == [2]
    assert len(server.requests) == len(calls()) == 3
    server.script("done")
    assert curta.conversation(resume=True).chain(functions=of(add), limit=0).text().endswith("done")


def test_five_is_the_limit_unless_told_and_zero_is_none(server: Any) -> None:
    server.script(*(asking(("add", {"a": n, "b": 1})) for n in range(7)), "end")
    with pytest.raises(ChainTooLong):
        chain(add).text()
    assert len(server.requests) == 5
    server.script()
    assert curta.conversation(resume=True).chain(functions=of(add), limit=0).text() == "end"


def test_each_call_can_be_allowed_or_refused(server: Any) -> None:
    asked: list[Any] = []

    def approve(call: Any, function: Any) -> bool:
        asked.append((call.arguments["a"], function.name))
        return bool(call.arguments["a"] == 1)

    server.script(asking(("add", {"a": 1, "b": 2}), ("add", {"a": 5, "b": 5})), "ok")
    answer = chain(add, approve=approve)
    answer.text()
    assert asked == [(1, "add"), (5, "add")]
    assert told(server) == ["3", f"The tool failed: {REFUSED}"]
    assert [result.failed for result in answer.results] == [False, True]


def test_a_pause_calls_nothing_and_another_process_goes_on(server: Any, home: Path) -> None:
    made: list[str] = []
    server.script(asking(("weather", {"city": "Rome"}), ("weather", {"city": "Oslo"}), text="Let me see."), "Sun.")

    def approve(call: Any, function: Any) -> bool | Pause:
        return Pause("later") if call.arguments["city"] == "Oslo" else True

    answer = chain(weather, approve=approve)
    assert answer.text() == "Let me see."
    assert (answer.status, answer.paused) == ("paused", Pause("later"))
    assert [call.arguments["city"] for call in answer.pending] == ["Rome", "Oslo"]
    assert made == []
    program = textwrap.dedent("""
        import curta
        def weather(city: str): return "rain in " + city
        answer = curta.prompt(conversation=curta.conversation(resume=True), tools=[weather])
        print(answer.text())
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("Sun.\n", "")
    assert told(server) == ["rain in Rome", "rain in Oslo"]
    assert len({call.conversation_id for call in calls()}) == 1


def test_whoever_goes_on_with_words_leaves_the_calls_unmade(server: Any) -> None:
    server.script(asking(("weather", {"city": "Rome"})), "Fine.")
    chain(weather, approve=lambda call, function: Pause()).text()
    assert curta.prompt("Never mind.", conversation=curta.conversation(resume=True)).text() == "Fine."
    assert told(server) == [f"The tool failed: {NOT_MADE}"]


def test_a_chain_killed_while_a_tool_works_goes_on_from_the_log(server: Any, home: Path) -> None:
    server.script(asking(("weather", {"city": "Rome"})), "Sun.")
    program = textwrap.dedent("""
        import curta, time
        def weather(city: str):
            print("working", flush=True)
            time.sleep(60)
        curta.prompt("Rome?", model="hello", tools=[weather]).text()
    """)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"working\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    talk = curta.conversation(resume=True)
    assert [call.name for call in talk.pending] == ["weather"]
    assert talk.chain(functions=of(weather)).text() == "Sun."


def test_no_tool_is_called_again_because_the_next_answer_failed(server: Any) -> None:
    made: list[int] = []

    def note(a: int) -> str:
        made.append(a)
        return "noted"

    server.script(asking(("note", {"a": 1}), text="One moment."), Failure(400, "no"), Failure(400, "no"), "Done.")
    answer = chain(note)
    with pytest.raises(ProviderError):
        answer.text()
    assert answer.partial() == "One moment."
    assert [call.status for call in calls()] == ["ok", "failed"]
    with pytest.raises(ProviderError):
        curta.prompt(conversation=answer.conversation, tools=[note]).text()
    assert curta.prompt(conversation=curta.conversation(resume=True), tools=[note]).text() == "Done."
    assert made == [1]
    assert told(server) == ["noted"]


def test_a_conversation_goes_on_with_the_tools_it_had_where_names_find_them(server: Any) -> None:
    server.script(asking(("curta_version", {})), "Done.")
    chain("curta_version", "llm_time", approve=lambda call, function: Pause()).text()
    assert curta.prompt(conversation=curta.conversation(resume=True)).text() == "Done."
    assert told(server) == [curta.__version__]


def test_code_has_to_be_given_again(server: Any) -> None:
    server.script(asking(("add", {"a": 1, "b": 2})))
    chain(add, approve=lambda call, function: Pause()).text()
    with pytest.raises(UsageError, match="add cannot be called again from here"):
        curta.prompt(conversation=curta.conversation(resume=True))


# What models get wrong


def test_a_tool_that_is_not_there_is_told_with_those_that_are(server: Any) -> None:
    server.script(asking(("subtract", {"a": 1})), "sorry")
    chain(weather, add).text()
    assert told(server) == ["The tool failed: There is no tool called 'subtract'. There is: weather, add."]


BROKEN = ['{"a": 1, "b', "[1, 2]", "{'a': 1}", "null", '"text"', '{"a": NaN}', '{"a": 1e999}', "[" * 100_000]


@pytest.mark.parametrize("written", BROKEN, ids=range(len(BROKEN)))
def test_broken_arguments_are_told_and_nothing_is_called(server: Any, written: str) -> None:
    server.script(asking(("add", written)), "sorry")
    answer = chain(add)
    answer.text()
    assert [result.failed for result in answer.results] == [True]
    assert told(server)[0].startswith("The tool failed: The arguments of add are not a JSON object: ")


@pytest.mark.parametrize("odd", ["\\ud800", "\\u0000", "\\u202e", "\\ud83d\\ude00"])
def test_odd_characters_in_arguments_and_results_are_kept_or_replaced(server: Any, odd: str) -> None:
    def same(text: str) -> str:
        return text

    server.script(asking(("same", f'{{"text": "a{odd}b"}}')), "ok")
    assert chain(same).text() == "ok"
    assert told(server)[0].startswith("a")
    assert curta.conversation(resume=True).messages[2].parts == chain_results(calls()[-1])


def chain_results(call: Any) -> Any:
    return call.messages()[2].parts


def test_an_error_of_a_tool_is_told(server: Any) -> None:
    def fail() -> None:
        raise OSError("the disk is full")

    server.script(asking(("fail", {})), "sorry")
    assert chain(fail).text() == "sorry"
    assert told(server) == ["The tool failed: OSError: the disk is full"]


def test_a_tool_that_hangs_is_told(server: Any) -> None:
    def hang() -> None:
        time.sleep(60)

    server.script(asking(("hang", {})), "sorry")
    assert chain(hang, tool_timeout=0.1).text() == "sorry"
    assert told(server) == ["The tool failed: hang had not answered after 0.1 seconds, and was given up."]


def half_a_call(end: bool) -> Bytes:
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "note", "arguments": '{"a": 1, '}}
    return Bytes(_chunk(content="Let me add.") + _chunk(tool_calls=[call]), cut=end)


@pytest.mark.parametrize("cut", [True, False], ids=["cut", "ended"])
def test_half_a_tool_call_is_a_broken_answer_and_nothing_is_called(server: Any, cut: bool) -> None:
    made: list[int] = []

    def note(a: int = 0) -> None:
        made.append(a)

    server.script(half_a_call(cut))
    answer = chain(note, add)
    with pytest.raises(BrokenAnswer):
        answer.text()
    assert made == []
    assert answer.partial() == "Let me add."
    (logged,) = calls()
    assert (logged.status, logged.response) == ("failed", "Let me add.")


def test_a_whole_looking_call_of_an_answer_that_broke_off_is_not_made(server: Any) -> None:
    call = {
        "index": 0,
        "id": "call_1",
        "type": "function",
        "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'},
    }
    server.script(Bytes(_chunk(tool_calls=[call]), cut=True))
    answer = chain(add)
    with pytest.raises(BrokenAnswer):
        answer.text()
    assert [dict(call.arguments) for call in answer.responses[0].tool_calls] == [{"": '{"a": 1, "b": 2}'}]


def test_a_call_that_a_limit_of_length_cut_is_not_made(server: Any) -> None:
    server.script(Answer("Let me", calls=(("add", '{"a": 1'),), finish="length"))
    answer = chain(add)
    assert answer.text() == "Let me"
    assert answer.finish == "length"
    assert answer.results == []


def test_calls_without_ids_and_with_the_same_id_are_told_apart(server: Any) -> None:
    def one(index: int, id: str, a: int) -> dict[str, Any]:
        return {
            "index": index,
            "id": id,
            "type": "function",
            "function": {"name": "add", "arguments": f'{{"a":{a},"b":0}}'},
        }

    both = [
        _chunk(tool_calls=[one(0, "same", 1)]),
        _chunk(tool_calls=[one(1, "same", 2)]),
        _chunk(tool_calls=[one(2, "", 3)]),
    ]
    end = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}\n\ndata: [DONE]\n\n'
    server.script(Bytes(b"".join(both) + end), "ok")
    answer = chain(add)
    assert answer.text() == "ok"
    ids = [call.id for call in answer.tool_calls]
    assert len(set(ids)) == 3
    assert all(ids)
    assert told(server) == ["1", "2", "3"]


def test_a_call_without_a_name_is_told(server: Any) -> None:
    server.script(asking(("", {})), "sorry")
    assert chain(add).text() == "sorry"
    assert "There is no tool called 'unnamed'" in told(server)[0]


def test_an_attachment_that_the_model_cannot_be_sent_is_named_instead(server: Any) -> None:
    def film() -> Attachment:
        return Attachment("video/mp4", b"film")

    server.script(asking(("film", {})), "I see nothing.")
    assert chain(film).text() == "I see nothing."
    assert told(server)[0].startswith("(An attachment, video/mp4, 4 bytes, cannot be shown: ")


# What users get wrong


def test_two_tools_of_one_name_are_refused_before_anything_is_sent(server: Any) -> None:
    def other(a: int) -> int:
        return a

    other.__name__ = "add"
    with pytest.raises(UsageError, match="Two tools are called 'add'"):
        chain(add, other)
    assert chain(add, add).text()


def test_there_is_nothing_to_go_on_with(server: Any) -> None:
    talk = curta.conversation("hello")
    talk.prompt("hi").text()
    with pytest.raises(UsageError, match="There is no prompt"):
        curta.prompt(conversation=talk, tools=[add])


def test_a_closed_chain_is_an_interrupted_one(server: Any) -> None:
    registry.add("endless", url=server.url, model="endless")
    pieces = iter(curta.prompt("hi", model="endless", tools=[add]))
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert calls()[-1].status == "interrupted"


# The cost of a long chain


def test_the_log_grows_by_the_same_for_each_turn(server: Any, home: Path) -> None:
    """200 turns: equal rows for each, equal SQL statements, and what is stored of a turn is the turn alone."""
    import sqlite3

    turns = 200
    server.script(*(asking(("add", {"a": n, "b": 1})) for n in range(turns - 1)), "end")
    log = curta.open_log()
    statements: list[int] = []
    running = [0]
    answer = curta.prompt("Count.", model="hello", tools=[add], chain_limit=0, log=log)
    for event in answer.events():
        if isinstance(event, Asking):
            statements.append(running[0])
            if event.round == 1:
                log.count()
                connection = log._database._connection  # type: ignore[attr-defined]
                connection.set_trace_callback(lambda _: running.__setitem__(0, running[0] + 1))
    per_turn = [after - before for before, after in pairwise(statements[2:])]
    assert max(per_turn) == min(per_turn)
    with sqlite3.connect(home / "log.db") as connection:
        assert connection.execute("SELECT count(*) FROM call").fetchone()[0] == turns
        assert connection.execute("SELECT count(*) FROM message").fetchone()[0] == 2 * turns
        stored = connection.execute("SELECT sum(length(text) + coalesce(length(parts), 0)) FROM message").fetchone()[0]
    assert stored < turns * 400


def test_results_are_messages_of_the_log(server: Any) -> None:
    server.script(asking(("add", {"a": 1, "b": 2})), "three")
    chain(add).text()
    messages = calls()[-1].messages()
    assert [message.role for message in messages] == ["user", "assistant", "tool", "assistant"]
    assert messages[2].parts == (ToolResult("call_0", (Text("3"),)),)
