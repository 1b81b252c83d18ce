"""Runs compared, brought in from other tools, labelled and scored anew."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from curta.evals.importing.keeping import Kept
    from curta.evals.importing.promptfoo_config import Converted
    from curta.evals.labelling import Labelling
    from curta.evals.paired import Paired
    from curta.evals.rescoring import Rescored
    from curta.store import Log


def compare_runs(
    first: str,
    second: str,
    *,
    by: Sequence[str] = (),
    score: Sequence[Mapping[str, Any] | str] = (),
    alpha: float = 0.05,
    rope: float = 0.05,
    id: str = "id",
    answer: str = "answer",
    items: int = 5,
    log: "Log | None" = None,
) -> "Paired":
    """Whether the second run is better than the first, input by input.

    first, second: a file of promptfoo, of Inspect, or a table of answers (`FILE#NAME` for one of its ways of asking);
    or the id of an experiment in the log (`ID:NAME`). by: the scores to compare, `A=B` where the two call one
    differently. score: scorers for the answers in files, as in a spec. id, answer: columns of a table. items: how many
    of the units that differ most come with their answers. Raises UsageError, SourceError, UnknownCall.
    """
    from curta.evals import paired, sides
    from curta.evals.scorers import scorer_of
    from curta.store import open_log

    log = log or open_log()
    named = tuple(name for each in by for name in each.split("="))
    scorers, columns = [scorer_of(each) for each in score], sides.Columns(id, answer, named or ("score",))
    a, b = sides.sides_of(first, second, log, score=scorers, columns=columns)
    return paired.with_words(paired.compare(a, b, by=by, alpha=alpha, rope=rope), log, items)


def import_runs(paths: Sequence[str], *, log: "Log | None" = None) -> "Iterator[Kept]":
    """Bring runs of promptfoo or Inspect into the log, as experiments; each as it is there.

    A file that was brought in before is told, and changes nothing. Raises SourceError for one that is damaged or of
    another kind.
    """
    from curta.evals.importing.keeping import keep
    from curta.evals.importing.reading import run_of
    from curta.store import open_log

    log = log or open_log()
    return (keep(run_of(each), log) for each in paths)


def is_promptfoo_configuration(path: str) -> bool:
    """Whether a file is to be read by `spec_of_promptfoo`, rather than by `import_runs`."""
    from curta.evals.importing.promptfoo_config import is_configuration

    return is_configuration(path)


def spec_of_promptfoo(path: str) -> "Converted":
    """The spec that a configuration of promptfoo, or a table of its tests, describes; and what was left out of it.

    Nothing of it is run. Raises SourceError, UsageError.
    """
    from curta.evals.importing.promptfoo_config import converted

    return converted(path)


def labelling(id: str | None = None, *, about: str | None = None, log: "Log | None" = None) -> "Labelling":
    """Label the answers of an experiment by hand: `next()`, `put(call, value)`, `undo()`, `csv()`, `take_csv(table)`.

    id: of the experiment, or its beginning; the latest without. about: the scorer, or the question, that the labels
    stand beside; not needed where one judge alone scored it. Raises UsageError, UnknownCall.
    """
    from curta.evals.labelling import Labelling
    from curta.store import open_log

    return Labelling(log or open_log(), id, about)


def rescore(
    id: str | None = None,
    spec: "str | Path | None" = None,
    *,
    score: Sequence[Mapping[str, Any] | str] = (),
    inputs: str | None = None,
    concurrency: int = 8,
    log: "Log | None" = None,
) -> "Rescored":
    """Score the answers of a logged experiment by other scorers; the new scores are an experiment of their own.

    id: of the experiment, or its beginning; the latest without. score: the scorers, or those of spec, a YAML file,
    whose inputs count too. inputs: a table of the inputs it asked about, or the file of promptfoo or Inspect that it
    was imported from; needed where a scorer names a column. No answer is asked for again; a judge asks a model.
    Raises UsageError, SourceError, UnknownCall.
    """
    from curta.evals import rescoring
    from curta.evals import spec as specs
    from curta.evals.scorers import scorer_of
    from curta.store import open_log

    told = specs.read(spec) if spec is not None else None
    scorers = [scorer_of(each) for each in score] or (told.score if told else ())
    if inputs is None and told is not None and isinstance(told.inputs, str):
        inputs = told.inputs
    return rescoring.rescore(log or open_log(), id, scorers, inputs, concurrency)
