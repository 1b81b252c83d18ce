"""Scores as people read them: a number, or what it stands for."""

from typing import TYPE_CHECKING

from curta.evals.scorers.length import MOST

if TYPE_CHECKING:
    from curta.evals.scorers import Scorer
    from curta.statistics.intervals import Interval


def of_score(scorer: "Scorer", value: float) -> str:
    """`score 0.5`; of a size, what it stands for: `12 words`."""
    return _size(scorer, value) if scorer.name == "size" else f"score {value:.3g}"


def of_mean(scorer: "Scorer", mean: float | None, interval: "Interval") -> str:
    """`0.83 [0.72, 0.90]`; of what is neither good nor bad, such as a size, the mean alone."""
    if mean is None:
        return "nothing scored"
    if scorer.relative:
        return _size(scorer, mean) if scorer.name == "size" else f"{mean:.3g}"
    return f"{mean:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def _size(scorer: "Scorer", value: float) -> str:
    return f"{value * MOST:,.4g} {scorer.settings.get('unit', 'words')}"
