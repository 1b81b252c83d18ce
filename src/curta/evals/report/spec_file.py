"""The spec of a logged experiment as a file that `curta eval` reads, without the inputs, which the log has not."""

from collections.abc import Mapping
from dataclasses import fields

from curta.evals.factors import MODEL, WORDING, Factor
from curta.evals.spec import Spec
from curta.messages import JSON

_OTHERWISE = {"prompt", "factors", "inputs", "score", "name", "stop", "expect", "fraction", "planned"}
"""What a file does not say as `Spec` has it."""
_ALWAYS = ("repeat", "rope", "alpha", "seed")


def as_yaml(spec: Spec) -> str:
    import yaml

    return str(yaml.safe_dump(written(spec), sort_keys=False, allow_unicode=True, width=100))


def written(spec: Spec) -> dict[str, JSON]:
    """The keys of the file and what they say; without those that say what would be so anyway, but for a few."""
    told: dict[str, JSON] = {"name": spec.name, "prompt": _prompt(spec)}
    told["factors"] = {each.name: dict(each.levels) for each in tested(spec)}
    told["models"] = [name for each in spec.factors if each.name == MODEL for name in each.levels]
    told["score"] = [{each.name: dict(each.settings)} if each.settings else each.name for each in spec.score]
    told["stop"] = {name: value for name, value in spec.stop._asdict().items() if value is not None}
    told["expect"] = _expected(spec)
    told["fraction"] = f"1/{spec.fraction}" if spec.fraction > 1 else None
    return {name: value for name, value in told.items() if value} | _others(spec)


def wordings(spec: Spec) -> Mapping[str, str]:
    """The wordings, by name."""
    found = next((each.levels for each in spec.factors if each.name == WORDING), {"1": spec.prompt})
    return {name: str(each) for name, each in found.items()}


def tested(spec: Spec) -> list[Factor]:
    """What is varied, apart from models and wordings."""
    return [each for each in spec.factors if each.name not in (MODEL, WORDING)]


def _prompt(spec: Spec) -> JSON:
    found = wordings(spec)
    if len(found) == 1:
        return spec.prompt
    numbered = list(found) == [str(number) for number in range(1, len(found) + 1)]
    return list(found.values()) if numbered else dict(found)


def _expected(spec: Spec) -> dict[str, dict[str, float]]:
    told: dict[str, dict[str, float]] = {}
    for each in spec.expect:
        told.setdefault(each.scorer, {})[each.where] = each.least
    return told


def _others(spec: Spec) -> dict[str, JSON]:
    """What is written as it is."""
    told, usual = spec.to_dict(), {each.name: each.default for each in fields(Spec)}
    names = [name for name in told if name not in _OTHERWISE]
    return {name: told[name] for name in names if name in _ALWAYS or (told[name] and told[name] != usual[name])}
