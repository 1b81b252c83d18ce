"""Student's t by the regularised incomplete beta function, so that no larger library is needed for it."""

import math
from statistics import NormalDist

_TINY = 1e-300
_MOST_TERMS = 10_000


def incomplete_beta(a: float, b: float, x: float) -> float:
    """I_x(a, b), the distribution function of Beta(a, b), for a, b > 0 and x in [0, 1].

    By the continued fraction 8.17.22 of the NIST Digital Library of Mathematical Functions, evaluated as Lentz has it
    (Applied Optics 15, 1976), on the side where it converges fast.
    """
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(logarithm) / a * _continued_fraction(a, b, x)


def _continued_fraction(a: float, b: float, x: float) -> float:
    above, below = 1.0, 1 / (1 - (a + b) * x / (a + 1) or _TINY)
    value = below
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for numerator in (even, odd):
            below = 1 / (1 + numerator * below or _TINY)
            above = 1 + numerator / above or _TINY
            value *= above * below
        if abs(above * below - 1) < 1e-15:
            break
    return value


def t_tail(t: float, df: float) -> float:
    """The probability that |T| is at least |t|, for Student's t with `df` degrees of freedom: a two-sided p-value."""
    return incomplete_beta(df / 2, 0.5, df / (df + t * t)) if math.isfinite(t) else 0.0


def t_quantile(q: float, df: float) -> float:
    """The t below which a share `q` of Student's t with `df` degrees of freedom lies.

    By Newton's method from the normal quantile, which lies on this side of it; the tail is convex, so no step goes too
    far.
    """
    if not (0 < q < 1 and df > 0):
        raise ValueError(f"no quantile {q} of Student's t with {df} degrees of freedom")
    if q < 0.5:
        return -t_quantile(1 - q, df)
    t, tail = NormalDist().inv_cdf(q), 2 * (1 - q)
    while (step := (t_tail(t, df) - tail) / (2 * _density(t, df))) > 1e-14 * t:
        t += step
    return t


def _density(t: float, df: float) -> float:
    logarithm = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - (df + 1) / 2 * math.log1p(t * t / df)
    return math.exp(logarithm) / math.sqrt(df * math.pi)
