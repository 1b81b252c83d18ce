"""An experiment that runs: its plan, its blocks in their order through a batch, and what is known after each.

The scores of a block are kept as soon as all of its answers are there. So an experiment that was stopped goes on where
it was, and what is known of it can be told from the log at any time (`reporting`).
"""

import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from curta import asking
from curta.batch import Batch, Done, Progress, Work
from curta.batch.batch import CONCURRENCY
from curta.errors import CurtaError, TooExpensive, UnsupportedRequest, UsageError
from curta.evals import inputs, lineage
from curta.evals.comparing import Comparing
from curta.evals.deciding import method
from curta.evals.design import Asked, Asking, Block, Blocks, asked, cells, contrasts, warnings
from curta.evals.factors import MODEL
from curta.evals.power import reach
from curta.evals.reporting import replay
from curta.evals.scorers import Sample, Score
from curta.evals.spec import Spec
from curta.messages import JSON, Document, Request, canonical, sha256, system, user
from curta.models import registry
from curta.models.default_options import options_for
from curta.models.model import Model
from curta.models.wires import served
from curta.store.experiments import ScoreRecord
from curta.tools import find_all

if TYPE_CHECKING:
    from curta.batch.estimate import Estimate
    from curta.conversations.budget import Budget
    from curta.http import Retry
    from curta.store import Log
    from curta.store.batches import WorkList
    from curta.store.experiments import Experiments

KIND = "eval"
Ended: TypeAlias = Literal["decided", "inputs", "max_calls", "max_inputs", "max_time", "max_cost", "stopped"]
"""Why an experiment ended: all is known; all inputs were asked about; what may be spent is spent; somebody said so."""


class Plan(NamedTuple):
    """What will be done. units: independent inputs; calls: at most; effect: the true difference that as many units
    show four times of five, when the two arms differ on one of four; method: how it is decided."""

    inputs: int
    units: int
    cells: int
    contrasts: int
    calls: int
    effect: float
    warnings: list[str]
    method: str


class Experiment:
    """An experiment. Iterate over it, once, for its comparisons after each block; `results` says what is known.

    spec: what was written down. model: the one to ask where the spec names none. What was asked earlier for the same
    spec and inputs is not asked again; again: ask everything afresh; retry_failed: ask again what failed. Raises,
    before anything is asked, what can be known to be wrong; lenient: a model that cannot do what is asked fails on each
    input instead. begun: makes what the scores are given to, and what says when all is known.

    id: its id in the log, from `open` on. ended: why it ended; None while it runs. chosen_late: what was not planned,
    but chosen after looking; branch: the earlier experiment it goes back to, where nothing is known of this one yet.
    """

    def __init__(
        self,
        spec: Spec,
        *,
        model: str | Model | None = None,
        key: str | None = None,
        log: "Log | None" = None,
        again: bool = False,
        retry_failed: bool = False,
        concurrency: int = CONCURRENCY,
        budget: "Budget | None" = None,
        on_retry: "Callable[[Retry], None] | None" = None,
        begun: Callable[[Spec], Comparing] = Comparing,
        lenient: bool = False,
    ) -> None:
        self.spec, self.inputs = spec, inputs.read(spec)
        self._begun = begun
        self.id: str | None = None
        self.ended: Ended | None = None
        self.chosen_late: list[str] = []
        self.branch: lineage.Branch | None = None
        self._cells, self._models = cells(spec), _models(spec, model, key)
        self._schema = asking.named_schema(spec.schema, log)
        self._blocks = Blocks(spec, self.inputs)
        self._first = array("L", accumulate(self._blocks.sizes, initial=0))
        self._log, self._again, self._retry_failed = log, again, retry_failed
        self._how: dict[str, Any] = {"log": log, "retry_failed": retry_failed, "concurrency": concurrency}
        self._how |= {"budget": budget, "caller": KIND, "on_retry": on_retry}
        self._list: WorkList | None = None
        self._batch: Batch | None = None
        self._limit: Ended = "inputs"
        if spec.decide != "anytime":
            self.spec = replace(spec, planned=len(list(self._allowed())) or 1)
        self.comparing = begun(self.spec)
        self._tools = tuple(each.tool for each in find_all(spec.tools)) if spec.tools else ()
        self._cannot: dict[str | None, CurtaError] = {}
        self._try_out(lenient=lenient)

    # Before

    @property
    def plan(self) -> Plan:
        units = len(list(self._allowed()))
        return Plan(
            inputs=sum(self._blocks.inputs[:units]),
            units=units,
            cells=len(self._cells),
            contrasts=len(contrasts(self.spec)),
            calls=self._first[units],
            effect=reach(units, self.spec.alpha).effect if units else 1.0,
            warnings=warnings(self.spec, self.inputs),
            method=method(self.spec, len(contrasts(self.spec))),
        )

    @property
    def models(self) -> list[Model]:
        """The models that will be asked."""
        return list(self._models.values())

    def estimate(self) -> "Estimate":
        """What it will take and cost at most: it may know sooner."""
        from curta.batch.estimate import estimate

        self.open()
        works = (work for pos in self._allowed() for work in self._works(self._blocks[pos]))
        return estimate(works, self._list, retry_failed=self._retry_failed)

    def open(self) -> None:
        """Look up what was asked earlier. Raises UsageError when somebody else works on it, LogError.

        Nobody else works on the same from now on, until this is iterated to its end, or closed.
        """
        if self._log is not None and self._list is None:
            self._list = self._log.batch(KIND, self._identity(), again=self._again)
            self.id = self._log.experiments().begin(self._list, self.spec.name, self._written())
            self._again = False
            known = self._replayed(self._log, self.id)
            if not self._retry_failed:
                self.comparing = known
            self._relate(self._log.experiments(), self.id, known.taken)

    def _relate(self, experiments: "Experiments", id: str, looked_at: int) -> None:
        """Record what is read otherwise than it was planned; before anything is known, find what it branched from."""
        plan = experiments.one(id).plan
        if changed := lineage.amended(plan, self.spec, looked_at):
            experiments.amend(id, changed)
        self.chosen_late = lineage.chosen_late(changed or plan)
        if not looked_at:
            self.branch = lineage.branch((each for each in experiments.all() if each.id != id), plan)

    def close(self) -> None:
        if self._list is not None:
            self._list.close()
        self._list = None

    # During

    def __iter__(self) -> Iterator[Comparing]:
        """Raises what ends it early, after all that could be scored: a ModelError, LogError."""
        if self._batch is not None:
            raise UsageError("This experiment has run already.", then="Begin anew with curta.experiment(...).")
        self.open()
        try:
            yield from self._run()
        except TooExpensive:
            if not self.comparing.taken:
                raise
            self.ended = "max_cost"
        except CurtaError:
            self._replay()  # what failed only because nobody was there does not count
            raise
        finally:
            self.close()

    def run(self) -> "Experiment":
        """Go through it to its end."""
        for _ in self:
            pass
        return self

    def stop(self, told: Callable[[int], object] | None = None) -> None:
        """Ask for nothing more; what is under way is waited for. told: as for `Batch.stop`."""
        self.ended = self.ended or "stopped"
        if self._batch:
            self._batch.stop(told)

    def give_up(self) -> None:
        """Stop, and wait for nothing: what is under way is interrupted."""
        self.ended = self.ended or "stopped"
        if self._batch:
            self._batch.give_up()

    @property
    def progress(self) -> Progress:
        return self._batch.progress if self._batch else Progress()

    def _run(self) -> Iterator[Comparing]:
        began, done_before = time.monotonic(), self.comparing.taken
        works = (work for pos in self._allowed(done_before, began) for work in self._works(self._blocks[pos]))
        self._batch = Batch(works if not self._over else (), work_list=self._list, **self._how)
        answers = list[Done]()
        for done in self._batch:
            if self.comparing.decided:
                continue  # it was under way when the last became known
            answers.append(done)
            block: Block = done.work.tag[0]
            if len(answers) == len(block.asked):
                self._take(block, answers)
                answers = []
                yield self.comparing
                if self.comparing.decided:
                    self._batch.stop()
        self.ended = "decided" if self.comparing.decided else self.ended or self._limit

    @property
    def _over(self) -> bool:
        return self.comparing.decided or self.ended is not None

    def _allowed(self, first: int = 0, began: float | None = None) -> Iterator[int]:
        """The places of the blocks from the first on, as far as `stop:` allows; began: when the time began to count."""
        stop, self._limit = self.spec.stop, "inputs"
        for pos, rows in enumerate(accumulate(self._blocks.inputs)):
            late = began is not None and time.monotonic() - began >= (stop.max_time or float("inf"))
            if self._first[pos + 1] > (stop.max_calls or self._first[-1]):
                self._limit = "max_calls"
            elif rows > (stop.max_inputs or rows):
                self._limit = "max_inputs"
            elif late:
                self._limit = "max_time"
            if self._limit != "inputs":
                return
            if pos >= first:
                yield pos

    def _take(self, block: Block, answers: list[Done]) -> None:
        """Score the answers of a block, keep the scores, and have them compared."""
        scores = [self._scored(each) for each in answers]
        if self._log is not None and self.id is not None:
            self._log.experiments().put(
                self.id,
                [
                    ScoreRecord(number, place, done.work.tag[1].cell, done.call, score.value, score.failure)
                    for number, (done, scored) in enumerate(zip(answers, scores, strict=True), self._first[block.pos])
                    for place, score in enumerate(scored)
                ],
                [(block.pos, block.unit)],
            )
        self.comparing.take(block, scores)

    def _scored(self, done: Done) -> list[Score]:
        if not done.ok:
            return [Score(None, failure=done.error)] * len(self.spec.score)
        asked_of: Asking = done.work.tag[1]
        said = self._said(asked_of)
        documents = _documents(asked_of, said.documents)
        sample = Sample(done.text, asked_of.input.values, documents, said.words, done.tool_calls)
        return [each.score(sample) for each in self.spec.score]

    def _replay(self) -> None:
        if self._log is not None and self.id is not None:
            self.comparing = self._replayed(self._log, self.id)

    def _replayed(self, log: "Log", id: str) -> Comparing:
        return replay(self.spec, self._blocks.sizes, log.experiments().scores(id), self._begun)

    # Requests

    def _works(self, block: Block) -> Iterator[Work]:
        for each in block.asked:
            name = self._said(each).model
            model = self._models[name]
            try:
                request: Request | CurtaError = self._cannot.get(name) or self._request(each)
            except CurtaError as error:
                request = error
            yield Work(model, request, (block, each), each.repeat)

    def _request(self, asking: Asking) -> Request:
        said = self._said(asking)
        model = self._models[said.model]
        told = (system(said.system),) if said.system else ()
        parts = (*_documents(asking, said.documents), *((said.words,) if said.words.strip() else ()))
        if not parts:
            raise UsageError(f"Of the input {asking.input.id} nothing would be asked.")
        options, tools = {**options_for(model), **said.options}, self._tools if model.facts.tools else ()
        return Request(model.name, (*told, user(*parts)), options, self._schema, tools)

    def _said(self, asking: Asking) -> Asked:
        return asked(self.spec, self._cells[asking.cell], asking.input.values)

    def _try_out(self, *, lenient: bool) -> None:
        """Prepare the first request to each model without sending it. Raises MissingKey, UnsupportedRequest."""
        first = {self._said(each).model: each for each in reversed(self._blocks[0].asked)}
        for name, each in first.items():
            try:
                _prepare(self._models[name], self._request(each))
            except UnsupportedRequest as error:
                if not lenient:
                    raise
                self._cannot[name] = error

    # In the log

    def _identity(self) -> str:
        models = [[each.name, served.place(each), options_for(each)] for each in self._models.values()]
        return sha256(canonical({"spec": self.spec.id, "models": models, "inputs": self.inputs.digest}))

    def _written(self) -> Mapping[str, JSON]:
        """The plan as it is kept: without the inputs, which are in the calls. sizes: of the blocks."""
        return {
            "spec": {**self.spec.to_dict(), "inputs": []},
            "sizes": self._blocks.sizes.tolist(),
            "models": [each.name for each in self._models.values()],
            "inputs": self.inputs.digest,
        }


def _models(spec: Spec, model: str | Model | None, key: str | None) -> dict[str | None, Model]:
    """The model of each name that a call may say."""
    levels = next((each.levels for each in spec.factors if each.name == MODEL), None)
    if levels is None:
        return {None: registry.get(model, key=key) if model is None or isinstance(model, str) else model}
    if model is not None:
        raise UsageError("The spec names its models.", then="Leave out -m, or `models:`.")
    return {name: registry.get(name, key=key) for name in levels}


def _prepare(model: Model, request: Request) -> None:
    """Prepare a request without sending it. Raises MissingKey, UnsupportedRequest."""
    if model.name == registry.BUILT_IN and not request.documents:
        raise UnsupportedRequest(
            "The built-in model answers with sentences of a text, and is given none.",
            then="Send a column as a document (`documents: [NAME]`), or choose another model with -m.",
        )
    model.exchange(request, stream=False)


def _documents(asking: Asking, told: tuple[tuple[str, str], ...]) -> tuple[Document, ...]:
    return tuple(Document(text, f"{name}#{asking.input.id}") for name, text in told)
