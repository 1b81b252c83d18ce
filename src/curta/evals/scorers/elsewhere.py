"""A scorer of another tool, of which there are scores and nothing else."""

from curta.errors import UsageError
from curta.evals.scorers.scorer import Rated, Sample, Scorer

MADE_BY = "made_by"


def made_elsewhere(name: str, tool: str) -> Scorer:
    """What stands for the scorer that `tool` calls `name`: its scores can be read, and no answer be scored by it."""

    def rate(sample: Sample) -> Rated:
        raise UsageError(f"{name} is a scorer of {tool}.", then="Score by one of Curta's: curta eval rescore")

    return Scorer(name, 0, rate, {MADE_BY: tool})
