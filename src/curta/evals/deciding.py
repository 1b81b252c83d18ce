"""How an experiment is decided: one method for all of its contrasts, chosen before the first call.

anytime           looked at after every unit, by evidence that allows it
fixed             looked at once, when as many units as were planned are there, by an exact test
group-sequential  looked at a few times on the way there
"""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from curta.evals.spec import Multiplicity, Spec
from curta.statistics.multiplicity import benjamini_hochberg, e_bh, e_holm, holm
from curta.statistics.verdict import Process

if TYPE_CHECKING:
    from curta.statistics import Look


def process(spec: Spec) -> Process:
    """What takes the differences of one contrast. Raises ValueError where looks are planned at no number of units."""
    from curta.statistics import EProcess, PlannedLooks

    if spec.decide == "anytime":
        return EProcess(spec.alpha, spec.rope)
    return PlannedLooks(spec.planned or 0, 1 if spec.decide == "fixed" else spec.looks, spec.alpha, spec.rope)


def together(spec: Spec, looks: "Sequence[Look]") -> list[bool]:
    """Which differences hold when these contrasts are looked at together: either the probability that any of them is
    false is alpha at most (`fwer`), or the expected share of false ones among them (`fdr`)."""
    if spec.decide == "anytime":
        evidence = [each.log_e or 0.0 for each in looks]
        if spec.multiplicity == "fdr":
            return e_bh(evidence, spec.alpha)
        return [adjusted >= -math.log(spec.alpha) for adjusted in e_holm(evidence)]
    adjust: Callable[[Sequence[float]], list[float]] = holm if spec.multiplicity == "fwer" else benjamini_hochberg
    return [adjusted <= spec.alpha for adjusted in adjust([1.0 if each.p is None else each.p for each in looks])]


def method(spec: Spec, contrasts: int) -> str:
    """How it is decided, as a sentence."""
    how = {
        "anytime": "Decided by evidence that may be looked at after every {unit}",
        "fixed": "Decided once, after {planned:,} {unit}s, by an exact test",
        "group-sequential": "Decided at {looks} looks on the way to {planned:,} {unit}s (O'Brien and Fleming)",
    }[spec.decide]
    told = how.format(planned=spec.planned or 0, looks=spec.looks, unit=noun(spec))
    several = f"; {contrasts} contrasts together by {_CORRECTIONS[spec.decide, spec.multiplicity]}"
    return f"{told}, alpha {spec.alpha:g}, margin {spec.rope:g}{several if contrasts > 1 else ''}."


def noun(spec: Spec) -> str:
    """What an independent unit is called: an input, or a unit where several inputs may share one."""
    return "unit" if spec.unit else "input"


_CORRECTIONS: dict[tuple[str, Multiplicity], str] = {
    ("anytime", "fwer"): "e-Holm",
    ("anytime", "fdr"): "e-BH",
    ("fixed", "fwer"): "Holm",
    ("fixed", "fdr"): "Benjamini-Hochberg",
    ("group-sequential", "fwer"): "Holm",
    ("group-sequential", "fdr"): "Benjamini-Hochberg",
}
