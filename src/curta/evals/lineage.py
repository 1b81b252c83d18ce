"""How an experiment goes back to what was planned earlier: what was chosen after looking, what another one it branched
from.

Answers do not depend on how they are read: with another margin it is the same experiment, and asks nothing again. But
what is chosen once results can be seen is no plan any more, so it is recorded beside the plan for good.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from curta.evals import spec
from curta.evals.spec import READ_BY, Spec

if TYPE_CHECKING:
    from curta.store.experiments import ExperimentRecord

AMENDED = "amended"
"""The changes that a plan has seen after looking: `{"after": units, "was": {key: value}}`, the oldest first."""
_NAMES = {"rope": "margin", "alpha": "error rate", "planned": "number of units"}


class Branch(NamedTuple):
    """The earlier experiment that one differs from least, and in which keys of its spec."""

    id: str
    keys: tuple[str, ...]


def amended(before: Mapping[str, Any], now: Spec, looked_at: int) -> dict[str, Any] | None:
    """The plan as it is from now on; None where nothing is read otherwise. looked_at: how many units were compared."""
    told, was = now.to_dict(), spec.of_dict(before["spec"]).to_dict()
    changed = {key: was[key] for key in READ_BY if was[key] != told[key]}
    if not changed:
        return None
    plan = {**before, "spec": {**before["spec"], **{key: told[key] for key in READ_BY}}}
    if looked_at:
        plan[AMENDED] = [*before.get(AMENDED, ()), {"after": looked_at, "was": changed}]
    return plan


def chosen_late(plan: Mapping[str, Any]) -> list[str]:
    """What was not planned, for people: `margin 0.1, chosen after looking at 40 units (planned: 0.05)`."""
    first = dict[str, tuple[Any, int]]()
    for change in plan.get(AMENDED, ()):
        for key, value in change["was"].items():
            first.setdefault(key, (value, change["after"]))
    now = plan["spec"]
    return [
        f"{_NAMES.get(key, key)} {_told(now[key])}, chosen after looking at {after:,} unit{'s' * (after != 1)}"
        f" (planned: {_told(value)})"
        for key, (value, after) in first.items()
        if now[key] != value
    ]


def branch(earlier: Iterable["ExperimentRecord"], plan: Mapping[str, Any]) -> Branch | None:
    """The latest of these that has the same name, or differs in one key alone; None without any."""
    for each in earlier:
        keys = _differing(each.plan, plan)
        named = bool(plan["spec"]["name"]) and plan["spec"]["name"] == each.plan["spec"]["name"]
        if keys and (named or len(keys) == 1):
            return Branch(each.id, keys)
    return None


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    was, told = before["spec"], now["spec"]
    keys = [key for key in told if key not in ("name", "stop", "inputs", *READ_BY) and was.get(key) != told[key]]
    models = ["models"] if before["models"] != now["models"] and "factors" not in keys else []
    return (*keys, *models, *(["inputs"] if before.get("inputs") != now.get("inputs") else []))


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"{scorer} {where} {least:g}" for scorer, where, least in value) or "none"
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
