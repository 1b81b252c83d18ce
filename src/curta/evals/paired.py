"""Two runs compared, input by input: is the second better than the first, and on which inputs do they differ most?

For each unit that both have, D = mean score in the second - mean score in the first, over repeats and over the ways of
asking they have in common. Where how many units there are was fixed beforehand, an exact test decides, and the evidence
that may be looked at at any time stands beside it; where an experiment stopped by itself, only the latter is valid.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from curta.errors import UnknownCall, UsageError
from curta.evals.importing.foreign import Levels
from curta.evals.reporting import Result
from curta.evals.sides import About, Seen, Side
from curta.messages import sha256
from curta.statistics import EProcess, PlannedLooks, Verdict
from curta.statistics.factorial import relative_length
from curta.statistics.intervals import Interval
from curta.statistics.missing import worst_case
from curta.statistics.multiplicity import e_holm, holm
from curta.statistics.verdict import verdict_of

if TYPE_CHECKING:
    from curta.store import Log

Required: TypeAlias = Literal["better", "equal", "decided"]

_MEETS: Mapping[Required, tuple[str, ...]] = {
    "better": ("better",),
    "equal": ("better", "no practical difference"),
    "decided": ("better", "worse", "no practical difference"),
}


class Item(NamedTuple):
    """A unit on which the sides differ. scores: of the first side and of the second; said: an answer of each."""

    unit: str
    scores: tuple[float, float]
    said: tuple[Seen, Seen]

    @property
    def difference(self) -> float:
        return self.scores[1] - self.scores[0]


@dataclass(frozen=True, slots=True)
class By:
    """What is known by one scorer.

    anytime: what may be looked at at any time. fixed: by an exact test, where the number of units was fixed. holds:
    whether a difference is one also with all scorers taken together. means: of each side. failed: how many answers of
    each have no score. better, worse, same: units. worst_case: where the mean lies whatever those would have scored.
    items: units that differ, the worst first.
    """

    scorer: str
    anytime: Verdict
    fixed: Verdict | None
    holds: bool
    means: tuple[float, float]
    failed: tuple[int, int]
    better: int
    worse: int
    same: int
    worst_case: Interval
    about: About
    items: tuple[Item, ...]

    @property
    def verdict(self) -> Verdict:
        """The one that counts."""
        return self.fixed or self.anytime

    @property
    def is_worse(self) -> bool:
        return self.told(self.verdict).is_worse

    def told(self, verdict: Verdict) -> Result:
        """One of the verdicts as a result of an experiment is told."""
        return Result("", self.scorer, verdict, self.holds, self.worst_case, self.about.mark, self.about.relative)

    def meets(self, required: Required) -> bool:
        return self.about.relative or self.verdict.outcome in _MEETS[required]

    def to_dict(self) -> dict[str, Any]:
        return {
            "scorer": self.scorer,
            "outcome": self.verdict.outcome,
            "holds": self.holds,
            "means": list(self.means),
            "failed": list(self.failed),
            "better": self.better,
            "worse": self.worse,
            "same": self.same,
            "worst_case": list(self.worst_case),
            "anytime": self.anytime.to_dict(),
            "fixed": self.fixed and self.fixed.to_dict(),
            "mark": self.about.mark,
        }


@dataclass(frozen=True, slots=True)
class Paired:
    """Two runs compared. names: of the sides. units: that both have; only: how many one side alone has. averaged: over
    how many ways of asking. unpaired: scorers that one side alone has. notes: what a person should know."""

    names: tuple[str, str]
    units: int
    only: tuple[int, int]
    averaged: int
    unpaired: tuple[tuple[str, ...], tuple[str, ...]]
    by: tuple[By, ...]
    notes: tuple[str, ...]

    @property
    def is_worse(self) -> bool:
        """Whether it is so by any score."""
        return any(each.is_worse for each in self.by)

    def meets(self, required: Required) -> bool:
        """Whether it is so by every score that says good or bad."""
        return all(each.meets(required) for each in self.by)

    def to_dict(self, items: int = 0) -> dict[str, Any]:
        """All of it as JSON, with so many of the units that differ by each score."""
        told = [{**each.to_dict(), "items": [_told(item) for item in each.items[:items]]} for each in self.by]
        return {
            "first": self.names[0],
            "second": self.names[1],
            "units": self.units,
            "only_in_first": self.only[0],
            "only_in_second": self.only[1],
            "ways": self.averaged,
            "results": told,
            "unpaired_scores": [list(each) for each in self.unpaired],
            "notes": list(self.notes),
        }


def compare(first: Side, second: Side, *, by: Sequence[str] = (), alpha: float = 0.05, rope: float = 0.05) -> Paired:
    """The second side against the first. by: the scores to compare; `A=B` where the sides call one differently.

    Raises UsageError where they have no unit or no score in common, and where it is not clear which way of asking is
    meant.
    """
    pairs, ways = _scorers(first, second, by), _ways(first, second)
    common, only = _common(first, second, ways)
    fixed = first.fixed and second.fixed
    if fixed:  # the order of a file may go with the scores; this one cannot
        common.sort(key=lambda unit: sha256(unit.encode()))
    units = {pair: [each for each in common if _has(each, first, second, pair)] for pair in pairs}
    found = [
        _by(
            [_unit(each, first, second, pair, ways) for each in having],
            pair[0] if pair[0] == pair[1] else " = ".join(pair),
            About(first.scorers[pair[0]].mark or second.scorers[pair[1]].mark, first.scorers[pair[0]].relative),
            fixed=fixed,
            alpha=alpha,
            rope=rope,
        )
        for pair, having in units.items()
        if having
    ]
    if not found:
        raise UsageError(f"No input that both have has the score {pairs[0][0]!r}.")
    return Paired(
        (first.name, second.name),
        len(common),
        only,
        len(ways),
        (_unpaired(first, {a for a, _ in pairs}), _unpaired(second, {b for _, b in pairs})),
        tuple(replace(each, holds=held) for each, held in zip(found, _together(found, alpha), strict=True)),
        (*first.notes, *(each for each in second.notes if each not in first.notes)),
    )


def with_words(found: Paired, log: "Log", items: int) -> Paired:
    """With what was answered on as many of the units that differ by each score, also where that is in the log alone."""

    def told(seen: Seen) -> Seen:
        try:
            return seen if seen.call is None else seen._replace(text=log.call(seen.call).response)
        except UnknownCall:
            return seen

    def shown(item: Item) -> Item:
        return item._replace(said=(told(item.said[0]), told(item.said[1])))

    return replace(
        found, by=tuple(replace(by, items=(*map(shown, by.items[:items]), *by.items[items:])) for by in found.by)
    )


# What is compared with what


def _scorers(first: Side, second: Side, by: Sequence[str]) -> list[tuple[str, str]]:
    wanted = [each.partition("=") for each in by] or [
        (name, "", "") for name in first.scorers if name in second.scorers
    ]
    pairs = [(a, b or a) for a, _, b in wanted]
    for side, name in [*((first, a) for a, _ in pairs), *((second, b) for _, b in pairs)]:
        if name not in side.scorers:
            raise UsageError(f"{side.name} has no score {name!r}.", why=f"It has: {_list(side.scorers)}.")
    if not pairs:
        raise UsageError(
            "The two have no score in common.",
            why="\n".join(
                f"{side.name} has {'; '.join((_list(side.scorers), *side.notes))}." for side in (first, second)
            ),
            then="Say which is which: --by FIRST=SECOND",
        )
    return pairs


def _ways(first: Side, second: Side) -> list[tuple[Levels, Levels]]:
    """Which way of asking of the first side is compared with which of the second."""
    if len(first.ways) == len(second.ways) == 1:
        return [(next(iter(first.ways)), next(iter(second.ways)))]
    if set(first.ways) == set(second.ways):
        return [(way, way) for way in first.ways]
    several = first if len(first.ways) > 1 else second
    raise UsageError(
        f"{several.name} has several ways of asking.",
        why=f"It has: {'; '.join(several.names)}.",
        then="Name one: FILE#NAME of a file, ID:NAME of an experiment.",
    )


def _common(first: Side, second: Side, ways: Sequence[tuple[Levels, Levels]]) -> tuple[list[str], tuple[int, int]]:
    """The units that both sides have, each way, in the order of the first; how many each has alone."""
    everywhere = [first.ways[a] for a, _ in ways] + [second.ways[b] for _, b in ways]
    common = [unit for unit in everywhere[0] if all(unit in each for each in everywhere)]
    seen = [{unit for units in side.ways.values() for unit in units} for side in (first, second)]
    if not common:
        a, b = (min(each) for each in seen)
        raise UsageError(
            "The two have no input in common, so they cannot be compared.",
            why=f"An input of {first.name} is called {a!r}, one of {second.name} {b!r}.",
        )
    return common, (len(seen[0] - set(common)), len(seen[1] - set(common)))


def _unpaired(side: Side, compared: set[str]) -> tuple[str, ...]:
    return tuple(name for name in side.scorers if name not in compared)


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


# By one scorer


class _Unit(NamedTuple):
    """A unit: the scores of all its answers on each side, by the way of asking; an answer of each side."""

    name: str
    scores: tuple[list[list[float | None]], list[list[float | None]]]
    said: tuple[Seen, Seen]

    @property
    def means(self) -> tuple[float, float]:
        first, second = (fmean(fmean(each or 0.0 for each in way) for way in side) for side in self.scores)
        return first, second

    @property
    def flat(self) -> tuple[list[float | None], list[float | None]]:
        first, second = ([each for way in side for each in way] for side in self.scores)
        return first, second

    def bounds(self, difference: float, *, relative: bool) -> Interval:
        """Where the difference lies whatever failed answers would have scored."""
        first, second = self.flat
        if None not in (*first, *second):
            return Interval(difference, difference)
        return Interval(-1.0, 1.0) if relative else worst_case(second, first)


def _has(unit: str, first: Side, second: Side, scorers: tuple[str, str]) -> bool:
    """Whether a unit was to have this score: one that only other tests have is no failure."""
    seen = [
        (each, scorer)
        for side, scorer in zip((first, second), scorers, strict=True)
        for units in side.ways.values()
        for each in units.get(unit, ())
    ]
    return any(scorer in each.scores for each, scorer in seen) or not any(each.scores for each, _ in seen)


def _unit(
    name: str, first: Side, second: Side, scorers: tuple[str, str], ways: Sequence[tuple[Levels, Levels]]
) -> _Unit:
    sides = [[side.ways[way[place]][name] for way in ways] for place, side in enumerate((first, second))]
    a, b = (
        [[each.scores.get(scorer) for each in way] for way in side] for side, scorer in zip(sides, scorers, strict=True)
    )
    unit = _Unit(name, (a, b), (Seen({}), Seen({})))
    return unit._replace(said=_telling(sides, scorers, better=unit.means[0] < unit.means[1]))


def _telling(sides: Sequence[Sequence[Sequence[Seen]]], scorers: tuple[str, str], *, better: bool) -> tuple[Seen, Seen]:
    """An answer of each side that shows how they differ, to the same way of asking: where the second became better, the
    worst of the first and its best; else the best and its worst."""
    sign = 1 if better else -1
    apart = [
        (
            min(a, key=lambda seen: sign * (seen.scores.get(scorers[0]) or 0.0)),
            max(b, key=lambda seen: sign * (seen.scores.get(scorers[1]) or 0.0)),
        )
        for a, b in zip(*sides, strict=True)
    ]
    return max(apart, key=lambda pair: sign * _rise(pair, scorers))


def _rise(pair: tuple[Seen, Seen], scorers: tuple[str, str]) -> float:
    before, after = (seen.scores.get(scorer) or 0.0 for seen, scorer in zip(pair, scorers, strict=True))
    return after - before


def _by(units: Sequence[_Unit], name: str, about: About, *, fixed: bool, alpha: float, rope: float) -> By:
    means = [each.means for each in units]
    differences = [relative_length(b, a) if about.relative else b - a for a, b in means]
    bounds = [each.bounds(d, relative=about.relative) for each, d in zip(units, differences, strict=True)]
    flat = [each.flat for each in units]
    anytime, exact = EProcess(alpha, rope), PlannedLooks(len(units), 1, alpha, rope)
    anytime.extend(differences)
    for each in differences if fixed else ():
        exact.add(each)
    first, second = ([score for side in flat for score in side[place]] for place in (0, 1))
    items = [Item(each.name, told, each.said) for each, told in zip(units, means, strict=True) if told[0] != told[1]]
    return By(
        name,
        verdict_of(anytime, projected=not fixed),
        verdict_of(exact) if fixed else None,
        True,
        (fmean(a for a, _ in means), fmean(b for _, b in means)),
        (first.count(None), second.count(None)),
        sum(each > 0 for each in differences),
        sum(each < 0 for each in differences),
        sum(each == 0 for each in differences),
        Interval(fmean(each.low for each in bounds), fmean(each.high for each in bounds)),
        about,
        tuple(sorted(items, key=lambda item: item.difference)),
    )


def _together(found: Sequence[By], alpha: float) -> list[bool]:
    """Which differences hold when all scorers are taken together: e-Holm, or Holm for exact tests."""
    if any(each.fixed is None for each in found):
        return [each >= -math.log(alpha) for each in e_holm([each.anytime.look.log_e or 0.0 for each in found])]
    return [
        each <= alpha for each in holm([1.0 if each.verdict.look.p is None else each.verdict.look.p for each in found])
    ]


def _told(item: Item) -> dict[str, Any]:
    calls, said = [each.call for each in item.said], [each.text for each in item.said]
    return {"unit": item.unit, "scores": list(item.scores), "answers": said, "calls": calls}
