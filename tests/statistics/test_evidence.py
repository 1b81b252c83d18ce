"""What holds of e-values, intervals and corrections whatever the data are."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curta.statistics import EProcess, betting, factorial, missing, multiplicity
from curta.statistics.betting import Tally, log_e
from tests.statistics import law

WINS = st.sampled_from([-1.0, 0.0, 1.0])
DIFFERENCES = st.lists(st.one_of(WINS, st.floats(-1, 1)), min_size=1, max_size=60)
MEANS = st.floats(-0.95, 0.95)


def by_definition(differences: list[float], mean: float, side: int) -> float:
    bets = betting.BETS.tolist()
    wealth = (math.prod(1 + side * u * (d - mean) / (1 + side * mean) for d in differences) for u in bets)
    return math.log(sum(wealth) / len(bets))


@law
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=12), MEANS, st.sampled_from([-1, 1]))
def test_an_e_value_is_what_its_formula_says(differences: list[float], mean: float, side: int) -> None:
    assert log_e(Tally(differences), mean, side) == pytest.approx(by_definition(differences, mean, side), abs=1e-9)


@law
@given(MEANS, st.floats(0, 1), st.floats(0.01, 0.99))
def test_a_bet_on_the_truth_wins_nothing_on_average(mean: float, spread: float, bias: float) -> None:
    """For two outcomes around the mean, weighted so that it is theirs: E[E] = 1."""
    low, high = mean - spread * (1 + mean) * bias, mean + spread * (1 - mean) * (1 - bias)
    if high - low < 1e-6:
        return
    chance = (mean - low) / (high - low)
    for side in (-1, 1):
        average = sum(
            weight * math.exp(log_e(Tally([outcome]), mean, side))
            for outcome, weight in ((low, 1 - chance), (high, chance))
        )
        assert average == pytest.approx(1, abs=1e-9)


@law
@given(DIFFERENCES, st.randoms())
def test_the_order_of_the_data_does_not_matter(differences: list[float], chance) -> None:
    shuffled = chance.sample(differences, len(differences))
    assert log_e(Tally(differences)) == pytest.approx(log_e(Tally(shuffled)), abs=1e-9)


@law
@given(st.lists(WINS, min_size=1, max_size=40), st.integers(1, 1000))
def test_ties_cost_nothing(differences: list[float], ties: int) -> None:
    assert log_e(Tally(differences)) == pytest.approx(log_e(Tally([*differences, *[0.0] * ties])), abs=1e-9)


@law
@given(DIFFERENCES)
def test_the_path_ends_where_the_tally_does(differences: list[float]) -> None:
    assert betting.log_e_path(differences)[-1] == pytest.approx(log_e(Tally(differences)), abs=1e-9)


@law
@given(DIFFERENCES)
@example([1.0] * 200)
@example([-1.0])
def test_what_the_interval_holds_is_not_rejected_and_what_is_outside_is(differences: list[float]) -> None:
    tally = Tally(differences)
    low, high = betting.interval(tally)
    assert low <= tally.mean <= high
    enough = math.log(20)
    for mean in np.linspace(-0.999, 0.999, 21):
        if low + 1e-6 < mean < high - 1e-6:
            assert log_e(tally, mean) < enough
        elif not low <= mean <= high:
            assert log_e(tally, mean) >= enough


@law
@given(DIFFERENCES)
def test_worse_is_better_seen_from_the_other_side(differences: list[float]) -> None:
    one, other = EProcess(rope=0.1), EProcess(rope=0.1)
    mirrored = {"better": "worse", "worse": "better"}
    outcome = one.extend(differences)
    assert other.extend([-each for each in differences]) == mirrored.get(outcome, outcome)
    assert other.look().low == pytest.approx(-one.look().high, abs=1e-6)


@law
@given(DIFFERENCES, st.integers(1, 59))
def test_one_by_one_or_all_at_once_is_the_same(differences: list[float], cut: int) -> None:
    at_once, in_two, one_by_one = EProcess(rope=0.2), EProcess(rope=0.2), EProcess(rope=0.2)
    at_once.extend(differences)
    in_two.extend(differences[:cut])
    in_two.extend(differences[cut:])
    for each in differences:
        one_by_one.add(each)
    for other in (in_two.look(), one_by_one.look()):
        assert (other.outcome, other.decided_at, other.n) == (at_once.outcome, at_once.decided_at, at_once.n)
        assert other[1:5] == pytest.approx(at_once.look()[1:5], abs=1e-6)


def test_what_was_once_known_stays_known() -> None:
    process = EProcess()
    assert process.extend([1.0] * 12) == "better"
    for _ in range(10):
        process.extend([-1.0] * 12)
        seen = process.look()
        assert (seen.outcome, seen.decided_at) == ("better", 10)
        assert 0 < seen.low <= seen.high


def test_between_the_ends_of_rounds_nothing_is_said() -> None:
    process = EProcess(every=8)
    assert process.extend([1.0] * 15) == "undecided"
    assert process.look().n == 8
    assert process.extend([1.0]) == "better"
    assert process.look().decided_at == 16


@pytest.mark.parametrize("wrong", [1.01, -2, math.nan, math.inf])
def test_what_is_no_difference_of_scores_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match=r"\[-1, 1\]"):
        EProcess().add(wrong)


def test_a_million_inputs_are_no_trouble() -> None:
    counts = np.repeat([-1.0, 0.0, 1.0], [200_000, 500_000, 300_000])
    low, high = betting.interval(Tally(counts))
    assert 0.09 < low < 0.1 < high < 0.11
    assert log_e(Tally(counts)) > 9000
    assert math.isfinite(log_e(Tally(np.full(1_000_000, 1.0)), -0.9))


def test_very_many_distinct_differences_are_kept_on_a_grid_and_lose_next_to_nothing() -> None:
    chance = np.random.default_rng(5)
    differences = chance.normal(0.01, 0.2, 100_000).clip(-1, 1)
    coarse, some = Tally(differences), Tally(differences[:10_000])
    assert coarse.counts.size <= betting.FINEST + 1
    assert log_e(some) == pytest.approx(betting.log_e_path(differences[:10_000])[-1], abs=1e-8)
    exact = betting.log_e_path(differences)[-1]
    assert exact - 15 < log_e(coarse) <= exact  # rounded against the bet, so never more
    low, high = betting.interval(coarse)
    assert low < differences.mean() < high
    assert high - low < 0.006


def brute_force(log_es: list[float], i: int) -> float:
    others = [k for k in range(len(log_es)) if k != i]
    sets = itertools.chain.from_iterable(itertools.combinations(others, size) for size in range(len(others) + 1))
    return math.log(min(np.mean([math.exp(log_es[k]) for k in (i, *each)]) for each in sets))


@law
@given(st.lists(st.floats(-20, 20), min_size=1, max_size=8))
def test_the_shortcut_of_e_holm_is_closed_testing(log_es: list[float]) -> None:
    expected = [brute_force(log_es, i) for i in range(len(log_es))]
    assert multiplicity.e_holm(log_es) == pytest.approx(expected, abs=1e-9)


def test_e_holm_does_not_mind_large_evidence() -> None:
    assert multiplicity.e_holm([5000.0, -5000.0])[0] == pytest.approx(5000 - math.log(2))
    assert multiplicity.e_holm([3.5]) == [3.5]
    assert multiplicity.e_holm([]) == []


@law
@given(st.lists(st.floats(-5, 12), min_size=1, max_size=12))
def test_e_bh_finds_the_largest_set_that_supports_itself(log_es: list[float]) -> None:
    """Of all sets whose every e-value is at least m / (size alpha), the largest."""
    enough = [math.log(len(log_es) / (0.05 * size)) for size in range(1, len(log_es) + 1)]
    largest = max((k for k, least in enumerate(enough, 1) if sum(each >= least for each in log_es) >= k), default=0)
    found = [each for each, holds in zip(log_es, multiplicity.e_bh(log_es), strict=True) if holds]
    assert len(found) >= largest
    assert all(each >= enough[len(found) - 1] for each in found)


def test_e_bh_takes_the_largest_that_are_large_enough_together() -> None:
    assert multiplicity.e_bh([math.log(each) for each in (1, 41, 14, 41)]) == [False, True, False, True]
    assert multiplicity.e_bh([math.log(each) for each in (41, 39, 14, 1)]) == [False] * 4  # 4 / (2 * .05) = 40
    assert multiplicity.e_bh([math.log(80), *[0.0] * 3]) == [True, False, False, False]
    assert multiplicity.e_bh([0.0, 0.0]) == [False, False]


def test_one_false_contrast_of_many_is_not_found_by_looking_at_many() -> None:
    chance = np.random.default_rng(8)
    base, variants = chance.random((200, 300)) < 0.6, chance.random((8, 200, 300)) < 0.6
    differences = (variants.astype(float) - base).transpose(1, 0, 2)  # by experiment, variant, input
    found = [
        any(adjusted >= math.log(20) for adjusted in multiplicity.e_holm([log_e(Tally(row)) for row in rows]))
        for rows in differences
    ]
    assert np.mean(found) <= 0.05


SCORES = st.lists(st.floats(0, 1), min_size=8, max_size=8)


@law
@given(SCORES)
def test_effects_add_up_to_the_scores(scores: list[float]) -> None:
    """A full design loses nothing: mean and half of all effects give each cell's score again."""
    design = factorial.cells(3)
    columns = factorial.effects("abc", design, order=3)
    sizes = {name: factorial.contrast(scores, column) for name, column in columns.items()}
    assert all(-1 <= size <= 1 for size in sizes.values())
    for place, score in enumerate(scores):
        again = np.mean(scores) + sum(size / 2 * columns[name][place] for name, size in sizes.items())
        assert again == pytest.approx(score, abs=1e-9)


def test_a_fraction_says_what_it_cannot_tell_apart() -> None:
    half = factorial.cells(3, [(0, 1, 2)])
    columns = factorial.effects(("caps", "tip", "date", "example"), half)
    assert factorial.indistinguishable(factorial.effects("abc", factorial.cells(3))) == []
    assert ("caps × tip", "date × example") in factorial.indistinguishable(columns)


def test_a_fourth_factor_is_free_in_eight_cells() -> None:
    half = factorial.cells(3, [(0, 1, 2)])
    assert (len(half), len(half[0])) == (8, 4)
    scores = [0.5 + 0.2 * cell[3] for cell in half]
    assert factorial.contrast(scores, factorial.effects("abcd", half)["d"]) == pytest.approx(0.4)


def test_lengths_are_compared_within_bounds() -> None:
    assert factorial.relative_length(300, 100) == 0.5
    assert factorial.relative_length(0, 0) == 0
    assert factorial.relative_length(0, 7) == -1


@law
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.booleans(), st.booleans()), min_size=1))
def test_failures_hide_no_more_than_the_worst_case(pairs) -> None:
    truth = np.mean([a - b for a, b, _, _ in pairs])
    low, high = missing.worst_case(
        [None if x else a for a, _, x, _ in pairs], [None if y else b for _, b, _, y in pairs]
    )
    assert low - 1e-9 <= truth <= high + 1e-9
