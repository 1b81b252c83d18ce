"""Which is the smallest of several that is nearly as good as the best? Looked at after every unit.

K contestants stand in an order, the smallest first; mu_i is the mean score of i, in [0, 1]. One is near the best when
mu_j - mu_i <= margin for every j. The answer is the first in the order that is near. For each s it is asked whether s
could be the answer, which is to say: s is near, and nobody before s is. Against that speak two things:

    E+_sj = E+(margin) of the differences score_j - score_s      bets that j is better than s by more than the margin
    E-_ij = E-(margin) of the differences score_j - score_i      bets that j is not

    E_s = [mean_j E+_sj + sum_{i<s} min_j E-_ij] / (1 + number of i before s)

If s is the answer, each E+_sj is an e-process, for s is near; and so is each min_j E-_ij, for i is not near: there is a
j that is better than i by more than the margin, and the minimum is at most E-_ij of that one. A mean of e-processes is
one, so that E_s ever reaches 1/alpha with a probability of alpha at most (Ville). Those s whose E_s never did are a
confidence set: it holds the answer with a probability of 1 - alpha, however often one looks, whenever one stops, and
with any number of contestants, since only one s is the answer. When one is left, it is known.

Sources: `betting` for E+ and E-; Finner and Strassburger, Annals of Statistics 30 (2002), for the principle of
partitioning; Ramdas, Grünwald, Vovk and Shafer, Statistical Science 38 (2023), for means and minima of e-processes.
"""

import math
from collections import Counter

import numpy as np
from numpy.typing import ArrayLike, NDArray

from curta.statistics.betting import BETS, Array, log_mean, steps
from curta.statistics.projection import Further

MOST = 5_000
"""Further units that are looked at."""
_WORLDS = 48
_GROWTH = 1.08
_MOST_ROWS = 400


class Smallest:
    """Feed it the scores of all contestants, the smallest first, unit by unit; `left` are those that may be the answer.

    alpha: the probability of ever leaving the answer out. margin: how much below the best is near enough.
    """

    def __init__(self, contestants: int, alpha: float = 0.05, margin: float = 0.05) -> None:
        if not (contestants >= 1 and 0 < alpha < 1 and 0 < margin < 1):
            raise ValueError(f"nobody is the smallest of {contestants} with alpha={alpha}, margin={margin}")
        self.contestants, self.alpha, self.margin = contestants, alpha, margin
        self.n = 0
        self.left = tuple(range(contestants))
        self._rows = Counter[tuple[float, ...]]()
        self._wealth: Array = np.zeros((contestants, contestants, 2, BETS.size))

    def add(self, scores: ArrayLike) -> tuple[int, ...]:
        """One more unit: the score of each, in [0, 1]. Those that may be the answer now; one left out stays out."""
        row = np.asarray(scores, float)
        if row.shape != (self.contestants,) or not np.all((row >= 0) & (row <= 1)):
            raise ValueError(f"{self.contestants} scores in [0, 1] are wanted")
        self.n += 1
        self._rows[tuple(row.tolist())] += 1
        self._wealth += self._steps(row[None])[0]
        refuted = self._refuted(self._wealth[None])[0]
        self.left = tuple(each for each in self.left if not refuted[each]) or self.left
        return self.left

    @property
    def known(self) -> bool:
        """Whether one is left, of several."""
        return len(self.left) == 1 and self.contestants > 1

    def further(self, seed: int = 0) -> Further:
        """How many more units it may take, by the data so far: a Bayesian bootstrap, continued until one is left.

        One unit's weight is spread over what has not been seen yet: that all are right, or one alone. A forecast;
        nothing that is promised rests on it. Source of the method: Rubin, Annals of Statistics 9 (1981).
        """
        chance = np.random.default_rng(seed)
        rows, weights = self._worlds(chance)
        each = self._steps(rows).reshape(len(rows), -1)
        wealth = np.tile(self._wealth.reshape(-1), (_WORLDS, 1))
        out = np.ones((_WORLDS, self.contestants), bool)
        out[:, list(self.left)] = False
        taken, done = np.full(_WORLDS, MOST + 1), 0
        while done < MOST and (going := taken > MOST).any():
            more = min(max(1, int((self.n + done) * (_GROWTH - 1))), MOST - done)
            done += more
            wealth[going] += chance.multinomial(more, weights[going]) @ each
            out[going] |= self._refuted(wealth[going].reshape(-1, *self._wealth.shape))
            taken[going] = np.where(out[going].sum(axis=1) >= self.contestants - 1, done, MOST + 1)
        return _forecast(taken)

    def _worlds(self, chance: np.random.Generator) -> tuple[Array, Array]:
        """Rows of scores, and in each of several worlds the probability of each."""
        seen = self._rows.most_common(_MOST_ROWS)
        unseen = [np.ones(self.contestants), *np.eye(self.contestants)]
        rows = np.array([row for row, _ in seen] + [row.tolist() for row in unseen])
        counts = np.array([count for _, count in seen] + [1 / len(unseen)] * len(unseen))
        return rows, chance.dirichlet(counts, _WORLDS)

    def _steps(self, rows: Array) -> Array:
        """What each row adds to the logarithm of each bet, by [row, i, j, side, bet]."""
        differences = (rows[:, None, :] - rows[:, :, None]).reshape(-1)
        added = steps(((self.margin, 1), (self.margin, -1)), differences)
        return added.reshape(len(rows), *self._wealth.shape)

    def _refuted(self, wealth: Array) -> NDArray[np.bool_]:
        """Which of them cannot be the answer, by [world, s]."""
        evidence = log_mean(wealth)
        better, not_better = evidence[..., 0], evidence[..., 1]
        if self.contestants == 1:
            return np.zeros((len(wealth), 1), bool)
        alone = np.eye(self.contestants, dtype=bool)
        far = np.logaddexp.reduce(np.where(alone, -np.inf, better), axis=-1) - math.log(self.contestants - 1)
        near = np.where(alone, np.inf, not_better).min(axis=-1)
        before = np.logaddexp.accumulate(near, axis=-1)
        against = far.copy()
        against[:, 1:] = np.logaddexp(far[:, 1:], before[:, :-1])
        against -= np.log(np.arange(1, self.contestants + 1))
        return np.asarray(against >= -math.log(self.alpha))


def _forecast(taken: NDArray[np.int_]) -> Further:
    decided = float(np.mean(taken <= MOST))
    taken = np.minimum(taken, MOST)
    median, high = np.quantile(taken, [0.5, 0.8], method="higher")
    return Further(int(median), int(high), float(np.mean(taken)), decided)
