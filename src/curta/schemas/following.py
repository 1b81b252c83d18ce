"""Whether a value follows a schema, keyword by keyword.

Rules: numbers are JSON's (1.0 is an integer, true is no number); a pattern may match anywhere, its classes are those of
ASCII; what would take more than STEPS steps is not checked to the end, and that is said.
Source: https://json-schema.org/draft/2020-12/json-schema-validation, sections 6 and 7
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import isfinite
from typing import Any, NamedTuple

from curta.errors import SchemaNotFollowed
from curta.messages import JSON, canonical
from curta.schemas.keywords import place

STEPS = 200_000
_MOST_NAMED = 3


class Problem(NamedTuple):
    """What does not fit. path: where in the value, as a JSON pointer; `` for the whole."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"at {self.path}: {self.what}" if self.path else self.what


def problems(value: JSON, schema: Mapping[str, JSON]) -> list[Problem]:
    """All that is wrong with `value`; nothing when it follows `schema`, which has been `checked`.

    Raises SchemaNotFollowed when that cannot be told in STEPS steps.
    """
    try:
        return list(_Checker(schema).check(value, schema, ""))
    except (RecursionError, _TooLongError):
        raise SchemaNotFollowed(
            "The answer cannot be checked against its schema.", why="The two together are too intricate."
        ) from None


def follow(text: str, schema: Mapping[str, JSON], whose: str = "The answer") -> JSON:
    """The value of the JSON `text`. Raises SchemaNotFollowed when it is none, or does not follow `schema`."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise SchemaNotFollowed(
            f"{whose} is not JSON, which its schema asks for.",
            why=str(error),
            then="-x prints the block in it." if "```" in text else "",
        ) from error
    if found := problems(value, schema):
        more = f", and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        named = "; ".join(map(str, found[:_MOST_NAMED]))
        raise SchemaNotFollowed(f"{whose} does not follow its schema.", why=f"{named}{more}.")
    return value


class _TooLongError(Exception):
    """Checking takes more steps than anybody would wait for."""


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")


class _Checker:
    """One check: the schema as a whole, for its references, and the steps that are left."""

    def __init__(self, root: Mapping[str, JSON]) -> None:
        self.root = root
        self.left = STEPS

    def check(self, value: JSON, schema: JSON, path: str) -> Iterator[Problem]:
        self.left -= 1
        if self.left < 0:
            raise _TooLongError
        if isinstance(schema, bool):
            if not schema:
                yield Problem(path, f"{_shown(value)} should not be there")
            return
        if "$ref" in schema:
            yield from self.check(value, place(self.root, schema["$ref"]), path)
        for keyword, wanted in schema.items():
            if keyword in _ASSERTIONS:
                yield from (Problem(path, what) for what in _ASSERTIONS[keyword](value, wanted))
        yield from self._combined(value, schema, path)
        if isinstance(value, dict):
            yield from self._members(value, schema, path)
        if isinstance(value, list):
            yield from self._elements(value, schema, path)

    def follows(self, value: JSON, schema: JSON, path: str) -> bool:
        return next(self.check(value, schema, path), None) is None

    def _combined(self, value: JSON, schema: Mapping[str, JSON], path: str) -> Iterator[Problem]:
        for each in schema.get("allOf", ()):
            yield from self.check(value, each, path)
        if "anyOf" in schema and not any(self.follows(value, each, path) for each in schema["anyOf"]):
            yield Problem(path, f"{_shown(value)} is none of the kinds that are allowed")
        if "oneOf" in schema and sum(self.follows(value, each, path) for each in schema["oneOf"]) != 1:
            yield Problem(path, f"{_shown(value)} is not exactly one of the kinds that are allowed")
        if "not" in schema and self.follows(value, schema["not"], path):
            yield Problem(path, f"{_shown(value)} is of a kind that is excluded")
        if "if" in schema:
            branch = "then" if self.follows(value, schema["if"], path) else "else"
            yield from self.check(value, schema.get(branch, True), path)

    def _members(self, value: dict[str, JSON], schema: Mapping[str, JSON], path: str) -> Iterator[Problem]:
        properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        for name, each in value.items():
            here = f"{path}/{_step(name)}"
            known = [properties[name]] if name in properties else []
            known += [inner for pattern, inner in patterns.items() if _found(pattern, name)]
            for inner in known or [schema.get("additionalProperties", True)]:
                yield from self.check(each, inner, here)
            for problem in self.check(name, schema.get("propertyNames", True), here):
                yield problem._replace(what=f"the name {problem.what}")
        for name, inner in schema.get("dependentSchemas", {}).items():
            if name in value:
                yield from self.check(value, inner, path)

    def _elements(self, value: list[JSON], schema: Mapping[str, JSON], path: str) -> Iterator[Problem]:
        first = schema.get("prefixItems", [])
        for n, each in enumerate(value):
            inner = first[n] if n < len(first) else schema.get("items", True)
            yield from self.check(each, inner, f"{path}/{n}")
        if "contains" in schema:
            fitting = sum(self.follows(each, schema["contains"], path) for each in value)
            if not schema.get("minContains", 1) <= fitting <= schema.get("maxContains", len(value)):
                yield Problem(path, f"{fitting} of its {len(value)} elements are of the kind it has to contain")


# What a keyword says of one value


def _type(value: JSON, wanted: JSON) -> Iterator[str]:
    kinds = wanted if isinstance(wanted, list) else [wanted]
    if not any(_KINDS[kind](value) for kind in kinds):
        named = " or ".join(_NAMES[kind] for kind in kinds)
        yield f"{_shown(value)} is not {named}"


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_KINDS: Mapping[str, Callable[[JSON], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and _is_finite(value) and value == int(value),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}
_NAMES = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def _enum(value: JSON, wanted: JSON) -> Iterator[str]:
    if not any(_same(value, each) for each in wanted):
        yield f"{_shown(value)} is not one of {_shown(wanted)}"


def _const(value: JSON, wanted: JSON) -> Iterator[str]:
    if not _same(value, wanted):
        yield f"{_shown(value)} is not {_shown(wanted)}"


def _same(one: JSON, other: JSON) -> bool:
    """Equal as JSON values: 1 is 1.0, and neither is true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    return bool(one == other)


def _required(value: JSON, wanted: JSON) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{name!r} is missing" for name in wanted if name not in value)


def _dependent(value: JSON, wanted: JSON) -> Iterator[str]:
    if isinstance(value, dict):
        needed = [(name, other) for name, others in wanted.items() if name in value for other in others]
        yield from (f"{other!r} is missing, which {name!r} needs" for name, other in needed if other not in value)


def _unique(value: JSON, wanted: JSON) -> Iterator[str]:
    if wanted and isinstance(value, list) and len({_key(each) for each in value}) < len(value):
        yield "it has the same element twice"


def _key(value: JSON) -> bytes:
    return canonical(_plain(value))


def _plain(value: JSON) -> JSON:
    """`value` with whole numbers as integers, so that equal values have one form."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return int(value) if isinstance(value, float) and isfinite(value) and value == int(value) else value


def _pattern(value: JSON, wanted: JSON) -> Iterator[str]:
    if isinstance(value, str) and not _found(wanted, value):
        yield f"{_shown(value)} does not match the pattern {wanted!r}"


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.ASCII) is not None


def _multiple(value: JSON, wanted: JSON) -> Iterator[str]:
    if _is_number(value) and (not _is_finite(value) or Fraction(str(value)) % Fraction(str(wanted))):
        yield f"{_shown(value)} is no multiple of {wanted}"


def _is_finite(value: float) -> bool:
    """Whole numbers are, however long: one of 400 digits is too long for a float."""
    return isinstance(value, int) or isfinite(value)


def _format(value: JSON, wanted: JSON) -> Iterator[str]:
    if isinstance(value, str) and wanted in FORMATS and not FORMATS[wanted](value):
        yield f"{_shown(value)} is no {wanted}"


def _is_read(read: Callable[[str], Any]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return fits


def _date(text: str) -> None:
    from datetime import date

    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError(text)
    date.fromisoformat(text)


def _time(text: str) -> None:
    from datetime import time

    if not re.fullmatch(r"\d\d:\d\d:\d\d(\.\d+)?([zZ]|[+-]\d\d:\d\d)", text, re.ASCII):
        raise ValueError(text)
    time.fromisoformat(re.sub(r"(\.\d{1,6})\d*", r"\1", text).upper())


def _moment(text: str) -> None:
    if not re.match(r"\S{10}[tT ]", text):
        raise ValueError(text)
    _date(text[:10])
    _time(text[11:])


def _address(version: int) -> Callable[[str], None]:
    def read(text: str) -> None:
        from ipaddress import ip_address

        if ip_address(text).version != version or "%" in text:
            raise ValueError(text)

    return read


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": _is_read(_date),
    "time": _is_read(_time),
    "date-time": _is_read(_moment),
    "ipv4": _is_read(_address(4)),
    "ipv6": _is_read(_address(6)),
    "uuid": lambda text: re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) is not None,
    "email": lambda text: re.fullmatch(r"[^\s@]+@[^\s@]+", text) is not None,
    "uri": lambda text: re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*", text) is not None,
    "hostname": lambda text: re.fullmatch(r"(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*", text) is not None,
}
"""The formats of text that are checked."""


def _bound(kind: type | tuple[type, ...], measure: Callable[[Any], Any], least: bool, unit: str) -> Any:
    """A check of `minLength` and its kin: what is measured, and on which side of the bound it has to be."""

    def check(value: JSON, wanted: JSON) -> Iterator[str]:
        if isinstance(value, kind) and not isinstance(value, bool):
            size = measure(value)
            if size < wanted if least else size > wanted:
                yield f"{_shown(value)} has {'fewer' if least else 'more'} than {wanted} {unit}"

    return check


def _limit(allowed: Callable[[Any, Any], bool], words: str) -> Any:
    def check(value: JSON, wanted: JSON) -> Iterator[str]:
        if _is_number(value) and not allowed(value, wanted):
            yield f"{_shown(value)} is not {words} {wanted}"

    return check


_ASSERTIONS: Mapping[str, Callable[[JSON, JSON], Iterator[str]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "dependentRequired": _dependent,
    "uniqueItems": _unique,
    "pattern": _pattern,
    "multipleOf": _multiple,
    "format": _format,
    "minLength": _bound(str, len, True, "characters"),
    "maxLength": _bound(str, len, False, "characters"),
    "minItems": _bound(list, len, True, "elements"),
    "maxItems": _bound(list, len, False, "elements"),
    "minProperties": _bound(dict, len, True, "fields"),
    "maxProperties": _bound(dict, len, False, "fields"),
    "minimum": _limit(lambda value, wanted: value >= wanted, "at least"),
    "maximum": _limit(lambda value, wanted: value <= wanted, "at most"),
    "exclusiveMinimum": _limit(lambda value, wanted: value > wanted, "above"),
    "exclusiveMaximum": _limit(lambda value, wanted: value < wanted, "below"),
}


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _shown(value: JSON) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"
