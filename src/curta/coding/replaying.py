"""The logged rounds of a task run again, without the model: whether each program comes to what it came to then."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.errors import UsageError
from curta.sandbox import cache
from curta.sandbox.again import Again, again

if TYPE_CHECKING:
    from curta.store import Log, RunRecord


class Replayed(NamedTuple):
    """A logged run, and what came of it now. round: which answer its program was, from 1."""

    round: int
    past: "RunRecord"
    again: Again

    @property
    def is_test(self) -> bool:
        return bool(self.past.described.get("tests"))

    def to_dict(self) -> dict[str, Any]:
        return {
            "round": self.round,
            "run": self.past.id,
            "test": self.is_test,
            "same": self.again.same,
            "differs": list(self.again.differs),
            "result": self.again.result.to_dict(),
        }


OnRun = Callable[[Replayed], None]


def replay(
    call: str | None,
    log: "Log",
    *,
    keep: bool = True,
    on_run: OnRun | None = None,
    on_compile: cache.OnCompile | None = None,
) -> tuple[Replayed, ...]:
    """Run again what the programs of a conversation were: those of `curta code`, or of the tools that run programs.

    call: the id of one of its calls, or the beginning of one; None for the latest task. keep: log the new runs too.
    on_run: told of each. Raises UnknownCall, and UsageError when no program of it was run.
    """
    done = []
    for number, past in _runs(call, log):
        done.append(Replayed(number, past, again(past, log, keep=keep, on_compile=on_compile)))
        if on_run:
            on_run(done[-1])
    if not done:
        raise UsageError("No program of this conversation was run.", then="`curta logs runs` lists the runs there are.")
    return tuple(done)


def _runs(call: str | None, log: "Log") -> "Iterator[tuple[int, RunRecord]]":
    """The runs of a conversation, oldest first, with the number of the answer that each belongs to."""
    from curta.store import Filter

    known = log.call(call) if call else next(log.calls(Filter(caller="code", limit=1)), None)
    if known is None:
        raise UsageError("No task of `curta code` is logged.", then="`curta logs runs` lists the runs there are.")
    calls = list(log.calls(Filter(conversation=known.conversation_id, oldest_first=True)))
    for number, each in enumerate(calls, 1):
        for run in reversed(log.runs(call=each.id)):
            if run.caller != "again":
                yield number, run
