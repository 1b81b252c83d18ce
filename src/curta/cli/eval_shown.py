"""What a person is told of an experiment: how far it is, the verdicts, how it ended."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from curta.cli import output
from curta.cli.map_shown import cost as spent
from curta.cli.map_shown import plural
from curta.text.money import dollars

if TYPE_CHECKING:
    from curta.evals.comparing import Comparing
    from curta.evals.expectations import Check
    from curta.evals.listing import Summary
    from curta.evals.reporting import Report, Result, Way
    from curta.evals.running import Experiment

_ENDS = {
    "decided": "All is known after {units}.",
    "inputs": "All inputs were asked about: {units}.",
    "max_calls": "As many calls as `stop:` allows: {units}.",
    "max_inputs": "As many inputs as `stop:` allows: {units}.",
    "max_time": "As much time as `stop:` allows: {units}.",
    "max_cost": "Another answer could cost more than is allowed: {units}.",
    "stopped": "Stopped after {units}.",
    "failed": "It could not go on after {units}.",
}
_FROM_THERE = " The same command goes on from there."
_FURTHER = {  # where there is a log of it
    "max_time": _FROM_THERE,
    "max_cost": " With more, the same command goes on.",
    "stopped": _FROM_THERE,
    "failed": _FROM_THERE,
}
_SIGNS = {"better": "good", "worse": "bad"}


def where(experiment: "Experiment", comparing: "Comparing") -> str:
    """`40 of 120 inputs · 1 of 2 decided · $0.01`."""
    known = sum(each.process.outcome != "undecided" for each in comparing.comparisons)
    pieces = [f"{comparing.taken:,} of {experiment.plan.units:,}", f"{known} of {len(comparing.comparisons)} decided"]
    now = experiment.progress
    return " · ".join(pieces + ([dollars(now.cost)] if now.cost else []))


def show_results(known: "Sequence[Result]", arms: "Sequence[Way]") -> None:
    """The verdicts, one on each line, and beneath how each way of asking did."""
    for each in known:
        name = name_of(each, known)
        rest = each.sentence(name).removeprefix(f"{name}: ")
        output.line(f"{name}: ", (rest, sign_of(each)), "".join(f"; {note}" for note in each.notes))
        if each.hidden:
            output.line(f"  {each.hidden}")
        if each.within:
            output.line(f"  {each.within}")
    show_means(known, arms)


def name_of(result: "Result", among: "Sequence[Result]") -> str:
    """The contrast, with the scorer where there are several."""
    several = len({each.scorer for each in among}) > 1
    return f"{result.contrast}, {result.scorer}" if several else result.contrast


def sign_of(result: "Result") -> str:
    """The style of a verdict."""
    return "" if result.relative else _SIGNS.get(result.verdict.outcome, "")


def show_means(known: "Sequence[Result]", arms: "Sequence[Way]") -> None:
    """How each way of asking did, a line for each scorer."""
    for scorer in dict.fromkeys(each.scorer for each in known if not each.relative):
        output.line(f"{scorer}: ", " · ".join(_did(each) for each in arms if each.scorer == scorer))
    for why in dict.fromkeys(each.why for each in arms if each.why):
        output.line("  failed: ", " ".join(why.split()))


def show_checks(found: "Sequence[Check]") -> None:
    """Of what was expected and required, what is not so."""
    for each in found:
        if not each.met:
            output.line(("not met: ", "bad"), each.said)


def show_end(experiment: "Experiment") -> None:
    """Why it ended, and where it can be read again."""
    from curta.evals.deciding import noun

    if experiment.ended:
        taken = experiment.comparing.taken
        units = f"{taken:,} {plural(noun(experiment.spec), taken)}"
        end = _ENDS[experiment.ended].format(units=units)
        further = _FURTHER.get(experiment.ended, "") if experiment.id else ""
        output.note(f"{end}{further}", force=experiment.ended == "stopped")
    now = experiment.progress
    asked = f"{now.asked:,} {plural('call', now.asked)}, {spent(now)}" if now.asked else "Nothing was asked"
    log = f" Again: curta eval report {experiment.id}" if experiment.id else ""
    output.note(f"{asked}.{log}")


def show_head(report: "Report | Summary") -> None:
    """A line that says which experiment it is."""
    known = sum(each.outcome != "undecided" for each in report.results)
    verdicts = f"{known} of {len(report.results)} decided, " if report.results else ""
    when = report.started.astimezone().strftime("%Y-%m-%d %H:%M")
    output.line(
        (report.id, "faint"),
        f"  {when}  {report.name or 'without a name'}, {', '.join(report.models)}:"
        f" {verdicts}{report.units:,} of {report.of:,} inputs",
    )


def show_how(report: "Report") -> None:
    """How it was decided, and what of that was not planned."""
    output.line((report.method, "faint"))
    for each in report.chosen_late:
        output.line(("not planned: ", "bad"), each)


def as_dict(
    experiment: "Experiment", known: "Sequence[Result]", arms: "Sequence[Way]", expected: "Sequence[Check]"
) -> dict[str, Any]:
    """What came of a run, as JSON."""
    now = experiment.progress
    return {
        "id": experiment.id,
        "name": experiment.spec.name,
        "ended": experiment.ended,
        "units": experiment.comparing.taken,
        "calls": now.asked,
        "cost": now.cost,
        "unpriced": now.unpriced,
        "plan": experiment.plan._asdict(),
        "results": [each.to_dict() for each in known],
        "ways": [each._asdict() for each in arms],
        "checks": [each._asdict() for each in expected],
        "chosen_late": experiment.chosen_late,
    }


def _did(way: "Way") -> str:
    """`caps 0.9 (1 of 30 failed, all repeats right 0.8, flicker 0.1)`."""
    mean = "nothing scored" if way.mean is None else f"{way.mean:.3g}"
    notes = [f"{way.failed:,} of {way.answers:,} failed"] if way.failed else []
    if way.flicker is not None and way.all_pass is not None:
        notes += [f"all repeats right {way.all_pass:.3g}", f"flicker {way.flicker:.3g}"]
    return f"{way.cell} {mean}" + (f" ({', '.join(notes)})" if notes else "")
