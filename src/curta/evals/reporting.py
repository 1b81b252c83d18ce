"""What is known of an experiment, computed from the plan and the scores in the log: nothing is asked for it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.errors import UnknownCall
from curta.evals import spec
from curta.evals.comparing import Comparing
from curta.evals.deciding import method
from curta.evals.design import Asking, Block, cells, contrasts, places_within
from curta.evals.expectations import Check, checks
from curta.evals.inputs import Input
from curta.evals.interactions import simple_effects
from curta.evals.lineage import chosen_late
from curta.evals.scorers import Score
from curta.evals.spec import Spec
from curta.statistics import Verdict
from curta.statistics.intervals import Interval

if TYPE_CHECKING:
    from curta.evals.report.study import Study
    from curta.store import Log
    from curta.store.experiments import ExperimentRecord, ScoreRecord


_OF_AMOUNTS = {"better": "more", "worse": "less"}
_FORGOTTEN = Input("", "", {})
"""An input, where only its scores are known."""


class Result(NamedTuple):
    """What is known of a contrast by a scorer.

    holds: whether the difference is one also when all contrasts of the scorer are looked at together (e-Holm).
    worst_case: where the mean of the differences lies whatever failed answers would have scored. mark: what has to be
    said beside it. relative: more is neither good nor bad. within: of an interaction, what the one does without the
    other and with it.
    """

    contrast: str
    scorer: str
    verdict: Verdict
    holds: bool
    worst_case: Interval | None
    mark: str
    relative: bool
    within: str = ""

    @property
    def is_worse(self) -> bool:
        return self.verdict.outcome == "worse" and not self.relative

    @property
    def outcome(self) -> str:
        """The verdict in a word; of what is neither good nor bad, such as words, `more` or `less`."""
        outcome = self.verdict.outcome
        return _OF_AMOUNTS.get(outcome, outcome) if self.relative else outcome

    def sentence(self, name: str) -> str:
        """`caps: better (...)`."""
        said = self.verdict.sentence(name)
        return name + said.removeprefix(name).replace(self.verdict.outcome, self.outcome, 1)

    @property
    def notes(self) -> list[str]:
        """What has to be said beside the verdict."""
        alone = self.verdict.outcome in ("better", "worse") and not self.holds
        return [*filter(None, [self.mark]), *(["not sure with all contrasts taken together"] if alone else [])]

    @property
    def hidden(self) -> str:
        """What failed answers could hide, as a sentence; empty where that is nothing."""
        if self.worst_case is None or self.worst_case.low == self.worst_case.high:
            return ""
        low, high = (f"{100 * bound:+.0f}" for bound in self.worst_case)
        return f"failed answers could make it anything from {low} to {high} points"

    def to_dict(self) -> dict[str, Any]:
        told = {"contrast": self.contrast, "scorer": self.scorer, **self.verdict.to_dict(), "holds": self.holds}
        told["worst_case"] = self.worst_case and list(self.worst_case)
        return {**told, "mark": self.mark, "within": self.within}


class Way(NamedTuple):
    """How a way of asking did by a scorer. mean: None when nothing could be scored; why: the first that failed did.

    Where each is asked several times: flicker, the share of inputs whose repeats did not all score the same; all_pass,
    that of inputs whose repeats all scored 1 (pass^k).
    """

    cell: str
    scorer: str
    answers: int
    failed: int
    mean: float | None
    flicker: float | None = None
    all_pass: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """An experiment as the log has it. units: how many were compared, of how many there are.

    method: how it is decided. chosen_late: what was not planned, but chosen after looking. checks: of what its spec
    expects.
    """

    id: str
    name: str
    started: datetime
    models: tuple[str, ...]
    units: int
    of: int
    results: tuple[Result, ...]
    ways: tuple[Way, ...]
    method: str = ""
    chosen_late: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    _log: "Log | None" = field(default=None, repr=False, compare=False)

    @property
    def study(self) -> "Study":
        """All its answers, with what each of them took. Raises UnknownCall when it is not in the log any more."""
        from curta.evals.report import study

        if self._log is None:
            raise UnknownCall(f"The experiment {self.id} is in no log.")
        return study.of(self._log, self)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each answer as a row: its input, its way of asking, its scores, what it took. Raises UnknownCall."""
        from curta.evals.report.table import rows

        return rows(self.study)

    def csv(self) -> str:
        """The rows as CSV. Raises UnknownCall."""
        from curta.evals.report.table import to_csv

        return to_csv(self.study)

    def junit(self) -> str:
        """The verdicts as JUnit XML, which CI systems show. Raises UnknownCall."""
        from curta.evals.report.junit import to_junit

        return to_junit(self.study)

    def html(self, items: int = 40) -> str:
        """All of it as a web page of one file. items: of how many inputs texts are shown. Raises UnknownCall."""
        from curta.evals.report.page import to_html

        return to_html(self.study, items)

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "datetime_utc": self.started.isoformat(timespec="milliseconds"),
            "models": list(self.models),
            "units": self.units,
            "of": self.of,
            "results": [each.to_dict() for each in self.results],
            "ways": [each._asdict() for each in self.ways],
            "method": self.method,
            "chosen_late": list(self.chosen_late),
            "checks": [each._asdict() for each in self.checks],
        }


def report(log: "Log", id: str | None = None) -> Report:
    """The experiment with this id or beginning of one; the latest without. Raises UnknownCall."""
    from curta.evals.validation import marked

    return marked(_report(log, log.experiments().one(id)), log)


def brief(log: "Log", id: str) -> Report:
    """The same without forecasts of how much is lacking."""
    return _report(log, log.experiments().one(id), projected=False)


def replay(
    spec: Spec,
    sizes: Iterable[int],
    answers: Iterable[Sequence["ScoreRecord"]],
    begun: Callable[[Spec], Comparing] | None = None,
    units: Mapping[int, str] = MappingProxyType({}),
) -> Comparing:
    """The comparisons of the blocks whose answers are all scored, up to the first that lacks one.

    sizes: how many answers each block has. answers: the scores of each, in order. begun: makes what they are given to.
    units: the names of the blocks' units, from which it is known which answers are repeats of which.
    """
    comparing, first, remaining = (begun or Comparing)(spec), 0, iter(answers)
    for pos, size in enumerate(sizes):
        block = list(islice(remaining, size))
        complete = all(len(each) == len(spec.score) for each in block)
        if not complete or [each[0].number for each in block] != list(range(first, first + size)):
            break
        asked = _asked(spec, units.get(pos, ""), [answer[0].cell for answer in block])
        scored = [[Score(each.value, failure=each.failure) for each in answer] for answer in block]
        comparing.take(Block(pos, "", asked), scored)
        first += size
    return comparing


def _asked(spec: Spec, unit: str, in_cells: Sequence[int]) -> tuple[Asking, ...]:
    """What a block asked, as far as the log has it: the cells, and where there are repeats, of which input."""
    if spec.repeat == 1:
        return tuple(Asking(_FORGOTTEN, cell, 0) for cell in in_cells)
    places = places_within(spec, unit, in_cells)
    inputs = [_FORGOTTEN if input is None else Input(str(input), unit, {}) for input, _ in places]
    return tuple(Asking(input, cell, 0) for input, cell in zip(inputs, in_cells, strict=True))


def results(comparing: Comparing, *, projected: bool = True) -> tuple[Result, ...]:
    """What is known of each contrast, by each scorer. projected: also how much more an undecided one may take."""
    return tuple(
        Result(
            each.contrast.name,
            (scorer := comparing.spec.score[each.scorer]).name,
            each.verdict(projected=projected),
            holds,
            each.worst_case,
            scorer.mark,
            scorer.relative,
            simple_effects(comparing, each),
        )
        for each, holds in zip(comparing.comparisons, comparing.hold_together(), strict=True)
    )


def ways(comparing: Comparing) -> tuple[Way, ...]:
    """How each way of asking did, by each scorer."""
    names = [each.name for each in cells(comparing.spec)]
    return tuple(
        Way(name, scorer.name, arm.answers, arm.failed, arm.mean, arm.flicker, arm.all_pass, arm.why)
        for scorer, arms in zip(comparing.spec.score, comparing.arms, strict=True)
        for name, arm in zip(names, arms, strict=True)
    )


def _report(log: "Log", record: "ExperimentRecord", *, projected: bool = True) -> Report:
    planned = spec.of_dict(record.plan["spec"])
    sizes = record.plan["sizes"]
    experiments = log.experiments()
    units = experiments.units(record.id) if planned.repeat > 1 else {}
    comparing = replay(planned, sizes, experiments.answers(record.id), units=units)
    return Report(
        record.id,
        record.name,
        record.started,
        tuple(record.plan["models"]),
        comparing.taken,
        len(sizes),
        results(comparing, projected=projected),
        ways(comparing),
        method(planned, len(contrasts(planned))),
        tuple(chosen_late(record.plan)),
        tuple(checks(comparing)),
        log,
    )
