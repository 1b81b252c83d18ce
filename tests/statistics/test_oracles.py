"""Exact methods beside scipy, and beside values that statsmodels 0.15.0 and published tables give."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from curta.statistics import (
    exact,
    factorial,
    group_sequential,
    intervals,
    judges,
    multiplicity,
    planning,
    repeats,
    student,
)
from tests.statistics import law

P_VALUES = [0.01, 0.04, 0.03, 0.005, 0.2, 0.011]
SHAPES = st.floats(0.01, 2000)


@law
@given(SHAPES, SHAPES, st.floats(1e-9, 1))
def test_the_incomplete_beta_function_is_scipys(a: float, b: float, x: float) -> None:
    assert student.incomplete_beta(a, b, x) == pytest.approx(float(stats.beta.cdf(x, a, b)), rel=1e-8, abs=1e-10)


@law
@given(st.floats(0.001, 0.999), st.integers(1, 5000))
def test_quantiles_of_students_t_are_scipys(q: float, df: int) -> None:
    assert student.t_quantile(q, df) == pytest.approx(float(stats.t.ppf(q, df)), rel=1e-7, abs=1e-8)


@law
@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemars_test_is_scipys_binomial_test(better: int, worse: int) -> None:
    expected = stats.binomtest(better, better + worse).pvalue if better + worse else 1.0
    assert exact.mcnemar(better, worse) == pytest.approx(expected, rel=1e-9)


def test_mcnemars_test_does_not_mind_many_inputs() -> None:
    assert exact.mcnemar(30_000, 30_000) == 1.0
    assert exact.mcnemar(10_400, 10_000) == pytest.approx(stats.binomtest(10_400, 20_400).pvalue, rel=1e-6)


@law
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([0.05, 0.01]))
def test_wilsons_interval_is_scipys(rate: tuple[int, int], alpha: float) -> None:
    successes, n = rate
    expected = stats.binomtest(successes, n).proportion_ci(1 - alpha, method="wilson")
    assert intervals.wilson(successes, n, alpha) == pytest.approx((expected.low, expected.high), abs=1e-12)


@law
@given(st.lists(st.sampled_from([-1.0, -0.5, -0.1, 0.0, 0.25, 1.0]), min_size=2, max_size=10))
def test_the_exact_sign_flip_test_is_scipys(differences: list[float]) -> None:
    found = stats.permutation_test(
        (np.array(differences),), lambda d: d.sum(), permutation_type="samples", n_resamples=np.inf
    )
    assert exact.sign_flip(differences) == pytest.approx(found.pvalue, abs=1e-12)


def test_the_sign_flip_test_of_many_inputs_is_close_to_the_exact_one() -> None:
    differences = [0.5] * 20 + [-0.5] * 9  # of equal sizes it is the test of signs
    assert exact.sign_flip(differences) == pytest.approx(exact.mcnemar(20, 9), abs=0.01)
    assert exact.sign_flip([1.0] * 200) == pytest.approx(1 / 20_001)


def test_one_input_in_a_cluster_each_gives_the_interval_of_a_mean() -> None:
    values = [0.1, 0.4, -0.3, 0.9, 0.2]
    low, high = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    found = intervals.clustered(values, range(5))
    assert (found.low, found.high) == pytest.approx((low, high))


def test_clusters_are_as_statsmodels_has_them() -> None:
    values = [0.1, 0.3, -0.2, 0.5, 0.4, 0.4, -0.1, 0, 0.25, 0.9, 0.2, -0.3]
    found = intervals.clustered(values, [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4])
    assert (found.mean, found.error) == pytest.approx((0.20416667, 0.10314458), abs=1e-8)
    assert (found.low, found.high) == pytest.approx((-0.0822086, 0.49054193), abs=1e-7)


def test_one_cluster_says_nothing_of_others() -> None:
    found = intervals.clustered([0.1, 0.2], ["a", "a"])
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_holm_and_benjamini_hochberg_are_as_statsmodels_has_them() -> None:
    assert multiplicity.holm(P_VALUES) == pytest.approx([0.05, 0.09, 0.09, 0.03, 0.2, 0.05])
    assert multiplicity.benjamini_hochberg(P_VALUES) == pytest.approx([0.022, 0.048, 0.045, 0.022, 0.2, 0.022])


@law
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_benjamini_hochberg_is_scipys(ps: list[float]) -> None:
    assert multiplicity.benjamini_hochberg(ps) == pytest.approx(stats.false_discovery_control(ps))


@pytest.mark.parametrize(
    ("looks", "obrien_fleming", "pocock"),
    [(1, 1.960, 1.960), (2, 1.977, 2.178), (3, 2.004, 2.289), (4, 2.024, 2.361), (5, 2.040, 2.413), (10, 2.087, 2.555)],
)
def test_boundaries_are_those_of_jennison_and_turnbull(looks: int, obrien_fleming: float, pocock: float) -> None:
    assert group_sequential.boundary(looks)[-1] == pytest.approx(obrien_fleming, abs=6e-4)
    assert group_sequential.boundary(looks, shape=0.5)[0] == pytest.approx(pocock, abs=6e-4)


def test_the_first_look_of_five_needs_overwhelming_evidence() -> None:
    assert [round(each, 2) for each in group_sequential.boundary()] == [4.56, 3.23, 2.63, 2.28, 2.04]


def test_plans_are_those_of_the_textbook() -> None:
    parts = planning.Parts(between=0.25)
    sizes = (20, 50, 100, 200, 500, 1000)
    assert [round(planning.smallest_effect(parts, n), 3) for n in sizes] == [0.313, 0.198, 0.14, 0.099, 0.063, 0.044]
    assert planning.inputs_needed(planning.Parts(0.25 - 0.05**2), 0.05) == 778


def test_more_inputs_see_more_than_more_repeats() -> None:
    plans = planning.plans(400, planning.Parts(0.04, 0.2), (8, 1, 20, 2, 4))
    assert [(plan.inputs, plan.repeats, round(plan.effect, 3)) for plan in plans] == [
        (400, 1, 0.069), (200, 2, 0.074), (100, 4, 0.084), (50, 8, 0.101), (20, 20, 0.14),
    ]  # fmt: skip


def test_the_parts_of_the_variance_are_found_in_a_pilot() -> None:
    chance = np.random.default_rng(3)
    pilot = chance.normal(0, 0.2, (4000, 1)) + chance.normal(0, 0.4, (4000, 3))
    between, within = planning.parts_of(pilot.tolist())
    assert (between, within) == pytest.approx((0.04, 0.16), abs=0.006)


def test_passing_k_times_is_the_share_of_all_choices_of_k() -> None:
    answers = [[True, True, False, True], [True, False, False, False]]
    assert repeats.pass_all(answers, 2) == pytest.approx((3 / 6 + 0) / 2)
    assert repeats.pass_any(answers, 2) == pytest.approx((1 + 3 / 6) / 2)
    assert repeats.flicker([[1, 1], [0, 1], [0.5, 0.5]]) == pytest.approx(1 / 3)


def test_kappa_is_what_cohen_made_it() -> None:
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    found = judges.agreement(pairs)
    assert (found.share, found.kappa) == pytest.approx((0.7, 0.4))
    assert judges.agreement([("yes", "yes")] * 9).kappa is None


@pytest.mark.parametrize(
    ("factors", "halvings", "resolution"),
    [
        *[(3, 1, 3), (4, 1, 4), (5, 1, 5), (5, 2, 3), (6, 1, 6), (6, 2, 4), (6, 3, 3)],
        *[(7, 2, 4), (7, 3, 4), (7, 4, 3), (8, 2, 5), (8, 3, 4), (8, 4, 4)],
    ],
)
def test_fractions_are_as_good_as_those_in_the_book(factors: int, halvings: int, resolution: int) -> None:
    """Box, Hunter and Hunter (2005), table 6.22."""
    design, names = factorial.fraction(factors, halvings), "abcdefgh"[:factors]
    assert len(set(design)) == 2 ** (factors - halvings)
    assert (-1,) * factors in design
    confused = factorial.indistinguishable(factorial.effects(names, design, order=3))
    orders = [sorted(name.count("×") + 1 for name in group)[:2] for group in confused]
    assert min(sum(each) for each in orders) == resolution


@pytest.mark.parametrize(("factors", "halvings"), [(2, 1), (4, 2), (9, 1)])
def test_too_few_cells_for_the_factors_are_refused(factors: int, halvings: int) -> None:
    with pytest.raises(ValueError, match="no fraction"):
        factorial.fraction(factors, halvings)
