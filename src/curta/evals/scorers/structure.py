"""Answers in JSON: whether they follow a schema, and how many of the expected fields they have right."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from curta import schemas
from curta.errors import SchemaNotFollowed
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.overlap import f1
from curta.evals.scorers.scorer import Rated, Sample
from curta.text.fenced import fenced_block
from curta.text.normalise import normalise


def json_schema(sample: Sample, schema: Any) -> Rated:
    """Whether the answer, or the fenced block in it, is JSON that follows `schema` (a schema, or `name, age int`)."""
    try:
        schemas.follow(_json(sample.output), schema)
    except SchemaNotFollowed as error:
        return 0.0, {"why": error.why or error.what}
    return True


def field_f1(sample: Sample, expected: Any) -> Rated:
    """F1 over the fields of the answer's JSON: precision of those it has, recall of those it should have.

    A field is right when its value is, after case, typography and the form of numbers are folded away. The order of a
    list does not matter; a field that is null is not there.
    """
    wanted = Counter(_fields(json.loads(expected) if isinstance(expected, str) else expected))
    try:
        found = Counter(_fields(json.loads(_json(sample.output))))
    except (ValueError, RecursionError) as error:
        return 0.0, {"why": f"it is not JSON: {error}"}
    wrong = sorted({path for path, _ in ((wanted - found) + (found - wanted))})
    return f1(wanted, found), {"wrong": list(wrong)}


def _json(output: str) -> str:
    """The JSON of an answer: all of it, or its last fenced block."""
    block = fenced_block(output, last=True)
    return output.strip() if block is None else block


def _fields(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _fields(each, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for each in value:
            yield from _fields(each, f"{path}[]")
    elif value is not None:
        yield path, _folded(value)


def _folded(value: Any) -> str:
    if isinstance(value, bool):
        return json.dumps(value)
    words = normalise(str(value)).text.strip()
    try:
        return f"{float(words.replace(',', '')):.12g}"
    except ValueError:
        return words


def _prepare(settings: dict[str, Any]) -> dict[str, Any]:
    schema = settings["schema"]
    if isinstance(schema, str):
        schema = json.loads(schema) if schema.lstrip().startswith("{") else schemas.shorthand(schema)
    return {"schema": schemas.checked(schema)}


KINDS: Mapping[str, Kind] = {
    "json-schema": Kind(json_schema, whole=True, prepare=_prepare),
    "field-f1": Kind(field_f1, whole=True),
}
