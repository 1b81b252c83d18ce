"""Experiments that run: in their order, until all is known, paid for once, and told again from the log alone."""

from typing import Any

import pytest

import curta
from curta.batch.batch import CONCURRENCY, WINDOW
from curta.errors import CurtaError, UsageError
from curta.evals import design, inputs, spec
from tests.evals.tones import SPEC, obeys
from tests.servers.crowd import Crowd
from tests.servers.openai import Failure


@pytest.fixture(autouse=True)
def _obeys(crowd: Crowd) -> None:
    crowd.answer = obeys


def run(**change: Any) -> Any:
    return curta.experiment({**SPEC, **change}, model="crowd").run()


def known(told: Any) -> list[str]:
    return [each.verdict.sentence(each.contrast) for each in told.results]


def test_it_stops_as_soon_as_all_is_known(crowd: Crowd) -> None:
    done = run()
    assert done.ended == "decided"
    assert [each.process.outcome for each in done.comparing.comparisons] == ["better"]
    assert done.comparing.taken < 20
    assert crowd.asked.total() <= 2 * done.comparing.taken + WINDOW * CONCURRENCY


def test_it_asks_in_the_order_that_the_seed_drew(crowd: Crowd) -> None:
    one = spec.spec_of({**SPEC, "inputs": SPEC["inputs"][:8]})
    assert curta.experiment(one, model="crowd", concurrency=1).run().ended == "inputs"
    drawn = [each.input.values["text"] for block in design.Blocks(one, inputs.read(one)) for each in block.asked]
    assert [words.split()[-1].rstrip(".") for words in crowd.asked] == drawn


def test_the_log_tells_the_same_again_without_asking(crowd: Crowd) -> None:
    done, asked = run(interactions=True, repeat=2), crowd.asked.total()
    told = curta.experiment_report(done.id[:12])
    assert [each.process.look() for each in done.comparing.comparisons] == [each.verdict.look for each in told.results]
    assert [each.mean for each in told.ways] == [arm.mean for arms in done.comparing.arms for arm in arms] == [0, 1]
    assert [each.id for each in curta.experiments()] == [done.id]
    assert crowd.asked.total() == asked


def test_the_same_experiment_pays_for_nothing_twice_and_afresh_is_one_of_its_own(crowd: Crowd) -> None:
    first = run()
    asked, second = crowd.asked.total(), run()
    assert (second.id, second.ended, second.progress.asked) == (first.id, "decided", 0)
    assert crowd.asked.total() == asked
    third = curta.experiment(SPEC, model="crowd", again=True).run()
    assert third.id != first.id
    assert third.progress.asked > 0


def test_a_base_that_becomes_the_variant_is_another_experiment() -> None:
    turned = run(factors={"tone": {"now": "Now!", "please": "Please."}})
    assert [each.verdict.outcome for each in curta.experiment_report(turned.id).results] == ["worse"]
    assert run().id != turned.id


@pytest.mark.parametrize(
    ("stop", "ended", "units"), [({"max_calls": 9}, "max_calls", 4), ({"max_inputs": 5}, "max_inputs", 5)]
)
def test_it_stops_where_the_spec_says_and_goes_on_when_it_says_more(
    crowd: Crowd, stop: dict[str, int], ended: str, units: int
) -> None:
    first = curta.experiment({**SPEC, "stop": stop}, model="crowd")
    assert first.plan.calls == 2 * units
    assert (first.run().ended, first.comparing.taken) == (ended, units)
    assert crowd.asked.total() == 2 * units
    assert run().id == first.id
    assert set(crowd.asked.values()) == {1}


def test_one_that_was_left_in_the_middle_goes_on(crowd: Crowd) -> None:
    begun = iter(first := curta.experiment(SPEC, model="crowd", concurrency=1))
    for _ in range(3):
        next(begun)
    begun.close()
    whole = curta.experiment(SPEC, model="crowd")
    whole.open()
    assert whole.comparing.taken == 3
    assert whole.run().id == first.id
    assert crowd.asked.most_common()[0][1] <= 2  # what was under way may be asked again
    assert sum(count > 1 for count in crowd.asked.values()) <= 1


def test_a_variant_that_always_fails_is_shown_as_failing_and_can_be_asked_again(crowd: Crowd) -> None:
    few = {"inputs": SPEC["inputs"][:6]}
    crowd.answer = lambda words: Failure(400, "No.") if "Now!" in words else obeys(words)
    told = curta.experiment_report(run(**few).id)
    assert [(way.cell, way.failed) for way in told.ways] == [("please", 0), ("now", 6)]
    assert told.results[0].worst_case == (0, 1)
    crowd.answer = obeys
    again = curta.experiment({**SPEC, **few}, model="crowd", retry_failed=True).run()
    assert [way.failed for way in curta.experiment_report(again.id).ways] == [0, 0]
    assert again.progress.asked == 6


def test_what_failed_only_because_nobody_was_there_is_not_counted(crowd: Crowd) -> None:
    crowd.answer = lambda words: Failure(401, "Who are you?")
    with pytest.raises(CurtaError):
        run()
    assert curta.experiment_report().units == 0


def test_models_are_a_factor_and_each_is_asked(crowd: Crowd) -> None:
    done = curta.experiment({**SPEC, "models": ["crowd", "extractive"], "documents": ["text"]})
    assert done.plan.cells == 4
    with pytest.raises(UsageError, match="names its models"):
        curta.experiment({**SPEC, "models": ["crowd"]}, model="crowd")


def test_texts_of_inputs_are_in_the_calls_and_not_kept_again() -> None:
    record = curta.open_log().experiments().one(run().id)
    assert "word1" not in str(record.plan)


def test_a_text_that_is_taken_out_of_the_log_is_taken_out_of_plans_and_the_verdict_stays(crowd: Crowd) -> None:
    crowd.answer = lambda words: Failure(400, "Not Please.") if words.endswith("word3.") else "no"
    done, log = run(inputs=SPEC["inputs"][:5], name="Please or not"), curta.open_log()
    before = curta.experiment_report(done.id)
    assert log.redact("Please").matches > 0
    after, experiments = curta.experiment_report(done.id), log.experiments()
    assert after.name == "[redacted] or not"
    assert "Please" not in str([experiments.one().plan, experiments.scores(done.id)])
    assert [each.verdict for each in after.results] == [each.verdict for each in before.results]


def test_scores_go_with_their_calls() -> None:
    done, log = run(), curta.open_log()
    log.remove([log.experiments().scores(done.id)[7][0].call])
    assert curta.experiment_report(done.id).units < done.comparing.taken


def test_an_amount_that_is_less_is_not_called_worse(crowd: Crowd) -> None:
    crowd.answer = lambda words: "short" if "Now!" in words else "long " * 50
    (result,) = curta.experiment_report(run(score="size").id).results
    assert result.sentence("tone").startswith("tone: less (-")
    assert not result.is_worse


def test_without_a_log_it_runs_all_the_same() -> None:
    done = curta.experiment(SPEC, model="crowd", log=False).run()
    assert (done.id, done.ended) == (None, "decided")
    assert curta.experiments() == []


def test_the_log_tells_which_answers_were_repeats_of_which(crowd: Crowd) -> None:
    crowd.answer = lambda words: words if crowd.asked[words] == 1 and "Now!" in words else "no"
    rows = [{"text": f"word{each}", "fifth": each % 5} for each in range(30)]
    again = {**SPEC, "repeat": 2, "unit": "fifth", "inputs": rows}
    done = curta.experiment(again, model="crowd", concurrency=1).run()  # one repeat after the other
    told = curta.experiment_report(done.id)
    assert [(way.flicker, way.all_pass) for way in told.ways] == [(0, 0), (1, 0)]


def test_looked_at_once_it_goes_through_all_that_were_planned_and_says_so(crowd: Crowd) -> None:
    done = run(decide="fixed", stop={"max_inputs": 20})
    assert (done.ended, done.comparing.taken) == ("decided", 20)
    (result,) = curta.experiment_report(done.id).results
    assert result.sentence("tone").endswith("20 of 20 inputs; McNemar's exact test, p < 0.001)")


def test_before_all_are_there_that_were_planned_nothing_is_said(crowd: Crowd) -> None:
    begun = iter(first := curta.experiment({**SPEC, "decide": "fixed"}, model="crowd", concurrency=1))
    for _ in range(14):
        next(begun)
    begun.close()
    (result,) = curta.experiment_report(first.id).results
    assert result.sentence("tone") == "tone: undecided (14 of 60 inputs; looked at when all are there)"


def test_a_few_looks_end_it_at_the_first_that_decides(crowd: Crowd) -> None:
    done = run(decide="group-sequential", looks=4)
    assert done.comparing.taken == 30  # 15 of 15 are not enough for a first look of four
    assert "Decided at 4 looks on the way to 60 inputs" in done.plan.method
    (result,) = curta.experiment_report(done.id).results
    assert "30 of 60 inputs; look 2 of 4" in result.sentence("tone")
