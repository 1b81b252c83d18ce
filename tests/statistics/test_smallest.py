"""The smallest that is near the best: known as soon as it can be, and wrong as rarely as was promised."""

from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.statistics.smallest import MOST, Smallest


def known_after(rows: "list[list[float]]", **how: float) -> tuple[int, tuple[int, ...]]:
    """After how many of these rows one is left, and which are."""
    found = Smallest(len(rows[0]), **how)
    for row in rows:
        found.add(row)
        if found.known:
            break
    return found.n, found.left


def drawn(means: "tuple[float, ...]", units: int, seed: int) -> "list[list[float]]":
    """Scores of 0 and 1, where a unit that is hard is hard for all."""
    chance = np.random.default_rng(seed)
    return [(chance.random() < np.array(means)).astype(float).tolist() for _ in range(units)]


def test_a_model_that_does_nothing_is_out_after_a_few_units() -> None:
    assert known_after([[0, 1]] * 20) == (9, (1,))


def test_of_models_that_answer_alike_the_smallest_is_known() -> None:
    assert known_after([[1, 1]] * 200) == (128, (0,))
    assert known_after([[0.5, 0.5]] * 200) == (128, (0,))
    assert known_after([[1, 1]] * 200, margin=0.2)[0] < 40


def test_the_first_that_is_near_the_best_is_named_not_the_best() -> None:
    n, left = known_after(drawn((0.2, 0.88, 0.9), 3000, seed=1))
    assert (n < 3000, left) == (True, (1,))


def test_what_was_left_out_stays_out() -> None:
    found = Smallest(3)
    lefts = [set(found.add(row)) for row in drawn((0.2, 0.6, 0.9), 300, seed=2)]
    assert lefts == list(accumulate(lefts, set.intersection))


def test_one_alone_is_never_known_to_be_the_smallest() -> None:
    assert not Smallest(1).known
    assert Smallest(1).add([1]) == (0,)


@given(st.lists(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=3, max_size=3), max_size=30))
def test_somebody_is_always_left_and_the_order_of_units_does_not_change_the_evidence(rows: "list[list[float]]") -> None:
    forwards, backwards = Smallest(3), Smallest(3)
    for row, back in zip(rows, reversed(rows), strict=True):
        forwards.add(row)
        backwards.add(back)
    assert forwards.left
    assert np.allclose(forwards._wealth, backwards._wealth)


def test_the_answer_is_left_out_less_often_than_promised_however_often_one_looks() -> None:
    """The worst case: the small model is exactly the margin below the best, and so it is the answer. Beside it what
    people do: look after each unit from the twentieth on, and leave out who is farther below the best in the mean."""
    runs, ours, naive = 40, 0, 0
    for seed in range(runs):
        rows = drawn((0.7, 0.8), 120, seed)
        found = Smallest(2, margin=0.1)
        ours += any(0 not in found.add(row) for row in rows)
        sums = list(accumulate(np.array(rows)))
        naive += any(total[1] - total[0] > 0.1 * n for n, total in enumerate(sums, 1) if n >= 20)
    assert ours <= 0.05 * runs
    assert naive > 0.5 * runs


def test_a_small_model_that_is_farther_off_than_the_margin_is_rarely_named() -> None:
    """Just beyond the margin the second is the answer; the first may only rarely be."""
    runs, wrong = 20, 0
    for seed in range(runs):
        found = Smallest(3, margin=0.1)
        wrong += any(1 not in found.add(row) for row in drawn((0.6, 0.71, 0.71), 120, seed))
    assert wrong <= 0.05 * runs


def test_a_forecast_says_how_many_more_it_may_take() -> None:
    found = Smallest(2)
    for _ in range(30):
        found.add([1, 1])
    further = found.further()
    assert further == found.further()
    assert 40 <= further.median <= MOST
    assert further.decided > 0.5


@pytest.mark.parametrize("row", [[1.0], [0.0, 2.0], [0.0, float("nan")], [-0.1, 0.0]])
def test_what_are_no_scores_is_refused(row: "list[float]") -> None:
    with pytest.raises(ValueError, match="scores in"):
        Smallest(2).add(row)


@pytest.mark.parametrize(("contestants", "how"), [(0, {}), (2, {"alpha": 0.0}), (2, {"margin": 1.0})])
def test_what_cannot_be_decided_is_refused(contestants: int, how: "dict[str, float]") -> None:
    with pytest.raises(ValueError, match="smallest"):
        Smallest(contestants, **how)
