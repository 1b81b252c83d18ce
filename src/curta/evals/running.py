"""An experiment that runs: its plan, its blocks in their order through a batch, and what is known after each.

The scores of a block are kept as soon as all of its answers are there. So an experiment that was stopped goes on where
it was, and what is known of it can be told from the log at any time (`reporting`).
"""

import time
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, closing, contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from itertools import accumulate, chain, islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from curta.batch import Batch, Done, Progress, Work
from curta.batch.batch import CONCURRENCY
from curta.errors import CurtaError, LogError, TooExpensive, UsageError
from curta.evals import inputs, lineage
from curta.evals.calls import Calls, Told, scores
from curta.evals.deciding import method
from curta.evals.design import Block, Blocks, cells, contrasts, warnings
from curta.evals.power import reach
from curta.evals.scorers import Score
from curta.evals.spec import Spec
from curta.messages import JSON, canonical, sha256
from curta.models.model import Model
from curta.store.experiments import ScoreRecord

if TYPE_CHECKING:
    from curta.batch.after import Ask
    from curta.batch.estimate import Estimate
    from curta.conversations.budget import Budget
    from curta.evals.comparing import Comparing
    from curta.http import Retry
    from curta.store import Log
    from curta.store.batches import WorkList
    from curta.store.experiments import Experiments

KIND = "eval"
_LOOKED_AT = 50
"""Calls that are prepared to tell about how much all of them send."""
_REMEMBERED = 1_000
"""Calls of judges that failed: the latest, among which are those that failed because their server was gone."""

Ended: TypeAlias = Literal["decided", "inputs", "max_calls", "max_inputs", "max_time", "max_cost", "stopped", "failed"]
"""Why an experiment ended: all is known; all inputs were asked about; what may be spent is spent; somebody said so;
nobody answers any more, or the log cannot be written."""


class Plan(NamedTuple):
    """What will be done. units: independent inputs; calls: at most; effect: the true difference that as many units
    show four times of five, when the two arms differ on one of four, None where they are too few to show any; method:
    how it is decided."""

    inputs: int
    units: int
    cells: int
    contrasts: int
    calls: int
    effect: float | None
    warnings: list[str]
    method: str


class Experiment:
    """An experiment. Iterate over it (`for` or `async for`), once, for its comparisons after each block.

    spec: what was written down. model: the one to ask where the spec names none. What was asked earlier for the same
    spec and inputs is not asked again; again: ask everything afresh; retry_failed: ask again what failed. Raises,
    before anything is asked, what can be known to be wrong; lenient: a model that cannot do what is asked fails on each
    input instead. begun: makes what the scores are given to, and what says when all is known; a Comparing by default.

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
        begun: "Callable[[Spec], Comparing] | None" = None,
        lenient: bool = False,
    ) -> None:
        self.inputs = inputs.read(spec)
        self._blocks = Blocks(spec, self.inputs)
        self._units, self._limit = self._allowed(spec)
        self.spec = spec if spec.decide == "anytime" else replace(spec, planned=self._units or 1)
        self._begun, self._comparing = begun, None if begun is None else begun(self.spec)
        self.id: str | None = None
        self.ended: Ended | None = None
        self.chosen_late: list[str] = []
        self.branch: lineage.Branch | None = None
        self._log, self._again, self._retry_failed = log, again, retry_failed
        self._how: dict[str, Any] = {"log": log, "retry_failed": retry_failed, "concurrency": concurrency}
        self._how |= {"budget": budget, "caller": KIND, "on_retry": on_retry}
        self._misjudged = deque[tuple[str, int]](maxlen=_REMEMBERED)
        if any(each.slow for each in spec.score):
            self._how["after"] = self._scored_apart
        self._list: WorkList | None = None
        self._batch: Batch | None = None
        self._stopping = False
        self._answers = list[Done]()
        self._unkept = list[tuple[Block, list[ScoreRecord]]]()
        self._calls = Calls(spec, model, key, log)
        self._calls.try_out(self._blocks[0], lenient=lenient)

    # Before

    @cached_property
    def plan(self) -> Plan:
        units = self._units
        return Plan(
            inputs=sum(islice(self._blocks.rows, units)),
            units=units,
            cells=len(cells(self.spec)),
            contrasts=len(contrasts(self.spec)),
            calls=self._blocks.first[units],
            effect=reach(units, self.spec.alpha, self.spec.decide).effect,
            warnings=warnings(self.spec, self.inputs),
            method=method(self.spec, len(contrasts(self.spec))),
        )

    @property
    def models(self) -> list[Model]:
        """The models that will be asked."""
        return self._calls.models

    @property
    def comparing(self) -> "Comparing":
        """What is known so far."""
        if self._comparing is None:
            from curta.evals.comparing import Comparing  # numpy takes a while: the first call does not wait for it

            self._comparing = (self._begun or Comparing)(self.spec)
        return self._comparing

    def estimate(self, *, exact: bool = True) -> "Estimate":
        """What it will take and cost at most: it may know sooner.

        exact: every call is prepared. Otherwise, where no money is at stake, what some of them send stands for all:
        inputs come in an order that was drawn.
        """
        from curta.batch.estimate import estimate

        self.open()
        exact = exact or any(each.facts.price and not each.facts.price.free for each in self.models)
        units = self._units if exact else min(self._units, bisect_right(self._blocks.first, _LOOKED_AT))
        works = (work for pos in range(units) for work in self._calls.works(self._blocks[pos]))
        found = estimate(works, self._list, retry_failed=self._retry_failed)
        return found if units == self._units else found.of_all(self._blocks.first[self._units])

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
                self._comparing = known or self._comparing
            self._relate(self._log.experiments(), self.id, known.taken if known else 0)

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

    def __iter__(self) -> Iterator["Comparing"]:
        """Raises what ends it early, after all that could be scored: a ModelError, LogError."""
        with self._going() as batch, closing(iter(batch)) as found:
            for done in found:
                if self._take_in(batch, done):
                    yield self.comparing

    async def __aiter__(self) -> AsyncIterator["Comparing"]:
        with self._going() as batch:
            async with aclosing(aiter(batch)) as found:
                async for done in found:
                    if self._take_in(batch, done):
                        yield self.comparing

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

    @contextmanager
    def _going(self) -> Iterator[Batch]:
        """All that surrounds the answers: what was asked earlier looked up, the scores kept, why it ended."""
        if self._batch is not None:
            raise UsageError("This experiment has run already.", then="Begin anew with curta.experiment(...).")
        self.open()
        try:
            self._batch = Batch(self._works(), work_list=self._list, **self._how)
            yield self._batch
            self._end(self.ended or self._limit)
        except TooExpensive:
            if not self._taken:
                raise
            self._end("max_cost")
        except CurtaError:
            self._end("failed")
            raise
        finally:
            with suppress(LogError):
                self._keep()  # of an experiment that somebody left; what is not kept is scored again
            self.close()

    def _end(self, ended: Ended) -> None:
        if ended == "failed":
            self._comparing = self._of_answers()
        self.ended = "decided" if self._decided else ended

    def _of_answers(self) -> "Comparing | None":
        """What is known without what failed only because nobody was there."""
        if self._log is None or self.id is None or self._batch is None:
            return None
        with suppress(LogError):
            gone = {pos for call, pos in self._misjudged if call in self._batch.lost}
            unsure = [number for pos in gone for number in range(self._blocks.first[pos], self._blocks.first[pos + 1])]
            self._log.experiments().drop(self.id, unsure)
            return self._replayed(self._log, self.id)
        return self._comparing

    @property
    def _taken(self) -> int:
        return self._comparing.taken if self._comparing else 0

    @property
    def _decided(self) -> bool:
        return bool(self._taken) and self.comparing.decided

    def _allowed(self, spec: Spec) -> tuple[int, Ended]:
        """How many blocks `stop:` allows, and what ends it after them."""
        first, most = self._blocks.first, spec.stop
        calls = bisect_right(first, most.max_calls or first[-1]) - 1
        units = sum(rows <= (most.max_inputs or rows) for rows in accumulate(self._blocks.rows))
        if min(calls, units) == len(self._blocks):
            return len(self._blocks), "inputs"
        return (calls, "max_calls") if calls <= units else (units, "max_inputs")

    def _works(self) -> Iterator[Work]:
        """What is to be asked from here on, until the time is up."""
        latest = time.monotonic() + (self.spec.stop.max_time or float("inf"))
        for pos in range(self._taken, self._units if not (self._decided or self.ended) else 0):
            if time.monotonic() >= latest:
                self._limit = "max_time"
                return
            yield from self._calls.works(self._blocks[pos])

    def _take_in(self, batch: Batch, done: Done) -> bool:
        """One more answer; whether its block is complete, so that more is known.

        What an outage decides is not decided: while a server fails, it goes on, until that answers or is gone.
        """
        if self._stopping:
            return False  # it was under way when the last became known
        told: Told = done.work.tag
        self._answers.append(done)
        if complete := len(self._answers) == len(told.block.asked):
            self._take(told.block)
        self._stopping = self._decided and not batch.unsure
        if self._stopping:
            batch.stop()
        if self._stopping or not batch.at_hand:
            self._keep()
        return complete

    def _scored_apart(self, done: Done, ask: "Ask") -> list[Score]:
        """The scores of an answer, in a thread. It is remembered where a judge's call failed."""

        def judged(work: Work) -> Done:
            found = ask(work)
            if not found.ok and found.call:
                self._misjudged.append((found.call, done.work.tag.block.pos))
            return found

        return scores(self.spec, done, judged)

    def _take(self, block: Block) -> None:
        """Have the answers of a block scored and compared."""
        found = [done.after or scores(self.spec, done) for done in self._answers]
        self._unkept.append((block, list(self._records(block, found))))
        self._answers.clear()
        self.comparing.take(block, found)

    def _records(self, block: Block, found: list[list[Score]]) -> Iterator[ScoreRecord]:
        for number, (done, scored) in enumerate(zip(self._answers, found, strict=True), self._blocks.first[block.pos]):
            for place, score in enumerate(scored):
                cell = done.work.tag.asking.cell
                yield ScoreRecord(number, place, cell, done.call, score.value, score.failure)

    def _keep(self) -> None:
        """Put the scores into the log: those of all blocks that came out together at once."""
        unkept, self._unkept = self._unkept, []
        if unkept and self._log is not None and self.id is not None:
            records = [record for _, of_block in unkept for record in of_block]
            self._log.experiments().put(self.id, records, [(block.pos, block.unit) for block, _ in unkept])

    def _replayed(self, log: "Log", id: str) -> "Comparing | None":
        """What the scores in the log say; None without any."""
        answers = log.experiments().answers(id)
        first = next(answers, None)
        if first is None:
            return None
        from curta.evals.reporting import replay

        units = log.experiments().units(id) if self.spec.repeat > 1 else {}
        return replay(self.spec, self._blocks.sizes, chain([first], answers), self._begun, units)

    # In the log

    def _identity(self) -> str:
        told = {"spec": self.spec.id, "models": self._calls.identity, "inputs": self.inputs.digest}
        return sha256(canonical(told))

    def _written(self) -> Mapping[str, JSON]:
        """The plan as it is kept: without the inputs, which are in the calls. sizes: of the blocks."""
        return {
            "spec": {**self.spec.to_dict(), "inputs": []},
            "sizes": list(self._blocks.sizes),
            "models": [each.name for each in self.models],
            "inputs": self.inputs.digest,
        }
