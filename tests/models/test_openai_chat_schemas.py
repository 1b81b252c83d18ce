"""JSON schemas in strict mode: only where the meaning stays."""

from typing import Any

import pytest

from curta.models.wires.schemas import strict

TEXT = {"type": "string"}


def an_object(**more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": TEXT}, "required": ["a"], **more}


def test_objects_are_closed_wherever_they_are() -> None:
    inner = an_object()
    schema = {
        "type": "object",
        "properties": {
            "list": {"type": "array", "items": inner},
            "ref": {"$ref": "#/$defs/thing"},
            "either": {"anyOf": [inner, {"type": "null"}]},
        },
        "required": ["list", "ref", "either"],
        "$defs": {"thing": inner},
    }
    closed = an_object(additionalProperties=False)
    assert strict(schema) == {
        "type": "object",
        "properties": {
            "list": {"type": "array", "items": closed},
            "ref": {"$ref": "#/$defs/thing"},
            "either": {"anyOf": [closed, {"type": "null"}]},
        },
        "required": ["list", "ref", "either"],
        "$defs": {"thing": closed},
        "additionalProperties": False,
    }


def test_the_given_schema_is_not_changed() -> None:
    schema = an_object()
    strict(schema)
    assert schema == an_object()


@pytest.mark.parametrize(
    "schema",
    [
        an_object(required=[]),
        an_object(additionalProperties=True),
        an_object(additionalProperties=TEXT),
        an_object(minProperties=1),
        an_object(properties={"a": {"type": "object"}}),
        an_object(properties={"a": {"not": TEXT}}),
        an_object(properties={"a": {}}),
        an_object(properties={"a": True}),
        an_object(anyOf=[an_object()]),
        {"type": "object"},
        {"type": "array", "items": TEXT},
        {},
    ],
)
def test_what_strict_mode_cannot_say_stays_as_it_is(schema: dict[str, Any]) -> None:
    assert strict(schema) is None
