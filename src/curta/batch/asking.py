"""One request: found in the log, or waited for and asked, and asked again where its provider only wants time."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from curta.batch import outcome
from curta.batch.ending import Ending
from curta.batch.pace import COMPLAINTS, Pace
from curta.batch.work import Done, Progress, Work
from curta.conversations import Response
from curta.errors import CurtaError, LogUnavailable, RateLimited, TooExpensive
from curta.messages import Request
from curta.models.model import Model
from curta.models.wires.served import Served, place

if TYPE_CHECKING:
    from curta.conversations.budget import Budget
    from curta.http import Retry
    from curta.store import Call, Log
    from curta.store.batches import WorkList

PATIENCE = 900.0
"""Seconds that a provider may ask to wait. What wants more time has failed."""


class Key(NamedTuple):
    """What tells requests apart: the request's hash, where it is sent, which repetition it is."""

    request: str
    place: str | None
    repetition: int


class Asking:
    """How the requests of one batch are made. progress: what became of them so far."""

    def __init__(
        self,
        ending: Ending,
        *,
        log: "Log | None" = None,
        work_list: "WorkList | None" = None,
        concurrency: int = 8,
        budget: "Budget | None" = None,
        retry_failed: bool = False,
        caller: str = "batch",
        on_retry: "Callable[[Retry], None] | None" = None,
    ) -> None:
        self.progress = Progress()
        self._ending = ending
        self._log, self._list = log, work_list
        self._concurrency, self._budget, self._retry_failed = concurrency, budget, retry_failed
        self._caller, self._on_retry = caller, on_retry
        self._paces: dict[str, Pace] = {}
        self._running = 0
        self._one_ended = asyncio.Event()
        self._began = 0.0

    # What the log has

    def key(self, work: Work) -> Key:
        return Key(_request(work).sha256(), place(work.model), work.repetition)

    def past(self, key: Key) -> "Call | None":
        """The call that was made for it."""
        return self._list.past(*key) if self._list else None

    def settled(self, work: Work, past: "Call") -> Done | None:
        """What came of it then, unless it has to be asked again."""
        if past.status in ("interrupted", "running"):
            return None
        done = outcome.of_call(work, past)
        return done if done.ok or not self._retry_failed else None

    # Asking

    async def ask(self, work: Work, instead_of: str | None) -> Done | None:
        """What comes of it; None when it is not asked any more. instead_of: the id of an earlier call for it."""
        pace = self._pace(work)
        while not self._ending.stopped and await pace.enter():
            self._running += 1
            try:
                response = await self._respond(work, instead_of, pace)
                if response is None:
                    return None
                if not self._was_told_when(response, pace):
                    return self._taken(work, response, pace)
                instead_of = response.id
            finally:
                self._running -= 1
                if self._ending.stopped:
                    self.close()
                self._wake()
                pace.leave()
        return None

    @property
    def running(self) -> int:
        return self._running

    def released(self, number: int, failed: int, reused: int) -> None:
        """So many came out."""
        now = self.progress
        counts = {"released": now.released + number, "failed": now.failed + failed, "reused": now.reused + reused}
        self.progress = now._replace(**counts)

    def close(self) -> None:
        """Ask for nothing more; what is under way goes on."""
        for pace in self._paces.values():
            pace.close()
        self._wake()

    async def _respond(self, work: Work, instead_of: str | None, pace: Pace) -> Response | None:
        """The response, ended; None when the budget does not allow it any more."""
        request = _request(work)
        reserved = await self._admitted(work)
        if reserved is None:
            return None
        self._began = self._began or time.monotonic()
        beside = self._list.beside(work.repetition, instead_of) if self._list else None
        response = Response(
            work.model,
            request,
            log=self._log,
            caller=self._caller,
            template=work.template,
            stream=False,
            on_retry=self._told(pace),
            beside=beside,
        )
        try:
            await response
        except CurtaError:
            pass  # it is the response's own
        finally:
            if self._budget is not None:
                self._budget.settle(reserved, response)
        return response

    async def _admitted(self, work: Work) -> float | None:
        """US dollars that are set aside for it; waits for other requests, while what these may cost is lacking."""
        while self._budget is not None:
            try:
                return self._budget.admit(work.model, _request(work))
            except TooExpensive as error:
                if self._running <= 1 or self._ending.stopped:
                    self._ending.stop(error)
                    return None
            self._running -= 1
            try:
                await self._one_ended.wait()
            finally:
                self._running += 1
        return 0.0

    def _told(self, pace: Pace) -> "Callable[[Retry], None]":
        """Hears of each wait for another attempt."""
        sent = asyncio.get_running_loop().time()

        def told(retry: "Retry") -> None:
            nonlocal sent
            if retry.reason in COMPLAINTS or not retry.reason.isdigit():
                pace.slow_down(sent, retry.delay)
            sent = asyncio.get_running_loop().time() + retry.delay
            if self._on_retry:
                self._on_retry(retry)

        return told

    def _was_told_when(self, response: Response, pace: Pace) -> bool:
        """Whether its provider said how long to wait, and that is not for ever; then nobody asks it meanwhile."""
        error = response.error
        if not isinstance(error, RateLimited) or not 0 < (error.wait or 0) <= PATIENCE:
            return False
        from curta.http import Retry

        self._told(pace)(Retry(error.wait or 0, "429", 1, 1))
        return True

    def _taken(self, work: Work, response: Response, pace: Pace) -> Done:
        done = outcome.of_response(work, response)
        self._count(done)
        self._ending.used(done.tokens)
        if response.error is None:
            self._ending.answered(server(work.model))
            pace.answered()
        elif isinstance(response.error, CurtaError):
            self._ending.failed(response.error, response.id, server(work.model))
        if self._list and response.warnings:
            what = "The log cannot be written, and with it this batch could not go on where it stopped."
            self._ending.stop(LogUnavailable(what, why=response.warnings[0]))
        return done

    def _count(self, done: Done) -> None:
        now = self.progress
        self.progress = now._replace(
            asked=now.asked + 1,
            cost=now.cost + (done.cost or 0.0),
            unpriced=now.unpriced + (done.cost is None),
            tokens=now.tokens + (done.tokens or 0),
            seconds=time.monotonic() - self._began,
        )

    def _pace(self, work: Work) -> Pace:
        """That of the server which the model is asked at."""
        where = server(work.model)
        if where not in self._paces:
            self._paces[where] = Pace(self._concurrency)
        return self._paces[where]

    def _wake(self) -> None:
        self._one_ended.set()
        self._one_ended.clear()


def _request(work: Work) -> Request:
    """What it asks; only what can be asked comes here."""
    assert isinstance(work.asked, Request)
    return work.asked


def server(model: Model) -> str:
    """What bears the requests to a model: a host, or, of what answers here, the model itself."""
    return model.endpoint.host if isinstance(model, Served) else model.name
