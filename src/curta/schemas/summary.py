"""A schema as people see it in a list: on one line, and by its id."""

from collections.abc import Mapping
from typing import Any

from curta.messages import JSON, canonical, sha256

ID_LENGTH = 32
_DEEPEST = 8


def id_of(schema: Mapping[str, JSON]) -> str:
    """The id of a schema: the beginning of the SHA-256 of its canonical form, which knows no order of fields."""
    return sha256(canonical(schema))[:ID_LENGTH]


def summary(schema: Any, depth: int = 0) -> str:
    """The names of the fields: `{name, dogs: [{name, age}]}`; the type of what has none."""
    if not isinstance(schema, Mapping):
        return "any" if schema is not False else "nothing"
    if depth > _DEEPEST:
        return "…"
    if isinstance(properties := schema.get("properties"), Mapping) and properties:
        return "{" + ", ".join(_field(name, each, depth) for name, each in properties.items()) + "}"
    if "items" in schema:
        return f"[{summary(schema['items'], depth + 1)}]"
    return _kind(schema)


def _field(name: str, schema: Any, depth: int) -> str:
    nested = isinstance(schema, Mapping) and ("properties" in schema or "items" in schema)
    return f"{name}: {summary(schema, depth + 1)}" if nested else str(name)


def _kind(schema: Mapping[str, JSON]) -> str:
    kind = schema.get("type") or next((key for key in ("enum", "const", "$ref", "anyOf", "oneOf") if key in schema), "")
    return " or ".join(map(str, kind)) if isinstance(kind, list) else str(kind or "any")
