"""From names to values: the model, the templates, the schema and the rows that somebody names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from os.path import abspath, getsize, isfile
from typing import TYPE_CHECKING, Any

from curta import asking
from curta.mapping.binding import Binding
from curta.mapping.mapped import Mapped
from curta.messages import JSON
from curta.models import registry
from curta.models.model import Model
from curta.sources import tables

if TYPE_CHECKING:
    from curta.store import Log
    from curta.templates import Template

LARGEST_COUNTED = 64 * 2**20
"""Bytes of a file whose rows are counted beforehand; the first request does not wait for more."""


def begin(
    words: str,
    rows: str | Iterable[Mapping[str, JSON]],
    *,
    model: str | Model | None = None,
    system: str | None = None,
    template: "str | Template | Sequence[str | Template] | None" = None,
    inputs: Mapping[str, str] | None = None,
    options: Mapping[str, JSON] | None = None,
    schema: Mapping[str, JSON] | str | None = None,
    documents: Sequence[str] = (),
    form: tables.Form | None = None,
    log: "Log | None" = None,
    key: str | None = None,
    **how: Any,
) -> Mapped:
    """What `curta.map` does; `how` goes to `Mapped`."""
    templates = asking.named_templates(template)
    named = model or next((each.model for each in templates if each.model), None)
    binding = Binding(
        registry.get(named, key=key) if named is None or isinstance(named, str) else named,
        words,
        system=system,
        templates=templates,
        inputs=inputs,
        options=options,
        schema=asking.named_schema(schema, log),
        documents=documents,
        source=_called(rows),
    )
    return Mapped(binding, _read(rows, form), total=_total(rows, form), place=_place(rows), log=log, **how)


def _called(rows: str | Iterable[Mapping[str, JSON]]) -> str:
    """What the rows are from, for people."""
    if not isinstance(rows, str):
        return "rows"
    return "stdin" if rows == "-" else rows.partition("?")[0]


def _place(rows: str | Iterable[Mapping[str, JSON]]) -> str:
    """What the rows are from, from wherever one looks."""
    if not isinstance(rows, str):
        return ""
    return abspath(rows) if isfile(rows) else rows


def _read(rows: str | Iterable[Mapping[str, JSON]], form: tables.Form | None) -> Iterator[tables.TableRow]:
    return tables.read_table(rows, form) if isinstance(rows, str) else tables.of_mappings(rows)


def _total(rows: str | Iterable[Mapping[str, JSON]], form: tables.Form | None) -> int | None:
    if isinstance(rows, Sized) and not isinstance(rows, str):
        return len(rows)
    if isinstance(rows, str) and isfile(rows) and getsize(rows) <= LARGEST_COUNTED:
        return tables.count(rows, form)
    return None
