"""Two rankings made one: each brought to [0, 1], then weighed.

Convex combination of min-max normalised scores beats reciprocal ranks on all but one of six measured collections, as in
Bruch et al. (arXiv 2210.11934); a weight of one half was never tuned and is within the noise of the best.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

HALF = 0.5

Key = TypeVar("Key", bound=Hashable)


def convex(lexical: Mapping[Key, float], dense: Mapping[Key, float], weight: float = HALF) -> dict[Key, float]:
    """`(1 - weight) lexical + weight dense`, best first; what one side lacks counts 0 there."""
    first, second = normalised(lexical), normalised(dense)
    keys = dict.fromkeys([*lexical, *dense])
    scores = {key: (1 - weight) * first.get(key, 0.0) + weight * second.get(key, 0.0) for key in keys}
    return dict(sorted(scores.items(), key=lambda pair: -pair[1]))


def normalised(scores: Mapping[Key, float]) -> dict[Key, float]:
    """The scores with the smallest as 0 and the largest as 1; all 1 when they are equal."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    return {key: (score - low) / (high - low) if high > low else 1.0 for key, score in scores.items()}
