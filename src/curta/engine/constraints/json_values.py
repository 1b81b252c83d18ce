"""JSON that follows a schema and nothing else: a schema of ours becomes one that the engine is known to enforce.

The engine enforces what is listed in `ENFORCED`, found by trying each keyword on it; what it does not know, it either
ignores or, worse, lets the whole grammar go. The white space is fixed, or a weak model fills pages with it.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from itertools import combinations
from typing import Any

from curta.engine.constraints.formats import PATTERNS
from curta.engine.constraints.patterns import UnwritableError, translated
from curta.engine.constraints.recursion import bounded
from curta.errors import UnsupportedRequest
from curta.messages import JSON

ENFORCED = frozenset(
    {"type", "enum", "const", "$ref", "$defs", "definitions", "anyOf", "oneOf", "allOf"}
    | {"properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties"}
    | {"items", "prefixItems", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
)
OPENING = {"additionalProperties", "patternProperties", "minProperties", "anyOf", "$ref"}
"""Keywords beside which an object may need fields that are not listed."""
LONGEST_ESCAPED = 25
"""Characters of a fixed text with escapes in JSON. Of longer ones the engine takes the last 31 bytes to be optional."""
FARTHEST = 10_000
"""To which the engine can count. It has a state for each step: a hundred million take it minutes and gigabytes."""
_COUNTED = ("minItems", "maxItems", "multipleOf")
COMPACT = {"whitespace_flexible": False, "key_separator": ": ", "item_separator": ", "}


def grammar(schema: Mapping[str, JSON]) -> str:
    """A grammar of the JSON texts that follow `schema`, which has been `curta.schemas.checked`.

    Raises UnsupportedRequest, naming the keyword and where it stands, for what the engine would not enforce.
    """
    return f"%llguidance {{}}\nstart: {terminal(schema)}"


def terminal(schema: Mapping[str, JSON]) -> str:
    """The same as a part of a grammar."""
    return f"%json {json.dumps({**enforceable(schema), 'x-guidance': COMPACT})}"


def enforceable(schema: Mapping[str, JSON]) -> dict[str, JSON]:
    """`schema` in the words that the engine enforces; every value that it then allows, the original allows."""
    written: dict[str, JSON] = _schema(schema, "", closing='"allOf"' not in json.dumps(schema))
    return bounded(written)


def _schema(schema: Any, path: str, closing: bool) -> Any:
    """One schema, and those in it. closing: whether no value has to follow two schemas with different fields."""
    from curta.schemas.keywords import LISTS, NAMED, ONE, is_annotation

    if isinstance(schema, bool):
        return schema
    said = {keyword: value for keyword, value in schema.items() if not is_annotation(keyword)}
    if said.get("uniqueItems") is False:
        del said["uniqueItems"]
    for keyword in said:
        if keyword not in ENFORCED:
            raise _refused(f"the schema keyword {keyword!r}", path)
    for keyword in said.keys() & set(_COUNTED):
        if _steps(said[keyword]) > FARTHEST:
            raise _refused(f"the schema keyword {keyword!r} with {said[keyword]}, for it counts to {FARTHEST:,}", path)
    if any(_is_dropped(value) for value in (*said.get("enum", ()), said.get("const"))):
        raise _refused("a long text with quotation marks or backslashes in 'enum' or 'const'", path)
    for keyword in said.keys() & set(ONE):
        said[keyword] = _schema(said[keyword], f"{path}/{keyword}", closing)
    for keyword in said.keys() & set(LISTS):
        said[keyword] = [_schema(inner, f"{path}/{keyword}/{n}", closing) for n, inner in enumerate(said[keyword])]
    for keyword in said.keys() & set(NAMED):
        said[keyword] = {
            name: _schema(inner, f"{path}/{keyword}/{name}", closing) for name, inner in said[keyword].items()
        }
    written = _one_of(_text(said, path), path)
    return _closed(written) if closing else written


def _steps(number: int | float) -> Decimal:
    """How far one has to count for `number`, in units of its last decimal place."""
    exact = Decimal(str(number))
    return exact.scaleb(max(-int(exact.as_tuple().exponent), 0))


def _is_dropped(value: JSON) -> bool:
    """Whether the engine would leave out part of `value`, as it does of long texts with an escape."""
    if isinstance(value, str):
        return len(value) > LONGEST_ESCAPED and "\\" in json.dumps(value, ensure_ascii=False)
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(map(_is_dropped, inner))


def _text(said: dict[str, JSON], path: str) -> dict[str, JSON]:
    """Patterns and formats as patterns that the engine reads as we do. A format that nobody checks says nothing."""
    try:
        patterns = [translated(said.pop("pattern"))] if "pattern" in said else []
        if named := said.get("patternProperties"):
            said["patternProperties"] = {translated(name): inner for name, inner in named.items()}
    except UnwritableError as refused:
        raise _refused(f"{refused} in a pattern", path) from refused
    wanted = PATTERNS.get(said.pop("format", ""))
    patterns += [wanted] if wanted else []
    if not patterns:
        return said
    both = [{"pattern": pattern} for pattern in patterns]
    return {**said, **both[0]} if len(both) == 1 else {**said, "allOf": [*said.get("allOf", []), *both]}


def _one_of(said: dict[str, JSON], path: str) -> dict[str, JSON]:
    """`oneOf` as `anyOf`, where no value can follow two of its schemas."""
    if "oneOf" not in said:
        return said
    if "anyOf" in said or not all(_are_apart(*pair) for pair in combinations(said["oneOf"], 2)):
        raise _refused("'oneOf' whose schemas are not told apart by their types or by a 'const'", path)
    return {**{keyword: value for keyword, value in said.items() if keyword != "oneOf"}, "anyOf": said["oneOf"]}


def _are_apart(one: JSON, other: JSON) -> bool:
    """Whether it can be seen that no value follows both schemas."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is False or other is False
    types = [_types(each) for each in (one, other)]
    if all(types) and not (types[0] & types[1]):
        return True
    if all("const" in each for each in (one, other)):
        return json.dumps(one["const"], sort_keys=True) != json.dumps(other["const"], sort_keys=True)
    shared = set(one.get("required", ())) & set(other.get("required", ()))
    properties = [each.get("properties", {}) for each in (one, other)]
    return types[0] == {"object"} and any(
        _are_apart(properties[0][name], properties[1][name])
        for name in shared & properties[0].keys() & properties[1].keys()
    )


def _types(schema: Mapping[str, JSON]) -> set[str]:
    """The types a value of `schema` may have; an integer is a number too; none where nothing is said of them."""
    named = schema.get("type", [])
    types = set(named if isinstance(named, list) else [named])
    return types | {"number"} if "integer" in types else types


def _closed(said: dict[str, JSON]) -> dict[str, JSON]:
    """An object with the fields that are listed, where nothing is said of others: a weak model never stops adding."""
    listed = said.get("properties", {})
    if not listed or said.keys() & OPENING or not set(said.get("required", ())) <= listed.keys():
        return said
    return {**said, "additionalProperties": False}


def _refused(what: str, path: str) -> UnsupportedRequest:
    return UnsupportedRequest(
        f"The engine of this computer cannot enforce {what}.",
        why=f"It stands at {path or 'the top'} of the schema.",
        then="Leave it out and say it in a 'description', or choose another model with -m.",
    )
