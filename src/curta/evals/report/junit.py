"""An experiment as JUnit XML, which CI systems show.

A test case for each verdict: a change that made it worse is a failure, one that is undecided is skipped. Where nothing
is compared, each input is a test case by each scorer, and a score below one half is a failure. One for what the spec
expects: what is not met is a failure. And one for each way of asking by each scorer: answers that could not be scored
are an error.

The format is that of Jenkins (jenkinsci/xunit-plugin, junit-10.xsd), which GitLab, GitHub and Azure read too.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from curta.evals.report import words
from curta.evals.report.arms import arms
from curta.evals.report.items import failures
from curta.evals.report.markup import Markup, tag
from curta.evals.report.study import Answer, Study

PASSES = 0.5
"""The score from which on an answer passes, where nothing is compared."""


class _Case(NamedTuple):
    """A test case. ended: the element that says how, "" when it passed; message: why."""

    group: str
    name: str
    ended: str = ""
    message: str = ""
    seconds: float = 0.0
    text: str = ""


def to_junit(study: Study) -> str:
    """The whole file."""
    name, checks = study.report.name or "curta eval", study.report.checks
    suites = {"verdicts": list(_verdicts(study))} if study.comparisons else {"inputs": list(_inputs(study))}
    suites["expected"] = [_Case("expect", each.said, "" if each.met else "failure", each.said) for each in checks]
    suites["answers"] = list(_answers(study))
    counted = _counts([each for cases in suites.values() for each in cases])
    del counted["skipped"]  # which the whole has no place for
    inside = (_suite(study, f"{name}: {kind}", cases) for kind, cases in suites.items() if cases)
    whole = tag("testsuites", *_each_on_a_line(inside), name=_line(name), **counted)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'


def _verdicts(study: Study) -> Iterator[_Case]:
    for each in study.comparisons:
        result = each.result
        said = result.sentence(result.contrast)
        ended = "failure" if result.is_worse else "skipped" if result.verdict.outcome == "undecided" else ""
        yield _Case(study.scorers[each.scorer], result.contrast, ended, said, text=said)


def _inputs(study: Study) -> Iterator[_Case]:
    for each in study.answers:
        for name, value, failure in zip(study.scorers, each.values, each.failures, strict=True):
            ended = "error" if value is None else "failure" if value < PASSES else ""
            call = study.calls.get(each.call or "")
            took = (call.duration_ms or 0) / 1000 if call else 0.0
            yield _Case(name, _input(study, each), ended, failure or f"score {value:g}", took)


def _answers(study: Study) -> Iterator[_Case]:
    reasons: dict[tuple[str, str], str] = {}
    for cell, scorer, reason, _ in failures(study):
        reasons.setdefault((cell, scorer), reason)
    for each in arms(study):
        scorer, way = study.scorers[each.scorer], each.way
        told = f"{way.failed} of {way.answers} answers could not be scored: {reasons.get((way.cell, scorer), '')}"
        mean = words.of_mean(study.spec.score[each.scorer], way.mean, each.interval)
        yield _Case(scorer, way.cell, "error" if way.failed else "", told, text=mean)


def _input(study: Study, answer: Answer) -> str:
    several = study.spec.unit is not None and answer.input is not None
    again = study.spec.repeat > 1 and answer.repeat is not None
    pieces = [answer.unit, f"input {answer.input}" if several else "", f"repeat {answer.repeat}" if again else ""]
    return ", ".join(filter(None, [*pieces, study.cells[answer.cell].name if len(study.cells) > 1 else ""]))


def _suite(study: Study, name: str, cases: Sequence[_Case]) -> Markup:
    started = study.report.started.strftime("%Y-%m-%dT%H:%M:%S")
    told = {"experiment": study.report.id, "models": ", ".join(study.report.models), "seed": str(study.spec.seed)}
    return tag(
        "testsuite",
        tag("properties", *(tag("property", name=key, value=_line(value)) for key, value in told.items())),
        *_each_on_a_line(map(_case, cases)),
        name=_line(name),
        timestamp=started,
        time=f"{sum(each.seconds for each in cases):.3f}",
        **_counts(cases),
    )


def _case(case: _Case) -> Markup:
    why = tag(case.ended, message=_line(case.message), type=case.ended) if case.ended else None
    out = tag("system-out", case.text) if case.text else None
    names = {"name": _line(case.name), "classname": _line(case.group)}
    return tag("testcase", why, out, **names, time=f"{case.seconds:.3f}")


def _counts(cases: Sequence[_Case]) -> dict[str, int]:
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    found = {name: sum(each.ended == kind for each in cases) for name, kind in kinds.items()}
    return {"tests": len(cases), **found}


def _each_on_a_line(elements: Iterable[Markup]) -> Iterator[Markup]:
    return (Markup(f"{each}\n") for each in elements)


def _line(text: str) -> str:
    """An attribute of XML is one line."""
    return " ".join(text.split()) or "-"
