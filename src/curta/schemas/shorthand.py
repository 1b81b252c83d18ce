"""The shorthand for schemas: `name, age int, bio: two sentences at most`.

A field is a name, a type (`str`, `int`, `float`, `bool`; text when it has none) and, after a colon, a description.
Fields stand between commas or, when descriptions hold commas, on a line each. All of them are required.
"""

from collections.abc import Mapping

from curta.errors import UsageError
from curta.messages import JSON

TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
_EXAMPLE = "For example: 'name, age int, active bool, bio: one sentence'"


def shorthand(text: str) -> dict[str, JSON]:
    """The schema that `text` stands for. Raises UsageError, naming the field that does not fit."""
    fields = text.split("\n") if "\n" in text.strip() else text.split(",")
    properties: dict[str, JSON] = {}
    for field in filter(None, map(str.strip, fields)):
        name, what = _field(field)
        if name in properties:
            raise UsageError(f"The schema has the field {name!r} twice.", then="Give each field a name of its own.")
        properties[name] = what
    if not properties:
        raise UsageError("The schema has no fields.", then=_EXAMPLE)
    return {"type": "object", "properties": properties, "required": list(properties)}


def items_of(schema: Mapping[str, JSON]) -> dict[str, JSON]:
    """The schema of any number of what `schema` describes: `{"items": [...]}`."""
    several = {"type": "array", "items": dict(schema)}
    return {"type": "object", "properties": {"items": several}, "required": ["items"]}


def _field(field: str) -> tuple[str, dict[str, JSON]]:
    head, _, description = field.partition(":")
    name, *rest = head.split() or [""]
    if not name:
        raise UsageError(f"A field of the schema has no name: {field!r}.", then=_EXAMPLE)
    kind = rest[0] if rest else "str"
    if kind not in TYPES:
        raise UsageError(
            f"The field {name!r} has an unknown type {kind!r}.",
            why=f"There are: {', '.join(TYPES)}.",
            then="A description comes after a colon: 'bio: one sentence'." if len(rest) > 1 else "",
        )
    if len(rest) > 1:
        raise UsageError(
            f"The field {name!r} has more than a name and a type: {head.strip()!r}.",
            then="Put a comma between fields, and a colon before a description.",
        )
    described = {"description": description.strip()} if description.strip() else {}
    return name, {"type": TYPES[kind], **described}
