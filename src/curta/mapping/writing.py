"""Rows as text: JSON Lines, or CSV and TSV, which have a header and know their columns from the beginning."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from os.path import splitext
from typing import Literal, TypeAlias

from curta.errors import UsageError
from curta.messages import JSON, well_formed
from curta.sources.records import as_words

Form: TypeAlias = Literal["jsonl", "csv", "tsv"]
_FORMS: Mapping[str, Form] = {".csv": "csv", ".tsv": "tsv"}
_OTHERS = (".ods", ".parquet", ".xls", ".xlsx")


def form_of(path: str) -> Form:
    """The form that a file's name asks for. Raises UsageError for one that is not written."""
    ending = splitext(path)[1].lower()
    if ending in _OTHERS:
        what = f"Rows are written as JSON Lines, CSV or TSV, not as {ending}."
        raise UsageError(what, then="For example: -o out.csv")
    return _FORMS.get(ending, "jsonl")


def writer(form: Form, columns: Sequence[str]) -> "tuple[str, Callable[[Mapping[str, JSON]], str]]":
    """What stands before the rows, and what writes a row; each ends its line.

    columns: those of a table, in order; what else a row has is left out of it.
    """
    if form == "jsonl":
        return "", _json
    delimiter = "," if form == "csv" else "\t"
    return _cells(columns, delimiter), lambda row: _cells([as_words(row.get(name)) for name in columns], delimiter)


def _json(row: Mapping[str, JSON]) -> str:
    return well_formed(json.dumps(row, ensure_ascii=False, default=str)) + "\n"


def _cells(values: Sequence[str], delimiter: str) -> str:
    line = StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow([well_formed(value) for value in values])
    return line.getvalue()
