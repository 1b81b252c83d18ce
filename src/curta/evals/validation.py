"""What people's labels say of scores: how far a scorer agrees with them, and what they make of its verdicts.

A judge that is right five times of six makes a difference look smaller than it is, or sees one that is none. With
labels for some units, prediction-powered inference gives the difference that people would see, with an interval that
holds whatever the judge is worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from curta.evals.labelling import question_of
from curta.evals.reporting import Report
from curta.evals.scorers.judge import JUDGE, TIE, UNVALIDATED
from curta.statistics.intervals import Estimate
from curta.statistics.judges import Agreement, agreement, prediction_powered

if TYPE_CHECKING:
    from curta.evals.report.study import Answer, Comparison, Study
    from curta.store import Log

Labels = Mapping[str, float | None]
_FEWEST = 5
"""Labelled units, below which their own variance says too little."""


class Validated(NamedTuple):
    """A scorer beside people's labels. agreement: None without any. corrected: by contrast, the difference that people
    would see; of those of which enough units are labelled. steady: of a judge, the share of answers of which it said
    the same in both orders; None for others."""

    agreement: Agreement | None
    corrected: Mapping[str, Estimate]
    steady: float | None = None

    def mark(self, contrast: str, without: str) -> str:
        """What is said beside a verdict; without: what is where there are no labels."""
        steady = "" if self.steady is None else f"; the same in both orders {100 * self.steady:.0f} times of 100"
        return self._by_labels(contrast, without) + steady

    def _by_labels(self, contrast: str, without: str) -> str:
        if self.agreement is None:
            return without
        share, (low, high), kappa, n = self.agreement
        chance = "" if kappa is None else f", kappa {kappa:.2f}"
        said = f"agrees with {100 * share:.0f} % of {n} labels ({100 * low:.0f} to {100 * high:.0f} %{chance})"
        if contrast not in self.corrected:
            return f"{said}; too few units are labelled to correct it"
        mean, below, above, *_ = self.corrected[contrast]
        return f"{said}; corrected: {100 * mean:+.1f} points, CI [{100 * below:+.1f}, {100 * above:+.1f}]"


def marked(report: Report, log: "Log") -> Report:
    """A report whose marks say what labels there are, and how steady a judge is."""
    labelled = log.labels().has(report.id)
    if not labelled and not any(each.mark == UNVALIDATED for each in report.results):
        return report
    study, results = report.study, list(report.results)
    places = range(len(study.spec.score)) if labelled else _judges(study)
    known = {scorer: validated(study, scorer) for scorer in places}
    for place, each in enumerate(study.comparisons):
        if each.scorer in known:
            mark = known[each.scorer].mark(each.contrast.name, results[place].mark)
            results[place] = results[place]._replace(mark=mark)
    return replace(report, results=tuple(results))


def _judges(study: "Study") -> list[int]:
    return [place for place, each in enumerate(study.spec.score) if each.name == JUDGE]


def validated(study: "Study", scorer: int) -> Validated:
    """How the scorer at this place does by the labels that the log has of the experiment's answers."""
    about = question_of(study.spec.score[scorer])
    labels = study.log.labels().of(about, study.report.id)
    pairs = [
        (_side(value), _side(label))
        for each in study.answers
        if (value := each.values[scorer]) is not None and (label := labels.get(each.call or "")) is not None
    ]
    values = [value for each in study.answers if (value := each.values[scorer]) is not None]
    steady = fmean(value != TIE for value in values) if values and scorer in _judges(study) else None
    if not pairs:
        return Validated(None, {}, steady)
    of_scorer = [each for each in study.comparisons if each.scorer == scorer and not each.result.relative]
    corrected = {each.contrast.name: _corrected(study, each, labels) for each in of_scorer}
    return Validated(agreement(pairs), {name: each for name, each in corrected.items() if each is not None}, steady)


def _side(value: float) -> str:
    return "good" if value > 0.5 else "bad" if value < 0.5 else "neither"


def _corrected(study: "Study", comparison: "Comparison", labels: Labels) -> Estimate | None:
    """The difference of a contrast as people would see it."""
    by_block: dict[int, list[Answer]] = {}
    for each in study.answers:
        by_block.setdefault(each.block, []).append(each)
    judged, labelled = list[float](), list[tuple[float, float]]()
    for block, difference in comparison.differences:
        seen = _seen(by_block[block], comparison.contrast.plus, comparison.contrast.minus, labels)
        if seen is None:
            judged.append(difference)
        else:
            labelled.append((difference, seen))
    return prediction_powered(judged, labelled, study.spec.alpha) if len(labelled) >= _FEWEST else None


def _seen(answers: "Sequence[Answer]", plus: Sequence[int], minus: Sequence[int], labels: Labels) -> float | None:
    """The difference of a unit by its labels; None unless each way of asking has one."""
    means = dict[int, float]()
    for cell in (*plus, *minus):
        said = [label for each in answers if each.cell == cell and (label := labels.get(each.call or "")) is not None]
        if not said:
            return None
        means[cell] = fmean(said)
    return fmean(means[cell] for cell in plus) - fmean(means[cell] for cell in minus)
