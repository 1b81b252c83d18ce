"""`curta eval suite`: how small can a model be, and still be useful? Families of tasks for several models."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.cli.ctrl_c import hear_at_once, interruptible
from curta.errors import CurtaError, UsageError

if TYPE_CHECKING:
    from curta.batch.estimate import Estimate
    from curta.cli.map_shown import Shown
    from curta.evals.suites.known import Known
    from curta.evals.suites.running import SuiteRun

_HELP = """How small can a model be, and still be useful? Tasks for models, family by family.

\b
  curta eval suite words -m extractive -m small -m large
  curta eval suite words -m small --families answer,refuse -n 50
  curta eval suite my.yml -m small --markdown
  curta eval suite words --list

SUITE is `words`, which comes along, or a YAML file of your own (docs/suite.md). Its tasks are made afresh from --seed,
and scored by programs. For each family it says how good each model is and which is the smallest within 5 points of the
best; a family ends as soon as that is known. Families are never averaged into one number.

Typed again, the same command goes on where it stopped, and pays for nothing twice.

Exit codes: 0 finished, 3 a check of the scorers failed (--check), 5 somebody has to agree to the cost, 130
interrupted."""

_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


@click.command("suite", help=_HELP)
@click.argument("suite", default="words", metavar="[SUITE]")
@click.option("-m", "--model", "models", multiple=True, metavar="NAME", help="A model to ask; several: compare.")
@click.option("--families", metavar="NAME,...", default="", help="Only these families.")
@click.option(
    "-n",
    "--count",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    metavar="N",
    help="Instances of a family, at most.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, metavar="N", help="Of the instances and their order.")
@click.option(
    "--within",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    metavar="X",
    help="How far below the best is near enough.",
)
@click.option("--size", "sizes", multiple=True, metavar="NAME=SIZE", help="How large a model is: small=85MB.")
@click.option("--list", "listed", is_flag=True, help="List the families. Asks nothing.")
@click.option("--check", "checked", is_flag=True, help="Score reference answers and wrong ones. Asks nothing.")
@click.option("--estimate", is_flag=True, help="Show what it takes and costs at most. Asks nothing.")
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=8, show_default=True, metavar="N", help="Requests at once."
)
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="USD", help="Stop before it could cost more.")
@click.option("--yes", is_flag=True, help="Agree to what it could cost.")
@click.option("--retry-failed", is_flag=True, help="Ask again where an answer failed.")
@click.option("--again", is_flag=True, help="Ask everything afresh.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--markdown", is_flag=True, help="As a table in Markdown.")
@click.option("--html", type=_FILE, metavar="FILE", help="Write a web page of one file; - is stdout.")
@click.option("-d", "--database", metavar="FILE", type=click.Path(path_type=Path), help="The log to use.")
@click.option("--key", metavar="NAME", help="The saved key to use, by name.")
def suite(**given: Any) -> int:
    if sum((given["as_json"], given["markdown"], str(given["html"]) == "-")) > 1:
        raise UsageError("Only one of them can be written to stdout.", why="--json, --markdown and --html - are.")
    if given["listed"]:
        return _list(given)
    if given["checked"]:
        return _check(given)
    from curta.cli.map_shown import Shown

    shown = Shown()
    run = _begun(given, shown)
    try:
        cost = run.estimate(exact=given["estimate"])
        _show_plan(run, cost, as_result=given["estimate"])
        if given["estimate"]:
            return 0
        return _followed(run, shown, given) if _agreed(run, cost, given) else 1
    finally:
        run.close()


def _list(given: dict[str, Any]) -> int:
    from curta.evals.suites.reading import find

    found = find(given["suite"])
    if given["as_json"]:
        told = [{"name": each.name, "measures": each.measures, "floor": each.floor} for each in found.families]
        output.line(json.dumps({"name": found.name, "about": found.about, "families": told}, indent=2))
        return 0
    width = max(len(each.name) for each in found.families)
    for each in found.families:
        output.line(f"{each.name:<{width}}  {each.measures}".rstrip())
    return 0


def _check(given: dict[str, Any]) -> int:
    from curta.api import suites

    found = suites.check_suite(given["suite"], families=_names(given["families"]), seed=given["seed"])
    if given["as_json"]:
        output.line(json.dumps([{**each._asdict(), "ok": each.ok} for each in found], indent=2, ensure_ascii=False))
        return 0 if all(each.ok for each in found) else 3
    width = max(6, *(len(each.family) for each in found))
    output.line(f"{'':<{width}}  references  of others  empty  question  guess")
    for each in found:
        values = (each.references, each.others, each.empty, each.echo, each.floor)
        told = "".join(f"{100 * value:>{space}.0f}" for value, space in zip(values, (12, 11, 7, 10, 7), strict=True))
        output.line(f"{each.family:<{width}}{told}  ", ("ok", "good") if each.ok else ("not to be believed", "bad"))
        if each.why:
            output.line(f"  a reference has not full marks: {each.why}")
    return 0 if all(each.ok for each in found) else 3


def _begun(given: dict[str, Any], shown: "Shown") -> "SuiteRun":
    from curta.api import suites
    from curta.cli import prompt_read as read
    from curta.evals.suites.sizes import stated

    read.warn_about_key(given["key"])
    hear_at_once()
    log = read.log({**given, "force_log": False, "no_log": False})
    if not log:
        output.note("Logging is off (`curta logs on`): nothing of this can be read again, or gone on with.")
    return suites.suite(
        given["models"],
        given["suite"],
        families=_names(given["families"]),
        margin=given["within"],
        sizes=stated(given["sizes"]),
        concurrency=given["jobs"],
        log=log or False,
        on_retry=shown.say_retry,
        **{name: given[name] for name in ("count", "seed", "max_cost", "again", "retry_failed", "key")},
    )


def _names(told: str) -> list[str]:
    return [each.strip() for each in told.split(",") if each.strip()]


def _show_plan(run: "SuiteRun", cost: "Estimate", *, as_result: bool) -> None:
    """What will be asked, and what it costs at most: the result, or told beside it."""
    from curta.cli.map_shown import plural
    from curta.text.money import dollars

    say = output.line if as_result else output.note
    families, models = len(run.parts), len(run.models)
    reused = f", {cost.reused:,} of them answered earlier or equal to another" if cost.reused else ""
    told = f"{families} {plural('family', families)}, {models} {plural('model', models)}".replace("familys", "families")
    say(f"{told}: at most {cost.rows:,} calls{reused}.")
    price = "price unknown" if cost.cost is None else f"about {dollars(cost.cost)} for what is sent"
    most = "" if cost.most_cost is None else f", at most {dollars(cost.most_cost)} in all"
    say(f"About {cost.input:,} tokens in, {price}{most}.")
    if models > 1 and not run.axis.name:
        say("How large they are is not known of all: the first is taken for the smallest. --size NAME=85MB says it.")


def _agreed(run: "SuiteRun", cost: "Estimate", given: dict[str, Any]) -> bool:
    from curta.cli.eval_plan import confirmed
    from curta.evals import spending

    models = [model for part in run.parts for model in part.experiment.models]
    return confirmed(spending.to_agree(cost, models), yes=given["yes"] or given["max_cost"] is not None)


def _followed(run: "SuiteRun", shown: "Shown", given: dict[str, Any]) -> int:
    """Go through it, and say what is known. The exit code."""
    problem: CurtaError | None = None
    with interruptible(run, shown.say_stopping) as interrupted:
        try:
            for part in run:
                shown.tell(lambda: _where(run, part.family.name, part.experiment.comparing.taken))  # noqa: B023
        except CurtaError as error:
            problem = error
    shown.clear()
    known = run.known()
    if not problem or any(each.marks for each in known.families):
        _show(known, given)
    _show_end(run)
    if problem:
        raise problem
    return 130 if interrupted else 0


def _where(run: "SuiteRun", family: str, taken: int) -> str:
    """`answer, 3 of 10 · 40 instances · $0.01`."""
    from curta.cli.map_shown import plural
    from curta.text.money import dollars

    place = next(place for place, part in enumerate(run.parts, 1) if part.family.name == family)
    pieces = [f"{family}, {place} of {len(run.parts)}", f"{taken:,} {plural('instance', taken)}"]
    now = run.progress
    return " · ".join(pieces + ([dollars(now.cost)] if now.cost else []))


def _show(known: "Known", given: dict[str, Any]) -> None:
    from curta.evals.suites import page, table

    if given["html"]:
        from curta.cli.eval_report import write

        write(given["html"], page.to_html(known))
    if given["as_json"]:
        output.line(json.dumps(known.to_dict(), indent=2, ensure_ascii=False))
    elif given["markdown"]:
        output.write(table.markdown(known))
    elif str(given["html"]) != "-":
        for each in known.families:
            output.line((table.sentence(each, known), "bold"))
            for line in table.lines(each, known):
                output.line(line)


def _show_end(run: "SuiteRun") -> None:
    """Why families ended early, what it cost."""
    from curta.cli.map_shown import cost, plural

    left = [part.family.name for part in run.parts if part.experiment.ended == "max_cost"]
    if left:
        output.note(f"Too expensive to go on: {', '.join(left)}. With more, the same command goes on.", force=True)
    if run.stopped:
        output.note("Stopped. The same command goes on from there.", force=True)
    now = run.progress
    output.note(f"{now.asked:,} {plural('call', now.asked)}, {cost(now)}." if now.asked else "Nothing was asked.")
