"""What was expected of an experiment: least means in its spec, and what a caller requires of its verdicts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

from curta.evals.keys import takes

if TYPE_CHECKING:
    from curta.evals.comparing import Comparing
    from curta.evals.reporting import Result

Where: TypeAlias = Literal["base", "each"]
"""Of which ways of asking a mean has to be reached: of the base alone, or of each."""
Required: TypeAlias = Literal["better", "equal", "decided"]
"""What has to be known of every contrast: better than the base; of no practical difference; anything at all."""

_WHERE: Mapping[str, Where] = {each: each for each in get_args(Where)}
REQUIRED: tuple[Required, ...] = get_args(Required)


class Expectation(NamedTuple):
    """The least mean of a scorer."""

    scorer: str
    where: Where
    least: float


class Check(NamedTuple):
    """Whether something that was expected is so. said: for people."""

    met: bool
    said: str


def expectations(key: str, value: Any) -> tuple[Expectation, ...]:
    """`{contains: 0.9}` for each way of asking, `{contains: {base: 0.9}}` for the base. Raises UsageError."""
    if not isinstance(value, Mapping):
        raise takes(key, "scorers with least means: {contains: 0.9}, or {contains: {base: 0.9, each: 0.8}}")
    found = list[Expectation]()
    for scorer, least in value.items():
        for where, each in (least if isinstance(least, Mapping) else {"each": least}).items():
            if where not in _WHERE:
                raise takes(f"{key}: {scorer}", "base or each, with a mean")
            if not isinstance(each, int | float) or isinstance(each, bool) or not 0 <= each <= 1:
                raise takes(f"{key}: {scorer}", "a mean between 0 and 1")
            found.append(Expectation(scorer, _WHERE[where], float(each)))
    return tuple(found)


def checks(comparing: "Comparing") -> list[Check]:
    """Whether the means are what the spec expects. A failed answer counts nothing, as in the comparisons."""
    return [check for each in comparing.spec.expect for check in _checks(comparing, each)]


def required(results: "Sequence[Result]", what: Required) -> list[Check]:
    """Whether every contrast came out as required; of what is neither good nor bad only whether it is decided."""
    fitting = {"better": ("better",), "equal": ("no practical difference",), "decided": ()}[what]
    found = list[Check]()
    for each in results:
        met = each.verdict.outcome != "undecided"
        if fitting and not each.relative:
            met = each.verdict.outcome in fitting or (what == "equal" and each.verdict.is_small)
        found.append(Check(met, f"{each.contrast}, {each.scorer}: {what} is required"))
    return found


def _checks(comparing: "Comparing", expected: Expectation) -> list[Check]:
    from curta.evals.design import cells

    names = [each.name for each in cells(comparing.spec)]
    found = list[Check]()
    for scorer, arms in zip(comparing.spec.score, comparing.arms, strict=True):
        if scorer.name == expected.scorer:
            for name, arm in list(zip(names, arms, strict=True))[: 1 if expected.where == "base" else None]:
                mean = arm.counted or 0.0
                said = f"{expected.scorer} of {name}: {mean:.3g}, at least {expected.least:g} is expected"
                found.append(Check(mean >= expected.least, said))
    return found
