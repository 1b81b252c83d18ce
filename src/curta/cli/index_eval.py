"""`curta index eval` and `curta index tune`: how well an index finds what it should."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output

if TYPE_CHECKING:
    from curta.index.evaluation import Comparison, Evaluation, Questions
    from curta.index.measures import Interval
    from curta.index.tuning import Tuned

_PATH = click.Path(path_type=Path, dir_okay=False, exists=True)
_QUERIES = click.option("--queries", type=_PATH, metavar="FILE", help='Lines of {"id", "text"}.')
_QRELS = click.option("--qrels", type=_PATH, metavar="FILE", help='Lines of {"q", "d", "rel"}.')
_SYNTHETIC = click.option("--synthetic", is_flag=True, help="Make questions from headings, where there are none.")
_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.command("eval", help="Measure how well an index finds what it should: nDCG@10, recall@100, with intervals.")
@click.argument("name")
@_QUERIES
@_QRELS
@_SYNTHETIC
@click.option("--lexical", is_flag=True, help="By words alone.")
@click.option("--exact", is_flag=True, help="Compare all vectors.")
@click.option("--weight", type=click.FloatRange(0, 1), help="Of the vectors against the words.")
@click.option("--against", type=click.Choice(["lexical", "hybrid"]), help="Compare with this, question by question.")
@click.option("--per-query", is_flag=True, help="Show each question's figures.")
@_JSON
def evaluate(
    name: str,
    queries: Path | None,
    qrels: Path | None,
    synthetic: bool,
    lexical: bool,
    exact: bool,
    weight: float | None,
    against: str | None,
    per_query: bool,
    as_json: bool,
) -> None:
    from curta.api import finding

    evaluated, compared, judged = finding.evaluate(
        name, queries, qrels, synthetic=synthetic, lexical=lexical, exact=exact, weight=weight, against=against
    )
    if as_json:
        output.line(json.dumps(_described(evaluated, compared, judged, per_query), indent=2, ensure_ascii=False))
        return
    _show(evaluated, compared, judged)
    if per_query:
        for id, scores in evaluated.scores.items():
            output.line(f"  {id}  nDCG@10 {scores.ndcg:.3f}  recall@100 {scores.recall:.3f}  MRR {scores.mrr:.3f}")


@click.command(
    "tune",
    help="Choose what titles, headings and identifiers weigh, and vectors against words, on half of the questions; keep"
    " it when the other half says, with an interval, that it is better.",
)
@click.argument("name")
@_QUERIES
@_QRELS
@_SYNTHETIC
@_JSON
def tune(name: str, queries: Path | None, qrels: Path | None, synthetic: bool, as_json: bool) -> None:
    from curta.api import finding

    tuned, judged = finding.tune(name, queries, qrels, synthetic=synthetic)
    if as_json:
        output.line(json.dumps(_tuned(tuned, judged), indent=2))
        return
    for change in tuned.changes:
        output.line(f"{change.what}: {change.old:g} now, {change.new:g} is best on half of the questions")
    if not tuned.changes:
        output.line("Nothing is better on half of the questions: it stays as it is.")
        return
    output.line(f"nDCG@10 on the other {_many(tuned.questions, 'question')}: {_signed(tuned.gain)}")
    output.line("Kept." if tuned.kept else "No difference that holds: it stays as it is.")
    _warn(judged)


def _tuned(tuned: "Tuned", judged: "Questions") -> dict[str, Any]:
    changes = [each._asdict() for each in tuned.changes]
    gain = {"gain": tuned.gain._asdict(), "questions": tuned.questions, "synthetic": judged.synthetic}
    return {"changes": changes, **gain, "kept": tuned.kept}


def _show(evaluated: "Evaluation", compared: "Comparison | None", judged: "Questions") -> None:
    output.line((evaluated.recipe, "bold"), (f"  {_many(len(judged.questions), 'question')}", "faint"))
    _show_figures(evaluated)
    if compared:
        output.line((compared.against.recipe, "bold"))
        _show_figures(compared.against)
        output.line(("the difference, question by question", "bold"))
        output.line(f"  nDCG@10     {_signed(compared.ndcg)}  {_verdict(compared.ndcg)}")
        output.line(f"  recall@100  {_signed(compared.recall)}  {_verdict(compared.recall)}")
    _warn(judged)


def _warn(judged: "Questions") -> None:
    """Say what the figures do not tell."""
    if judged.synthetic:
        output.note("The questions are synthetic, made from headings: they favour a search by words.", force=True)
    if judged.unknown:
        output.note(f"{_many(judged.unknown, 'judged document')} not in the index: counted as not found.", force=True)
    if judged.unjudged:
        output.note(f"{_many(judged.unjudged, 'question')} without a judgement: not asked.")


def _show_figures(evaluated: "Evaluation") -> None:
    for name, figure in (("nDCG@10", evaluated.ndcg), ("recall@100", evaluated.recall), ("MRR@100", evaluated.mrr)):
        output.line(f"  {name:10}  {figure.mean:.4f}  ", (f"[{figure.low:.4f}, {figure.high:.4f}]", "faint"))


def _signed(figure: "Interval") -> str:
    return f"{figure.mean:+.4f} [{figure.low:+.4f}, {figure.high:+.4f}]"


def _verdict(figure: "Interval") -> str:
    if not figure.excludes_zero:
        return "no difference that holds"
    return "better" if figure.mean > 0 else "worse"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _described(
    evaluated: "Evaluation", compared: "Comparison | None", judged: "Questions", per_query: bool
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "recipe": evaluated.recipe,
        "queries": len(judged.questions),
        "ndcg@10": evaluated.ndcg._asdict(),
        "recall@100": evaluated.recall._asdict(),
        "mrr@100": evaluated.mrr._asdict(),
        "judged_not_in_index": judged.unknown,
        "synthetic": judged.synthetic,
    }
    if compared:
        told["against"] = {
            "recipe": compared.against.recipe,
            "ndcg@10": compared.ndcg._asdict(),
            "recall@100": compared.recall._asdict(),
        }
    if per_query:
        told["per_query"] = {id: scores._asdict() for id, scores in evaluated.scores.items()}
    return told
