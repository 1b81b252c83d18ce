"""The verdict on a contrast: better, worse, no practical difference or undecided, as a value and as a sentence."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from curta.statistics.projection import Further, further
from curta.statistics.sequence import EProcess, Look, Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a contrast. further: how many more inputs it may take, when that is asked and undecided."""

    look: Look
    alpha: float
    rope: float
    further: Further | None = None

    @property
    def outcome(self) -> Outcome:
        return self.look.outcome

    @property
    def is_small(self) -> bool:
        """Whether there is a difference, and it is less than the margin all the same."""
        within = -self.rope < self.look.low and self.look.high < self.rope
        return within and self.outcome in ("better", "worse")

    def sentence(self, name: str) -> str:
        """`caps: no practical difference (+0.4 points, CS [-3.9, +4.8], 610 inputs)`."""
        if not self.look.n:
            return f"{name}: undecided (no inputs yet)"
        n = f"{self.look.n:,} input{'' if self.look.n == 1 else 's'}"
        last = f"; {self.further}" if self.further else f", {n}"
        said = f"{self.outcome}, but by less than {_points(self.rope)} points" if self.is_small else self.outcome
        decimals = int(self.look.high - self.look.low < 0.1)
        mean, low, high = (_signed(each, decimals) for each in (self.look.mean, self.look.low, self.look.high))
        return f"{name}: {said} ({mean} points, CS [{low}, {high}]{last})"

    def to_dict(self) -> dict[str, Any]:
        further = self.further._asdict() if self.further else None
        return {**self.look._asdict(), "alpha": self.alpha, "rope": self.rope, "further": further}


def verdict(differences: ArrayLike, alpha: float = 0.05, rope: float = 0.05, *, every: int = 1) -> Verdict:
    """The verdict on paired differences in the order that was assigned, as if looked at after each of them.

    alpha, rope, every: as `EProcess` has them.
    """
    process = EProcess(alpha, rope, every=every)
    process.extend(differences)
    return verdict_of(process)


def verdict_of(process: EProcess, *, projected: bool = True) -> Verdict:
    """The verdict so far. projected: also how many inputs it may still take, which costs some tenths of a second."""
    undecided = process.outcome == "undecided" and process.n > 0
    return Verdict(process.look(), process.alpha, process.rope, further(process) if projected and undecided else None)


def _points(share: float) -> str:
    return f"{100 * share:g}"


def _signed(share: float, decimals: int) -> str:
    """A share in points, with its sign, which zero has none of."""
    text = f"{100 * share:+.{decimals}f}"
    return text.lstrip("+-") if float(text) == 0 else text
