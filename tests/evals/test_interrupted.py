"""What ends an experiment in the middle: nobody answers, the disk is full, somebody kills it, two want the same."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import curta
from curta.errors import CurtaError, ProviderError, UsageError
from curta.models import registry
from tests.evals.tones import SPEC, obeys
from tests.servers.crowd import Crowd, wait_for
from tests.servers.openai import Failure

DOWN = Failure(500, "Out of order.", headers={"x-should-retry": "false"})
PROGRAM = """
import json, sys
import curta
run = curta.experiment(json.loads(sys.argv[1]), model="crowd", concurrency=3)
for comparing in run:
    print(comparing.taken, flush=True)
print(run.ended, flush=True)
"""


@pytest.fixture(autouse=True)
def _obeys(crowd: Crowd) -> None:
    crowd.answer = obeys


def run(**change: Any) -> Any:
    return curta.experiment({**SPEC, **change}, model="crowd").run()


def sentences(run: Any) -> list[str]:
    return [each.sentence(each.contrast) for each in curta.experiment_report(run.id).results]


def process(program: str = PROGRAM, **change: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", program, json.dumps({**SPEC, **change})]
    return subprocess.Popen(command, env=os.environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def paid_once(crowd: Crowd) -> bool:
    """Whether each request has one call that was answered."""
    answered = [call.prompt for call in curta.open_log().calls() if call.status == "ok"]
    return sorted(answered) == sorted(crowd.asked)


# Providers


def test_a_provider_that_goes_down_ends_it_and_it_goes_on_as_if_nothing_had_happened(crowd: Crowd) -> None:
    crowd.answer = lambda words: DOWN if crowd.asked.total() > 9 else obeys(words)
    broken = curta.experiment(SPEC, model="crowd", concurrency=4)
    with pytest.raises(ProviderError):
        broken.run()
    assert broken.ended == "failed"
    assert not any(arm.failed for arm in broken.comparing.arms[0])
    assert curta.experiment_report(broken.id).units == broken.comparing.taken < 10
    crowd.answer = obeys
    done = run()
    assert paid_once(crowd)
    assert sentences(done) == sentences(curta.experiment(SPEC, model="crowd", again=True).run())


def test_of_two_providers_one_that_goes_down_makes_no_model_worse(crowd: Crowd) -> None:
    """Its model failed on each input from then on, while the other went on answering."""
    with Crowd(obeys) as second:
        registry.add("second", url=second.url, model="hello")
        two = {**SPEC, "models": ["crowd", "second"], "factors": {}, "prompt": "Now! Say $text."}
        second.answer = lambda words: DOWN if second.asked.total() > 6 else obeys(words)
        broken = curta.experiment(two, concurrency=1)
        with pytest.raises(ProviderError):
            broken.run()
        assert not any(arm.failed for arm in broken.comparing.arms[0])
        assert curta.experiment_report(broken.id).results[0].outcome == "undecided"
        second.answer = obeys
        done = curta.experiment(two, concurrency=1).run()
    assert [arm.mean for arm in done.comparing.arms[0]] == [1, 1]


def test_without_a_log_an_outage_is_no_verdict_either(crowd: Crowd) -> None:
    crowd.answer = lambda words: DOWN if crowd.asked.total() > 9 else obeys(words)
    broken = curta.experiment(SPEC, model="crowd", log=False)
    with pytest.raises(ProviderError):
        broken.run()
    assert broken.comparing.taken == 0


def test_a_model_that_nobody_serves_is_shown_as_failing_beside_one_that_answers(crowd: Crowd) -> None:
    with Crowd(lambda words: Failure(400, "No such model.")) as second:
        registry.add("second", url=second.url, model="hello")
        two = {**SPEC, "models": ["crowd", "second"], "factors": {}, "prompt": "Now! Say $text.", "rope": 0.05}
        told = curta.experiment_report(curta.experiment(two, concurrency=1).run().id)
    assert [(way.failed > 0, way.mean) for way in told.ways] == [(False, 1), (True, None)]
    assert told.results[0].outcome == "worse"
    assert told.results[0].worst_case == (-1, 0)


# Disks, processes, signals


FULL = """
import json, resource, sys
import curta
run = curta.experiment(json.loads(sys.argv[1]), model="crowd", concurrency=2)
for comparing in run:
    print(comparing.taken, flush=True)
    if comparing.taken == 4:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 12, resource.RLIM_INFINITY))
"""


def test_a_full_disk_ends_it_with_a_message_and_what_was_answered_is_kept(crowd: Crowd) -> None:
    crowd.answer = lambda words: "no"
    out, told = process(FULL).communicate(timeout=60)
    assert out.splitlines()[:4] == ["1", "2", "3", "4"]
    assert "LogUnavailable: The log" in told
    answered = [call.prompt for call in curta.open_log().calls() if call.status == "ok"]
    assert len(answered) >= 8
    crowd.answer = obeys
    assert run().comparing.taken > 4
    assert {crowd.asked[words] for words in answered} == {1}


def test_killed_again_and_again_it_goes_on_and_pays_for_nothing_twice(crowd: Crowd) -> None:
    chance = random.Random(7)
    for _ in range(2):
        reached = threading.Event()
        last = crowd.asked.total() + chance.randint(1, 9)

        def answer(words: str, last: int = last, reached: threading.Event = reached) -> str:
            if crowd.asked.total() >= last:
                reached.set()
            return obeys(words)

        crowd.answer = answer
        victim = process(rope=0.02)
        wait_for(reached)
        victim.kill()
        victim.communicate(timeout=60)
    crowd.answer = obeys
    done = run(rope=0.02)
    assert paid_once(crowd)
    assert done.comparing.taken == curta.experiment_report(done.id).units
    whole = curta.experiment({**SPEC, "rope": 0.02}, model="crowd", again=True).run()
    assert sentences(done) == sentences(whole)


def test_two_processes_do_not_run_one_experiment_at_once(crowd: Crowd) -> None:
    reached, given = threading.Event(), threading.Event()

    def answer(words: str) -> str:
        reached.set()
        wait_for(given)
        return obeys(words)

    crowd.answer = answer
    other = process()
    wait_for(reached)
    with pytest.raises(UsageError, match="done just now"):
        run()
    given.set()
    out, told = other.communicate(timeout=60)
    assert out.endswith("decided\n"), told
    assert run().progress.asked == 0


@pytest.mark.parametrize("nth", [1, 4, 11])
def test_ctrl_c_in_the_middle_of_python_leaves_all_that_came(crowd: Crowd, nth: int) -> None:
    reached, given = threading.Event(), threading.Event()

    def answer(words: str) -> str:
        if crowd.asked.total() == nth:
            reached.set()
            wait_for(given)
        return obeys(words)

    crowd.answer = answer
    other = process()
    wait_for(reached)
    other.send_signal(signal.SIGINT)
    other.communicate(timeout=60)
    given.set()
    assert other.returncode == -signal.SIGINT
    crowd.answer = obeys
    assert run().ended == "decided"
    assert paid_once(crowd)


# From async code


async def _goes_on() -> list[int]:
    run = curta.experiment(SPEC, model="crowd")
    taken = [comparing.taken async for comparing in run]
    assert run.ended == "decided"
    return taken


def test_async_code_iterates_over_the_same(crowd: Crowd) -> None:
    import asyncio

    taken = asyncio.run(_goes_on())
    assert taken == list(range(1, len(taken) + 1))
    again = curta.experiment(SPEC, model="crowd")
    assert (list(again), again.comparing.taken) == ([], len(taken))


def test_async_code_that_leaves_it_in_the_middle_may_go_on(crowd: Crowd) -> None:
    import asyncio
    from contextlib import aclosing

    async def leave() -> None:
        async with aclosing(aiter(curta.experiment(SPEC, model="crowd"))) as found:
            async for comparing in found:
                if comparing.taken == 3:
                    return

    asyncio.run(leave())
    assert curta.experiment_report().units >= 3
    assert run().ended == "decided"
    assert paid_once(crowd)


def test_it_runs_once(crowd: Crowd) -> None:
    done = run()
    with pytest.raises(CurtaError, match="has run already"):
        list(done)


def test_what_is_asked_of_one_way_is_asked_about_all_inputs(crowd: Crowd, tmp_path: Path) -> None:
    done = run(factors={}, prompt="Now! Say $text.")
    assert (done.ended, done.comparing.taken) == ("inputs", 60)
    assert done.comparing.arms[0][0].mean == 1
