"""How many requests at once a server is sent: more while it answers, half when it complains, none when it says wait."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.batch.pace import FIRST, Pace


def running(check):  # type: ignore[no-untyped-def]
    """The test, on an event loop."""

    def test() -> None:
        asyncio.run(check())

    test.__name__ = check.__name__
    return test


async def fill(pace: Pace) -> int:
    """Enter as often as there is a turn at once; how often that was."""
    entered = 0
    while pace.active < int(pace.limit):
        assert await pace.enter()
        entered += 1
    return entered


def answer_all(pace: Pace) -> None:
    for _ in range(pace.active):
        pace.answered()
    for _ in range(pace.active):
        pace.leave()


@running
async def test_it_doubles_in_each_round_until_the_first_complaint() -> None:
    pace = Pace(100)
    rounds = []
    for _ in range(5):
        rounds.append(await fill(pace))
        answer_all(pace)
    assert rounds == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST, 100]


@running
async def test_after_a_complaint_it_is_halved_and_grows_by_one_in_a_round() -> None:
    pace = Pace(100)
    pace.limit = 40.0
    pace.slow_down(asyncio.get_running_loop().time(), 0)
    assert pace.limit == 20
    for _ in range(10):
        before = pace.limit
        await fill(pace)
        answer_all(pace)
        assert 0.9 < pace.limit - before <= 1


@running
async def test_requests_of_one_round_complain_of_one_thing() -> None:
    pace = Pace(100)
    pace.limit = 40.0
    sent = asyncio.get_running_loop().time()
    for _ in range(10):
        pace.slow_down(sent, 0)
    assert pace.limit == 20


@running
async def test_nobody_is_let_in_before_the_time_the_server_named() -> None:
    pace, loop = Pace(4), asyncio.get_running_loop()
    begun = loop.time()
    pace.slow_down(begun, 0.05)
    assert await pace.enter()
    assert loop.time() - begun >= 0.05


@running
async def test_closing_sends_away_who_waits_and_who_comes() -> None:
    pace = Pace(1)
    assert await pace.enter()
    waiting = asyncio.create_task(pace.enter())
    await asyncio.sleep(0)
    pace.close()
    assert await waiting is False
    assert await pace.enter() is False


@running
async def test_a_turn_that_is_given_up_is_the_next_ones() -> None:
    pace = Pace(1)
    assert await pace.enter()
    given_up, next_one = asyncio.create_task(pace.enter()), asyncio.create_task(pace.enter())
    await asyncio.sleep(0)
    given_up.cancel()
    pace.leave()
    assert await next_one


@given(ceiling=st.integers(1, 60), events=st.lists(st.sampled_from(["enter", "answered", "complaint"]), max_size=80))
def test_there_is_always_a_turn_and_never_more_than_the_ceiling(ceiling: int, events: list[str]) -> None:
    async def play() -> None:
        pace = Pace(ceiling)
        for event in events:
            if event == "enter":
                await fill(pace)
            elif pace.active and event == "answered":
                pace.answered()
                pace.leave()
            elif pace.active:
                pace.slow_down(asyncio.get_running_loop().time(), 0)
                pace.leave()
            assert 1 <= pace.limit <= ceiling
            assert 0 <= pace.active <= ceiling

    asyncio.run(play())


@pytest.mark.parametrize("ceiling", [1, 3])
def test_it_begins_with_no_more_than_the_ceiling(ceiling: int) -> None:
    assert Pace(ceiling).limit == ceiling
