"""What a person is told of a run over rows: how far it is, how fast, what it costs, how long it takes, how it ended."""

from typing import TYPE_CHECKING

from curta.cli import output
from curta.cli.live_line import LiveLine, duration
from curta.text.money import dollars

if TYPE_CHECKING:
    from curta.batch import Progress
    from curta.batch.estimate import Estimate
    from curta.mapping import Mapped


class Shown(LiveLine):
    """The line on stderr that says where the run is, and the lines before and after it."""

    def begin(self, mapped: "Mapped", *, again: bool) -> None:
        """Say what was done earlier."""
        before = mapped.open()
        if before and not again and (before.done or before.failed):
            of_all = f"{before.done:,} of {mapped.total:,}" if mapped.total is not None else f"{before.done:,}"
            failed = f", {before.failed:,} failed" if before.failed else ""
            output.note(f"Going on: {of_all} done{failed}.")

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
