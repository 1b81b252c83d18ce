"""What is promised about looking as often as one likes, shown by simulation from a seed; the full study is in bench/.

The same harness convicts the usual ways: a t-test looked at after every input, questions of one document as the unit,
answers looked at as they complete.
"""

import numpy as np
import pytest

from curta.statistics import EProcess
from curta.statistics.betting import log_e_path
from tests.statistics import nulls

SIMS = 300
ALLOWED = 0.05
UNEQUAL = ("binary, discordance .04", "binary, discordance .25", "graded", "skewed", "heterogeneous")


@pytest.fixture
def chance() -> np.random.Generator:
    return np.random.default_rng(20261122)


@pytest.mark.parametrize("name", nulls.NULLS)
def test_nothing_is_found_where_nothing_is_however_often_one_looks(name: str, chance: np.random.Generator) -> None:
    differences = nulls.NULLS[name](chance, SIMS)
    assert np.mean(nulls.rejected_at_some_look(differences, every=nulls.READ_EVERY.get(name, 1))) <= ALLOWED


@pytest.mark.parametrize("name", UNEQUAL)
def test_control_a_t_test_that_is_peeked_at_fails_here(name: str, chance: np.random.Generator) -> None:
    assert np.mean(nulls.t_rejected_at_some_look(nulls.NULLS[name](chance, SIMS))) > 3 * ALLOWED


def test_control_questions_of_one_document_are_no_units(chance: np.random.Generator) -> None:
    assert np.mean(nulls.rejected_at_some_look(nulls.documents(chance, SIMS))) > 3 * ALLOWED


def test_control_repeats_are_no_units(chance: np.random.Generator) -> None:
    by_item = nulls.rounds(chance, SIMS).reshape(SIMS, 10, 50).transpose(0, 2, 1).reshape(SIMS, -1)
    assert np.mean(nulls.rejected_at_some_look(by_item)) > 3 * ALLOWED


def test_control_looking_at_answers_as_they_complete_finds_what_is_not_there(chance: np.random.Generator) -> None:
    assigned = nulls.binary(chance, 100)
    assert np.mean(nulls.rejected_at_some_look(nulls.as_completed(chance, assigned))) > 0.5
    assert np.mean(nulls.rejected_at_some_look(assigned)) <= ALLOWED


@pytest.mark.parametrize("mean", [-0.2, 0.1, 0.5])
def test_the_interval_holds_the_mean_at_every_look_at_once(mean: float, chance: np.random.Generator) -> None:
    differences = nulls.trinomial(chance, SIMS, 400, 0.6, mean)
    missed = (log_e_path(differences, mean) >= np.log(20)).any(axis=1)
    assert np.mean(missed) <= ALLOWED


def test_a_difference_of_the_margin_is_not_called_none(chance: np.random.Generator) -> None:
    differences = nulls.trinomial(chance, 200, 600, 0.25, 0.05)
    assert np.mean(nulls.first_equivalence(differences, rope=0.05) <= 600) <= ALLOWED


def test_no_difference_is_called_none_within_350_inputs(chance: np.random.Generator) -> None:
    differences = nulls.binary(chance, 150, 1200, discordance=0.05)
    assert np.mean(nulls.first_equivalence(differences, rope=0.05)) <= 350


def test_twice_the_planned_effect_is_found_in_a_third_of_the_planned_inputs(chance: np.random.Generator) -> None:
    planned = 778  # for an effect of .05 with a power of .8 at a discordance of .25
    taken = np.minimum(nulls.first_decision(nulls.trinomial(chance, SIMS, planned, 0.25, 0.10)), planned)
    assert np.mean(taken) <= 255
    assert np.mean(taken < planned) > 0.98


def test_the_process_decides_where_the_simulated_paths_do(chance: np.random.Generator) -> None:
    differences = nulls.trinomial(chance, 20, 400, 0.25, 0.12)
    for row, place in zip(differences, nulls.first_decision(differences), strict=True):
        process = EProcess(rope=0.0)
        process.extend(row)
        assert (process.decided_at or 401) == place
