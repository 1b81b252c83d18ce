"""Results of promptfoo: the file that `promptfoo eval -o results.json` (or .jsonl) writes.

Rows stand in it in the order in which they were finished; they are put back by `testIdx`. A test that was repeated has
a `testIdx` for each time, so what is the same is known by its `vars`.
Source: promptfoo's `EvaluateSummaryV3` (docs: configuration/outputs), and files of promptfoo 0.121.20
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from curta.errors import SourceError
from curta.evals.importing.foreign import Answer, Told, mapping, milliseconds, number, sequence, short, unit_of
from curta.evals.importing.json_pieces import Path, pieces
from curta.events import UsageReport
from curta.messages import JSON, Message, Text, user, well_formed
from curta.sources import files
from curta.sources.names import shown

PASS, SCORE = "pass", "score"
TWICE = (PASS, SCORE)
"""The second is the share of the assertions that hold: where there is one assertion, what the first is."""
_ROWS: Path = ("results", "results")
_ERROR = 2  # of `failureReason`: no answer, rather than one that failed its assertions
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


class Results:
    """A file of results."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.told = Told("promptfoo", ("model", "prompt"))

    def answers(self) -> Iterator[Answer]:
        for place, row in self._pieces():
            if place == _ROWS:
                yield self._answer(row)
            elif place == ("results", "timestamp"):
                self.told.created = milliseconds(row)
            elif place == ("config",):
                self.told.name = str(mapping(row).get("description") or "")

    def _pieces(self) -> Iterator[tuple[Path, Any]]:
        with files.opened(self.path) as file:
            if self.path.lower().endswith(".jsonl"):
                for number_, line in enumerate(file, 1):
                    if line.strip():
                        yield _ROWS, self._line(line, number_)
            else:
                yield from pieces(file, {_ROWS})

    def _line(self, line: bytes, number_: int) -> Any:
        from curta.sources.nested import loads

        try:
            return loads(line.decode("utf-8"))
        except ValueError as error:
            raise ValueError(f"line {number_}: {error}") from error

    def _answer(self, row: Any) -> Answer:
        if not isinstance(row, Mapping) or not {"vars", "success", "provider"} <= set(row):
            raise SourceError(f"{shown(self.path)} has a row that is no result of promptfoo.")
        response, values = mapping(row.get("response")), _values(row)
        failure = _failure(row)
        return Answer(
            unit=unit_of(values) or short(str(mapping(row.get("testCase")).get("description") or "no variables")),
            way=int(row.get("promptIdx") or 0),
            levels=(_provider(row["provider"]), _prompt(row)),
            scores={} if failure else _scores(row),
            failure=failure,
            row=values,
            messages=_messages(mapping(row.get("prompt")).get("raw")),
            output=well_formed(_words(response.get("output"))),
            model=well_formed(str(mapping(row["provider"]).get("id") or row["provider"])),
            pos=int(row.get("testIdx") or 0),
            usage=_usage(mapping(response.get("tokenUsage"))),
            cost=number(row.get("cost")) or None,
            duration_ms=round(number(row.get("latencyMs")) or 0),
        )


def _values(row: Mapping[str, Any]) -> Mapping[str, JSON]:
    """The variables of the test, without what promptfoo adds for itself."""
    return {
        str(name): each for name, each in mapping(row["vars"]).items() if name not in ("sessionId", "_conversation")
    }


def _failure(row: Mapping[str, Any]) -> str:
    if row.get("failureReason") == _ERROR or (row.get("error") and not row.get("gradingResult")):
        return str(row.get("error") or "no answer")
    return ""


def _scores(row: Mapping[str, Any]) -> dict[str, float | None]:
    metrics = {short(str(name)): number(each) for name, each in mapping(row.get("namedScores")).items()}
    return {PASS: number(row["success"]), SCORE: number(row.get("score")), **metrics}


def _provider(told: Any) -> str:
    return short(str(mapping(told).get("label") or mapping(told).get("id") or told))


def _prompt(row: Mapping[str, Any]) -> str:
    told = mapping(row.get("prompt"))
    return short(str(told.get("label") or told.get("raw") or ""))


def _messages(raw: Any) -> tuple[Message, ...]:
    """What was sent: a text, or the JSON list of a chat."""
    text = _words(raw)
    try:
        told = sequence(json.loads(text)) if text.lstrip().startswith("[") else ()
    except (ValueError, RecursionError):
        told = ()
    if told and all(mapping(each).get("role") in _ROLES and "content" in each for each in told):
        return tuple(
            Message(_ROLES[each["role"]], (Text(well_formed(_words(each["content"]))),))  # type: ignore[arg-type]
            for each in told
        )
    return (user(well_formed(text)),)


def _words(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def _usage(told: Mapping[str, Any]) -> UsageReport | None:
    return UsageReport(told.get("prompt"), told.get("completion"), told.get("cached")) if told else None
