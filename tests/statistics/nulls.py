"""Experiments in which nothing differs, simulated: paired differences in the order in which somebody looks at them.

Each null gives `sims` experiments at once, [experiment, input]. The tests run a few hundred from a seed; the full study
(`python -m bench verdicts`) ten thousand.
"""

import math
from collections.abc import Callable
from functools import cache
from heapq import heapreplace

import numpy as np
from numpy.typing import NDArray

from curta.statistics.betting import log_e_path
from curta.statistics.student import t_quantile

Array = NDArray[np.float64]
Chance = np.random.Generator
N = 500


def binary(chance: Chance, sims: int, n: int = N, discordance: float = 0.25) -> Array:
    """Scores of 0 and 1, which differ on a share of the inputs, as often one way as the other."""
    return trinomial(chance, sims, n, discordance, 0.0)


def trinomial(chance: Chance, sims: int, n: int, discordance: float, mean: float) -> Array:
    wins, losses = (discordance + mean) / 2, (discordance - mean) / 2
    drawn = chance.random((sims, n))
    return (drawn < wins).astype(float) - (drawn >= 1 - losses)


def rare(chance: Chance, sims: int, n: int = N) -> Array:
    return binary(chance, sims, n, discordance=0.04)


def graded(chance: Chance, sims: int, n: int = N) -> Array:
    return chance.normal(0, 0.25, (sims, n)).clip(-1, 1)


def skewed(chance: Chance, sims: int, n: int = N) -> Array:
    """A little better nearly always, and now and then a disaster: on this the t-test is at its worst."""
    return np.where(chance.random((sims, n)) < 0.02, -0.98, 0.02)


def heterogeneous(chance: Chance, sims: int, n: int = N) -> Array:
    """Independent inputs of several kinds, some helped, some harmed, on average neither, with noise of their own."""
    kinds = np.array([-0.6, -0.1, 0.0, 0.2, 0.5])
    middle = chance.choice(kinds, (sims, n))
    return (middle + np.where(chance.random((sims, n)) < 0.5, -1, 1) * chance.uniform(0, 0.4, (sims, n))).clip(-1, 1)


def documents(chance: Chance, sims: int, n: int = N, questions: int = 5) -> Array:
    """Questions of documents, in order: a change helps or harms a whole document."""
    sides = np.where(chance.random((sims, n // questions)) < 0.5, -0.8, 0.8)
    means = np.repeat(sides, questions, axis=1)
    return np.where(chance.random((sims, n)) < (1 + means) / 2, 1.0, -1.0)


def by_document(differences: Array, questions: int = 5) -> Array:
    """The same with the document as the unit."""
    return differences.reshape(len(differences), -1, questions).mean(-1)


def rounds(chance: Chance, sims: int, items: int = 50, repeats: int = 10) -> Array:
    """A fixed set of items, repeated in rounds: each item has an effect of its own, and their average is 0."""
    effects = np.tile([-0.6, 0.6], items // 2)
    effects = np.array([chance.permutation(effects) for _ in range(sims)])
    drawn = chance.random((sims, repeats, items)) < (1 + effects[:, None, :]) / 2
    return np.where(drawn, 1.0, -1.0).reshape(sims, -1)


def latencies(chance: Chance, differences: Array) -> Array:
    """How long each input takes: where the variant does worse, it is because it wrote long answers."""
    return chance.exponential(1.0, differences.shape) * np.where(differences < 0, 20.0, 1.0)


def as_completed(chance: Chance, differences: Array, at_once: int = 50) -> Array:
    """The same experiments with each result looked at when it arrives, `at_once` being under way."""
    seconds, orders = latencies(chance, differences), []
    for row in seconds:
        free, ends = [0.0] * at_once, list[float]()
        for taken in row.tolist():
            ends.append(free[0] + taken)
            heapreplace(free, ends[-1])
        orders.append(np.argsort(ends, kind="stable"))
    return np.take_along_axis(differences, np.array(orders), axis=1)


NULLS: dict[str, Callable[[Chance, int], Array]] = {
    "binary, discordance .04": rare,
    "binary, discordance .25": binary,
    "graded": graded,
    "skewed": skewed,
    "clustered, unit = document": lambda chance, sims: by_document(documents(chance, sims)),
    "heterogeneous": heterogeneous,
    "fixed items in rounds, read at their ends": lambda chance, sims: rounds(chance, sims),
    "outcome correlated with latency, assigned order": binary,
}
READ_EVERY = {"fixed items in rounds, read at their ends": 50}


def rejected_at_some_look(differences: Array, alpha: float = 0.05, every: int = 1) -> NDArray[np.bool_]:
    """Which experiments ever said "different", looked at after every input (or every so many)."""
    return (log_e_path(differences)[:, every - 1 :: every] >= -math.log(alpha)).any(axis=1)


def t_rejected_at_some_look(differences: Array, alpha: float = 0.05, first: int = 5) -> NDArray[np.bool_]:
    """The same with a t-test at every look from the fifth input on, which is what peeking usually means."""
    n = np.arange(1, differences.shape[1] + 1)
    mean = np.cumsum(differences, 1) / n
    spread = np.maximum(np.cumsum(differences**2, 1) / n - mean**2, 0) * n / np.maximum(n - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(mean) / np.sqrt(spread / n)
    return (np.nan_to_num(t, nan=0.0, posinf=0.0) > _critical(differences.shape[1], alpha, first)).any(axis=1)


@cache
def _critical(n: int, alpha: float, first: int) -> Array:
    return np.array([t_quantile(1 - alpha / 2, each - 1) if each >= first else np.inf for each in range(1, n + 1)])


def first_decision(differences: Array, alpha: float = 0.05) -> NDArray[np.int64]:
    """After how many inputs each experiment says "different"; one more than there are when it does not."""
    hit = log_e_path(differences) >= -math.log(alpha)
    return np.where(hit.any(axis=1), hit.argmax(axis=1) + 1, differences.shape[1] + 1)


def first_equivalence(differences: Array, rope: float, alpha: float = 0.05) -> NDArray[np.int64]:
    """After how many inputs each experiment says "no practical difference"."""
    inside = np.minimum(log_e_path(differences, rope, -1), log_e_path(differences, -rope, 1)) >= -math.log(alpha)
    return np.where(inside.any(axis=1), inside.argmax(axis=1) + 1, differences.shape[1] + 1)
