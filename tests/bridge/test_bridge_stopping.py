"""An answer that nobody wants any more is stopped in the plugin, which stays usable or is ended."""

import asyncio
import os
import subprocess
import sys
import threading
import time

import pytest

import curta
from curta.events import TextDelta
from curta.messages import Request, user
from curta.models import registry
from curta.models.bridge import pool
from curta.models.exchange import aevents, events


def begin(name: str):
    """The events of an answer, and the process that gives it."""
    model = registry.get(name)
    arriving = events(model.exchange(Request(model.name, (user("Hi"),))))
    first = next(arriving)
    assert isinstance(first, TextDelta)
    return arriving, int(first.text) if first.text.isdigit() else 0


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(what) -> None:
    end = time.monotonic() + 10
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.usefixtures("site")
class TestStopping:
    def test_a_plugin_that_sleeps_is_interrupted_and_asked_again(self):
        arriving, first = begin("sleeps")
        arriving.close()
        again, second = begin("sleeps")
        again.close()
        assert second == first

    def test_one_that_does_not_stop_is_ended_and_another_started(self):
        arriving, first = begin("stubborn")
        arriving.close()
        until(lambda: not is_alive(first))
        _, second = begin("sleeps")
        assert second != first

    def test_a_flood_is_stopped(self):
        arriving, _ = begin("endless-words")
        for _ in range(5000):
            next(arriving)
        arriving.close()
        assert curta.prompt("Hi", model="noisy", log=False).text() == "calm"

    def test_two_at_once_have_a_process_each(self):
        one, first = begin("sleeps")
        two, second = begin("sleeps")
        assert first != second
        one.close()
        two.close()

    def test_from_another_thread(self):
        model = registry.get("sleeps")
        arriving = model.exchange(Request(model.name, (user("Hi"),))).events
        threading.Timer(0.3, lambda: arriving.close()).start()
        assert [type(event) for event in arriving] == [TextDelta]
        arriving.close()
        assert begin("sleeps")[1]

    def test_an_answer_that_was_never_begun(self):
        model = registry.get("sleeps")
        arriving = model.exchange(Request(model.name, (user("Hi"),))).events
        arriving.close()
        assert list(arriving) == []

    def test_async_code_that_is_cancelled(self):
        model = registry.get("sleeps")
        pids = []

        async def ask():
            async for event in aevents(model.exchange(Request(model.name, (user("Hi"),)))):
                pids.append(int(event.text))

        async def interrupted():
            task = asyncio.ensure_future(ask())
            while not pids:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(interrupted())
        assert begin("sleeps")[1] == pids[0]

    def test_an_async_model(self):
        model = registry.get("async-only")
        arriving = events(model.exchange(Request(model.name, (user("wait"),))))
        next(arriving), next(arriving)
        arriving.close()
        assert curta.prompt("Hi", model=model, log=False).text() == "one two"


PROGRAM = """
import curta, sys
for piece in curta.prompt("Hi", model=sys.argv[1]):
    print(piece, flush=True)
"""


def start(model: str) -> tuple[subprocess.Popen, int]:
    """Curta in a process of its own, and the plugin's process it has started."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, model], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    return process, int(process.stdout.readline())


@pytest.mark.usefixtures("site")
@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
class TestTheEndOfTheProgram:
    def test_ctrl_c_ends_both_and_keeps_what_had_arrived(self):
        import signal

        process, plugin = start("sleeps")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        until(lambda: not is_alive(plugin))
        call = curta.open_log().call()
        assert call.status == "interrupted"
        assert call.response == str(plugin)

    @pytest.mark.parametrize("model", ["sleeps", "stubborn"])
    def test_a_program_that_is_killed_takes_the_plugin_along(self, model):
        process, plugin = start(model)
        process.kill()
        process.communicate(timeout=20)
        until(lambda: not is_alive(plugin))

    def test_an_ordinary_end_leaves_nothing_behind(self):
        pool.close()
        assert not pool._started
