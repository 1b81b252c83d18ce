"""A side of a comparison: a run, wherever it is kept, as answers with their scores.

`old.json`, `new.eval`, `answers.jsonl` name a file, `01k9x` an experiment of the log. `#NAME` after a file, `:NAME`
after an id, chooses a way of asking in it.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from curta.errors import UsageError
from curta.evals import spec
from curta.evals.design import cells
from curta.evals.importing.foreign import Levels, names_apart
from curta.evals.importing.promptfoo import TWICE
from curta.evals.importing.reading import Run, run_of, tool_of
from curta.evals.importing.scores import NO_SCORE, usable
from curta.evals.scorers import Sample, Scorer
from curta.messages import well_formed
from curta.sources import tables
from curta.sources.names import shown
from curta.sources.records import as_words

if TYPE_CHECKING:
    from curta.evals.importing.foreign import Answer
    from curta.store import Log
    from curta.store.experiments import ExperimentRecord

ERROR = "error"
"""The column that says why a row has no answer."""
_KEPT = 1000
"""Characters of an answer in a file."""


class Seen(NamedTuple):
    """An answer. scores: by scorer; one that is not there, or None, could not be had. text: the answer; call: its id in
    the log, where it is there."""

    scores: Mapping[str, float | None]
    text: str = ""
    call: str | None = None


class About(NamedTuple):
    """What is to be known of a scorer: as `Scorer` has them."""

    mark: str = ""
    relative: bool = False


class Columns(NamedTuple):
    """Which column of a table of answers is what: the input's id, the answer, its scores."""

    id: str = "id"
    answer: str = "answer"
    scores: tuple[str, ...] = ("score",)


_USUAL = Columns()


@dataclass
class Side:
    """A run. ways: for each way of asking, by the levels that make it, the answers to each unit, in their order.

    fixed: whether how many units there are was not decided by looking. notes: what a person should know.
    """

    name: str
    fixed: bool
    scorers: dict[str, About] = field(default_factory=dict)
    ways: dict[Levels, dict[str, list[Seen]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, levels: Levels, unit: str, seen: Seen) -> None:
        self.ways.setdefault(levels, {}).setdefault(unit, []).append(seen)
        for each in seen.scores:
            self.scorers.setdefault(each, About())

    def chosen(self, wanted: str) -> "Side":
        """The ways that a level names, or several with commas between them; the beginning of a name is enough.

        Raises UsageError with what there is.
        """
        there = {level for way in self.ways for level in way}
        levels = _begun(wanted, there) or [each for part in wanted.split(",") for each in _begun(part.strip(), there)]
        ways = {
            tuple(each for each in way if each not in levels): units
            for way, units in self.ways.items()
            if set(levels) <= set(way)
        }
        if not (ways and levels):
            raise UsageError(f"{shown(self.name)} has no {wanted!r}.", then=f"It has: {'; '.join(self.names)}.")
        return Side(f"{self.name}#{wanted}", self.fixed, self.scorers, ways, self.notes)

    @property
    def names(self) -> list[str]:
        """The names of the ways of asking."""
        return [", ".join(each) or "one way of asking" for each in self.ways]


def sides_of(
    first: str, second: str, log: "Log", *, score: Sequence[Scorer] = (), columns: Columns = _USUAL
) -> tuple[Side, Side]:
    """The runs that these name. score: what files' answers are scored by, now, instead of the scores they have.

    columns: of a table of answers. Raises UsageError, SourceError, UnknownCall.
    """
    read = dict[str, Side]()

    def side(told: str) -> Side:
        path, wanted = _file_and_way(told)
        name, _, wanted = (path, "", wanted) if path is not None else told.partition(":")
        if name not in read:  # both may be ways of asking of one file
            read[name] = of_log(log, name, score) if path is None else of_file(path, score, columns)
        return read[name].chosen(wanted) if wanted else read[name]

    return side(first), side(second)


def of_file(path: str, score: Sequence[Scorer] = (), columns: Columns = _USUAL) -> Side:
    """The run in a file: of promptfoo, of Inspect, or a table of answers with their scores."""
    return of_table(path, score, columns) if tool_of(path) is None else of_run(run_of(path), score)


def of_run(run: Run, score: Sequence[Scorer] = ()) -> Side:
    """A run that another tool made."""
    side = Side(os.path.basename(run.path), fixed=True)
    found = [(each.pos, each.way, each.levels, each.unit, _rated(each, score)) for each in run.answers()]
    named = names_apart({each[1]: each[2] for each in found})
    for each in sorted(found, key=lambda each: each[:2]):
        side.add(named[each[1]], each[3], each[4])
    side.notes += run.told.notes
    _leave_out(side)
    return side


def of_table(path: str, score: Sequence[Scorer] = (), columns: Columns = _USUAL) -> Side:
    """A table of answers, such as `curta map` writes: each with the id of its input, and a score unless it is scored
    now."""
    side = Side(os.path.basename(path), fixed=True)
    for row in tables.read_table(path):
        if row.error:
            raise row.error
        _check(path, row, columns, scored=bool(score))
        text = as_words(row.values.get(columns.answer))
        scores = {} if row.values.get(ERROR) else _scores_of(row, text, score, columns)
        side.add((), well_formed(as_words(row.values[columns.id])), Seen(scores, text[:_KEPT]))
    if not side.ways:
        raise UsageError(f"{shown(path)} has no rows.")
    _about(side, score)
    _leave_out(side)
    return side


def of_log(log: "Log", id: str, score: Sequence[Scorer] = ()) -> Side:
    """An experiment of the log."""
    if score:
        raise UsageError("Answers in the log are scored anew by `curta eval rescore`.", then=f"curta eval rescore {id}")
    record = log.experiments().one(id)
    plan = spec.of_dict(record.plan["spec"])
    units, sizes = log.experiments().units(record.id), record.plan["sizes"]
    levels = [tuple(each.levels.values()) for each in cells(plan)]
    side = Side(record.name or record.id[:10], fixed=len(units) == len(sizes) or plan.decide == "fixed")
    for pos, cell, seen in _answers(log, record, scorer_names(plan.score)):
        if pos in units:
            side.add(levels[cell], units[pos], seen)
    _about(side, plan.score)
    if not side.ways:
        raise UsageError(f"The experiment {record.id} has no scored answers to compare.")
    return side


def _answers(log: "Log", record: "ExperimentRecord", names: Sequence[str]) -> Iterator[tuple[int, int, Seen]]:
    """The scored answers of an experiment, in their order, each with its block and its cell."""
    scores, sizes = log.experiments().scores(record.id), record.plan["sizes"]
    blocks = (pos for pos, size in enumerate(sizes) for _ in range(size))
    for number, pos in enumerate(blocks):
        found = scores.get(number, [])
        if len(found) >= len(names):
            told = zip(names, found, strict=False)
            values = {name: each.value for name, each in told if each.failure != NO_SCORE}
            yield pos, found[0].cell, Seen(values, call=found[0].call)


def answers(side: Side) -> Iterator[Seen]:
    """All answers of a side."""
    return (seen for units in side.ways.values() for several in units.values() for seen in several)


def _begun(name: str, levels: Iterable[str]) -> list[str]:
    """The level that is called so, or the only one that begins so; none without one."""
    begun = [each for each in levels if each == name] or [each for each in levels if name and each.startswith(name)]
    return begun if len(begun) == 1 else []


def _leave_out(side: Side) -> None:
    """Leave out what is no score, and say so."""
    names, notes = usable([each.scores for each in answers(side)], TWICE)
    side.scorers = {name: about for name, about in side.scorers.items() if name in names}
    side.notes += notes


def scorer_names(scorers: Sequence[Scorer]) -> list[str]:
    """The names of scorers, numbered where one occurs again."""
    names = [each.name for each in scorers]
    return [
        name if name not in names[:place] else f"{name} {names[: place + 1].count(name)}"
        for place, name in enumerate(names)
    ]


def _about(side: Side, scorers: Sequence[Scorer]) -> None:
    for name, each in zip(scorer_names(scorers), scorers, strict=True):
        side.scorers[name] = About(each.mark, each.relative)


def _rated(answer: "Answer", score: Sequence[Scorer]) -> Seen:
    if not score or answer.failure:
        return Seen({} if answer.failure else answer.scores, answer.output[:_KEPT])
    sample = Sample(answer.output, answer.row, prompt=answer.messages[-1].text)
    return Seen(_scored(sample, score), answer.output[:_KEPT])


def _scores_of(row: tables.TableRow, text: str, score: Sequence[Scorer], columns: Columns) -> dict[str, float | None]:
    if score:
        return _scored(Sample(text, row.values), score)
    return {name: _number(row, name) for name in columns.scores if name in row.values}


def _number(row: tables.TableRow, name: str) -> float | None:
    value = row.values[name]
    try:
        return None if value is None or value == "" else float(value)
    except (TypeError, ValueError):
        raise UsageError(f"{row.place}: {name} is {value!r}, which is no number.") from None


def _scored(sample: Sample, score: Sequence[Scorer]) -> dict[str, float | None]:
    return {name: each.score(sample).value for name, each in zip(scorer_names(score), score, strict=True)}


def _check(path: str, row: tables.TableRow, columns: Columns, *, scored: bool) -> None:
    """That a row has what it takes."""
    there = ", ".join(row.values)
    if columns.id not in row.values:
        raise UsageError(
            f"{shown(path)}, {row.place}, has no {columns.id!r}, by which answers are paired.",
            why=f"It has: {there}.",
            then="Name the column that says which input it is: --id COLUMN",
        )
    if not (scored or row.values.get(ERROR) or set(columns.scores) & set(row.values)):
        raise UsageError(
            f"{shown(path)}, {row.place}, has no {columns.scores[0]!r}.",
            why=f"It has: {there}.",
            then="Have the answers scored, such as by --score 'contains: $expected', or name the column: --by COLUMN",
        )


def _file_and_way(told: str) -> tuple[str | None, str]:
    """The file that `told` names, and the way after its `#`; None for what is no file."""
    if os.path.isfile(told):
        return told, ""
    path, mark, way = told.partition("#")
    if mark and os.path.isfile(path):
        return path, way
    if os.sep in told or os.path.splitext(path)[1]:
        return path, way  # it was meant as a file: reading says what is wrong with it
    return None, ""
