"""The inputs of an experiment: rows with an id, and the unit that those share which are not independent."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from curta.errors import UsageError
from curta.evals.scorers.settings import unknown
from curta.evals.spec import Spec
from curta.messages import JSON
from curta.sources import tables
from curta.sources.records import as_words


class Input(NamedTuple):
    """An input. id: its own; unit: what it shares with those that are not independent of it."""

    id: str
    unit: str
    values: Mapping[str, JSON]


def read(spec: Spec) -> list[Input]:
    """The inputs of a spec, each with what it names. Raises UsageError, SourceError.

    An id is the column `id` where every row has one of its own, else the place of the row: a different id for the same
    row would not be paired with itself in another run.
    """
    rows = list(_rows(spec))
    if not rows:
        raise UsageError("The spec has no inputs.", why=_called(spec))
    for row in rows:
        _check(spec, row)
    ids = [as_words(row.values["id"]) if "id" in row.values else "" for row in rows]
    if any(ids) and (twice := next((id for id in ids if ids.count(id) > 1), None)) is not None and spec.unit != "id":
        raise UsageError(
            f"Two inputs have the id {twice!r}.",
            then="Give each its own; what several inputs share is named by `unit:`.",
        )
    own = any(ids) and spec.unit != "id"
    named = ids if own else [str(number) for number in range(1, len(rows) + 1)]
    return [Input(id, _unit(spec, row, id), row.values) for id, row in zip(named, rows, strict=True)]


def _rows(spec: Spec) -> Iterator[tables.TableRow]:
    given = spec.inputs
    for row in tables.read_table(given) if isinstance(given, str) else tables.of_mappings(given):
        if row.error:
            raise row.error
        yield row


def _check(spec: Spec, row: tables.TableRow) -> None:
    factors = {each.name for each in spec.factors}
    if both := sorted(factors & set(row.values)):
        raise UsageError(f"{both[0]!r} is a factor, and a column of {row.place}.", then="Call one of them otherwise.")
    if missing := sorted(spec.columns - set(row.values)):
        raise unknown(f"column in {_called(spec)}, {row.place},", missing[0], row.values)


def _unit(spec: Spec, row: tables.TableRow, id: str) -> str:
    return as_words(row.values[spec.unit]) if spec.unit else id


def _called(spec: Spec) -> str:
    return spec.inputs if isinstance(spec.inputs, str) else "the spec's inputs"
