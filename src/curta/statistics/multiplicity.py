"""Several contrasts at once: which of them hold, when any false one counts, or when their share does.

With e-values, whatever the dependence between the contrasts and however often one looks. Feed current or stopped
e-values, never their running maxima: a running maximum is no e-value. With p-values of a fixed n, Holm and
Benjamini-Hochberg.
"""

import math
from collections.abc import Sequence


def e_holm(log_es: Sequence[float]) -> list[float]:
    """The logarithms of the adjusted e-values: those of at least log(1/alpha) hold, and the probability that any of
    them is false is at most alpha.

    Closed testing with the mean of e-values: the adjusted one is the least mean over all sets that hold the contrast.
    The least set of each size is the contrast and the smallest others, so m of them need be looked at, of 2^(m-1).
    Source: Vovk and Wang, Annals of Statistics 49 (2021), section 6 and algorithm 1
    """
    order = sorted(range(len(log_es)), key=lambda i: log_es[i])
    below, adjusted = [-math.inf], [0.0] * len(log_es)
    for place, i in enumerate(order):
        means = (_log_add(log_es[i], total) - math.log(size + 1) for size, total in enumerate(below))
        adjusted[i] = min(means)
        below.append(_log_add(below[place], log_es[i]))
    return adjusted


def e_bh(log_es: Sequence[float], alpha: float = 0.05) -> list[bool]:
    """Which contrasts hold, so that the expected share of false ones among them is at most alpha.

    The k with the largest e-values, for the greatest k with e_(k) >= m / (k alpha).
    Source: Wang and Ramdas, JRSS B 84 (2022)
    """
    m, largest = len(log_es), sorted(log_es, reverse=True)
    enough = [k for k in range(1, m + 1) if largest[k - 1] >= math.log(m / (k * alpha))]
    return [bool(enough) and each >= largest[enough[-1] - 1] for each in log_es]


def holm(ps: Sequence[float]) -> list[float]:
    """Adjusted p-values: those of at most alpha hold, and the probability that any is false is at most alpha.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979)
    """
    adjusted, so_far = [1.0] * len(ps), 0.0
    for place, i in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        so_far = max(so_far, min(1.0, (len(ps) - place) * ps[i]))
        adjusted[i] = so_far
    return adjusted


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Adjusted p-values: those of at most alpha hold, and the expected share of false ones among them is at most alpha,
    for contrasts that are independent or positively dependent.

    Source: Benjamini and Hochberg, JRSS B 57 (1995)
    """
    adjusted, so_far = [1.0] * len(ps), 1.0
    for place, i in enumerate(sorted(range(len(ps)), key=lambda i: ps[i], reverse=True)):
        so_far = min(so_far, ps[i] * len(ps) / (len(ps) - place))
        adjusted[i] = so_far
    return adjusted


def _log_add(a: float, b: float) -> float:
    high, low = max(a, b), min(a, b)
    return high if low == -math.inf or high == math.inf else high + math.log1p(math.exp(low - high))
