"""The keywords of JSON schemas that are checked here, and the form each must have.

Draft 2020-12 without what needs other files or the results of other keywords (`$id`, `$dynamicRef`, `unevaluated...`).
A `format` that is not in `following.FORMATS` says nothing, as the specification has it.
Source: https://json-schema.org/draft/2020-12/json-schema-validation
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from curta.errors import UsageError
from curta.messages import JSON

TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})
ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "discriminator"}
    | {"$schema", "$comment", "$id", "contentMediaType", "contentEncoding", "propertyOrdering"}
)
"""Keywords that say nothing about which values are valid; so do all that begin with `x-`."""

ONE = ("items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else")
"""Keywords whose value is a schema."""
LISTS = ("anyOf", "allOf", "oneOf", "prefixItems")
"""Keywords whose value is a list of schemas."""
NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
"""Keywords whose value maps names to schemas."""
DEEPEST = 64


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_type(value: Any) -> bool:
    kinds = value if isinstance(value, list) and value else [value]
    return all(isinstance(kind, str) and kind in TYPES for kind in kinds)


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (re.error, TypeError, OverflowError):
        return False
    return isinstance(value, str)


_COUNT, _NUMBER = ("a whole number, 0 or more", _is_count), ("a number", _is_number)
_SCHEMA = ("a schema", lambda value: isinstance(value, Mapping | bool))
_FORMS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "type": (f"one of {', '.join(sorted(TYPES))}, or a list of them", _is_type),
    "enum": ("a list that is not empty", lambda value: isinstance(value, list) and bool(value)),
    "const": ("a value", lambda value: True),
    "required": ("a list of names", _are_names),
    "dependentRequired": (
        "names mapped to lists of names",
        lambda value: isinstance(value, Mapping) and all(map(_are_names, value.values())),
    ),
    "multipleOf": ("a number above 0", lambda value: _is_number(value) and value > 0),
    "pattern": ("a regular expression", _is_pattern),
    "format": ("the name of a format", lambda value: isinstance(value, str)),
    "uniqueItems": ("true or false", lambda value: isinstance(value, bool)),
    "$ref": ("a place in the same schema, such as #/$defs/dog", lambda value: isinstance(value, str)),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _NUMBER),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _COUNT),
    **dict.fromkeys(("minContains", "maxContains"), _COUNT),
    **dict.fromkeys(ONE, _SCHEMA),
    **dict.fromkeys(LISTS, ("a list of schemas", lambda value: isinstance(value, list) and bool(value))),
    **dict.fromkeys(NAMED, ("names mapped to schemas", lambda value: isinstance(value, Mapping))),
}


def is_annotation(keyword: str) -> bool:
    """Whether `keyword` says nothing about which values are valid."""
    return keyword in ANNOTATIONS or keyword.startswith("x-")


def checked(schema: Any) -> dict[str, JSON]:
    """`schema`, when all of it can be enforced.

    Raises UsageError, naming the keyword and where it stands, for what no answer could be checked against.
    """
    if not isinstance(schema, Mapping):
        raise UsageError('A JSON schema is an object, such as {"type": "object", "properties": ...}.')
    _check(schema, schema, "", 0)
    return dict(schema)


def place(schema: Mapping[str, JSON], reference: str) -> Any:
    """The schema that `reference` (`#/$defs/dog`) names in `schema`. Raises LookupError when there is none."""
    if not reference.startswith("#"):
        raise LookupError(reference)
    found: Any = schema
    for step in filter(None, reference[1:].split("/")):
        name = step.replace("~1", "/").replace("~0", "~")
        found = found[int(name)] if isinstance(found, list) and name.isdecimal() else _inside(found, name)
    if not isinstance(found, Mapping | bool):
        raise LookupError(reference)
    return found


def _inside(value: Any, name: str) -> Any:
    if not isinstance(value, Mapping):
        raise LookupError(name)
    return value[name]


def _check(schema: Any, root: Mapping[str, JSON], path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise UsageError(f"The schema is nested more than {DEEPEST} levels deep.", why=f"Deepest: {path[:80]}…")
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        raise _wrong("what stands there", "a schema", path)
    for keyword, value in schema.items():
        _check_keyword(str(keyword), value, root, path)
    for keyword, inner in inside(schema):
        _check(inner, root, f"{path}/{keyword}", depth + 1)


def inside(schema: Mapping[str, JSON]) -> list[tuple[str, Any]]:
    """The schemas that stand in `schema`, each with the way to it."""
    found = [(keyword, schema[keyword]) for keyword in ONE if keyword in schema]
    found += [(f"{keyword}/{n}", each) for keyword in LISTS for n, each in enumerate(schema.get(keyword, ()))]
    return found + [(f"{keyword}/{name}", each) for keyword in NAMED for name, each in schema.get(keyword, {}).items()]


def _check_keyword(keyword: str, value: Any, root: Mapping[str, JSON], path: str) -> None:
    if is_annotation(keyword):
        return
    if keyword not in _FORMS:
        raise _unknown(keyword, path)
    wanted, fits = _FORMS[keyword]
    if not fits(value):
        raise _wrong(f"{keyword!r}", wanted, path)
    if keyword == "patternProperties" and not all(map(_is_pattern, value)):
        raise _wrong(f"a name of {keyword!r}", "a regular expression", path)
    if keyword == "$ref":
        try:
            place(root, value)
        except (LookupError, ValueError):
            raise _wrong(f"{keyword!r}", _FORMS[keyword][0], path) from None


def _wrong(what: str, wanted: str, path: str) -> UsageError:
    return UsageError(f"In the schema, {what} has to be {wanted}.", why=f"It stands at {path or 'the top'}.")


def _unknown(keyword: str, path: str) -> UsageError:
    from difflib import get_close_matches

    close = get_close_matches(keyword, _FORMS, n=1)
    return UsageError(
        f"Nothing would enforce the schema keyword {keyword!r}.",
        why=f"It stands at {path or 'the top'} of the schema.",
        then=f"Did you mean {close[0]!r}?" if close else "Leave it out, or say it in a 'description'.",
    )
