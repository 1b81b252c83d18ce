"""Statistics: did a change make a difference? Answered from numbers alone, with what the answer is worth.

Rules:
1. Pure: nothing is read, written, asked or printed here. Chance comes from a seed, so the same data say the same again.
2. The unit is one independent input, or the document, conversation or author that several inputs share. For unit i
   the paired difference is D_i = mean score of the variant - mean score of the base, in [-1, 1]; repeats are averaged
   inside of it. Every method that compares takes one D for each unit, and knows nothing of models or scores.
3. Each function names the source of its formula; docs/statistics.md names the test that shows what it promises.

betting.py     evidence that may be looked at as often as one likes: e-values, the confidence interval they give
sequence.py    `EProcess`: the same as data come in, and what is known so far
planned.py     `PlannedLooks`: looked at when a fixed number of inputs is there, or a few times on the way to it
verdict.py     better, worse, no practical difference, undecided: as a value and as a sentence
projection.py  how many further inputs it may take
exact.py       fixed n: sign flips, McNemar                 student.py           Student's t, the incomplete beta
intervals.py   Wilson; clusters                             group_sequential.py  a few looks at a fixed n
multiplicity.py several contrasts: e-Holm, e-BH, Holm, BH   planning.py          what can be seen with how many calls
factorial.py   factors, interactions, fractions             judges.py            imperfect judges, and people's labels
repeats.py     the same asked again: all of k, flicker      missing.py           what failures could have hidden

May import nothing but numpy, and that only where it is needed.
"""

from typing import TYPE_CHECKING, Any

from curta.statistics.verdict import Verdict, verdict

if TYPE_CHECKING:
    from curta.statistics.planned import PlannedLooks
    from curta.statistics.sequence import EProcess, Look

__all__ = ["EProcess", "Look", "PlannedLooks", "Verdict", "verdict"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    home = "planned" if name == "PlannedLooks" else "sequence"
    return getattr(import_module(f"{__name__}.{home}"), name)
