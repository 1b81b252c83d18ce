"""Verdicts of experiments: how often something is found where nothing is, and how many inputs it takes to know.

Simulated, from a seed, and looked at after every input. The peer is the t-test looked at in the same way. What is
simulated is in tests/statistics/nulls.py, where the tests run less of the same.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from curta.statistics import EProcess, Look, PlannedLooks, betting
from tests.statistics import nulls

SIMS, AT_ONCE = 10_000, 500
FEWER = 2_000
SEED = 1
PLANNED = 778
PLANNED_SIMS = 500


def rows() -> list[dict[str, Any]]:
    """False positives on each null, the controls, inputs needed, and what a look costs."""
    return [
        *_nulls(),
        *_controls(),
        _interval_missed(),
        *_inputs_needed(),
        *_equivalence(),
        *_planned_looks(),
        *_cost(),
    ]


def _nulls() -> Iterator[dict[str, Any]]:
    for name, simulate in nulls.NULLS.items():
        every = nulls.READ_EVERY.get(name, 1)
        yield {
            "what": f"false positives: {name}",
            "curta": _share(simulate, lambda found, every=every: nulls.rejected_at_some_look(found, every=every)),
            "peer": _share(simulate, nulls.t_rejected_at_some_look, FEWER),
            "target": "<= 5 %",
        }


def _controls() -> list[dict[str, Any]]:
    def completed(chance: nulls.Chance, sims: int) -> nulls.Array:
        return nulls.as_completed(chance, nulls.binary(chance, sims))

    def by_item(chance: nulls.Chance, sims: int) -> nulls.Array:
        return nulls.rounds(chance, sims).reshape(sims, 10, 50).transpose(0, 2, 1).reshape(sims, -1)

    wrong = {
        "completion order instead of assigned order": completed,
        "questions of one document as units": nulls.documents,
        "repeats of one input as units": by_item,
    }
    return [
        {
            "what": f"what is refused: {name}",
            "curta": _share(simulate, nulls.rejected_at_some_look, FEWER),
            "note": "the same evidence, given data it should not be given",
        }
        for name, simulate in wrong.items()
    ]


def _interval_missed() -> dict[str, Any]:
    def missed(mean: float) -> str:
        return _share(
            lambda chance, sims: nulls.trinomial(chance, sims, nulls.N, 0.6, mean),
            lambda found: (betting.log_e_path(found, mean) >= np.log(20)).any(axis=1),
            FEWER,
        )

    return {
        "what": "the interval misses the mean at any look: -.2, .1, .5",
        "curta": ", ".join(missed(mean) for mean in (-0.2, 0.1, 0.5)),
        "target": "<= 5 %",
    }


def _inputs_needed() -> Iterator[dict[str, Any]]:
    for effect, oracle in ((0.05, 778), (0.08, 299), (0.10, 189), (0.15, 80), (0.20, 42)):
        chance = np.random.default_rng(SEED)
        found = nulls.first_decision(nulls.trinomial(chance, FEWER, PLANNED, 0.25, effect))
        yield {
            "what": f"inputs until a true {effect:.2f} is found, discordance .25, at most {PLANNED}",
            "curta": f"{np.minimum(found, PLANNED).mean():.0f}",
            "peer": PLANNED,
            "target": "<= 255" if effect == 0.10 else None,
            "note": f"found in {np.mean(found <= PLANNED):.0%}; peer: the n that is planned for .05;"
            f" who knew the effect would need {oracle}",
        }


def _equivalence() -> Iterator[dict[str, Any]]:
    for margin, discordance, target in ((0.05, 0.05, "<= 350"), (0.10, 0.25, None), (0.05, 0.25, None)):
        chance = np.random.default_rng(SEED)
        found = nulls.first_equivalence(nulls.binary(chance, 500, 4000, discordance), margin)
        yield {
            "what": f"inputs until no difference is called none, margin {margin}, discordance {discordance}",
            "curta": f"{found.mean():.0f}",
            "target": target,
        }
    at_margin = _share(
        lambda chance, sims: nulls.trinomial(chance, sims, 1000, 0.25, 0.05),
        lambda found: nulls.first_equivalence(found, 0.05) <= 1000,
        FEWER,
    )
    yield {"what": "a difference of just the margin is called none", "curta": at_margin, "target": "<= 5 %"}


def _planned_looks() -> Iterator[dict[str, Any]]:
    """The other two ways to decide, on the null and at just the effect that the number of inputs was planned for."""
    for name, looks in (("once, by an exact test", 1), ("five times", 5)):
        for effect, target in ((0.0, "<= 5 %"), (0.05, None)):
            differences = nulls.trinomial(np.random.default_rng(SEED), PLANNED_SIMS, PLANNED, 0.25, effect)
            seen = [_looked_at(row.tolist(), looks) for row in differences]
            found = np.mean([each.outcome in ("better", "worse") for each in seen])
            taken = np.mean([each.decided_at or PLANNED for each in seen])
            yield {
                "what": f"looked at {name}, {PLANNED} inputs, discordance .25, true {effect:.2f}: something is found",
                "curta": f"{found:.1%}",
                "target": target,
                "note": f"after {taken:.0f} inputs on average",
            }


def _looked_at(differences: list[float], looks: int) -> Look:
    process = PlannedLooks(PLANNED, looks)
    for each in differences:
        process.add(each)
    return process.look()


def _cost() -> Iterator[dict[str, Any]]:
    chance = np.random.default_rng(SEED)
    for name, differences in (
        ("0 and 1", nulls.binary(chance, 1, 1000)[0]),
        ("graded", nulls.graded(chance, 1, 1000)[0]),
    ):
        process = EProcess(rope=0.05)
        started = time.process_time()
        for each in differences.tolist():
            process.add(each)
        added = (time.process_time() - started) / differences.size * 1e6
        started = time.process_time()
        for _ in range(5):
            process.look()
        look = (time.process_time() - started) / 5 * 1000
        note = "at 1,000 inputs; the interval is computed when it is looked at"
        yield {
            "what": f"CPU: one more input, {name}, µs",
            "curta": f"{added:.0f}",
            "note": f"a look {look:.1f} ms; {note}",
        }


def _share(
    simulate: Callable[[nulls.Chance, int], nulls.Array], found: Callable[[nulls.Array], Any], sims: int = SIMS
) -> str:
    chance = np.random.default_rng(SEED)
    shares = [np.mean(found(simulate(chance, AT_ONCE))) for _ in range(sims // AT_ONCE)]
    return f"{np.mean(shares):.1%}"


if __name__ == "__main__":
    for row in rows():
        print(row)
