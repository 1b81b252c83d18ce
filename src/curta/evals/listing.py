"""The experiments of a log, each in short.

What is known of one is computed from its scores, and kept beside them until one of them changes (`store.experiments`).
So a list of many is read and not computed, and never says what does not hold any more.
"""

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from curta import __version__
from curta.errors import CurtaError, LogError
from curta.store.experiments import KnownRecord

if TYPE_CHECKING:
    from curta.evals.reporting import Report
    from curta.store import Log


class Known(NamedTuple):
    """What is known of a contrast by a scorer. sentence: the verdict with its interval."""

    contrast: str
    scorer: str
    outcome: str
    sentence: str


class Summary(NamedTuple):
    """An experiment in short. units: how many were compared, of how many there are; problem: why nothing is known."""

    id: str
    name: str
    started: datetime
    models: tuple[str, ...]
    units: int
    of: int
    results: tuple[Known, ...]
    problem: str = ""

    def to_dict(self) -> dict[str, Any]:
        started = self.started.isoformat(timespec="milliseconds")
        told = self._asdict() | {"datetime_utc": started, "models": list(self.models)}
        del told["started"]
        return told | {"results": [each._asdict() for each in self.results]}


def summaries(log: "Log") -> list[Summary]:
    """All experiments, newest first."""
    return [_read(each) or _computed(log, each) for each in log.experiments().known()]


def _read(kept: KnownRecord) -> Summary | None:
    """What was kept; None when there is nothing, or another version of Curta made it."""
    if kept.told is None or kept.told["curta"] != __version__:
        return None
    told = {name: each for name, each in kept.told.items() if name != "curta"}
    started, results = datetime.fromisoformat(told.pop("datetime_utc")), told["results"]
    known = {"models": tuple(told["models"]), "results": tuple(Known(**each) for each in results)}
    return Summary(**told | known, started=started)


def _computed(log: "Log", kept: KnownRecord) -> Summary:
    """What its scores say, which is kept from now on."""
    from curta.evals.reporting import brief

    try:
        found = _of(brief(log, kept.id))
    except LogError:
        raise
    except CurtaError as error:  # a scorer of a plugin that is not there any more
        record = log.experiments().one(kept.id)
        models = tuple(record.plan["models"])
        return Summary(record.id, record.name, record.started, models, 0, len(record.plan["sizes"]), (), error.what)
    with suppress(LogError):  # a log that can only be read
        log.experiments().keep_known(kept._replace(told={**found.to_dict(), "curta": __version__}))
    return found


def _of(report: "Report") -> Summary:
    results = tuple(
        Known(each.contrast, each.scorer, each.outcome, each.sentence(each.contrast)) for each in report.results
    )
    return Summary(report.id, report.name, report.started, report.models, report.units, report.of, results)
