"""`curta eval plan`: what an experiment will do, see and cost; and who has to agree before it is begun."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.cli.eval_flags import described, describes_experiment
from curta.cli.map_shown import plural
from curta.text.money import dollars

if TYPE_CHECKING:
    from collections.abc import Callable

    from curta.batch.estimate import Estimate
    from curta.evals.running import Experiment

_PLAN = "What an experiment will do, what it can see, and what it costs at most. Asks nothing."
_LIMIT = "Ask before an experiment that could cost more than USD; without USD, say what the limit is."


@click.command("plan", help=_PLAN)
@describes_experiment
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
@click.option("--key", metavar="NAME", help="The saved key to use, by name.")
def plan(as_json: bool, **given: Any) -> None:
    from curta.api import studies
    from curta.cli import prompt_read as read

    log = read.log({**given, "no_log": False, "force_log": False})
    experiment = studies.experiment(**described(given), key=given["key"], log=log)
    try:
        estimate = experiment.estimate()
        if as_json:
            output.line(json.dumps(as_dict(experiment, estimate), indent=2, ensure_ascii=False))
        else:
            show(experiment, estimate, output.line)
            _show_table(experiment)
    finally:
        experiment.close()


@click.command("limit", help=_LIMIT)
@click.argument("usd", required=False, type=click.FloatRange(min=0))
def limit(usd: float | None) -> None:
    from curta.evals import spending

    if usd is not None:
        spending.set_limit(usd)
    output.line(dollars(spending.limit()))


def show(experiment: "Experiment", cost: "Estimate", say: "Callable[[str], object]") -> None:
    """What will be done, how it is decided, and what it costs at most."""
    plan = experiment.plan
    say(f"{_inputs(experiment)}: at most {plan.calls:,} calls{_reused(cost)}.")
    price = "price unknown" if cost.cost is None else f"about {dollars(cost.cost)} for what is sent"
    most = "" if cost.most_cost is None else f", at most {dollars(cost.most_cost)} in all"
    say(f"About {cost.input:,} tokens in, {price}{most}.")
    say(plan.method)
    if plan.effect is not None:
        say(
            f"A difference of {100 * plan.effect:.0f} points is found four times of five, where the answers to one"
            " input of four differ."
        )
    for each in (*plan.warnings, *_history(experiment)):
        say(each)


def agreed(experiment: "Experiment", cost: "Estimate", *, yes: bool, max_cost: float | None) -> bool:
    """Whether it may begin: somebody is asked where it could cost more than the limit and nobody has set another.

    Raises NeedsApproval where nobody is there.
    """
    from curta.evals import spending

    why = spending.to_agree(cost, experiment.models, experiment.spec.stop.max_cost)
    return confirmed(why, yes=yes or max_cost is not None)


def confirmed(why: str, *, yes: bool) -> bool:
    """Whether somebody agrees, or has agreed; why: what to, as a sentence, empty for nothing. Raises NeedsApproval."""
    from curta.errors import NeedsApproval
    from curta.evals import spending

    if not why or yes:
        return True
    if not (output.is_terminal(sys.stdin) and output.is_terminal(sys.stderr)):
        raise NeedsApproval(
            f"{why} Nothing was asked.",
            why=f"Up to {dollars(spending.limit())} an experiment begins without being agreed to.",
            then="Agree with --yes, or set another limit: --max-cost USD for this run, `curta eval limit USD` for all.",
        )
    return click.confirm(f"{why} Begin?", err=True)


def as_dict(experiment: "Experiment", cost: "Estimate") -> dict[str, Any]:
    """The plan as JSON."""
    from curta.evals.power import table

    plan = experiment.plan
    reach = table(plan.units, experiment.spec.alpha)
    branch = experiment.branch and experiment.branch._asdict()
    told = {**plan._asdict(), "estimate": cost._asdict(), "reach": [each._asdict() for each in reach]}
    return {**told, "chosen_late": experiment.chosen_late, "branch": branch}


def _inputs(experiment: "Experiment") -> str:
    """`120 inputs in 12 units (one for each `document`), 4 ways of asking, 2 times each`."""
    plan, spec = experiment.plan, experiment.spec
    count = f"{plan.inputs:,} {plural('input', plan.inputs)}"
    if spec.unit:
        count += f" in {plan.units:,} {plural('unit', plan.units)}, one for each `{spec.unit}`"
    repeats = f", {spec.repeat} times each" if spec.repeat > 1 else ""
    return f"{count}, {plan.cells} {plural('way', plan.cells)} of asking{repeats}"


def _reused(cost: "Estimate") -> str:
    return f", {cost.reused:,} of them answered earlier or equal to another" if cost.reused else ""


def _history(experiment: "Experiment") -> list[str]:
    """What earlier experiments and looks have to do with it."""
    late = experiment.chosen_late
    told = [f"{each[0].upper()}{each[1:]}: this is no plan any more, and reports say so." for each in late]
    if branch := experiment.branch:
        keys = ", ".join(f"`{key}`" for key in branch.keys)
        told.append(f"A new experiment: {keys} changed since {branch.id}.")
    return told


def _show_table(experiment: "Experiment") -> None:
    """What other numbers of units could see, looked at once; looking all the time takes about 1.3 times as many."""
    from curta.evals.deciding import noun
    from curta.evals.power import table

    reach = table(experiment.plan.units, experiment.spec.alpha)
    rows = [
        [f"{each.units:,}" for each in reach],
        [_points(each.effect) for each in reach],
        [_points(each.effect_of_few) for each in reach],
    ]
    names = (f"independent {noun(experiment.spec)}s", "points, 1 in 4 differs", "points, 1 in 20 differs")
    for name, row in zip(names, rows, strict=True):
        output.line(f"{name:<24}" + "".join(f"{each:>7}" for each in row))


def _points(effect: float | None) -> str:
    return "-" if effect is None else f"{100 * effect:.3g}"
