"""`curta eval`: did a change make a difference? The commands, and what the log knows of earlier runs."""

import json
import os
from pathlib import Path

import click

from curta.cli import output
from curta.cli.eval_compare import compare
from curta.cli.eval_import import import_
from curta.cli.eval_label import label
from curta.cli.eval_plan import limit, plan
from curta.cli.eval_report import report
from curta.cli.eval_rescore import rescore
from curta.cli.eval_run import run
from curta.cli.eval_suite import suite
from curta.cli.group import DefaultGroup
from curta.errors import UsageError

_HELP = """Did a change make a difference? `curta eval SPEC.yml` finds out.

\b
  curta eval capitals.yml -m small
  curta eval --prompt '$tone Who is it? $text' --factor 'tone={plain: "", caps: NOW}' \\
    --on people.jsonl --score contains='$name' -m small
  curta eval plan capitals.yml
  curta eval report

SPEC.yml says what is asked, what is varied, about which inputs, and how answers are scored (docs/evals.md); flags say
the same, or something else than the file does. The plan is shown, and agreed to where it could cost more than the
limit; then inputs are asked about in an order that was drawn before, until all is known or `stop:` says so. Each change
is found better, worse, of no practical difference, or undecided. Looking and stopping are always allowed.

Typed again, the same command goes on where it stopped, and pays for nothing twice.

Exit codes: 0 finished, 1 answers failed, 3 a change is worse than the base or not as required, 5 somebody has to agree
to the cost, 130 interrupted."""

DATABASE = click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


class _Evals(DefaultGroup):
    """What is no subcommand is the file of an experiment."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            self._refuse_misspelt(args[0])
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def _refuse_misspelt(self, word: str) -> None:
        from difflib import get_close_matches

        close = () if "." in word or os.path.exists(word) else get_close_matches(word, self.commands, n=1)
        if close:
            raise UsageError(
                f"There is neither a command nor a spec {word!r}.", then=f"Did you mean `curta eval {close[0]}`?"
            )


@click.group("eval", cls=_Evals, default="run", help=_HELP)
def eval() -> None:
    pass


for command in (run, plan, limit, suite, report):
    eval.add_command(command)


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
        if each.problem:
            output.note(f"{each.id}: {each.problem}")
    if not found:
        output.note("No experiment is logged. Run one: curta eval SPEC.yml")


eval.add_command(compare)
eval.add_command(import_)
eval.add_command(label)
eval.add_command(rescore)
