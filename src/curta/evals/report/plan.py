"""What was asked: the plan that was written down before the first call, for people."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from curta.evals.deciding import noun
from curta.evals.factors import Factor
from curta.evals.report.markup import Child, Markup, join, tag
from curta.evals.report.spec_file import tested, wordings, written
from curta.evals.report.study import Study
from curta.evals.spec import Spec
from curta.messages import JSON

_TOLD = {"name", "prompt", "system", "factors", "models", "score", "repeat", "stop", "seed"}
_TOLD |= {"rope", "alpha", "decide", "looks", "multiplicity"}
"""Keys of a spec that have words of their own, some of them in what `Report.method` says."""


def shown(study: Study) -> Markup:
    """The plan as a list of what it says."""
    return tag("dl", *(join(tag("dt", name), tag("dd", told)) for name, told in _told(study)))


def _told(study: Study) -> Iterator[tuple[str, Child]]:
    spec, report = study.spec, study.report
    prompts = {} if study.foreign else wordings(spec)
    for name, prompt in prompts.items():
        yield ("Prompt" if len(prompts) == 1 else f"Prompt, wording {name}"), tag("pre", prompt)
    if spec.system:
        yield "System prompt", tag("pre", spec.system)
    for each in tested(spec):
        yield f"Factor {each.name}", _levels(each)
    yield "Models", ", ".join(report.models)
    yield "Scorers", join(*(tag("div", _scorer(each.to_dict())) for each in spec.score))
    asked = f"{report.units:,} of {report.of:,}" if report.units < report.of else f"{report.of:,}"
    yield "Inputs", f"{asked} independent {noun(spec)}s, each asked in {len(study.cells):,} ways" + _repeats(spec)
    yield "Margin", f"±{100 * spec.rope:g} points: a difference within it is of no practical importance"
    yield "Method", report.method
    if not study.foreign:
        yield from _course(spec)
    for name, value in written(spec).items():
        if name not in _TOLD:
            yield name.capitalize(), _plain(value)


def _course(spec: Spec) -> Iterator[tuple[str, str]]:
    """How it was gone about."""
    yield "Order", f"drawn from seed {spec.seed} before the first call; all ways of asking about an input run together"
    stop = ", ".join(f"{name}: {value:,}" for name, value in spec.stop._asdict().items() if value is not None)
    yield "Stop", f"as soon as all is known{', or at ' * bool(stop)}{stop}"


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


def _plain(value: JSON) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
