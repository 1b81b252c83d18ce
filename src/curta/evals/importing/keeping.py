"""A run that another tool made, kept in the log: its answers as calls, its scores as those of an experiment.

The ids of its calls come from the file, so that a file that is brought in again, or whose import was interrupted, has
the same.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, product
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.errors import SourceError
from curta.evals.factors import MODEL, Factor
from curta.evals.importing.foreign import Answer, Levels, Tool, names_apart
from curta.evals.importing.promptfoo import TWICE
from curta.evals.importing.reading import Run
from curta.evals.importing.scores import NO_SCORE, usable
from curta.evals.scorers.elsewhere import made_elsewhere
from curta.evals.spec import Spec
from curta.messages import Request, assistant, sha256, well_formed
from curta.store import Outcome, ids
from curta.store.experiments import ScoreRecord
from curta.store.recording import Opening

if TYPE_CHECKING:
    from curta.store import Log

KIND = "import"
_WAY = "way"
_NOT_THERE = "there is no such answer in the file"


class Kept(NamedTuple):
    """A run in the log. id: of its experiment. new: whether it was not there before. notes: what is to be known."""

    id: str
    path: str
    tool: Tool
    name: str
    new: bool
    answers: int
    units: int
    ways: list[str]
    scores: list[str]
    notes: list[str]


class _Taken(NamedTuple):
    """What is remembered of an answer while the file is read."""

    pos: int
    way: int
    unit: str
    scores: Mapping[str, float | None]
    failure: str
    call: str


def keep(run: Run, log: "Log") -> Kept:
    """Bring a run into the log. Raises SourceError for a file that is damaged, of which nothing is kept."""
    digest = _digest(run.path)
    taken, levels = list[_Taken](), dict[int, Levels]()
    try:
        for _ in log.take_in(_calls(run, digest, taken, levels)):
            pass
    except SourceError:
        log.remove(list(log.known(each.call for each in taken)))
        raise
    taken.sort(key=lambda each: (each.pos, each.way))
    names, notes = usable([each.scores for each in taken], TWICE)
    named = names_apart(levels)
    factors, cells = _design(run.told.factors, named)
    units = _by_unit(taken)
    blocks = [_block(several, set(cells.values()), cells) for several in units.values()]
    spec = Spec(
        prompt="",
        factors=factors,
        inputs=(),
        score=tuple(made_elsewhere(each, run.told.tool) for each in names),
        name=well_formed(run.told.name) or os.path.basename(run.path),
        decide="fixed",
        planned=len(units),
    )
    models = list(dict.fromkeys(each[0] for each in named.values()))
    plan = {"spec": spec.to_dict(), "sizes": [len(each) for each in blocks], "models": models}
    id, new = _put(log, digest, spec.name, plan, [each.call for each in taken], _records(blocks, names), units)
    ways, told = [", ".join(each) for each in named.values()], run.told
    return Kept(id, run.path, told.tool, spec.name, new, len(taken), len(units), ways, names, told.notes + notes)


def _put(
    log: "Log",
    digest: str,
    name: str,
    plan: Mapping[str, Any],
    calls: list[str],
    records: Iterable[ScoreRecord],
    units: Iterable[str],
) -> tuple[str, bool]:
    """Have the calls and scores be an experiment. Its id, and whether it is new."""
    work = log.batch(KIND, digest)
    try:
        work.adopt(calls)
        id = log.experiments().begin(work, name, plan)
        log.experiments().put(id, records, enumerate(units))
        return id, not work.resumed
    finally:
        work.close()


def _digest(path: str) -> str:
    from hashlib import file_digest

    with open(path, "rb") as file:
        return file_digest(file, "sha256").hexdigest()


# Calls


def _calls(run: Run, digest: str, taken: list[_Taken], levels: dict[int, Levels]) -> Iterator[tuple[Opening, Outcome]]:
    """The answers as calls; what is remembered of each is added to `taken`, and its way to `levels`."""
    written = round(1000 * os.path.getmtime(run.path))
    for number, each in enumerate(run.answers()):
        started = each.started or (run.told.created or written) + number  # calls of one moment have no order
        id = ids.from_int(started << 80 | int(sha256(f"{digest} {number}".encode())[:20], 16))
        levels[each.way] = each.levels
        taken.append(_Taken(each.pos, each.way, each.unit, each.scores, well_formed(each.failure), id))
        yield _opening(each, id, started, run.told.tool), _outcome(each)


def _opening(answer: Answer, id: str, started: int, tool: Tool) -> Opening:
    return Opening(id, id, Request(well_formed(answer.model), answer.messages), started, caller=tool)


def _outcome(answer: Answer) -> Outcome:
    said = assistant(well_formed(answer.output)) if answer.output else None
    return Outcome(
        "failed" if answer.failure and not answer.output else "ok",
        said,
        usage=answer.usage,
        cost=answer.cost,
        error=answer.failure or None,
        duration_ms=answer.duration_ms or 0,
    )


# The experiment


def _design(names: Sequence[str], named: Mapping[int, Levels]) -> tuple[tuple[Factor, ...], dict[int, int]]:
    """What is varied, and the cell of each way of asking: the factors that have several levels, and the models; all of
    them as one where not every combination is there."""
    ways = list(named.values())
    levels = [list(dict.fromkeys(each[place] for each in ways)) for place in range(len(names))]
    if set(product(*levels)) != set(ways):
        joined = {", ".join(each): ", ".join(each) for each in ways}
        return (Factor(_WAY, joined),), {way: place for place, way in enumerate(named)}
    varied = [place for place, some in enumerate(levels) if len(some) > 1 or names[place] == MODEL]
    factors = tuple(Factor(names[place], {each: each for each in levels[place]}) for place in varied)
    cells = list(product(*(levels[place] for place in varied)))
    return factors, {way: cells.index(tuple(each[place] for place in varied)) for way, each in named.items()}


def _by_unit(taken: Sequence[_Taken]) -> dict[str, list[_Taken]]:
    units: dict[str, list[_Taken]] = {}
    for each in taken:
        units.setdefault(well_formed(each.unit), []).append(each)
    return units


def _block(answers: Sequence[_Taken], all_cells: set[int], cells: Mapping[int, int]) -> list[tuple[int, _Taken | None]]:
    """The answers to a unit with their cells; where a cell has none, that one is missing."""
    there = [(cells[each.way], each) for each in answers]
    return [*there, *((cell, None) for cell in sorted(all_cells - {cell for cell, _ in there}))]


def _records(blocks: Sequence[Sequence[tuple[int, _Taken | None]]], names: Sequence[str]) -> Iterator[ScoreRecord]:
    for number, (cell, answer) in enumerate(chain.from_iterable(blocks)):
        for place, name in enumerate(names):
            if answer is None:
                yield ScoreRecord(number, place, cell, None, None, _NOT_THERE)
            else:
                value = answer.scores.get(name)
                failure = "" if value is not None else answer.failure or NO_SCORE
                yield ScoreRecord(number, place, cell, answer.call, value, failure)
