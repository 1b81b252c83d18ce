"""JSON schemas in the dialect that providers enforce while they generate ("strict" mode).

Strict mode wants every object closed and every property required, and knows no conditional keywords. A schema is
brought into it only where that keeps its meaning; otherwise it is sent as it is and not as strict.
Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
"""

from collections.abc import Mapping
from typing import Any

from curta.messages import JSON

UNSUPPORTED = {
    *("allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas"),
    *("patternProperties", "propertyNames", "minProperties", "maxProperties", "unevaluatedProperties"),
    *("contains", "minContains", "maxContains", "prefixItems", "uniqueItems", "unevaluatedItems"),
}
NECESSARY = {"type", "$ref", "anyOf", "enum", "const"}


def strict(schema: Mapping[str, JSON]) -> dict[str, JSON] | None:
    """`schema` in the strict dialect, with the same meaning; None when it has no such form."""
    if schema.get("type") != "object" or "anyOf" in schema:
        return None
    try:
        closed: dict[str, JSON] = _closed(schema)
    except _NotStrictError:
        return None
    return closed


class _NotStrictError(Exception):
    """The schema says something that strict mode cannot say."""


def _closed(schema: Any) -> Any:
    """The schema, and all schemas inside it, with objects closed."""
    if not isinstance(schema, Mapping) or UNSUPPORTED & schema.keys() or not NECESSARY & schema.keys():
        raise _NotStrictError
    closed = dict(schema)
    for keyword in ("properties", "$defs", "definitions"):
        if keyword in schema:
            closed[keyword] = {name: _closed(inner) for name, inner in schema[keyword].items()}
    if "items" in schema:
        closed["items"] = _closed(schema["items"])
    if "anyOf" in schema:
        closed["anyOf"] = [_closed(inner) for inner in schema["anyOf"]]
    if "object" in _types(schema) or "properties" in schema:
        closed["additionalProperties"] = _only_its_properties(schema)
    return closed


def _only_its_properties(schema: Mapping[str, JSON]) -> bool:
    """False, as strict mode wants it, where the author listed all properties and requires each of them."""
    open_ended = schema.get("additionalProperties", False) is not False or not schema.get("properties")
    if open_ended or set(schema["properties"]) != set(schema.get("required", ())):
        raise _NotStrictError
    return False


def _types(schema: Mapping[str, JSON]) -> list[JSON]:
    types = schema.get("type", [])
    return types if isinstance(types, list) else [types]
