"""A suite that runs: family after family, each an experiment of its own that stops as soon as it knows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.batch import Progress
from curta.batch.batch import CONCURRENCY
from curta.conversations.budget import Budget
from curta.errors import TooExpensive, UsageError
from curta.evals.running import Experiment
from curta.evals.scorers.settings import unknown
from curta.evals.spec import Spec, spec_of
from curta.evals.suites.family import Family, Suite
from curta.evals.suites.known import Known, standing
from curta.evals.suites.ranking import Ranking
from curta.evals.suites.sizes import Sized, ordered, sized
from curta.models import registry

if TYPE_CHECKING:
    from curta.batch.estimate import Estimate
    from curta.http import Retry
    from curta.store import Log

COUNT = 200
"""Instances of a family, at most: so many show that two models that answer alike are alike."""
_DRAWN = 250
"""Instances are drawn in such numbers, so that more of them go on with what was asked of fewer."""
MARGIN, ALPHA = 0.05, 0.05


class Part(NamedTuple):
    """A family, and its experiment."""

    family: Family
    experiment: Experiment
    budget: Budget | None


class SuiteRun:
    """A suite that runs. Iterate over it, once, for the part that got on; `known` says what is known by then.

    models: their names. families: those to ask about; all without. count: instances of each, at most. seed: of the
    instances and the order. margin: how far below the best is near enough. sizes: of models, in bytes, where nothing
    else says it. max_cost: US dollars; each family may spend an equal share of what is left. What was asked earlier is
    not asked again, as in any experiment. Raises, before anything is asked, what can be known to be wrong.
    """

    def __init__(
        self,
        suite: Suite,
        models: Sequence[str],
        *,
        families: Sequence[str] = (),
        count: int = COUNT,
        seed: int = 0,
        margin: float = MARGIN,
        sizes: Mapping[str, int] = {},  # never written to
        max_cost: float | None = None,
        concurrency: int = CONCURRENCY,
        log: "Log | None" = None,
        key: str | None = None,
        again: bool = False,
        retry_failed: bool = False,
        on_retry: "Callable[[Retry], None] | None" = None,
    ) -> None:
        self.suite, self.seed, self.margin, self.max_cost = suite, seed, margin, max_cost
        self.models, self.axis = ordered(_sized(models, sizes, key))
        self._log, self._stopped = log, False
        self._part: Part | None = None
        how: dict[str, Any] = {"log": log, "key": key, "concurrency": concurrency, "on_retry": on_retry}
        how |= {"again": again, "retry_failed": retry_failed, "begun": Ranking, "lenient": True}
        self.parts: list[Part] = []
        for family in chosen(suite, families):
            budget = None if max_cost is None else Budget(max_cost)
            self.parts.append(Part(family, Experiment(self._spec(family, count), budget=budget, **how), budget))

    def estimate(self, *, exact: bool = True) -> "Estimate":
        """What it will take and cost at most: it may know sooner. exact: as for `Experiment.estimate`."""
        from curta.batch.estimate import Estimate

        each = [part.experiment.estimate(exact=exact) for part in self.parts]
        columns = zip(Estimate._fields, zip(*each, strict=True), strict=True)
        sums: dict[str, Any] = {name: None if None in column else sum(column) for name, column in columns}
        return Estimate(**sums)

    def __iter__(self) -> Iterator[Part]:
        """Raises what ends it early, after all that could be scored: a ModelError, LogError."""
        refused: TooExpensive | None = None
        try:
            for place, part in enumerate(self.parts):
                self._part = part
                self._allow(part, len(self.parts) - place)
                try:
                    for _ in () if self._stopped else part.experiment:
                        yield part
                except TooExpensive as error:
                    part.experiment.ended, refused = "max_cost", refused or error
        finally:
            self.close()
        if refused and not any(part.experiment.comparing.taken for part in self.parts):
            raise refused

    def run(self) -> "SuiteRun":
        """Go through it to its end."""
        for _ in self:
            pass
        return self

    def stop(self, told: "Callable[[int], object] | None" = None) -> None:
        """Ask for nothing more; what is under way is waited for. told: as for `Batch.stop`."""
        self._stopped = True
        if self._part:
            self._part.experiment.stop(told)

    def give_up(self) -> None:
        """Stop, and wait for nothing: what is under way is interrupted."""
        self._stopped = True
        if self._part:
            self._part.experiment.give_up()

    def close(self) -> None:
        for part in self.parts:
            part.experiment.close()

    @property
    def progress(self) -> Progress:
        """Of all families together."""
        each = [part.experiment.progress for part in self.parts]
        return Progress(*(sum(column) for column in zip(*each, strict=True)))

    @property
    def stopped(self) -> bool:
        return self._stopped

    def known(self) -> Known:
        """What is known by now."""
        names = [each.name for each in self.models]
        families = [standing(part.family, names, part.experiment, self._log) for part in self.parts]
        return Known(self.suite.name, self.seed, self.margin, ALPHA, self.axis, tuple(self.models), tuple(families))

    def _spec(self, family: Family, count: int) -> Spec:
        drawn = -(-count // _DRAWN) * _DRAWN
        told = {
            **family.asks,
            "name": f"{self.suite.name}: {family.name}",
            "models": [each.name for each in self.models],
            "inputs": family.rows(self.seed, drawn),
            "stop": {"max_inputs": count * family.each},
            "seed": self.seed,
            "rope": self.margin,
            "alpha": ALPHA,
        }
        return spec_of(told)

    def _allow(self, part: Part, left: int) -> None:
        """Give a family its share of the money that is left."""
        if part.budget is not None and self.max_cost is not None:
            spent = sum(each.budget.spent for each in self.parts if each.budget)
            part.budget.limit = max(self.max_cost - spent, 0.0) / left


def chosen(suite: Suite, names: Sequence[str]) -> list[Family]:
    """The families of a suite with these names; all without any. Raises UsageError."""
    known = {each.name: each for each in suite.families}
    for name in names:
        if name not in known:
            raise unknown(f"family in the suite {suite.name!r}", name, known)
    return [each for each in suite.families if not names or each.name in names]


def _sized(models: Sequence[str], sizes: Mapping[str, int], key: str | None) -> list[Sized]:
    if not models:
        raise UsageError("A suite is for models.", then="Name one or several: -m extractive -m NAME")
    found = {(model := registry.get(name, key=key)).name: model for name in models}
    if strange := [name for name in sizes if registry.resolve(name) not in found and name not in found]:
        raise unknown("model among those of -m", strange[0], found)
    said = {registry.resolve(name): count for name, count in sizes.items()}
    return [sized(model, said.get(name)) for name, model in found.items()]
