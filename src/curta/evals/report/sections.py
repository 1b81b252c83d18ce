"""What a page says, a section after the other."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from curta.evals.factors import WORDING
from curta.evals.report import figures, plan, words
from curta.evals.report.arms import Arm, arms
from curta.evals.report.cards import card
from curta.evals.report.items import disagreements, failures
from curta.evals.report.markup import Child, Markup, join, tag
from curta.evals.report.plots.drawing import KINDS
from curta.evals.report.spec_file import as_yaml
from curta.evals.report.study import Comparison, Study
from curta.evals.reporting import Result
from curta.evals.scorers import Scorer
from curta.text.money import dollars

if TYPE_CHECKING:
    from curta.store.experiments import CallRecord

_FEWEST = 3
"""Disagreements of each contrast, however many contrasts share those of the page."""
_REASONS = 50


class Section(NamedTuple):
    """A part of a page, under its title."""

    title: str
    body: Markup


def head(study: Study) -> Markup:
    """What it is, of when, with which models, and how much of it there is."""
    report = study.report
    pieces = [
        f"{report.started.day} {report.started:%B %Y, %H:%M} UTC",
        ", ".join(report.models),
        f"{report.units:,} of {report.of:,} inputs",
        f"{len(study.answers):,} answers",
    ]
    return join(
        tag("div", "Experiment", class_="faint small"),
        tag("h1", report.name or "Without a name"),
        tag("div", " · ".join(pieces), class_="faint small"),
    )


def verdicts(study: Study) -> Markup:
    """A sentence for each contrast, with what has to be said beside it."""
    several = len(study.spec.score) > 1
    lines = [_verdict(each.result, study.scorers[each.scorer] if several else "") for each in study.comparisons]
    missed = [_missed(each.said) for each in study.report.checks if not each.met]
    if not (lines or missed):
        return tag("p", "Nothing is compared here: there is one way of asking.")
    return tag("ul", *lines, *missed, class_="verdicts")


def warnings(study: Study) -> Section | None:
    """What a careful reader should know."""
    said = [tag("li", each) for each in _warnings(study)]
    return _section("To keep in mind", tag("ul", *said, class_="warnings")) if said else None


def differences(study: Study) -> Section | None:
    """Where each difference lies, a picture for each scorer."""
    if not study.comparisons:
        return None
    pieces = list[Child]()
    for scorer, name in enumerate(study.scorers):
        pieces += [_named(study, name), figures.of_intervals(study, scorer, _of(study, scorer))]
    return _section("How large the differences are", *pieces)


def ways(study: Study) -> Section:
    """How each way of asking did."""
    found = arms(study)
    by_scorer = [[each for each in found if each.scorer == scorer] for scorer in range(len(study.scorers))]
    tables = [join(_named(study, study.scorers[each[0].scorer]), _table_of_arms(study, each)) for each in by_scorer]
    return _section("How each way of asking did", *tables)


def evidence(study: Study) -> Section | None:
    """How what is known grew with the inputs."""
    drawn = [(name, figures.of_evidence(study, _of(study, scorer))) for scorer, name in enumerate(study.scorers)]
    if not any(panels for _, panels in drawn):
        return None
    return _section(
        "How the evidence grew",
        tag(
            "p",
            "The odds against “no difference”, and those for a difference within the margin, after each input in the",
            f" order that was drawn beforehand: at {1 / study.spec.alpha:g} to 1 it is known. Beside them the mean",
            " difference and its interval. All of it holds however often one looks, and whenever one stops.",
            class_="small faint",
        ),
        *(join(_named(study, name), panels) for name, panels in drawn if panels),
    )


def asked(study: Study) -> Section:
    return _section("What was asked", plan.shown(study))


def items(study: Study, most: int) -> Section | None:
    """The inputs on which the arms differ most, with the texts. most: in all, shared by the contrasts."""
    if not study.comparisons:
        return None
    each_most = max(most // len(study.comparisons), _FEWEST)
    lists = [(each, disagreements(study, each, each_most)) for each in study.comparisons]
    return _section(
        "Where the answers differ",
        tag(
            "p",
            "For each contrast the inputs with the largest differences, the worst first, the base on the left. Where",
            " two answers are alike, words that differ are underlined.",
            class_="small faint",
        ),
        _FILTER if any(found for _, found in lists) else None,
        *(
            _contrast(study, each, [card(item, relative=each.result.relative) for item in found])
            for each, found in lists
        ),
    )


def failed(study: Study) -> Section | None:
    """Why answers could not be scored."""
    found = failures(study)
    if not found:
        return None
    rows = [[cell, scorer, tag("span", f"{count:,}"), reason] for cell, scorer, reason, count in found[:_REASONS]]
    left = len(found) - _REASONS
    return _section(
        "What could not be scored",
        _table(["Way of asking", "Scorer", "Answers", "Why"], rows, numbers={2}),
        tag("p", f"{left:,} more reasons are not shown.", class_="small faint") if left > 0 else None,
    )


def costs(study: Study) -> Section:
    """What it took, by model."""
    by_model: dict[str, list[CallRecord]] = {}
    for each in study.calls.values():
        by_model.setdefault(each.model, []).append(each)
    rows = [_spent(model, calls) for model, calls in sorted(by_model.items())]
    heads = ["Model", "Calls", "Tokens in", "Tokens out", "Median time", "Cost"]
    return _section("What it took", _table(heads, rows, numbers={1, 2, 3, 4, 5}))


def again(study: Study) -> Section:
    """How it is looked at again, and done again."""
    report = f"curta eval report {study.report.id}"
    looking = tag("p", "From the log, without asking anything:"), tag("pre", f"{report}\n{report} --csv > answers.csv")
    doing = (
        tag("p", "The experiment itself, with the inputs it had:"),
        tag("pre", "curta eval spec.yml"),
        tag("details", tag("summary", "spec.yml, without its inputs"), tag("pre", as_yaml(study.spec))),
    )
    return _section("To do it again", *looking, *(() if study.foreign else doing))


def _verdict(result: Result, scorer: str) -> Markup:
    kind = KINDS[result.outcome]
    name = f"{result.contrast}, {scorer}" if scorer else result.contrast
    said, _, grounds = result.sentence("").removeprefix(": ").partition(" (")
    said_too = [f"{each[0].upper()}{each[1:]}." for each in filter(None, [*result.notes, result.hidden])]
    notes = [tag("div", each, class_="note") for each in filter(None, [*said_too, result.within])]
    return tag(
        "li",
        figures.of_outcome(result.outcome, kind),
        tag("div", tag("b", name), ": ", tag("strong", said, class_=kind), tag("span", f" ({grounds}", class_="faint")),
        *notes,
    )


def _missed(expected: str) -> Markup:
    """An expectation of the spec that is not met."""
    return tag(
        "li",
        figures.of_outcome("worse", "worse"),
        tag("div", tag("strong", "not met", class_="worse"), f": {expected}"),
    )


def _warnings(study: Study) -> Iterator[str]:
    yield from (f"Not planned: {each}." for each in study.report.chosen_late)
    if study.comparisons and not study.foreign and all(each.name != WORDING for each in study.spec.factors):
        yield "One wording was asked: what is found of it may not hold of another."
    if study.report.units < 10:
        yield f"{study.report.units} independent inputs are few: 10 that all differ in one direction are needed."
    own = {each.mark for each in study.spec.score if each.mark} & {each.result.mark for each in study.comparisons}
    yield from (f"A score has the mark “{each}”: nobody has compared it with people's labels." for each in sorted(own))
    failed = sum(None in each.values for each in study.answers)
    if failed:
        how = "count as 0" if study.spec.errors == "zero" else "leave their input out of all arms"
        yield f"{failed:,} of {len(study.answers):,} answers could not be scored and {how}."
    if study.beyond:
        yield f"An answer was taken out of the log. {study.beyond:,} answers that came after it do not count here."


def _section(title: str, *pieces: Child) -> Section:
    return Section(title, join(*pieces))


def _of(study: Study, scorer: int) -> list[Comparison]:
    """The contrasts by a scorer."""
    return [each for each in study.comparisons if each.scorer == scorer]


def _named(study: Study, scorer: str) -> Markup | None:
    """A heading for a scorer, where there are several."""
    return tag("h3", scorer) if len(study.scorers) > 1 else None


def _table_of_arms(study: Study, found: Sequence[Arm]) -> Markup:
    scorer = study.spec.score[found[0].scorer]
    repeated = study.spec.repeat > 1
    heads = ["Way of asking", "Answers", "Mean", "", *(["Repeats differ", "All right"] if repeated else [])]
    rows = [_row_of_arm(scorer, each, repeated=repeated) for each in found]
    return _table(heads, rows, numbers={1, 2, 4, 5})


def _row_of_arm(scorer: Scorer, arm: Arm, *, repeated: bool) -> list[Child]:
    way = arm.way
    answers = f"{way.answers:,}" + (f", {way.failed:,} failed" if way.failed else "")
    picture = None if scorer.relative else figures.of_arm(arm)
    shares = [way.flicker, way.all_pass] if repeated else []
    return [
        way.cell,
        answers,
        words.of_mean(scorer, way.mean, arm.interval),
        picture,
        *("" if each is None else f"{each:.0%}" for each in shares),
    ]


def _contrast(study: Study, comparison: Comparison, cards: Sequence[Markup]) -> Markup:
    name = ", ".join(
        [comparison.contrast.name, *([study.scorers[comparison.scorer]] if len(study.scorers) > 1 else [])]
    )
    differing = sum(value != 0 for _, value in comparison.differences)
    count = f"{differing:,} of {len(comparison.differences):,} inputs differ"
    shown = f"; these are {len(cards):,}" if len(cards) < differing else ""
    return tag("section", tag("h3", name), tag("p", f"{count}{shown}.", class_="small faint"), *cards)


def _spent(model: str, calls: "Sequence[CallRecord]") -> list[Child]:
    times = [each.duration_ms for each in calls if each.duration_ms is not None]
    prices = [each.cost for each in calls if each.cost is not None]
    unknown = len(calls) - len(prices)
    cost = dollars(sum(prices)) if prices else "unknown"
    return [
        model,
        f"{len(calls):,}",
        _sum(each.input_tokens for each in calls),
        _sum(each.output_tokens for each in calls),
        f"{median(times) / 1000:.2g} s" if times else "",
        cost + (f", {unknown:,} calls of unknown cost" if prices and unknown else ""),
    ]


def _sum(numbers: Iterable[int | None]) -> str:
    known = [each for each in numbers if each is not None]
    return f"{sum(known):,}" if known else "unknown"


def _table(heads: Sequence[str], rows: Sequence[Sequence[Child]], *, numbers: set[int]) -> Markup:
    def kind(place: int) -> str | None:
        return "number" if place in numbers else None

    body = (tag("tr", *(tag("td", each, class_=kind(place)) for place, each in enumerate(row))) for row in rows)
    top = (tag("th", each, class_=kind(place), scope="col") for place, each in enumerate(heads))
    return tag("div", tag("table", tag("thead", tag("tr", *top)), tag("tbody", *body)), class_="scroll", tabindex=0)


_FILTER = tag(
    "form",
    tag("label", "With these words", tag("input", type="search", name="words")),
    tag(
        "label",
        "Which",
        tag(
            "select",
            tag("option", "all", value=""),
            tag("option", "variant worse, or shorter", value="variant-lower"),
            tag("option", "variant better, or longer", value="variant-higher"),
            tag("option", "with answers that failed", value="failed"),
            name="kind",
        ),
    ),
    tag("output", ""),
    class_="filter",
    hidden=True,
)
