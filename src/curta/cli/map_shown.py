"""What a person is told of a run over rows: how far it is, how fast, what it costs, how long it takes, how it ended."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from curta.cli import output
from curta.text.money import dollars

if TYPE_CHECKING:
    from curta.batch import Progress
    from curta.batch.estimate import Estimate
    from curta.http import Retry
    from curta.mapping import Mapped

_REDRAWN = 0.1
_TOLD = 60.0
"""Seconds between two lines for those who read them in a file."""
_RETRIES_TOLD = 5.0


class Shown:
    """The line on stderr that says where the run is, and the lines before and after it."""

    def __init__(self) -> None:
        self._live = output.is_terminal(sys.stderr)
        self._drawn = False
        self._next = 0.0 if self._live else time.monotonic() + _TOLD
        self._next_retry = 0.0

    def begin(self, mapped: "Mapped", *, again: bool) -> None:
        """Say what was done earlier."""
        before = mapped.open()
        if before and not again and (before.done or before.failed):
            of_all = f"{before.done:,} of {mapped.total:,}" if mapped.total is not None else f"{before.done:,}"
            failed = f", {before.failed:,} failed" if before.failed else ""
            output.note(f"Going on: {of_all} done{failed}.")

    def tell(self, where: Callable[[], str]) -> None:
        """Where the run is, if it is time to say it again."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (_REDRAWN if self._live else _TOLD)
        if self._live:
            self.clear()
            sys.stderr.write(where()[: output.columns() - 1])
            sys.stderr.flush()
            self._drawn = True
        else:
            output.note(where())

    def clear(self) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False

    def say_retry(self, retry: "Retry") -> None:
        now = time.monotonic()
        if now >= self._next_retry:
            self._next_retry = now + _RETRIES_TOLD
            self.clear()
            output.note(f"{str(retry).partition(', attempt')[0]} ...")

    def say_stopping(self, running: int) -> None:
        self.clear()
        answers = "an answer that is" if running == 1 else f"{running} answers that are"
        output.note(f"Waiting for {answers} under way; Ctrl-C again gives up on them.", force=True)

    def say_how_to_go_on(self, mapped: "Mapped") -> None:
        self.clear()
        output.note(f"Stopped: {_of_all(mapped)} done. The same command goes on from there.", force=True)

    def end(self, mapped: "Mapped", name: str | None, *, interrupted: bool) -> None:
        """What came of it."""
        self.clear()
        if interrupted:
            self.say_how_to_go_on(mapped)
            return
        now = mapped.progress
        if not now.released:
            output.note("There are no rows." if not mapped.stopped else "Nothing was answered.")
            return
        output.note(_summary(mapped) + (f" In {name}." if name else ""))
        if now.failed:
            output.note("Rows that failed say why in `error`. To ask about them again: --retry-failed", force=True)
        elif now.reused == now.released:
            output.note("Nothing was asked: all of it was answered earlier. To ask afresh: --again")


def where(mapped: "Mapped") -> str:
    """`40 of 100 · 2 failed · 3.1/s · $0.0123 · 20 s left`."""
    now = mapped.progress
    pieces = [_of_all(mapped)]
    pieces += [f"{now.failed:,} failed"] if now.failed else []
    pieces += [f"{now.rate:.3g}/s"] if now.rate else []
    pieces += [dollars(now.cost)] if now.cost else []
    if now.rate and mapped.total is not None:
        pieces.append(f"{duration((mapped.total - now.released) / now.rate)} left")
    return " · ".join(pieces)


def duration(seconds: float) -> str:
    """`20 s`, `4 min`, `3 h 20 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def show_estimate(found: "Estimate") -> None:
    """What a run will take, as the result of the command."""
    pieces = [f"{found.calls:,} {plural('call', found.calls)} to make"]
    pieces += [f"{found.reused:,} answered by an earlier or an equal one"] if found.reused else []
    pieces += [f"{found.bad:,} that cannot be asked"] if found.bad else []
    output.line(f"{found.rows:,} {plural('row', found.rows)}: {', '.join(pieces)}.")
    cost = "price unknown" if found.cost is None else f"about {dollars(found.cost)}"
    most = "" if found.most_cost is None else f"; with the longest answers at most {dollars(found.most_cost)}"
    output.line(f"About {found.input:,} tokens in, {cost}{most}.")


def _summary(mapped: "Mapped") -> str:
    now = mapped.progress
    answered = f"{now.released - now.failed:,} answered"
    earlier = f" ({now.reused:,} earlier)" if now.reused else ""
    pieces = [f"{now.released:,} {plural('row', now.released)}: {answered}{earlier}"]
    pieces += [f"{now.failed:,} failed"] if now.failed else []
    pieces += [f"{now.tokens:,} tokens"] if now.tokens else []
    if now.asked:
        pieces += [cost(now), duration(now.seconds)]
    return ", ".join(pieces) + "."


def cost(now: "Progress") -> str:
    """What was spent, as far as it is known."""
    if now.unpriced == now.asked:
        return "cost unknown"
    return dollars(now.cost) + (f" and {now.unpriced:,} of unknown cost" if now.unpriced else "")


def _of_all(mapped: "Mapped") -> str:
    done = mapped.progress.released
    return f"{done:,}" if mapped.total is None else f"{done:,} of {mapped.total:,}"


def plural(noun: str, number: int) -> str:
    return noun if number == 1 else noun + "s"
