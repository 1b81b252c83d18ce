"""`{contains: $answer}` made into a Scorer; what cannot be meant is refused by its name, before anything is asked."""

from collections.abc import Callable, Mapping
from typing import Any

from curta.errors import UsageError
from curta.evals.scorers import plugged, settings
from curta.evals.scorers.filling import fields, filled
from curta.evals.scorers.kinds import HOMES, Kind, built_in
from curta.evals.scorers.scorer import Rated, Sample, Score, Scorer, checked

NOT = "not-"


def scorer_of(described: Mapping[str, Any] | str) -> Scorer:
    """The scorer that a spec describes: `{contains: $answer}`, `{length: {max_words: 40}}`, or a name alone.

    `not-` before a name turns the score round. Raises UsageError for what is unknown or cannot be meant, with the
    nearest that can.
    """
    name, value = _only(described)
    kind, turned = _kind(name)
    told = settings.read(name, kind, value)
    named = frozenset(fields(told))
    always = None if named else _prepared(name, kind, filled(told, {}))

    def rate(sample: Sample) -> Rated:
        return kind.rate(sample, **(always or _prepared(name, kind, filled(told, sample.row))))

    rated = _turned(rate) if turned else rate
    return Scorer(name, kind.version, rated, told, named, kind.mark, kind.relative, kind.slow)


def _only(described: Mapping[str, Any] | str) -> tuple[str, Any]:
    if isinstance(described, str):
        return described, None
    if not isinstance(described, Mapping) or len(described) != 1:
        raise UsageError(
            f"A scorer is a name with its settings, not {described!r}.", then="For example: {contains: $answer}"
        )
    ((name, value),) = described.items()
    return str(name), value


def _kind(name: str) -> tuple[Kind, bool]:
    """The kind that `name` means, and whether its scores are turned round."""
    if found := _called(name):
        return found, False
    if name.startswith(NOT) and (found := _called(name.removeprefix(NOT))) and not found.relative:
        return found, True
    turned = NOT if name.startswith(NOT) else ""
    known = {turned + each for each in (*HOMES, *plugged.names())} - {name}
    raise settings.unknown("scorer", name, sorted(known))


def _called(name: str) -> Kind | None:
    return built_in(name) if name in HOMES else plugged.kind_of(name)


def _prepared(name: str, kind: Kind, told: Mapping[str, Any]) -> dict[str, Any]:
    return kind.prepare(settings.fitted(name, kind, told))


def _turned(rate: Callable[[Sample], Rated]) -> Callable[[Sample], Rated]:
    def turned(sample: Sample) -> Rated:
        score = checked(rate(sample))
        return score if score.value is None else Score(1 - score.value, score.detail)

    return turned
