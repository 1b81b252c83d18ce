"""The nouns of scoring: what is scored, the score, and the scorer."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from curta.errors import CurtaError
from curta.messages import JSON, Document, Request, ToolCall
from curta.models.model import Model
from curta.plugins.loading import described

Ask: TypeAlias = Callable[[Model, Request], str]
"""Asks a model, and waits for all it says. Raises what went wrong."""


def ask_at_once(model: Model, request: Request) -> str:
    """Ask a model for a scorer; the call goes into the log."""
    from curta.conversations import Response
    from curta.store import open_log

    return Response(model, request, log=open_log(), caller="eval", stream=False).text()


class Sample(NamedTuple):
    """An answer to score.

    row: the input it belongs to; documents: what it should rest on; prompt: what was asked. calls: the tools that the
    answer asks for; none was run. ask: how a scorer asks a model: in an experiment within its budget and its pace.
    """

    output: str
    row: Mapping[str, JSON] = {}
    documents: tuple[Document, ...] = ()
    prompt: str = ""
    calls: tuple[ToolCall, ...] = ()
    ask: Ask = ask_at_once


class Score(NamedTuple):
    """value: in [0, 1]; None when it could not be scored, and then `failure` says why. detail: what it rests on."""

    value: float | None
    detail: Mapping[str, JSON] = {}
    failure: str = ""


Rated: TypeAlias = "Score | float | bool | tuple[float, Mapping[str, JSON]]"
"""What the function of a scorer may return: a Score, a number, or a number with its detail."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """A way to score.

    name: its kind, `contains`. settings: what it was told, as in a spec; with `name` and `version` they say what a
    stored score means. fields: the columns of the input that it needs. mark: what has to be said beside each of its
    scores. relative: two of its scores are compared by (a - b) / (a + b), since neither is good or bad. slow: it may
    take long, so that nothing should wait for it.
    """

    name: str
    version: int
    rate: Callable[[Sample], Rated] = field(repr=False, compare=False)
    settings: Mapping[str, Any] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()
    mark: str = ""
    relative: bool = False
    slow: bool = False

    def score(self, sample: Sample) -> Score:
        """The score of `sample`. Whatever goes wrong is a failed score that says so."""
        try:
            return checked(self.rate(sample))
        except CurtaError as error:
            return Score(None, failure=" ".join(filter(None, (error.what, error.why))))
        except (Exception, SystemExit) as error:
            return Score(None, failure=described(error))

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "version": self.version, "settings": dict(self.settings), "mark": self.mark}


def checked(rated: Rated) -> Score:
    if isinstance(rated, Score):
        value, detail, failure = rated
    else:
        value, detail, failure = (*rated, "") if isinstance(rated, tuple) else (rated, {}, "")
    if failure:
        return Score(None, detail, failure)
    if not isinstance(value, int | float):
        return Score(None, failure=f"it gave {value!r}, which is no number")
    if not (math.isfinite(value) and 0 <= value <= 1):
        return Score(None, detail, f"it gave {value:g}; a score lies in [0, 1]")
    return Score(float(value), detail)
