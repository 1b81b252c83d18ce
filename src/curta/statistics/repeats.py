"""The same input asked again: whether all of k answers pass, and how often they do not agree."""

import math
from collections.abc import Sequence
from statistics import fmean


def pass_all(passes: Sequence[Sequence[bool]], k: int) -> float:
    """pass^k: the probability that k answers to one input all pass, averaged over inputs.

    passes: for each input, whether each of its n >= k repeats passed, c of them. C(c, k) / C(n, k) is unbiased.
    Source: Yao, Shinn, Razavi and Narasimhan, "tau-bench", arXiv 2406.12045 (2024)
    """
    _enough(passes, k)
    return fmean(math.comb(sum(each), k) / math.comb(len(each), k) for each in passes)


def pass_any(passes: Sequence[Sequence[bool]], k: int) -> float:
    """pass@k: the probability that at least one of k answers passes: 1 - C(n - c, k) / C(n, k).

    Source: Chen et al., "Evaluating large language models trained on code", arXiv 2107.03374 (2021)
    """
    _enough(passes, k)
    return fmean(1 - math.comb(len(each) - sum(each), k) / math.comb(len(each), k) for each in passes)


def flicker(scores: Sequence[Sequence[float]]) -> float:
    """The share of inputs whose repeats did not all get the same score."""
    return fmean(len(set(each)) > 1 for each in scores)


def _enough(passes: Sequence[Sequence[bool]], k: int) -> None:
    if k < 1 or not passes or any(len(each) < k for each in passes):
        raise ValueError(f"each input has to be asked {k} times at least")
