"""The inputs on which two ways of asking differ most, with what each of them said."""

from collections.abc import Sequence
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from curta.errors import UnknownCall
from curta.evals.report import words
from curta.evals.report.study import Answer, Comparison, Study

if TYPE_CHECKING:
    from curta.store import Call, Log

LONGEST = 1_500
"""Characters that are shown of a text."""
PAIRS = 3
"""Pairs of answers that are shown of an input."""


class Excerpt(NamedTuple):
    """A text, as far as it is shown; left_out: characters that are not."""

    text: str
    left_out: int = 0


class Said(NamedTuple):
    """What was said to a way of asking. asked, text: None when the call is gone from the log, or there was none.

    documents: what was sent beside the words. value: its score, None when it could not be scored; score: that in words.
    """

    cell: str
    value: float | None
    score: str
    call: str | None
    asked: Excerpt | None
    documents: tuple[tuple[str, Excerpt], ...]
    text: Excerpt | None


class Item(NamedTuple):
    """A unit on which the arms differ. pairs: answers of base and variant; more: pairs that are not shown."""

    unit: str
    difference: float
    pairs: list[tuple[Said | None, Said | None]]
    more: int


def disagreements(study: Study, comparison: Comparison, most: int) -> list[Item]:
    """The units with the largest differences, the variant's worst before its best where they are equally large."""
    ranked = sorted(
        ((block, value) for block, value in comparison.differences if value),
        key=lambda each: (-abs(each[1]), each[1], each[0]),
    )
    return [_item(study, comparison, study.blocks[block], value) for block, value in ranked[:most]]


def failures(study: Study) -> list[tuple[str, str, str, int]]:
    """Why answers could not be scored: the way of asking, the scorer, the reason, and how often; most often first."""
    names = study.scorers
    told = sorted(
        (study.cells[each.cell].name, name, failure)
        for each in study.answers
        for name, value, failure in zip(names, each.values, each.failures, strict=True)
        if value is None
    )
    counted = [(*reason, len(list(same))) for reason, same in groupby(told)]
    return sorted(counted, key=lambda each: -each[3])


def _item(study: Study, comparison: Comparison, block: Sequence[Answer], value: float) -> Item:
    scorer = comparison.scorer
    base, variant = (_in_order(block, cells) for cells in (comparison.contrast.minus, comparison.contrast.plus))
    both: list[tuple[Answer | None, Answer | None]] = list(zip_longest(base, variant))
    pairs = sorted(both, key=lambda pair: -_apart(pair, scorer))
    shown = [(_said(study, old, scorer), _said(study, new, scorer)) for old, new in pairs[:PAIRS]]
    return Item(block[0].unit, value, shown, len(pairs) - len(shown))


def _in_order(block: Sequence[Answer], cells: Sequence[int]) -> list[Answer]:
    """The answers of one side, so that those which differ in nothing else are at the same place on both."""
    there = [each for each in block if each.cell in cells]
    return sorted(there, key=lambda each: (each.input or 0, cells.index(each.cell), each.repeat or 0, each.number))


def _apart(pair: tuple[Answer | None, Answer | None], scorer: int) -> float:
    base, variant = ((each.values[scorer] if each else None) or 0.0 for each in pair)
    return abs(variant - base)


def _said(study: Study, answer: Answer | None, scorer: int) -> Said | None:
    if answer is None:
        return None
    cell, value = study.cells[answer.cell].name, answer.values[scorer]
    failed = f"not scored: {answer.failures[scorer]}"
    score = failed if value is None else words.of_score(study.spec.score[scorer], value)
    call = _call(study.log, answer.call)
    if call is None:
        return Said(cell, value, score, answer.call, None, (), None)
    documents = tuple((each.title or each.uri, excerpt(each.text)) for each in call.documents)
    return Said(cell, value, score, answer.call, excerpt(call.prompt), documents, excerpt(call.response))


def _call(log: "Log", id: str | None) -> "Call | None":
    try:
        return None if id is None else log.call(id)
    except UnknownCall:
        return None  # removed since the scores were read


def excerpt(text: str) -> Excerpt:
    """The beginning of a text."""
    return Excerpt(text) if len(text) <= LONGEST else Excerpt(text[:LONGEST], len(text) - LONGEST)
