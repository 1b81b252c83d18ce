"""The verdict and its sentence, the forecast, small n, and judges corrected by people."""

import numpy as np
import pytest

from curta.statistics import EProcess, betting, exact, judges, projection, verdict
from tests.statistics import nulls


def test_a_change_that_helps_is_better() -> None:
    found = verdict([1.0] * 40 + [0.0] * 60, rope=0.05)
    assert found.outcome == "better"
    assert found.sentence("tip") == "tip: better (+40 points, CS [+25, +56], 100 inputs)"


def test_a_change_that_does_nothing_is_said_to_do_nothing() -> None:
    found = verdict([0.0] * 400, rope=0.05)
    assert found.outcome == "no practical difference"
    assert found.sentence("caps").startswith("caps: no practical difference (0.0 points, CS [-")


def test_without_a_margin_nothing_is_ever_called_the_same() -> None:
    assert verdict([0.0] * 5000, rope=0.0).outcome == "undecided"


def test_a_difference_that_does_not_matter_is_said_to_be_small() -> None:
    found = verdict(np.tile([0.02, 0.03, 0.01], 400), rope=0.05)
    assert found.is_small
    assert found.sentence("tip").startswith("tip: better, but by less than 5 points (+2.0 points, CS [+")


def test_what_is_undecided_says_how_much_more_it_may_take() -> None:
    found = verdict([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 1.0, 0.0, 1.0] * 6, rope=0.05)
    assert found.outcome == "undecided"
    assert found.sentence("tip").startswith("tip: undecided (+20 points, CS [-")
    assert found.sentence("tip").endswith(" more inputs)")
    assert 20 < found.further.median < 400


def test_no_inputs_are_no_news() -> None:
    assert verdict([]).sentence("tip") == "tip: undecided (no inputs yet)"


def test_the_first_input_decides_nothing() -> None:
    found = verdict([1.0], rope=0.0)
    assert found.sentence("tip").startswith("tip: undecided (+100 points, CS [-")


@pytest.mark.parametrize("differences", [[0.0] * 3, [1.0] * 5, [-1.0], [0.3] * 8])
def test_a_forecast_can_be_made_from_data_that_do_not_vary(differences: list[float]) -> None:
    assert verdict(differences, rope=0.05).further.median >= 1


def test_a_forecast_is_about_right() -> None:
    chance = np.random.default_rng(4)
    pilot, expected = nulls.trinomial(chance, 1, 4000, 0.25, 0.0)[0], nulls.trinomial(chance, 150, 1000, 0.25, 0.1)
    taken = nulls.first_decision(expected)
    found = projection.planned(pilot, effect=0.1)
    assert found.mean == pytest.approx(np.mean(taken), rel=0.2)
    assert found.high == pytest.approx(np.quantile(taken, 0.8), rel=0.25)


def test_a_forecast_that_reaches_too_far_says_so() -> None:
    process = EProcess()
    process.extend([1.0, -1.0] * 20_000)
    assert str(projection.further(process)) == "more than 20,000 more inputs"


def test_a_tilt_reaches_the_mean_it_is_asked_for() -> None:
    values, weights = np.array([-1.0, 0.0, 0.4, 1.0]), np.array([0.01, 0.9, 0.08, 0.01])
    for mean in (-0.9, 0.0, 0.05, 0.7):
        assert projection.tilted(values, weights, mean) @ values == pytest.approx(mean, abs=1e-9)


def test_five_of_five_is_no_evidence_and_six_of_six_is() -> None:
    assert exact.smallest_unanimous() == 6
    assert (exact.sign_flip([1.0] * 5), exact.sign_flip([1.0] * 6)) == (1 / 16, 1 / 32)


def test_ten_of_ten_is_evidence_however_often_one_looked() -> None:
    assert betting.smallest_unanimous() == 10
    assert (verdict([1.0] * 9).outcome, verdict([1.0] * 10).outcome) == ("undecided", "better")


def judged(chance: np.random.Generator, units: int, labels: int, right: float):
    """A true difference of .10, seen by a judge who is right about each of the two answers with this probability."""
    base, variant = chance.random(units) < 0.5, chance.random(units) < 0.6
    flips = chance.random((2, units)) >= right
    truth, seen = variant.astype(float) - base, (variant ^ flips[0]).astype(float) - (base ^ flips[1])
    return seen[labels:].tolist(), list(zip(seen[:labels].tolist(), truth[:labels].tolist(), strict=True))


def test_a_judge_who_errs_is_corrected_by_people() -> None:
    chance = np.random.default_rng(9)
    worlds = [judged(chance, 800, 80, right=0.85) for _ in range(400)]
    found = [judges.prediction_powered(*world) for world in worlds]
    alone = np.mean([np.mean(seen) for seen, _ in worlds])
    assert alone == pytest.approx(0.07, abs=0.01)
    assert np.mean([each.mean for each in found]) == pytest.approx(0.10, abs=0.01)
    assert np.mean([each.low <= 0.10 <= each.high for each in found]) >= 0.93
    labels_only = [np.std([person for _, person in labels], ddof=1) / 80**0.5 for _, labels in worlds]
    assert np.mean([each.error for each in found]) < 0.9 * np.mean(labels_only)


def test_a_judge_who_guesses_does_no_harm() -> None:
    chance = np.random.default_rng(10)
    worlds = [judged(chance, 800, 80, right=0.5) for _ in range(300)]
    found = [judges.prediction_powered(*world) for world in worlds]
    labels_only = [np.std([person for _, person in labels], ddof=1) / 80**0.5 for _, labels in worlds]
    assert np.mean([each.error for each in found]) < 1.02 * np.mean(labels_only)
    assert np.mean([each.low <= 0.10 <= each.high for each in found]) >= 0.93


def test_labels_alone_are_enough() -> None:
    assert judges.prediction_powered([], [(0.0, 1.0), (0.0, 0.0), (0.0, 1.0)]).mean == pytest.approx(2 / 3)
