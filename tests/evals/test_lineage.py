"""What a plan has seen: a margin chosen after looking is recorded, another question is another experiment."""

from typing import Any

import pytest

import curta
from curta.evals.running import Experiment
from tests.servers.crowd import Crowd

SPEC = {
    "name": "tones",
    "prompt": "$tone Say $text.",
    "factors": {"tone": {"please": "Please.", "now": "Now!"}},
    "inputs": [f"word{number}" for number in range(30)],
    "score": [{"contains": "$text"}],
    "rope": 0.2,
}


@pytest.fixture(autouse=True)
def _obeys(crowd: Crowd) -> None:
    crowd.answer = lambda words: words


def run(**change: Any) -> Experiment:
    return curta.experiment({**SPEC, **change}, model="crowd").run()


def test_a_margin_chosen_after_looking_is_recorded_and_asks_nothing_again(crowd: Crowd) -> None:
    first = run(stop={"max_inputs": 12})
    asked, wider = crowd.asked.total(), run(rope=0.5, stop={"max_inputs": 12})
    assert (wider.id, crowd.asked.total()) == (first.id, asked)
    said = "margin 0.5, chosen after looking at 12 units (planned: 0.2)"
    assert wider.chosen_late == [said]
    report = curta.experiment_report(first.id)
    assert report.chosen_late == (said,)
    assert report.to_dict()["chosen_late"] == [said]
    assert [each.verdict.rope for each in report.results] == [0.5]


def test_who_goes_back_to_the_plan_has_chosen_nothing_late() -> None:
    run(stop={"max_inputs": 12})
    run(rope=0.5, stop={"max_inputs": 12})
    assert run().chosen_late == []


def test_what_is_changed_before_anything_is_known_is_the_plan() -> None:
    planned = curta.experiment(SPEC, model="crowd")
    planned.open()
    planned.close()
    changed = run(rope=0.5)
    assert (changed.id, changed.chosen_late) == (planned.id, [])
    assert curta.experiment_report(changed.id).chosen_late == ()


def test_another_method_after_looking_is_recorded_too() -> None:
    run(stop={"max_inputs": 12})
    late = run(decide="fixed", expect={"contains": 0.5}).chosen_late
    assert late == [
        "decide fixed, chosen after looking at 12 units (planned: anytime)",
        "number of units 30, chosen after looking at 12 units (planned: none)",
        "expect contains each 0.5, chosen after looking at 12 units (planned: none)",
    ]


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({"factors": {"tone": {"please": "Please.", "now": "Now, now!"}}}, ("factors",)),
        ({"seed": 4, "repeat": 2}, ("repeat", "seed")),
        ({"inputs": ["other"]}, ("inputs",)),
        ({"name": "", "score": ["size"]}, ("score",)),
        ({"name": "another", "score": ["size"], "seed": 4}, None),
    ],
)
def test_another_question_is_another_experiment_that_says_where_it_branched(change: Any, keys: Any) -> None:
    first = run(stop={"max_inputs": 2})
    branched = curta.experiment({**SPEC, **change}, model="crowd")
    branched.open()
    branched.close()
    assert branched.id != first.id
    assert (branched.branch and branched.branch.keys) == keys
    assert branched.branch is None or branched.branch.id == first.id


def test_one_that_goes_on_has_branched_from_nothing() -> None:
    run(stop={"max_inputs": 2}, seed=1)
    run(stop={"max_inputs": 2})
    assert run(stop={"max_inputs": 4}).branch is None


def test_the_list_knows_of_another_margin() -> None:
    first = run(stop={"max_inputs": 12})
    assert [each.results[0].outcome for each in curta.experiments()] == ["undecided"]
    run(rope=0.7, stop={"max_inputs": 12})
    assert [(each.id, each.results[0].outcome) for each in curta.experiments()] == [
        (first.id, "no practical difference")
    ]
