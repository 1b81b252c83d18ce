"""Answers that are in the log, scored by other scorers or newer ones: no answer is asked for again.

The new scores are an experiment of their own over the same calls, with the names, versions and settings of their
scorers in its plan. What the answers scored before stays as it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.batch.outcome import tool_calls_of
from curta.errors import UsageError
from curta.evals import inputs, reporting
from curta.evals.importing.reading import run_of, tool_of
from curta.evals.scorers import Sample, Score, Scorer
from curta.evals.scorers.judge import JUDGE
from curta.evals.spec import Spec
from curta.messages import JSON, canonical, sha256
from curta.store.experiments import ScoreRecord

if TYPE_CHECKING:
    from curta.evals.report.study import Answer, Study
    from curta.store import Log

KIND = "rescore"
RESCORED = "rescored"
"""In a plan: the id of the experiment whose answers these are."""

Rows = Callable[["Answer"], Mapping[str, JSON]]
"""The columns of the input that an answer belongs to."""


class Rescored(NamedTuple):
    """What came of it. id: of the experiment with the new scores; of: that of the old one. judged: how many answers a
    model was asked about. notes: what a person should know."""

    id: str
    of: str
    answers: int
    judged: int
    notes: tuple[str, ...]


def rescore(
    log: "Log", id: str | None, score: Sequence[Scorer], source: str | None = None, concurrency: int = 8
) -> Rescored:
    """Score the answers of an experiment (by the beginning of its id; the latest without) by these scorers.

    source: the inputs that it asked about, or the file that it was imported from, where scorers name their columns.
    Raises UsageError, SourceError, UnknownCall.
    """
    if not score:
        raise UsageError("Nothing says by which scorers.", then="Name a spec, or --score 'contains: $answer'.")
    study = reporting.report(log, id).study
    record = log.experiments().one(study.report.id)
    rows, notes = _rows(study, record.plan, score, source)
    answers = [each for each in study.answers if each.call is not None]
    if not answers:
        raise UsageError(f"The experiment {record.id} has no answers in the log.")
    with ThreadPoolExecutor(concurrency) as pool:
        scored = list(pool.map(lambda each: _scored(log, each, score, rows), study.answers))
    told = replace(study.spec, score=tuple(score), expect=()).to_dict()
    plan = {**record.plan, "spec": {**told, "inputs": []}, RESCORED: record.id}
    identity = sha256(canonical({"of": record.id, "score": told["score"], "rows": source}))
    work = log.batch(KIND, identity)
    try:
        new = log.experiments().begin(work, f"{record.name or record.id[:10]}, rescored", plan)
        log.experiments().put(new, _records(study, scored), log.experiments().units(record.id).items())
    finally:
        work.close()
    judged = len(answers) if any(each.name == JUDGE for each in score) else 0
    return Rescored(new, record.id, len(answers), judged, notes)


def _scored(log: "Log", answer: "Answer", score: Sequence[Scorer], rows: Rows) -> list[Score]:
    if answer.call is None:
        return [Score(None, failure=answer.failures[0])] * len(score)
    call = log.call(answer.call)
    if call.status != "ok":
        return [Score(None, failure=call.error or call.status)] * len(score)
    sample = Sample(call.response, rows(answer), call.documents, call.prompt, tool_calls_of(call))
    return [each.score(sample) for each in score]


def _records(study: "Study", scored: Sequence[Sequence[Score]]) -> Iterator[ScoreRecord]:
    for answer, scores in zip(study.answers, scored, strict=True):
        for place, each in enumerate(scores):
            yield ScoreRecord(answer.number, place, answer.cell, answer.call, each.value, each.failure)


# What scorers need of the inputs


def _rows(
    study: "Study", plan: Mapping[str, Any], score: Sequence[Scorer], source: str | None
) -> tuple[Rows, tuple[str, ...]]:
    needed = sorted({name for each in score for name in each.fields})
    if source is None:
        if needed:
            raise UsageError(
                f"The scorers need the column {needed[0]!r} of the inputs, which the log does not keep.",
                then="Name the spec, the inputs (--on FILE), or the file that was imported.",
            )
        return (lambda answer: {}), ()
    if tool_of(source) is not None:
        rows: dict[str, Mapping[str, JSON]] = {each.unit: each.row for each in run_of(source).answers()}
        return (lambda answer: _found(rows.get(answer.unit), answer, source)), ()
    return _of_table(replace(study.spec, inputs=source, score=tuple(score)), plan, source)


def _of_table(asked: Spec, plan: Mapping[str, Any], source: str) -> tuple[Rows, tuple[str, ...]]:
    read = inputs.read(asked)
    changed = plan.get("inputs") not in (None, read.digest)
    units: dict[str, list[Mapping[str, JSON]]] = {}
    for place, each in enumerate(read, 1):
        if changed and each.id == str(place) and "id" not in each.values:
            raise UsageError(
                f"{source} is not what was asked about, and its rows have no ids by which they could be found."
            )
        units.setdefault(each.unit, []).append(each.values)

    def row(answer: "Answer") -> Mapping[str, JSON]:
        several = units.get(answer.unit, [])
        if len(several) > 1 and answer.input is None:
            raise UsageError(f"Which of the inputs of {answer.unit!r} an answer belongs to is not known any more.")
        return _found(several[(answer.input or 1) - 1] if several else None, answer, source)

    return row, ((f"{source} is not what was asked about: its rows were found by their ids",) if changed else ())


def _found(row: Mapping[str, JSON] | None, answer: "Answer", source: str) -> Mapping[str, JSON]:
    if row is None:
        raise UsageError(f"{source} has no input {answer.unit!r}.")
    return row
