"""Whether an answer chose the right label, and whether it chose one of the labels at all."""

import re
from collections.abc import Mapping
from typing import Any

from curta.errors import UsageError
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample
from curta.sources.records import as_words
from curta.text.normalise import normalise


def choice(sample: Sample, label: str, of: list[str]) -> Rated:
    """Whether the answer is `label`, and no other one `of` the labels.

    It has chosen when it is a label, or holds exactly one. `outside` in the detail says that it has not: the share of
    those is a finding of its own.
    """
    chosen = chosen_label(sample.output, [as_words(each) for each in of])
    return float(chosen is not None and _folded(chosen) == _folded(label)), {
        "label": chosen,
        "outside": chosen is None,
    }


def chosen(sample: Sample, of: list[str]) -> Rated:
    """Whether the answer chose one of the labels at all, right or wrong."""
    label = chosen_label(sample.output, [as_words(each) for each in of])
    return float(label is not None), {"label": label}


def chosen_label(output: str, labels: list[str]) -> str | None:
    """The one label that `output` is or holds. A longer one hides those inside of it: `not spam` is no `spam`."""
    whole = [each for each in labels if _folded(each) == _folded(output)]
    if whole:
        return whole[0]
    found, left = [], output
    for label in sorted(labels, key=len, reverse=True):
        pattern = _pattern(label)
        if pattern.search(left):
            found.append(label)
            left = pattern.sub("\n", left)
    return found[0] if len(found) == 1 else None


def _pattern(label: str) -> re.Pattern[str]:
    """The label as a word of its own; a single letter in its case, since `a` is an article and `A` an answer."""
    return re.compile(rf"(?<!\w){re.escape(label)}(?!\w)", 0 if len(label) == 1 else re.IGNORECASE)


def _folded(text: str) -> str:
    return normalise(text).text.strip(" .!\"'()[]*:;,")


def _prepare(settings: dict[str, Any]) -> dict[str, Any]:
    labels = [_folded(as_words(each)) for each in settings["of"]]
    if len(set(labels)) < max(2, len(labels)):
        raise UsageError(
            "'of' takes two different labels at least.", then="For example: {label: $label, of: [yes, no]}"
        )
    if _folded(settings["label"]) not in labels:
        raise UsageError(f"{settings['label']!r} is none of the labels: {', '.join(labels)}.")
    return settings


KINDS: Mapping[str, Kind] = {"choice": Kind(choice, prepare=_prepare), "chosen": Kind(chosen)}
