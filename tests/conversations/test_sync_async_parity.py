"""Sync and async code get the same: equal events and equal rows of the log, whatever happens."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import curta
from curta.conversations.chain import Pause
from curta.errors import CurtaError
from curta.messages import Attachment, Text
from curta.models import registry
from curta.store import open_log
from tests.servers.anthropic import AnthropicServer
from tests.servers.openai import Answer, Bytes, Failure, OpenAIServer, _chunk

TIMES = {"id", "conversation_id", "datetime_utc", "duration_ms", "first_token_ms"}


def add(a: int, b: int) -> int:
    """Add."""
    return a + b


async def aadd(a: int, b: int) -> int:
    """Add, slowly."""
    await asyncio.sleep(0)
    return a + b


def fail() -> None:
    """Fail."""
    raise ValueError("always")


def picture() -> list[Any]:
    """A picture."""
    return [Text("here"), Attachment("image/png", b"\x89PNG")]


def asking(*calls: tuple[str, Any], text: str = "", **more: Any) -> Answer:
    return Answer(text, calls=tuple((n, json.dumps(a)) for n, a in calls), finish="tool_calls", **more)


HALF = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "add", "arguments": '{"a": '}}

SCRIPTS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "one answer": (["Hello."], {}),
    "reasoning": ([Answer("42", reasoning="Six times seven.", thought=4, cached=3)], {}),
    "two rounds": ([asking(("add", {"a": 1, "b": 2}), text="So."), asking(("add", {"a": 3, "b": 3})), "Six."], {}),
    "many at once": ([asking(*[("add", {"a": n, "b": 1}) for n in range(5)], ("aadd", {"a": 0, "b": 0})), "ok"], {}),
    "what goes wrong": ([asking(("fail", {}), ("none", {}), ("add", {"a": "x"})), "sorry"], {}),
    "a picture": ([asking(("picture", {})), "I see."], {}),
    "the limit": ([asking(("add", {"a": n, "b": 1})) for n in range(2)], {"chain_limit": 2}),
    "refused": ([asking(("add", {"a": 1, "b": 1})), "ok"], {"approve": lambda call, function: False}),
    "paused": ([asking(("add", {"a": 1, "b": 1}))], {"approve": lambda call, function: Pause("later")}),
    "half a call": ([Bytes(_chunk(content="Well") + _chunk(tool_calls=[HALF]), cut=True)], {}),
    "an error afterwards": ([asking(("add", {"a": 1, "b": 1})), Failure(400, "no")], {}),
}  # fmt: skip


def outcome(answer: Any, error: BaseException | None) -> tuple[Any, ...]:
    return (
        list(answer.events()), answer.partial(), answer.status, answer.finish, answer.usage, answer.pending,
        list(answer.results), [type(each).__name__ for each in answer.responses], str(error) if error else None,
    )  # fmt: skip


def by_sync(answer: Any) -> tuple[Any, ...]:
    try:
        answer.text()
    except CurtaError as error:
        return outcome(answer, error)
    return outcome(answer, None)


def by_async(answer: Any) -> tuple[Any, ...]:
    async def wait() -> None:
        await answer

    try:
        asyncio.run(wait())
    except CurtaError as error:
        return outcome(answer, error)
    return outcome(answer, None)


def rows(path: Path) -> list[dict[str, Any]]:
    """The log, without what differs between any two runs; each call with all that was sent and received."""
    found = list(open_log(path).export())
    ids = {row["id"]: n for n, row in enumerate(found)}
    same = [{name: ids.get(str(value), value) for name, value in row.items() if name not in TIMES} for row in found]
    return [{**each, "of": ids[row["conversation_id"]]} for each, row in zip(same, found, strict=True)]


def run(server: Any, script: list[Any], how: dict[str, Any], path: Path, drive: Callable[[Any], Any]) -> dict[str, Any]:
    """What was seen of a chain, what was sent, and what is in its log."""
    server.script(*script)
    server.requests.clear()
    log = open_log(path)
    answer = curta.prompt("1+2?", model="voice", system="Be brief.", tools=[add, aadd, fail, picture], log=log, **how)
    seen = drive(answer)
    log.close()
    return {"seen": seen, "sent": [request.body for request in server.requests], "logged": rows(path)}


@pytest.mark.parametrize("name", SCRIPTS)
def test_sync_and_async_code_get_equal_events_and_equal_rows(name: str, tmp_path: Path, openai_server: Any) -> None:
    registry.add("voice", url=openai_server.url, model="hello")
    script, how = SCRIPTS[name]
    one = run(openai_server, script, how, tmp_path / "sync.db", by_sync)
    other = run(openai_server, script, how, tmp_path / "async.db", by_async)
    assert one["seen"] == other["seen"]
    assert one["sent"] == other["sent"]
    assert one["logged"] == other["logged"]
    assert one["logged"]


def test_also_over_a_wire_with_signed_reasoning(tmp_path: Path) -> None:
    with AnthropicServer() as server:
        registry.add("voice", url=server.url, model="tools", wire="anthropic")
        one = run(server, [], {}, tmp_path / "sync.db", by_sync)
        other = run(server, [], {}, tmp_path / "async.db", by_async)
    assert one == other
    assert len(one["logged"]) == 2


def test_async_approval_is_waited_for_from_both() -> None:
    async def approve(call: Any, function: Any) -> bool:
        await asyncio.sleep(0)
        return bool(call.arguments["a"] == 1)

    script = [asking(("add", {"a": 1, "b": 1}), ("add", {"a": 2, "b": 2})), "ok"]
    seen = []
    for drive in (by_sync, by_async):
        with OpenAIServer() as server:
            registry.add("voice", url=server.url, model="hello")
            server.script(*script)
            answer = curta.prompt("?", model="voice", tools=[add], approve=approve, log=False)
            drive(answer)
            seen.append([result.failed for result in answer.results])
    assert seen == [[False, True]] * 2


def test_async_code_can_iterate_and_stop_in_the_middle(tmp_path: Path) -> None:
    async def read() -> list[str]:
        answer = curta.prompt("hi", model="endless", tools=[add], log=open_log(tmp_path / "log.db"))
        pieces = []
        iterator = answer.__aiter__()
        async for piece in iterator:
            pieces.append(piece)
            if len(pieces) == 3:
                await iterator.aclose()  # type: ignore[attr-defined]
                break
        return pieces

    with OpenAIServer() as server:
        registry.add("endless", url=server.url, model="endless")
        assert asyncio.run(read()) == ["again "] * 3
    assert open_log(tmp_path / "log.db").call().status == "interrupted"
