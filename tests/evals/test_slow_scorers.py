"""Scorers that take long: requests do not wait for them, and what they ask models goes through the same run."""

import threading
from dataclasses import replace
from typing import Any

import pytest

import curta
from curta.batch.batch import WINDOW
from curta.conversations.budget import Budget
from curta.evals import spec
from curta.evals.scorers import Sample, Scorer
from curta.models import default_options, price_table, registry
from curta.models.prices import Price
from tests.evals.tones import SPEC, obeys
from tests.servers.crowd import Crowd, wait_for

JUDGED = {**SPEC, "inputs": SPEC["inputs"][:6], "score": {"judge": {"asks": "Did it obey?", "model": "referee"}}}


@pytest.fixture(autouse=True)
def _answers(crowd: Crowd) -> None:
    """The model obeys when told now; the referee, whose words are about answers, sees who obeyed."""
    registry.add("referee", url=crowd.url, model="hello")
    crowd.answer = lambda words: ("yes" if "Now!" in words else "no") if is_judging(words) else obeys(words)


def is_judging(words: str) -> bool:
    return "somebody answered" in words


def scored_by(rate: Any, **change: Any) -> spec.Spec:
    return replace(spec.spec_of({**SPEC, **change}), score=(Scorer("slow", 1, rate, slow=True),))


def test_requests_go_on_while_an_answer_is_scored(crowd: Crowd) -> None:
    """The first answer is scored when as many more were asked for as a batch asks for at all before one came out."""
    far, first, concurrency = threading.Event(), threading.Lock(), 2

    def answer(words: str) -> str:
        if crowd.asked.total() == WINDOW * concurrency:
            far.set()
        return obeys(words)

    def rate(sample: Sample) -> float:
        if first.acquire(blocking=False):
            wait_for(far)
        return float("word" in sample.output)

    crowd.answer = answer
    done = curta.experiment(scored_by(rate), model="crowd", log=False, concurrency=concurrency).run()
    assert [each.process.outcome for each in done.comparing.comparisons] == ["better"]


def test_blocks_are_compared_in_their_order_whichever_is_scored_first(crowd: Crowd) -> None:
    """Each answer is scored only after the one that was asked for after it."""
    scored = [threading.Event() for _ in range(9)]

    def rate(sample: Sample) -> float:
        number = int(sample.row["number"])
        if number % 2 == 0:
            wait_for(scored[number + 1])
        scored[number].set()
        return number / 10

    rows = [{"text": str(number), "number": number} for number in range(8)]
    one = scored_by(rate, inputs=rows, factors={}, prompt="Say $text.")
    run = curta.experiment(one, model="crowd", log=False, concurrency=8)
    assert [comparing.taken for comparing in run] == list(range(1, 9))
    assert run.comparing.arms[0][0].total == pytest.approx(2.8)


def test_a_judge_is_asked_at_the_same_pace(crowd: Crowd) -> None:
    done = curta.experiment(JUDGED, model="crowd", concurrency=2).run()
    assert [arm.mean for arm in done.comparing.arms[0]] == [0, 1]
    assert crowd.most <= 2
    judged = sum(count for words, count in crowd.asked.items() if is_judging(words))
    assert done.progress.asked == crowd.asked.total() == 12 + judged


def test_a_judge_is_asked_into_the_log_of_the_experiment(tmp_path: Any) -> None:
    log = curta.open_log(tmp_path / "other.db")
    curta.experiment(JUDGED, model="crowd", log=log).run()
    assert any(is_judging(call.prompt) for call in log.calls())
    assert curta.open_log().count() == 0


def test_a_judge_is_not_paid_twice_when_its_scores_were_lost(crowd: Crowd) -> None:
    first, log = curta.experiment(JUDGED, model="crowd").run(), curta.open_log()
    asked = crowd.asked.copy()
    with log.experiments()._database.writing() as connection:  # as a kill between a judgement and its score leaves it
        connection.execute("DELETE FROM score")
    again = curta.experiment(JUDGED, model="crowd").run()
    assert (again.id, again.comparing.taken, crowd.asked) == (first.id, 6, asked)


def test_a_judge_is_paid_from_the_same_budget_and_what_it_could_not_judge_is_left(crowd: Crowd) -> None:
    for name in ("crowd", "referee"):
        price_table.set_own(name, Price(1_000, 1_000, "2020-01-01"))
        default_options.set_option(registry.get(name), "max_tokens", 20)
    whole = Budget(1_000)
    curta.experiment(JUDGED, model="crowd", max_cost=whole).run()
    asked = crowd.asked.copy()
    first = curta.experiment(JUDGED, model="crowd", max_cost=whole.spent / 2, again=True, concurrency=1).run()
    assert first.ended == "max_cost"
    assert 0 < first.comparing.taken < 6
    assert not any(arm.failed for arm in first.comparing.arms[0])
    assert curta.experiment(JUDGED, model="crowd").run().comparing.taken == 6
    assert crowd.asked == asked + asked


def test_a_judge_whose_server_is_gone_ends_it_and_nothing_counts_as_failed(crowd: Crowd) -> None:
    registry.add("referee", url="http://127.0.0.1:9/v1", model="hello")
    run = curta.experiment(JUDGED, model="crowd")
    with pytest.raises(curta.errors.Unreachable):
        run.run()
    assert not any(arm.failed for arm in run.comparing.arms[0])
    registry.add("referee", url=crowd.url, model="hello")
    assert curta.experiment(JUDGED, model="crowd").run().comparing.taken == 6


def test_who_stops_waits_for_no_judge(crowd: Crowd) -> None:
    asked, given = threading.Event(), threading.Event()

    def answer(words: str) -> str:
        if is_judging(words):
            asked.set()
            wait_for(given)
        return obeys(words)

    crowd.answer = answer
    run = curta.experiment(JUDGED, model="crowd", concurrency=3)

    def give_up() -> None:
        wait_for(asked)
        run.give_up()

    other = threading.Thread(target=give_up)
    other.start()
    run.run()
    other.join()
    given.set()
    assert (run.ended, run.comparing.taken) == ("stopped", 0)
