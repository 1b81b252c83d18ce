"""`curta eval SPEC.yml`: go through an experiment, and say what is known of it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.cli.ctrl_c import hear_at_once, interruptible
from curta.cli.eval_flags import described, describes_experiment
from curta.errors import CurtaError
from curta.evals.expectations import REQUIRED

if TYPE_CHECKING:
    from curta.cli.map_shown import Shown
    from curta.evals.reporting import Result, Way
    from curta.evals.running import Experiment

_RUN = "Run the experiment that a file, or the flags, describe."
_JOBS = click.IntRange(min=1)


@click.command("run", help=_RUN)
@describes_experiment
@click.option("-j", "--jobs", type=_JOBS, default=8, show_default=True, metavar="N", help="Requests at once.")
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="USD", help="Stop before it could cost more.")
@click.option("--yes", is_flag=True, help="Agree to what it could cost.")
@click.option("--require", type=click.Choice(REQUIRED), help="Exit with 3 unless every contrast came out so.")
@click.option("--retry-failed", is_flag=True, help="Ask again where an answer failed.")
@click.option("--again", is_flag=True, help="Ask everything afresh: an experiment of its own.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("-n", "--no-log", is_flag=True, help="Leave no trace in the log; then nothing can go on.")
@click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
@click.option("--key", metavar="NAME", help="The saved key to use, by name.")
def run(**given: Any) -> int:
    from curta.cli import eval_plan
    from curta.cli.map_shown import Shown

    shown = Shown()
    experiment = _begun(given, shown)
    try:
        cost = experiment.estimate(exact=False)
        eval_plan.show(experiment, cost, output.note)
        if not eval_plan.agreed(experiment, cost, yes=given["yes"], max_cost=given["max_cost"]):
            return 1
        return _followed(experiment, shown, given)
    finally:
        experiment.close()


def _begun(given: dict[str, Any], shown: "Shown") -> "Experiment":
    from curta.api import studies
    from curta.cli import prompt_read as read

    read.warn_about_key(given["key"])
    hear_at_once()
    log = read.log({**given, "force_log": False})
    if not (log or given["no_log"]):
        output.note("Logging is off (`curta logs on`): nothing of this can be read again, or gone on with.")
    return studies.experiment(
        **described(given),
        concurrency=given["jobs"],
        log=log,
        on_retry=shown.say_retry,
        **{name: given[name] for name in ("max_cost", "again", "retry_failed", "key")},
    )


def _followed(experiment: "Experiment", shown: "Shown", given: dict[str, Any]) -> int:
    """Go through it, and say what is known. The exit code."""
    from curta.cli import eval_shown

    problem: CurtaError | None = None
    with interruptible(experiment, shown.say_stopping) as interrupted:
        try:
            for comparing in experiment:
                shown.tell(lambda: eval_shown.where(experiment, comparing))  # noqa: B023  # it is called at once
        except CurtaError as error:
            problem = error
    shown.clear()
    from curta.evals.expectations import checks, required  # with numpy: no request waited for it
    from curta.evals.reporting import results, ways

    known, arms = results(experiment.comparing), ways(experiment.comparing)
    expected = checks(experiment.comparing) + (required(known, given["require"]) if given["require"] else [])
    if given["as_json"]:
        told = eval_shown.as_dict(experiment, known, arms, expected)
        output.line(json.dumps(told, indent=2, ensure_ascii=False))
    elif experiment.comparing.taken or not problem:
        eval_shown.show_results(known, arms)
        eval_shown.show_checks(expected)
    eval_shown.show_end(experiment)
    if problem:
        raise problem
    if interrupted:
        return 130
    return _exit_code(known, arms, met=all(each.met for each in expected))


def _exit_code(known: "tuple[Result, ...]", arms: "tuple[Way, ...]", *, met: bool) -> int:
    if not met or any(each.is_worse for each in known):
        return 3
    return 1 if any(each.failed for each in arms) else 0
