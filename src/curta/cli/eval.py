"""`curta eval`: did a change make a difference? The plan, the run, the verdicts; what the log knows of earlier runs."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.cli.ctrl_c import hear_at_once, interruptible
from curta.cli.eval_compare import compare
from curta.cli.group import DefaultGroup
from curta.errors import CurtaError

if TYPE_CHECKING:
    from curta.evals.running import Experiment

_HELP = """Did a change make a difference? `curta eval SPEC.yml` finds out.

\b
  curta eval capitals.yml -m small
  curta eval report
  curta eval list

SPEC.yml says what is asked, what is varied, about which inputs, and how answers are scored (docs/evals.md). The plan is
shown, then inputs are asked about in an order that was drawn before, until all is known or `stop:` says so. Each
change is found better, worse, of no practical difference, or undecided. Looking and stopping are always allowed.

Typed again, the same command goes on where it stopped, and pays for nothing twice.

Exit codes: 0 finished, 1 answers failed, 3 a change is worse than the base, 130 interrupted."""

_RUN = "Run the experiment that a file describes."
DATABASE = click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


class _Evals(DefaultGroup):
    """What is no subcommand is the file of an experiment."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = [self.default, *args]
        return super().parse_args(ctx, args)


@click.group("eval", cls=_Evals, default="run", help=_HELP)
def eval() -> None:
    pass


@eval.command("run", help=_RUN)
@click.argument("spec", metavar="SPEC.yml")
@click.option("-m", "--model", metavar="NAME", help="The model to ask, where the spec names none.")
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=8, show_default=True, metavar="N", help="Requests at once."
)
@click.option("--estimate", is_flag=True, help="Show the plan and what it costs at most. Asks nothing.")
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="USD", help="Stop before it could cost more.")
@click.option("--retry-failed", is_flag=True, help="Ask again where an answer failed.")
@click.option("--again", is_flag=True, help="Ask everything afresh: an experiment of its own.")
@JSON
@click.option("-n", "--no-log", is_flag=True, help="Leave no trace in the log; then nothing can go on.")
@DATABASE
@click.option("--key", metavar="NAME", help="The saved key to use, by name.")
def run(spec: str, **given: Any) -> int:
    from curta.api import studies
    from curta.cli import eval_shown
    from curta.cli import prompt_read as read
    from curta.cli.map_shown import Shown

    read.warn_about_key(given["key"])
    hear_at_once()
    shown, log = Shown(), read.log({**given, "force_log": False})
    if not (log or given["no_log"]):
        output.note("Logging is off (`curta logs on`): nothing of this can be read again, or gone on with.")
    experiment = studies.experiment(
        spec,
        model=given["model"],
        concurrency=given["jobs"],
        log=log,
        on_retry=shown.say_retry,
        **{name: given[name] for name in ("max_cost", "again", "retry_failed", "key")},
    )
    try:
        eval_shown.show_plan(experiment, as_result=given["estimate"])
        return 0 if given["estimate"] else _followed(experiment, shown, as_json=given["as_json"])
    finally:
        experiment.close()


def _followed(experiment: "Experiment", shown: Any, *, as_json: bool) -> int:
    """Go through it, and say what is known. The exit code."""
    from curta.cli import eval_shown
    from curta.evals.reporting import results, ways

    problem: CurtaError | None = None
    with interruptible(experiment, shown.say_stopping) as interrupted:
        try:
            for comparing in experiment:
                shown.tell(lambda: eval_shown.where(experiment, comparing))  # noqa: B023  # it is called at once
        except CurtaError as error:
            problem = error
    shown.clear()
    known = results(experiment.comparing)
    arms = ways(experiment.comparing)
    if as_json:
        output.line(json.dumps(eval_shown.as_dict(experiment, known, arms), indent=2, ensure_ascii=False))
    elif experiment.comparing.taken or not problem:
        eval_shown.show_results(known, arms)
    eval_shown.show_end(experiment)
    if problem:
        raise problem
    if interrupted:
        return 130
    if any(each.is_worse for each in known):
        return 3
    return 1 if any(each.failed for each in arms) else 0


@eval.command("report", help="What is known of an experiment, from the log; of the latest without ID. Asks nothing.")
@click.argument("id", required=False)
@JSON
@DATABASE
def report(id: str | None, as_json: bool, database: Path | None) -> None:
    from curta.api import studies
    from curta.cli import eval_shown
    from curta.cli.schemas import log_at

    found = studies.experiment_report(id, log=log_at(database))
    if as_json:
        output.line(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
        return
    eval_shown.show_head(found)
    eval_shown.show_results(found.results, found.ways)


@eval.command("list", help="The experiments in the log, newest first.")
@JSON
@DATABASE
def list_(as_json: bool, database: Path | None) -> None:
    from curta.api import studies
    from curta.cli import eval_shown
    from curta.cli.schemas import log_at

    found = studies.experiments(log_at(database))
    if as_json:
        output.line(json.dumps([each.to_dict() for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        eval_shown.show_head(each)
    if not found:
        output.note("No experiment is logged. Run one: curta eval SPEC.yml")


eval.add_command(compare)
