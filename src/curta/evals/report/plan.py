"""What was asked: the plan that was written down before the first call, for people, and as a spec to run again."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from curta.evals.deciding import noun
from curta.evals.factors import MODEL, WORDING, Factor
from curta.evals.report.markup import Child, Markup, join, tag
from curta.evals.report.study import Study
from curta.evals.spec import READ_BY, Spec
from curta.messages import JSON

_APART = {"prompt", "factors", "inputs", "score", "name", "stop"}
"""The fields of a spec that are not written as they are."""
_ALWAYS = ("rope", "alpha", "repeat", "seed")


def shown(study: Study) -> Markup:
    """The plan as a list of what it says."""
    return tag("dl", *(join(tag("dt", name), tag("dd", told)) for name, told in _told(study)))


def as_yaml(spec: Spec) -> str:
    """The spec as a file that `curta eval` reads, but for its inputs, which the log does not keep."""
    import yaml

    return str(yaml.safe_dump(_written(spec), sort_keys=False, allow_unicode=True, width=100))


def _told(study: Study) -> Iterator[tuple[str, Child]]:
    spec, report = study.spec, study.report
    for name, prompt in _prompts(spec).items():
        yield ("Prompt" if len(_prompts(spec)) == 1 else f"Prompt, wording {name}"), tag("pre", prompt)
    if spec.system:
        yield "System prompt", tag("pre", spec.system)
    for each in _tested(spec):
        yield f"Factor {each.name}", _levels(each)
    yield "Models", ", ".join(report.models)
    yield "Scorers", join(*(tag("div", _scorer(each.to_dict())) for each in spec.score))
    asked = f"{report.units:,} of {report.of:,}" if report.units < report.of else f"{report.of:,}"
    yield "Inputs", f"{asked} independent {noun(spec)}s, each asked in {len(study.cells):,} ways" + _repeats(spec)
    yield "Margin", f"±{100 * spec.rope:g} points: a difference within it is of no practical importance"
    yield "Method", report.method
    yield "Order", f"drawn from seed {spec.seed} before the first call; all ways of asking about an input run together"
    stop = ", ".join(f"{name}: {value:,}" for name, value in spec.stop._asdict().items() if value is not None)
    yield "Stop", f"as soon as all is known{', or at ' * bool(stop)}{stop}"
    for name, value in _others(spec).items():
        if name not in (*_ALWAYS, "system", *READ_BY):
            yield name.capitalize(), _plain(value)


def _levels(factor: Factor) -> Markup:
    rows = (
        tag(
            "div",
            tag("b", name),
            " (base)" if name == factor.base else "",
            ": ",
            tag("code", _plain(level) or "nothing"),
        )
        for name, level in factor.levels.items()
    )
    return join(*rows)


def _scorer(told: Mapping[str, Any]) -> str:
    settings = ", ".join(f"{name}: {_plain(value)}" for name, value in told["settings"].items())
    return f"{told['name']}{f' ({settings})' if settings else ''}, version {told['version']}"


def _repeats(spec: Spec) -> str:
    return f", {spec.repeat} times each" if spec.repeat > 1 else ""


def _written(spec: Spec) -> dict[str, JSON]:
    prompts = _prompts(spec)
    numbered = list(prompts) == [str(number) for number in range(1, len(prompts) + 1)]
    told: dict[str, JSON] = {"name": spec.name} if spec.name else {}
    told["prompt"] = (
        next(iter(prompts.values())) if len(prompts) == 1 else list(prompts.values()) if numbered else prompts
    )
    if factors := {each.name: dict(each.levels) for each in _tested(spec)}:
        told["factors"] = factors
    if models := next((each for each in spec.factors if each.name == MODEL), None):
        told["models"] = list(models.levels)
    told["score"] = [{each.name: dict(each.settings)} if each.settings else each.name for each in spec.score]
    stop = {name: value for name, value in spec.stop._asdict().items() if value is not None}
    return {**told, **_others(spec), **({"stop": stop} if stop else {})}


def _others(spec: Spec) -> dict[str, JSON]:
    """What is not as it is by itself, and what everybody wants to know."""
    told, usual = spec.to_dict(), {each.name: each.default for each in fields(Spec)}
    names = (name for name in told if name not in _APART)
    return {name: told[name] for name in names if name in _ALWAYS or (told[name] and told[name] != usual[name])}


def _prompts(spec: Spec) -> Mapping[str, str]:
    """The wordings, by name."""
    wordings = next((each.levels for each in spec.factors if each.name == WORDING), {"1": spec.prompt})
    return {name: str(each) for name, each in wordings.items()}


def _tested(spec: Spec) -> list[Factor]:
    return [each for each in spec.factors if each.name not in (MODEL, WORDING)]


def _plain(value: JSON) -> str:
    import json

    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
