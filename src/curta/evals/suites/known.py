"""What is known of a suite: values, computed from the scores and, where there is a log, from what the calls took."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.evals.scorers import Scorer
from curta.evals.suites.family import Family
from curta.evals.suites.ranking import Ranking
from curta.evals.suites.sizes import Axis, Sized
from curta.statistics.projection import Further

if TYPE_CHECKING:
    from curta.evals.running import Experiment
    from curta.store import Log


class Mark(NamedTuple):
    """How a model did on a family.

    score, low, high: the mean and its interval, in [0, 1]; a failed answer counts 0, and `why` is what the first said.
    beside: the means of the scorers that do not count. seconds: for an answer; cost: of all, in US dollars; None where
    that is not known. dominated: a smaller model is shown to be better.
    """

    model: str
    score: float
    low: float
    high: float
    answers: int
    failed: int = 0
    why: str = ""
    beside: tuple[tuple[str, float], ...] = ()
    seconds: float | None = None
    cost: float | None = None
    dominated: bool = False


class Standing(NamedTuple):
    """What is known of a family.

    instances: how many were scored. among: the models one of which is the smallest within the margin of the best;
    useful: whether any model is shown to be better than an answer that does not depend on the input.
    further: how many more instances it may take, while undecided. id: of its experiment in the log. chosen_late: what
    was not planned, but chosen after looking.
    """

    family: str
    measures: str
    floor: float
    id: str | None
    ended: str | None
    instances: int
    marks: tuple[Mark, ...]
    among: tuple[str, ...]
    useful: bool
    further: Further | None = None
    chosen_late: tuple[str, ...] = ()

    @property
    def smallest(self) -> str | None:
        """The smallest model that will do, where it is known."""
        return self.among[0] if len(self.among) == 1 and len(self.marks) > 1 else None

    def to_dict(self) -> dict[str, Any]:
        marks = [{**each._asdict(), "beside": dict(each.beside)} for each in self.marks]
        further = self.further._asdict() if self.further else None
        lists = {"marks": marks, "among": list(self.among), "chosen_late": list(self.chosen_late)}
        return {**self._asdict(), **lists, "further": further, "smallest": self.smallest}


class Known(NamedTuple):
    """What is known of a suite. models: the smallest first, by `axis`. margin: how far below the best will do."""

    suite: str
    seed: int
    margin: float
    alpha: float
    axis: Axis
    models: tuple[Sized, ...]
    families: tuple[Standing, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "suite": self.suite,
            "seed": self.seed,
            "margin": self.margin,
            "alpha": self.alpha,
            "ordered_by": self.axis.name or "as given",
            "models": [each._asdict() for each in self.models],
            "families": [each.to_dict() for each in self.families],
        }


class _Took(NamedTuple):
    """What the answers of a model took."""

    seconds: float | None = None
    cost: float | None = None
    why: str = ""


def standing(family: Family, models: Sequence[str], experiment: "Experiment", log: "Log | None") -> Standing:
    """What is known of a family by now. experiment: one whose scores are given to a Ranking."""
    ranking, id = experiment.comparing, experiment.id
    assert isinstance(ranking, Ranking)
    took = _took(log, id) if log is not None and id is not None else {}
    marks = _marks(models, ranking, took) if ranking.taken else ()
    among = tuple(models[place] for place in ranking.smallest.left)
    undecided = len(among) > 1 and bool(marks)
    useful = any(each.low > family.floor for each in marks)
    further = ranking.smallest.further() if undecided else None
    return Standing(
        family.name,
        family.measures,
        family.floor,
        id,
        experiment.ended,
        ranking.taken,
        marks,
        among,
        useful,
        further,
        tuple(experiment.chosen_late),
    )


def _marks(models: Sequence[str], ranking: Ranking, took: dict[int, _Took]) -> tuple[Mark, ...]:
    dominated = ranking.dominated()
    return tuple(
        Mark(
            model,
            ranking.mean(place),
            *ranking.interval(place),
            ranking.arms[0][place].answers,
            ranking.arms[0][place].failed,
            took.get(place, _Took()).why,
            tuple(_beside(ranking.spec.score, ranking, place)),
            took.get(place, _Took()).seconds,
            took.get(place, _Took()).cost,
            dominated[place],
        )
        for place, model in enumerate(models)
    )


def _beside(scorers: Sequence[Scorer], ranking: Ranking, place: int) -> "Sequence[tuple[str, float]]":
    """The means of the scorers after the first, which do not count."""
    arms = [arms[place] for arms in ranking.arms]
    told = zip(scorers[1:], arms[1:], strict=True)
    return [(scorer.name, arm.total / arm.answers) for scorer, arm in told if arm.answers]


def _took(log: "Log", id: str) -> dict[int, _Took]:
    """What the answers of each model took, and why the first that failed did, by the model's place."""
    scores, calls = log.experiments().scores(id), log.experiments().calls(id)
    asked, failures = defaultdict[int, set[str]](set), dict[int, str]()
    for answer in scores.values():
        first = answer[0]
        if first.call:
            asked[first.cell].add(first.call)
        if first.failure:
            failures.setdefault(first.cell, first.failure)
    return {
        place: _of_calls([calls[each] for each in asked[place] if each in calls], failures.get(place, ""))
        for place in {*asked, *failures}
    }


def _of_calls(calls: "Sequence[Any]", why: str) -> _Took:
    times = [each.duration_ms / 1000 for each in calls if each.duration_ms is not None]
    costs = [each.cost for each in calls]
    known = bool(costs) and None not in costs
    return _Took(fmean(times) if times else None, sum(costs) if known else None, why)
