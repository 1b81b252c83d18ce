"""The answers of an experiment as rows, one for each: for a spreadsheet, or a program of one's own."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from curta.evals.report.study import Answer, Study
from curta.messages import well_formed


def rows(study: Study) -> Iterator[dict[str, Any]]:
    """Each answer in the order in which they were asked for.

    unit: what is independent of the others; input, repeat: which of its inputs, for the how-manieth time, None where
    the log cannot tell any more. Then the level of each factor, the score by each scorer, None where there is none and
    `failure` says why, and what its call took; cost in US dollars, None where nobody knows.
    """
    return (_row(study, each) for each in study.answers)


def to_csv(study: Study) -> str:
    """The rows as CSV, with a header."""
    text = StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in rows(study):
        if writer is None:
            writer = csv.DictWriter(text, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow({name: well_formed(value) if isinstance(value, str) else value for name, value in row.items()})
    return text.getvalue()


def _row(study: Study, answer: Answer) -> dict[str, Any]:
    call = study.calls.get(answer.call or "")
    factors = {f"factor:{name}": level for name, level in study.cells[answer.cell].levels.items()}
    scores = {f"score:{name}": value for name, value in zip(study.scorers, answer.values, strict=True)}
    return {
        "number": answer.number + 1,
        "unit": answer.unit,
        "input": answer.input,
        "repeat": answer.repeat,
        **factors,
        **scores,
        "failure": "; ".join(dict.fromkeys(filter(None, answer.failures))),
        "call": answer.call,
        "model": call and call.model,
        "cost": call and call.cost,
        "duration_ms": call and call.duration_ms,
        "input_tokens": call and call.input_tokens,
        "output_tokens": call and call.output_tokens,
    }
