"""Calling the tools of a server: what comes back, side by side, and when the server is no good."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curta.errors import MissingKey, ServerError
from curta.messages import Attachment, Document, Text, ToolCall
from curta.tools import find
from curta.tools.mcp import connection, servers
from curta.tools.mcp.settings import Server
from curta.tools.running import Job, arun
from tests.tools_mcp.calling import call, call_all, said

BadServer = Callable[..., Server]


def test_a_tool_is_called_and_its_words_come_back(good: Server) -> None:
    result = call("good/add", a=1, b=2)
    assert (said(result), result.failed) == ("3", False)


def test_a_server_is_found_as_a_provider_of_tools(good: Server) -> None:
    names = [function.name for function in find("good")]
    assert {"good_add", "good_erase"} <= set(names)
    assert [f.name for f in find("good/add")] == [f.name for f in find("good_add")] == ["good_add"]
    assert find("good/add")[0].source == "mcp:good"


def test_pictures_sounds_and_texts_come_back_as_parts(good: Server) -> None:
    words, picture, sound, text, link = call("good/show").parts
    assert words == Text("Look:")
    assert picture == Attachment("image/png", b"\x89PNG and so on")
    assert sound == Attachment("audio/wav", b"\x89PNG and so on")
    assert text == Document("Notes.", uri="file:///notes.txt")
    assert link == Text("more: https://example.org/more")


def test_structured_content_comes_back_once(good: Server) -> None:
    (part,) = call("good/measure").parts
    assert isinstance(part, Text)
    assert part.text.split() == ["{", '"width":', "3,", '"height":', "4", "}"]


@pytest.mark.parametrize(
    ("texts", "structured", "shown"),
    [
        (["3"], {"result": 3}, ["3"]),
        (["three"], {"result": "three"}, ["three"]),
        (["a", "b"], {"result": ["a", "b"]}, ["a", "b"]),
        (["1", '{"x": 2}'], {"result": [1, {"x": 2}]}, ["1", '{"x": 2}']),
        (['{"a": 1,\n"b": 2}'], {"b": 2, "a": 1}, ['{"a": 1,\n"b": 2}']),
        (["Found 2."], {"result": ["a", "b"]}, ["Found 2.", '{"result": ["a", "b"]}']),
        ([], {"result": 0}, ['{"result": 0}']),
    ],
)
def test_what_the_words_say_already_is_not_said_again(texts: list[str], structured: object, shown: list[str]) -> None:
    from mcp_types import CallToolResult, TextContent

    from curta.tools.mcp.results import parts

    result = CallToolResult(content=[TextContent(text=text) for text in texts], structured_content=structured)
    assert [part.text for part in parts(result)] == shown  # type: ignore[union-attr]


def test_structured_content_without_words_comes_back_as_json(bad: BadServer) -> None:
    bad({"name": "look"}, calls={"look": {"result": {"content": [], "structuredContent": {"ö": [1]}}}})
    assert said(call("bad/look")) == '{"ö": [1]}'


def test_what_the_server_calls_an_error_is_a_failed_result(good: Server) -> None:
    result = call("good/fail")
    assert result.failed
    assert "Error executing tool fail" in said(result)


def test_arguments_the_server_refuses_are_a_failed_result(good: Server) -> None:
    result = call("good/add", a="many")
    assert result.failed
    assert "valid integer" in said(result)


def test_a_server_that_asks_its_client_for_something_gets_nothing(good: Server) -> None:
    result = call("good/confide")
    assert result.failed
    assert "got" not in said(result)


def test_calls_run_side_by_side(good: Server) -> None:
    (meet,) = servers.functions("good/meet")
    assert [said(each) for each in call_all(*[(meet, {"people": 4})] * 4)] == ["met"] * 4


def test_sync_and_async_code_share_one_connection(bad: BadServer) -> None:
    server = bad({"name": "ask"}, calls={"ask": {"text": "hello"}})
    (ask,) = servers.functions("bad/ask")
    jobs = [Job(ToolCall("1", ask.name, {}), ask)]
    results = [*asyncio.run(arun(jobs)), *call_all((ask, {})), *asyncio.run(arun(jobs))]
    assert [said(each) for each in results] == ["hello"] * 3
    assert len([link for link in connection._links.values() if link.server.command == server.command]) == 1


def test_a_server_that_dies_in_the_middle_fails_its_calls_and_is_started_again(good: Server) -> None:
    (sleep,), (die,) = servers.functions("good/sleep"), servers.functions("good/die")
    results = call_all((sleep, {"seconds": 30}), (die, {}))
    assert all(each.failed for each in results)
    assert all("It ended with code 3. Its last words: last words" in said(each) for each in results)
    assert said(call("good/add", a=1, b=2)) == "3"


def test_a_server_that_died_between_two_calls_is_started_again(bad: BadServer) -> None:
    server = bad({"name": "ask"}, calls={"ask": {"text": "hello", "after": "die"}})
    for _ in range(3):
        assert said(call("bad/ask")) == "hello"
        while not connection._links[server.reach].over:
            time.sleep(0.01)


def test_a_slow_server_fails_its_call_and_stays(bad: BadServer) -> None:
    bad({"name": "think"}, {"name": "ask"}, calls={"think": {"hang": True}}, how={"timeout": 1})
    result = call("bad/think")
    assert result.failed
    assert "too slow: it had not answered after 1 s" in said(result)
    assert said(call("bad/ask")) == "done"


def test_a_call_that_was_cancelled_leaves_the_connection_as_it_was(bad: BadServer) -> None:
    bad({"name": "think"}, {"name": "ask"}, calls={"think": {"hang": True}})
    (think,) = servers.functions("bad/think")

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(think.call(), 0.3)

    asyncio.run(give_up())
    assert said(call("bad/ask")) == "done"


def test_chatter_on_stdout_is_passed_over(bad: BadServer, capfd: pytest.CaptureFixture[str]) -> None:
    bad({"name": "ask"}, chatter='starting...\n{"not": "a message"}\n[]\n\n\x1b]52;c;AAAA\x07\n')
    assert said(call("bad/ask")) == "done"
    assert capfd.readouterr() == ("", "")


def test_a_flood_of_complaints_neither_stops_the_server_nor_fills_the_disk(bad: BadServer, home: Path) -> None:
    bad({"name": "ask"}, chatter=("complaint " * 400 + "\n") * 100)
    for _ in range(5):
        assert said(call("bad/ask")) == "done"
    log = home / "mcp" / "bad.log"
    assert log.stat().st_size <= 1 << 20
    assert log.stat().st_mode & 0o777 == 0o600


def test_an_endless_line_ends_the_connection(bad: BadServer) -> None:
    bad({"name": "flood"}, {"name": "ask"}, calls={"flood": {"flood": 40 << 20}})
    result = call("bad/flood")
    assert result.failed
    assert "a line of more than 32 MB" in said(result)
    assert said(call("bad/ask")) == "done"


def test_a_large_answer_is_cut_for_the_model(bad: BadServer) -> None:
    bad({"name": "recite"}, calls={"recite": {"text": "x" * 5_000_000}})
    result = call("bad/recite")
    assert not result.failed
    assert len(said(result)) < 200_000


def test_an_answer_that_is_none_is_a_failed_result(bad: BadServer) -> None:
    bad({"name": "ask"}, calls={"ask": {"result": {"content": "not a list"}}})
    result = call("bad/ask")
    assert result.failed
    assert "does not keep to the protocol" in said(result)


def test_a_server_sees_only_what_it_was_promised(monkeypatch: pytest.MonkeyPatch, bad: BadServer) -> None:
    monkeypatch.setenv("SECRET_OF_MINE", "seen")
    monkeypatch.setenv("PROMISED", "seen too")
    from curta.models import keys

    keys.save("weather", "a-long-key-for-the-weather")
    promised = servers.promised(["PROMISED", "TOKEN=key:weather"])
    bad({"name": "look"}, calls={"look": {"environment": True}}, how={"environment": promised})
    variables = said(call("bad/look"))
    assert "'PROMISED': 'seen too'" in variables
    assert "'TOKEN': 'a-long-key-for-the-weather'" in variables
    assert "SECRET_OF_MINE" not in variables
    assert "CURTA_HOME" not in variables
    assert "a-long-key" not in (Path(os.environ["CURTA_HOME"]) / "mcp.json").read_text()


def test_what_was_promised_and_is_not_there_is_named(bad: BadServer) -> None:
    with pytest.raises(ServerError, match="PROMISED, which is not set"):
        bad(how={"environment": {"PROMISED": None}})
    with pytest.raises(MissingKey, match="the saved key weather, which is not there"):
        bad(how={"environment": {"TOKEN": "weather"}})


def test_a_child_of_fork_opens_connections_of_its_own(good: Server) -> None:
    import multiprocessing

    call("good/add", a=1, b=2)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(_added_in_a_child) == "7"
    assert said(call("good/add", a=1, b=2)) == "3"


def _added_in_a_child() -> Any:
    result = said(call("good/add", a=3, b=4))
    connection.close()
    return result
