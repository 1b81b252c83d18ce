"""JSON schemas in the dialects that providers enforce while they generate.

OpenAI's "strict" mode wants every object closed and every property required, and knows no conditional keywords. A
schema is brought into it only where that keeps its meaning; otherwise it is sent as it is and not as strict.
A provider that has one mode only gets the schema `in_dialect`, and what the dialect lacks is refused by its name.
Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from curta.errors import UnsupportedRequest
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


def schema_name(schema: Mapping[str, JSON]) -> str:
    """A name for the schema's form, of the characters providers allow: from its title, else `answer`."""
    title = str(schema.get("title", ""))
    name = "".join(char if char.isascii() and char.isalnum() else "_" for char in title)[:64].strip("_")
    return name or "answer"


def openai_form(schema: Mapping[str, JSON]) -> dict[str, JSON]:
    """A schema as OpenAI's protocols name it: strict where it can be."""
    closed = strict(schema)
    return {"name": schema_name(schema), "schema": dict(closed or schema), "strict": closed is not None}


class Dialect(NamedTuple):
    """What a provider understands of JSON schemas.

    provider: its name. keywords: those it enforces. closed: every object has to be closed.
    formats: the formats of text it knows, all when None. fewest: the `minItems` it knows, all when None.
    """

    provider: str
    keywords: frozenset[str]
    closed: bool = False
    formats: frozenset[str] | None = None
    fewest: tuple[int, ...] | None = None


def in_dialect(schema: Mapping[str, JSON], dialect: Dialect) -> dict[str, JSON]:
    """`schema` in `dialect`, so that every value it then allows is allowed by the original.

    Raises UnsupportedRequest, naming the keyword and where it stands, for what the provider would ignore or refuse.
    """
    return _translated(schema, dialect, "")


def _translated(schema: JSON, dialect: Dialect, path: str) -> dict[str, JSON]:
    from curta.schemas.keywords import is_annotation  # not on the way of a prompt without a schema

    if not isinstance(schema, Mapping):
        raise _unsupported(dialect, f"a schema that is only {json.dumps(schema)}", path)
    said = {name: value for name, value in schema.items() if name in dialect.keywords or not is_annotation(name)}
    if "const" in said and "const" not in dialect.keywords:
        said["enum"] = [said.pop("const")]
    _refuse(said, dialect, path)
    for keyword in ("properties", "$defs", "definitions"):
        if keyword in said:
            inner = said[keyword].items()
            said[keyword] = {name: _translated(each, dialect, f"{path}/{keyword}/{name}") for name, each in inner}
    for keyword in ("anyOf", "allOf", "prefixItems"):
        if keyword in said:
            said[keyword] = [
                _translated(each, dialect, f"{path}/{keyword}/{n}") for n, each in enumerate(said[keyword])
            ]
    for keyword in ("items", "additionalProperties"):
        if isinstance(said.get(keyword), Mapping):
            said[keyword] = _translated(said[keyword], dialect, f"{path}/{keyword}")
    if dialect.closed and ("object" in _types(said) or "properties" in said):
        said["additionalProperties"] = _closing(said, dialect, path)
    return said


def _refuse(said: Mapping[str, JSON], dialect: Dialect, path: str) -> None:
    for keyword in said:
        if keyword not in dialect.keywords:
            raise _unsupported(dialect, f"the schema keyword {keyword!r}", path)
    if dialect.formats is not None and said.get("format", "date") not in dialect.formats:
        raise _unsupported(dialect, f"the format {said['format']!r}", path)
    if dialect.fewest is not None and said.get("minItems", 0) not in dialect.fewest:
        raise _unsupported(dialect, f"'minItems' of {said['minItems']!r}", path)


def _closing(said: Mapping[str, JSON], dialect: Dialect, path: str) -> bool:
    """False, unless the author wants properties that are not listed."""
    if said.get("additionalProperties", False) is not False or not said.get("properties"):
        raise _unsupported(dialect, "an object with properties that are not listed", path)
    return False


def _unsupported(dialect: Dialect, what: str, path: str) -> UnsupportedRequest:
    return UnsupportedRequest(
        f"{dialect.provider} cannot enforce {what}.",
        why=f"It stands at {path or 'the top'} of the schema.",
        then="Leave it out, or choose another model with -m.",
    )
