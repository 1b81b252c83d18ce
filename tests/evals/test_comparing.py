"""From answers to verdicts: every answer scored, every unit compared with itself, failures counted in both arms."""

import random

import pytest

from curta.evals import design, inputs, spec
from curta.evals.comparing import Comparing
from curta.evals.reporting import results
from curta.evals.scorers import Sample, Score

SPEC = {
    "prompt": "$tone Say $text.",
    "factors": {"tone": {"please": "Please.", "now": "Now!"}},
    "inputs": [str(each) for each in range(120)],
    "score": [{"contains": "$text"}, {"length": {"max_words": 3}}],
    "seed": 3,
}


def run(answer, **change) -> Comparing:
    """An experiment with `answer(words, input)` for a model, which may fail by returning None."""
    one = spec.spec_of({**SPEC, **change})
    comparing, cells = Comparing(one), design.cells(one)
    for block in design.Blocks(one, inputs.read(one)):
        scores = []
        for each in block.asked:
            output = answer(design.asked(one, cells[each.cell], each.input.values).words, each.input)
            sample = Sample(output or "", each.input.values)
            scores.append(
                [Score(None, failure="no answer") if output is None else scorer.score(sample) for scorer in one.score]
            )
        comparing.take(block, scores)
    return comparing


def outcomes(comparing: Comparing) -> list[str]:
    return [each.process.outcome for each in comparing.comparisons]


def obedient(words: str, input: inputs.Input) -> str:
    return words.rpartition(" ")[2].rstrip(".")


def test_a_tone_that_helps_is_found_and_one_that_does_nothing_is_said_to_do_nothing() -> None:
    comparing = run(lambda words, input: obedient(words, input) if "Now!" in words or int(input.id) % 3 else "no")
    assert outcomes(comparing) == ["better", "no practical difference"]
    assert comparing.decided
    assert comparing.hold_together() == [True, False]
    assert [round(arm.mean, 2) for arm in comparing.arms[0]] == [0.67, 1.0]
    assert comparing.comparisons[0].verdict().sentence("tone").startswith("tone: better (+33 points, CS [+")


def test_a_variant_that_always_fails_is_shown_as_failing() -> None:
    comparing = run(lambda words, input: None if "Now!" in words else obedient(words, input))
    assert outcomes(comparing)[0] == "worse"
    failing = comparing.arms[0][1]
    assert (failing.failed, failing.answers, failing.mean) == (120, 120, None)
    assert comparing.comparisons[0].worst_case == (-1.0, 0.0)


def test_failures_can_be_left_out_of_every_arm_and_their_bounds_are_kept() -> None:
    lost = random.Random(1).sample(range(1, 121), 12)

    def answer(words: str, input: inputs.Input) -> str | None:
        return None if int(input.id) in lost and "Now!" in words else obedient(words, input)

    dropped, zero = run(answer, errors="drop"), run(answer, errors="zero")
    assert (dropped.comparisons[0].process.n, zero.comparisons[0].process.n) == (108, 120)
    assert (dropped.comparisons[0].process.tally.mean, zero.comparisons[0].process.tally.mean) == (0, -0.1)
    for each in (dropped, zero):
        assert each.comparisons[0].worst_case == pytest.approx((-0.1, 0))


def test_inputs_of_one_document_count_once() -> None:
    rows = [{"text": str(each), "document": str(each // 10)} for each in range(120)]
    comparing = run(obedient, inputs=rows, unit="document", repeat=2)
    assert comparing.comparisons[0].process.n == 12
    assert comparing.arms[0][0].answers == 240


def test_results_that_come_out_of_their_order_are_refused() -> None:
    one = spec.spec_of(SPEC)
    first, second, *_ = design.Blocks(one, inputs.read(one))
    with pytest.raises(ValueError, match="block 1 before block 0"):
        Comparing(one).take(second, [])
    assert (first.pos, second.pos) == (0, 1)


def test_shorter_answers_in_december_are_found_by_their_relative_length() -> None:
    def lazy(words: str, input: inputs.Input) -> str:
        return "word " * (int(input.id) % 7 + 8) * (1 if "Now!" in words else 2)

    (comparison,) = run(lazy, score="size").comparisons
    assert comparison.process.outcome == "worse"
    assert comparison.process.tally.mean == pytest.approx(-1 / 3)
    assert comparison.worst_case == pytest.approx((-1 / 3, -1 / 3))


def test_repeats_say_how_often_an_answer_flickers_and_how_often_all_are_right() -> None:
    said = {"2": iter(["2", "no"]), "3": iter(["3", "no"])}

    def answer(words: str, input: inputs.Input) -> str:
        text = obedient(words, input)
        return next(said[text]) if "Now!" in words and text in said else text

    comparing = run(answer, repeat=2, inputs=[str(each) for each in range(8)])
    please, now = comparing.arms[0]
    assert (please.flicker, please.all_pass, please.mean) == (0, 1, 1)
    assert (now.flicker, now.all_pass, now.mean) == (0.25, 0.75, 0.875)
    assert run(answer, inputs=["1"]).arms[0][0].flicker is None


def test_an_interaction_says_what_one_change_does_without_the_other_and_with_it() -> None:
    def answer(words: str, input: inputs.Input) -> str:
        return obedient(words, input) if "Now!" in words and "tip" in words else "no"

    comparing = run(
        answer,
        prompt="$tone $offer Say $text.",
        factors={"tone": {"please": "Please.", "now": "Now!"}, "offer": {"none": "", "tip": "A tip!"}},
        interactions=True,
        score={"contains": "$text"},
    )
    told = {each.contrast: each.within for each in results(comparing)}
    assert told == {
        "tone": "",
        "offer": "",
        "tone × offer": "tone now: +0 points where offer is none, +100 where it is tip",
    }


def test_a_fraction_asks_half_of_the_ways_and_finds_the_same_main_effects() -> None:
    names = ("a", "b", "c", "d")
    one = {
        "prompt": " ".join(f"${name}" for name in names) + " Say $text.",
        "factors": {name: ["", f"{name}!"] for name in names},
        "score": {"contains": "$text"},
        "inputs": [str(each) for each in range(40)],
        "fraction": "1/2",
        "interactions": True,
    }
    comparing = run(lambda words, input: obedient(words, input) if "c!" in words else "no", **one)
    assert len(comparing.arms[0]) == 8
    found = {each.contrast.name: each.process.tally.mean for each in comparing.comparisons}
    assert found == {"a": 0, "b": 0, "c": 1, "d": 0, "a × b": 0, "a × c": 0, "a × d": 0}


def test_with_several_contrasts_it_is_said_which_hold_together() -> None:
    few = {"prompt": "$tone Say $text.", "factors": {"tone": {str(each): f"{each}!" for each in range(6)}}}

    def held(multiplicity: str, **decided: str) -> list[bool]:
        one = {**few, "multiplicity": multiplicity, "score": {"contains": "$text"}, "inputs": list("abcdefghij")}
        better = ("1!", "2!", "3!", "4!")
        comparing = run(lambda words, _: words if words.startswith(better) else "no", **one, **decided)
        assert outcomes(comparing) == ["better"] * 4 + ["undecided"]
        return comparing.hold_together()

    assert held("fwer") == [False] * 5  # 10 of 10 each: enough for one alone
    assert held("fdr") == [True] * 4 + [False]
