"""Looks that were planned: their level, what they say, and that nothing is said between them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.statistics import PlannedLooks, group_sequential, intervals
from curta.statistics.verdict import verdict_of
from tests.statistics import nulls

SIMS, N = 200, 100


def looked_at(differences, looks: int = 1, rope: float = 0.0, planned: int | None = None) -> PlannedLooks:
    process = PlannedLooks(planned or len(differences), looks, rope=rope)
    for each in differences:
        process.add(each)
    return process


def found(worlds, looks: int, rope: float = 0.0) -> list[str]:
    return [looked_at(row.tolist(), looks, rope).outcome for row in worlds]


@pytest.mark.parametrize("looks", [1, 5])
@pytest.mark.parametrize("null", ["binary", "rare", "graded", "heterogeneous"])
def test_nothing_is_found_where_nothing_is_at_looks_that_were_planned(null: str, looks: int) -> None:
    inputs = 24 if (null, looks) in (("graded", 1), ("heterogeneous", 1)) else N  # many signs take long to flip
    outcomes = found(getattr(nulls, null)(np.random.default_rng(6), SIMS, inputs), looks)
    assert outcomes.count("better") + outcomes.count("worse") <= 0.07 * SIMS  # 5 %, and two standard errors


def test_control_a_test_for_one_look_taken_at_five_finds_what_is_not_there() -> None:
    worlds = nulls.graded(np.random.default_rng(6), SIMS, N)
    found = [any(abs(group_sequential.z_of(row[:n])) > 1.96 for n in range(20, N + 1, 20)) for row in worlds]
    assert np.mean(found) > 0.09


@pytest.mark.parametrize("looks", [1, 5])
@pytest.mark.parametrize(("discordance", "n"), [(0.05, 150), (0.25, 400)])
def test_a_difference_of_the_margin_is_seldom_called_none(looks: int, discordance: float, n: int) -> None:
    worlds = nulls.trinomial(np.random.default_rng(7), SIMS, n, discordance, 0.05)
    assert found(worlds, looks, rope=0.05).count("no practical difference") <= 0.07 * SIMS


def test_no_difference_is_found_to_be_none() -> None:
    worlds = nulls.trinomial(np.random.default_rng(8), 100, 400, 0.05, 0.0)
    for looks in (1, 5):
        assert found(worlds, looks, rope=0.05).count("no practical difference") > 90


@pytest.mark.parametrize("looks", [1, 5])
@pytest.mark.parametrize(("discordance", "mean"), [(0.25, 0.1), (0.05, 0.04), (1.0, 0.9)])
def test_the_interval_holds_the_mean(looks: int, discordance: float, mean: float) -> None:
    worlds = nulls.trinomial(np.random.default_rng(9), SIMS, N, discordance, mean)
    seen = [looked_at(row.tolist(), looks).look() for row in worlds]
    assert np.mean([low <= mean <= high for _, _, _, low, high, *_ in seen]) >= 0.93


def test_six_of_six_decide_when_six_were_planned_and_the_interval_says_how_little_that_is() -> None:
    six = looked_at([1.0] * 6)
    assert verdict_of(six).sentence("caps") == (
        "caps: better (+100 points, CI [+12, +100], 6 of 6 inputs; McNemar's exact test, p = 0.031)"
    )
    assert looked_at([1.0] * 5).outcome == "undecided"


def test_graded_differences_are_tested_by_flipping_signs() -> None:
    seen = looked_at([0.2, 0.5, 0.1, 0.4, 0.3, -0.1, 0.2, 0.3]).look()
    assert (seen.outcome, seen.test) == ("better", "sign-flip test")


def test_nothing_is_said_between_two_looks() -> None:
    process = looked_at([1.0] * 19, looks=5, planned=100)
    assert verdict_of(process).sentence("caps") == "caps: undecided (19 of 100 inputs; looked at at planned looks only)"
    assert process.add(1.0) == "better"
    assert verdict_of(process).sentence("caps").endswith("20 of 100 inputs; look 1 of 5, p = 0.04)")
    before = process.look()
    for _ in range(80):
        process.add(-1.0)
    assert process.look()[:7] == before[:7]


def test_inputs_that_are_left_out_count_as_asked_about() -> None:
    process = PlannedLooks(8)
    for _ in range(7):
        process.add(1.0)
    assert process.outcome == "undecided"
    assert process.leave_out() == "better"
    assert process.look().n == 7


def test_nobody_knows_of_a_look_that_had_nothing_to_look_at() -> None:
    process = PlannedLooks(2)
    process.leave_out()
    assert process.leave_out() == "undecided"
    assert process.look().n == 0


def test_the_p_value_of_several_looks_is_below_alpha_just_where_the_boundary_is_crossed() -> None:
    critical = group_sequential.boundary(5)
    for look in range(1, 6):
        zs = [0.0] * (look - 1)
        assert group_sequential.sequential_p([*zs, critical[look - 1] + 0.01]) < 0.05
        assert group_sequential.sequential_p([*zs, critical[look - 1] - 0.01]) > 0.05
    assert group_sequential.sequential_p([]) == 1.0


def test_p_values_of_several_looks_are_not_too_small_where_nothing_is() -> None:
    worlds = nulls.graded(np.random.default_rng(10), SIMS, N)
    ps = np.array([looked_at(row.tolist(), 5).look().p for row in worlds])
    for level in (0.01, 0.05, 0.2):
        assert np.mean(ps <= level) <= level + 2.5 * (level / SIMS) ** 0.5


def test_an_interval_of_next_to_nothing_is_everything() -> None:
    assert intervals.of_differences([]) == intervals.of_differences([1.0]) == (-1, 1)
    assert intervals.of_differences([0.0] * 20).high > 0.1


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=12))
def test_the_interval_holds_0_just_where_the_test_does_not_reject_it(differences: list[float]) -> None:
    looks = PlannedLooks(len(differences))
    for each in differences:
        looks.add(each)
    look = looks.look()
    assert look.p is not None
    if look.p > 0.05:
        assert look.low <= 0 <= look.high
    else:
        assert look.low >= 0 or look.high <= 0
