"""What comes of a task: the rounds it took, and the last program with its result."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from curta.coding.report import complaint
from curta.conversations import Response
from curta.sandbox import Result

Stopped: TypeAlias = Literal["works", "no progress", "rounds", "cost", "refused"]
"""Why it ended. no progress: the same error came back after a hint. cost: the next call could have cost too much."""

NO_PROGRAM = "There was no fenced block with a program in the answer."
CUT_OFF = "The answer was cut off before its end."


@dataclass(frozen=True, slots=True)
class Round:
    """An answer of the model and what came of its program.

    source: the program; None when the answer had none. result: of its run. judged: of the test, if it came to that.
    """

    number: int
    response: Response
    source: str | None = None
    result: Result | None = None
    judged: Result | None = None

    @property
    def ok(self) -> bool:
        return self.result is not None and self.result.ok and (self.judged is None or self.judged.ok)

    @property
    def error(self) -> str:
        """What is wrong, on one line; empty when nothing is."""
        if self.result is None:
            return CUT_OFF if self.response.finish == "length" else NO_PROGRAM
        if not self.result.ok or self.judged is None:
            return complaint(self.result)
        return "The test failed: " + complaint(self.judged) if not self.judged.ok else ""

    def to_dict(self) -> dict[str, Any]:
        return {
            "round": self.number,
            "ok": self.ok,
            "error": self.error,
            "program": self.source,
            "call": self.response.id,
            "run": self.result.id if self.result else None,
            "test": self.judged.id if self.judged else None,
            "seconds": self.response.duration,
            "cost": self.response.cost,
        }


@dataclass(frozen=True, slots=True)
class Coded:
    """What came of a task. ok: whether the last program works.

    program, result: of the last round that had a program. rounds: all of them, in order.
    """

    language: str
    stopped: Stopped
    rounds: tuple[Round, ...]

    @property
    def ok(self) -> bool:
        return self.stopped == "works"

    @property
    def last(self) -> Round | None:
        """The last round that had a program."""
        return next((each for each in reversed(self.rounds) if each.result is not None), None)

    @property
    def program(self) -> str:
        return (self.last.source or "") if self.last else ""

    @property
    def result(self) -> Result | None:
        return self.last.result if self.last else None

    @property
    def cost(self) -> float | None:
        """US dollars of all calls; None when one of them is not known."""
        costs = [each.response.cost for each in self.rounds]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    def to_dict(self) -> dict[str, Any]:
        from curta.sandbox.record import files

        return {
            "ok": self.ok,
            "stopped": self.stopped,
            "language": self.language,
            "program": self.program,
            "result": self.result.to_dict() if self.result else None,
            "files": files(self.result) if self.result else [],
            "rounds": [each.to_dict() for each in self.rounds],
            "cost": self.cost,
        }
