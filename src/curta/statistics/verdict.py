"""The verdict on a contrast: better, worse, no practical difference or undecided, as a value and as a sentence."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:  # numpy takes a while, and a verdict is told long after the first call was made
    from numpy.typing import ArrayLike

    from curta.statistics.planned import PlannedLooks
    from curta.statistics.projection import Further
    from curta.statistics.sequence import EProcess, Look, Outcome

Decide: TypeAlias = Literal["anytime", "fixed", "group-sequential"]
"""How it is decided: looked at after every input; once, when a fixed number is there; a few times on the way to it."""
Process: TypeAlias = "EProcess | PlannedLooks"
"""What takes the differences of a contrast one by one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a contrast. further: how many more inputs it may take, when that is asked and undecided.

    decide: by which method. taken: units asked about; of: how many were planned, where looks were. noun: what a unit is
    called.
    """

    look: "Look"
    alpha: float
    rope: float
    further: "Further | None" = None
    decide: Decide = "anytime"
    taken: int = 0
    of: int | None = None
    noun: str = "input"

    @property
    def outcome(self) -> "Outcome":
        return self.look.outcome

    @property
    def is_small(self) -> bool:
        """Whether there is a difference, and it is less than the margin all the same."""
        within = -self.rope < self.look.low and self.look.high < self.rope
        return within and self.outcome in ("better", "worse")

    def sentence(self, name: str) -> str:
        """`caps: no practical difference (+0.4 points, CS [-3.9, +4.8], 610 inputs)`."""
        said = f"{self.outcome}, but by less than {_points(self.rope)} points" if self.is_small else self.outcome
        return f"{name}: {said} ({self._grounds})"

    @property
    def _grounds(self) -> str:
        """What it rests on: the mean, an interval that is called by its kind, how much was seen and how."""
        look = self.look
        if not look.n:
            return self._not_yet
        decimals = int(look.high - look.low < 0.1)
        mean, low, high = (_signed(each, decimals) for each in (look.mean, look.low, look.high))
        kind = "CS" if self.decide == "anytime" else "CI"
        return f"{mean} points, {kind} [{low}, {high}]{self._seen}"

    @property
    def _seen(self) -> str:
        if self.further:
            return f"; {str(self.further).replace('inputs', self.noun + 's')}"
        if self.look.p is None or self.of is None:
            return f", {self._units(self.look.n)}"
        p = "p < 0.001" if self.look.p < 0.001 else f"p = {self.look.p:.2g}"
        return f", {self.look.n:,} of {self._units(self.of)}; {self.look.test}, {p}"

    @property
    def _not_yet(self) -> str:
        if self.of is None:
            return f"no {self.noun}s yet"
        when = "when all are there" if self.decide == "fixed" else "at planned looks only"
        return f"{self.taken:,} of {self._units(self.of)}; looked at {when}"

    def _units(self, number: int) -> str:
        return f"{number:,} {self.noun}{'' if number == 1 else 's'}"

    def to_dict(self) -> dict[str, Any]:
        further = self.further._asdict() if self.further else None
        how = {"alpha": self.alpha, "rope": self.rope, "decide": self.decide, "planned": self.of}
        return {**self.look._asdict(), **how, "further": further}


def verdict(differences: "ArrayLike", alpha: float = 0.05, rope: float = 0.05, *, every: int = 1) -> Verdict:
    """The verdict on paired differences in the order that was assigned, as if looked at after each of them.

    alpha, rope, every: as `EProcess` has them.
    """
    from curta.statistics.sequence import EProcess

    process = EProcess(alpha, rope, every=every)
    process.extend(differences)
    return verdict_of(process)


def verdict_of(process: Process, *, projected: bool = True, noun: str = "input") -> Verdict:
    """The verdict so far. projected: also how many inputs it may still take, which costs some tenths of a second, where
    one may go on for as long as one likes. noun: what a unit is called."""
    from curta.statistics.planned import PlannedLooks
    from curta.statistics.projection import further

    if isinstance(process, PlannedLooks):
        how: dict[str, Any] = {"decide": process.decide, "taken": process.taken, "of": process.planned, "noun": noun}
        return Verdict(process.look(), process.alpha, process.rope, **how)
    undecided = process.outcome == "undecided" and process.n > 0
    more = further(process) if projected and undecided else None
    return Verdict(process.look(), process.alpha, process.rope, more, taken=process.n, noun=noun)


def _points(share: float) -> str:
    return f"{100 * share:g}"


def _signed(share: float, decimals: int) -> str:
    """A share in points, with its sign, which zero has none of."""
    text = f"{100 * share:+.{decimals}f}"
    return text.lstrip("+-") if float(text) == 0 else text
