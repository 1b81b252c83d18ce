"""A round of calls: each has a result, whatever the tool does."""

import asyncio
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import curta
from curta.messages import Attachment, Document, Span, Text, ToolCall, ToolResult
from curta.tools import of
from curta.tools.results import LONGEST, result
from curta.tools.running import Job, arun, run


def call(function: Any, timeout: float | None = 10, **arguments: Any) -> ToolResult:
    (made,) = run([job(function, **arguments)], timeout)
    return made


def job(function: Any, **arguments: Any) -> Job:
    (found,) = of(function)
    return Job(ToolCall("1", found.name, arguments), found)


def text(made: ToolResult) -> str:
    return "".join(part.text for part in made.parts if isinstance(part, Text))


def returning(value: Any) -> Callable[[], Any]:
    def tool() -> Any:
        return value

    return tool


def raising(error: BaseException) -> Callable[[], Any]:
    def tool() -> Any:
        raise error

    return tool


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("words", "words"),
        ("", ""),
        (None, "null"),
        (3, "3"),
        ({"a": [1, None, "ü"]}, '{"a": [1, null, "ü"]}'),
        ([], "[]"),
        ({"when": Path("x"), "much": Decimal("1.5"), "set": {1}}, '{"when": "x", "much": "1.5", "set": [1]}'),
        (range(3), "[0, 1, 2]"),
    ],
)
def test_what_is_returned_becomes_text(value: Any, shown: str) -> None:
    made = call(returning(value))
    assert (text(made), made.failed) == (shown, False)


class Awkward(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even this")


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ValueError("no such city"), "ValueError: no such city"),
        (KeyError("x"), "KeyError: 'x'"),
        (AssertionError(), "AssertionError"),
        (SystemExit(1), "The tool tried to end the program."),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (Awkward(), "Awkward"),
        (RecursionError("deep"), "RecursionError: deep"),
    ],
)
def test_a_tool_that_raises_has_failed(error: BaseException, shown: str) -> None:
    made = call(raising(error))
    assert (text(made), made.failed) == (shown, True)


def test_a_tool_that_hangs_is_given_up() -> None:
    forever = threading.Event()
    made = call(forever.wait, timeout=0.2)
    forever.set()
    assert made.failed
    assert text(made) == "wait had not answered after 0.2 seconds, and was given up."


def test_an_async_tool_that_will_not_be_cancelled_is_given_up_too() -> None:
    async def stubborn() -> None:
        end = time.monotonic() + 1
        while time.monotonic() < end:
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError:
                continue

    (made,) = asyncio.run(_in_time(arun([job(stubborn)], 0.1), 0.6))
    assert "was given up" in text(made)


async def _in_time(work: Any, seconds: float) -> Any:
    return await asyncio.wait_for(work, seconds)


def test_a_flood_is_cut_and_says_so() -> None:
    made = call(returning("x" * (100 << 20)))
    assert len(text(made)) < LONGEST + 100
    assert text(made).endswith("(Cut off: of 104,857,600 characters, the first 100,000 are here.)")
    assert len(text(call(raising(ValueError("y" * (1 << 20)))))) < LONGEST + 100


def test_a_flood_of_parts_is_cut_as_a_whole() -> None:
    document = Document("abc" * 40_000, uri="a", spans=(Span(0, 6, "Ada"), Span(6, 120_000, "Bob")))
    made = result("1", [Text("x" * 10_000), document, Text("more"), Attachment("image/png", b"1")])
    kept = made.parts[1]
    assert isinstance(kept, Document)
    assert len(kept.text) == 90_000
    assert kept.spans[-1] == Span(6, 90_000, "Bob")
    assert [part.text for part in made.parts[2:4] if isinstance(part, Text)] == [
        "(Cut off: of 120,000 characters, the first 90,000 are here.)",
        "(Cut off: of 4 characters, the first 0 are here.)",
    ]
    assert isinstance(made.parts[-1], Attachment)


def test_too_large_an_attachment_is_left_out_and_named() -> None:
    made = result("1", Attachment("image/png", b"x" * (21 << 20)))
    assert made.parts == (Text("(An attachment of 22,020,096 bytes is left out.)"),)


def _loop() -> list[Any]:
    loop: list[Any] = []
    loop.append(loop)
    return loop


@pytest.mark.parametrize("value", [object(), {1: object()}, b"bytes", {(1, 2): 3}, _loop(), lambda: 1, iter([])])
def test_what_cannot_be_written_as_json_is_a_failed_result_in_a_sentence(value: Any) -> None:
    made = call(returning(value))
    assert made.failed
    assert "cannot be written as JSON" in text(made)


def test_pictures_and_documents_are_results() -> None:
    picture, document = Attachment("image/png", b"\x89PNG"), Document("words", uri="a")
    assert call(returning(picture)).parts == (picture,)
    assert call(returning([Text("look"), picture, document])).parts == (Text("look"), picture, document)
    table = Attachment("text/csv", b"a,b", name="t.csv")
    assert call(returning(table)).parts == (Document("a,b", uri="t.csv", title="t.csv"),)


def test_wrong_arguments_are_told_to_the_model() -> None:
    def double(n: int) -> int:
        return 2 * n

    assert text(call(double, n="4")) == "8"
    made = call(double, m=4)
    assert made.failed
    assert text(made).startswith("The arguments of double do not fit: there is no argument 'm'")


async def _slowly(n: int) -> int:
    await asyncio.sleep(0)
    return n


def test_async_functions_work_from_sync_code_and_the_other_way_round() -> None:
    assert text(call(_slowly, n=3)) == "3"
    assert [text(each) for each in asyncio.run(arun([job(_slowly, n=3), job(returning(4))]))] == ["3", "4"]


def test_async_functions_run_in_the_loop_of_the_caller() -> None:
    async def which() -> bool:
        return asyncio.get_running_loop() is loops[0]

    async def ask() -> ToolResult:
        loops.append(asyncio.get_running_loop())
        (made,) = await arun([job(which)])
        return made

    loops: list[Any] = []
    assert text(asyncio.run(ask())) == "true"


@pytest.mark.parametrize("drive", [run, lambda jobs, timeout: asyncio.run(arun(jobs, timeout))], ids=["sync", "async"])
def test_calls_are_made_side_by_side_and_results_keep_their_order(drive: Any) -> None:
    together = threading.Barrier(3)

    def meet(n: int) -> int:
        together.wait(5)
        return n

    made = drive([job(meet, n=n) for n in range(3)], 10)
    assert [text(each) for each in made] == ["0", "1", "2"]


class Counter(curta.Toolbox):
    def __init__(self) -> None:
        self.value = 0

    def up(self) -> int:
        value = self.value
        time.sleep(0.001)
        self.value = value + 1
        return self.value

    async def aup(self) -> int:
        value = self.value
        await asyncio.sleep(0.001)
        self.value = value + 1
        return self.value


@pytest.mark.parametrize("drive", [run, lambda jobs, timeout: asyncio.run(arun(jobs, timeout))], ids=["sync", "async"])
def test_the_calls_of_a_toolbox_are_made_one_after_another(drive: Any) -> None:
    functions = {function.name: function for function in of(Counter())}
    names = ["Counter_up", "Counter_aup"] * 10
    made = drive([Job(ToolCall(str(n), name, {}), functions[name]) for n, name in enumerate(names)], 10)
    assert [text(each) for each in made] == [str(n) for n in range(1, 21)]


def test_hundreds_of_calls_do_not_need_hundreds_of_threads() -> None:
    most = 0

    def look() -> None:
        nonlocal most
        most = max(most, threading.active_count())

    before = threading.active_count()
    assert len(run([job(look) for _ in range(200)], 10)) == 200
    assert most - before <= 34


def test_ctrl_c_while_a_tool_works_reaches_the_caller() -> None:
    import os
    import signal

    forever = threading.Event()
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        call(forever.wait, timeout=30)
    forever.set()


def test_a_cancelled_round_cancels_its_async_tools() -> None:
    ended: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.append("yes")

    async def ask() -> None:
        task = asyncio.ensure_future(arun([job(wait)]))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(ask())
    assert ended == ["yes"]
