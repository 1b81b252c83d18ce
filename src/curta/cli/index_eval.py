"""`curta index eval` and `curta index tune`: how well an index finds what it should."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output

if TYPE_CHECKING:
    from curta.index.evaluation import Comparison, Evaluation, Questions
    from curta.index.measures import Interval

_PATH = click.Path(path_type=Path, dir_okay=False, exists=True)
_QUERIES = click.option("--queries", required=True, type=_PATH, metavar="FILE", help='Lines of {"id", "text"}.')
_QRELS = click.option("--qrels", required=True, type=_PATH, metavar="FILE", help='Lines of {"q", "d", "rel"}.')
_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.command("eval", help="Measure how well an index finds what it should: nDCG@10, recall@100, with intervals.")
@click.argument("name")
@_QUERIES
@_QRELS
@click.option("--lexical", is_flag=True, help="By words alone.")
@click.option("--exact", is_flag=True, help="Compare all vectors.")
@click.option("--weight", type=click.FloatRange(0, 1), help="Of the vectors against the words.")
@click.option("--against", type=click.Choice(["lexical", "hybrid"]), help="Compare with this, question by question.")
@click.option("--per-query", is_flag=True, help="Show each question's figures.")
@_JSON
def evaluate(
    name: str,
    queries: Path,
    qrels: Path,
    lexical: bool,
    exact: bool,
    weight: float | None,
    against: str | None,
    per_query: bool,
    as_json: bool,
) -> None:
    from curta import api

    evaluated, compared, judged = api.evaluate(
        name, queries, qrels, lexical=lexical, exact=exact, weight=weight, against=against
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
    help="Choose the weight of vectors against words on half of the questions; keep it when the other half says, with"
    " an interval, that it is better.",
)
@click.argument("name")
@_QUERIES
@_QRELS
@_JSON
def tune(name: str, queries: Path, qrels: Path, as_json: bool) -> None:
    from curta import api

    tuned = api.tune(name, queries, qrels)
    if as_json:
        output.line(json.dumps({**tuned._asdict(), "gain": tuned.gain._asdict()}, indent=2))
        return
    output.line(f"weight of the vectors: {tuned.old:g} now, {tuned.chosen:g} is best on half of the questions")
    output.line(f"nDCG@10 on the other {_many(tuned.questions, 'question')}: {_signed(tuned.gain)}")
    output.line(f"Kept: {tuned.chosen:g}." if tuned.kept else f"No difference that holds: it stays {tuned.old:g}.")


def _show(evaluated: "Evaluation", compared: "Comparison | None", judged: "Questions") -> None:
    output.line((evaluated.recipe, "bold"), (f"  {_many(len(judged.questions), 'question')}", "faint"))
    _show_figures(evaluated)
    if compared:
        output.line((compared.against.recipe, "bold"))
        _show_figures(compared.against)
        output.line(("the difference, question by question", "bold"))
        output.line(f"  nDCG@10     {_signed(compared.ndcg)}  {_verdict(compared.ndcg)}")
        output.line(f"  recall@100  {_signed(compared.recall)}  {_verdict(compared.recall)}")
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
