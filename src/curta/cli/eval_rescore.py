"""`curta eval rescore`: answers of the log, scored anew."""

from pathlib import Path
from typing import Any

import click

from curta.cli import output

_HELP = """Score the answers of a logged experiment by other scorers. No answer is asked for again.

\b
  curta eval rescore 01k9x capitals.yml
  curta eval rescore 01k9x --score 'contains: $answer' --on inputs.jsonl
  curta eval rescore 01k9x --score 'judge: {asks: Is it polite?, model: small}'

The new scores are an experiment of their own, with the versions of their scorers; the old ones stay as they are. A
judge asks a model about each answer, which may cost."""


@click.command("rescore", help=_HELP, short_help="Score logged answers by other scorers, without asking again.")
@click.argument("id")
@click.argument("spec", required=False, metavar="[SPEC.yml]")
@click.option("--score", multiple=True, metavar="SCORER", help="A scorer, instead of those of the spec.")
@click.option("--on", "inputs", metavar="FILE", help="The inputs, or the imported file, where scorers name columns.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=8, show_default=True, metavar="N", help="At once.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
def rescore(id: str, spec: str | None, score: tuple[str, ...], jobs: int, as_json: bool, **given: Any) -> None:
    from curta.api import runs, studies
    from curta.cli import eval_shown
    from curta.cli.eval_flags import scorer
    from curta.cli.schemas import log_at

    log = log_at(given["database"])
    scorers = [scorer(each) for each in score]
    found = runs.rescore(id, spec, score=scorers, inputs=given["inputs"], concurrency=jobs, log=log)
    report = studies.experiment_report(found.id, log=log)
    for each in found.notes:
        output.note(f"{each}.", force=True)
    judged = f", {found.judged:,} of them by a model" if found.judged else ""
    output.note(f"{found.answers:,} answers scored anew{judged}. Before: curta eval report {found.of}")
    if as_json:
        import json

        output.line(json.dumps(report.to_dict(), indent=2, ensure_ascii=False))
        return
    eval_shown.show_head(report)
    eval_shown.show_results(report.results, report.ways)
