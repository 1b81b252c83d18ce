"""Whether the scorers of a suite can be believed: references have full marks, and what is wrong has not."""

from statistics import fmean
from typing import NamedTuple

from curta.errors import UsageError
from curta.evals.design import asked, cells
from curta.evals.scorers import Sample, Score
from curta.evals.spec import Spec, spec_of
from curta.evals.suites.family import Family, Row
from curta.messages import Document

COUNT = 20
_CHANCE = 0.2
"""By how much wrong answers may be above the floor: a few instances say no more."""


class Checked(NamedTuple):
    """What a family's scorer says, in the mean, of answers of which is known how good they are.

    references: of the reference answers; why: of the first that has not full marks. others: of the references of other
    instances; empty: of empty answers; echo: of the question itself. floor: what these may score by chance.
    """

    family: str
    references: float
    why: str
    others: float
    empty: float
    echo: float
    floor: float

    @property
    def ok(self) -> bool:
        return self.references == 1 and max(self.others, self.empty, self.echo) <= self.floor + _CHANCE


def check(family: Family, seed: int = 0, count: int = COUNT) -> Checked:
    """Score answers of which is known how good they are; no model is asked. Raises UsageError without references."""
    rows = family.rows(seed, count)[: count * family.each]
    references = [_reference(family, row) for row in rows]
    spec = spec_of({**family.asks, "name": family.name, "inputs": rows})
    turned = references[family.each :] + references[: family.each]
    right = [score(spec, row, answer) for row, answer in zip(rows, references, strict=True)]
    wrong = next((each for each in right if each.value != 1), None)
    return Checked(
        family.name,
        _mean(right),
        "" if wrong is None else wrong.failure or str(dict(wrong.detail)),
        _mean([score(spec, row, answer) for row, answer in zip(rows, turned, strict=True)]),
        _mean([score(spec, row, "") for row in rows]),
        _mean([score(spec, row, _words(spec, row)) for row in rows]),
        family.floor,
    )


def score(spec: Spec, row: Row, answer: str) -> Score:
    """What the scorer that counts says of an answer to an instance."""
    said = asked(spec, cells(spec)[0], row)
    documents = tuple(Document(text, name) for name, text in said.documents)
    return spec.score[0].score(Sample(answer, row, documents, said.words))


def _words(spec: Spec, row: Row) -> str:
    return asked(spec, cells(spec)[0], row).words


def _reference(family: Family, row: Row) -> str:
    if family.reference not in row:
        raise UsageError(
            f"The family {family.name!r} has no reference answers.",
            why=f"Its inputs have no column {family.reference!r}.",
            then="Name the column with answers that have full marks: `reference: NAME`.",
        )
    return str(row[family.reference])


def _mean(scores: list[Score]) -> float:
    return fmean(each.value or 0.0 for each in scores)
