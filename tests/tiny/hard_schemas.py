"""Schemas that are hard to keep to while writing at random: for the tests, and the benchmark of constrained answers."""

from typing import Any

from curta.messages import JSON


def closed(**properties: JSON) -> dict[str, JSON]:
    """An object of exactly these properties."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def text(most: int, **more: Any) -> dict[str, JSON]:
    return {"type": "string", "maxLength": most, **more}


def number(least: float, most: float, kind: str = "integer") -> dict[str, JSON]:
    return {"type": kind, "minimum": least, "maximum": most}


TREE = closed(name=text(8), children={"type": "array", "maxItems": 3, "items": {"$ref": "#/$defs/tree"}})
EXPRESSION = {
    "anyOf": [
        number(0, 99),
        closed(op={"enum": ["+", "-", "*"]}, left={"$ref": "#/$defs/e"}, right={"$ref": "#/$defs/e"}),
    ]
}

SCHEMAS: dict[str, dict[str, JSON]] = {
    "a tree": {"$ref": "#/$defs/tree", "$defs": {"tree": TREE}},
    "a list by reference to the whole": closed(value=number(0, 9), next={"anyOf": [{"type": "null"}, {"$ref": "#"}]}),
    "an expression": {"$ref": "#/$defs/e", "$defs": {"e": EXPRESSION}},
    "two that refer to each other": {
        "$ref": "#/$defs/a",
        "$defs": {
            "a": {"type": "object", "properties": {"b": {"$ref": "#/$defs/b"}}, "required": []},
            "b": closed(items={"type": "array", "items": {"$ref": "#/$defs/a"}, "maxItems": 2}),
        },
    },
    "alternatives, many and alike": {"enum": [f"choice number {n} of those that begin alike" for n in range(400)]},
    "values of every type": {"enum": [1, "é", None, True, [1, 2], {"a": "ü🦜"}, -1.5, 'a"b\\c\n\t', "\u2028", ""]},
    "a constant": {"const": {"k": [1, {"z": "漢字"}], "e": ""}},
    "names in many scripts": closed(**{"имя": text(5), "名前": {"type": "null"}, "a b": number(1, 2), 'q"\\': text(2)}),
    "whole numbers within limits": {"type": "array", "items": number(-37, 1234), "minItems": 5, "maxItems": 5},
    "numbers between": closed(
        p={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, q=number(-2.5, -1.5, "number")
    ),
    "multiples": {
        "type": "array",
        "items": {"type": "integer", "multipleOf": 7, "minimum": 0},
        "minItems": 3,
        "maxItems": 4,
    },
    "lists of lists": {
        "type": "array",
        "items": {
            "type": "array",
            "items": {"type": "array", "items": number(0, 9), "maxItems": 2},
            "minItems": 1,
            "maxItems": 2,
        },
        "minItems": 2,
        "maxItems": 3,
    },
    "places in a list": {
        "type": "array",
        "prefixItems": [number(0, 3), {"const": "b"}, {"type": "boolean"}],
        "items": {"type": "null"},
        "minItems": 3,
        "maxItems": 5,
    },
    "a pattern": text(40, pattern=r"^[A-Z]{2}-\d{3}(?:x|y)? \w+ [^\s\d]{2,4}\.$"),
    "a pattern anywhere": text(12, pattern="o+"),
    "characters": text(5, minLength=5),
    "a date": {"type": "string", "format": "date"},
    "moments and addresses": closed(
        at={"type": "string", "format": "date-time"},
        by={"type": "string", "format": "email", "maxLength": 40},
        host={"type": "string", "format": "ipv4"},
        id={"type": "string", "format": "uuid"},
        see={"type": "string", "format": "uri", "maxLength": 40},
    ),
    "one of several objects": {
        "anyOf": [
            closed(kind={"const": "cat"}, lives=number(1, 9)),
            closed(kind={"const": "dog"}, good={"type": "boolean"}),
        ]
    },
    "exactly one of several": {
        "oneOf": [closed(kind={"const": "a"}, x=number(0, 1)), closed(kind={"const": "b"}, x=text(3)), {"type": "null"}]
    },
    "all of several": {
        "allOf": [
            {"type": "object", "properties": {"a": number(3, 9)}, "required": ["a"]},
            {"type": "object", "properties": {"a": number(0, 5), "b": {"type": "boolean"}}, "required": ["b"]},
            {
                "additionalProperties": {"type": "null"},
                "maxProperties": 3,
                "type": "object",
                "properties": {"a": {}, "b": {}},
            },
        ]
    },
    "fields that may be missing": {
        "type": "object",
        "properties": {f"f{n}": number(0, 5) for n in range(12)},
        "required": ["f7"],
    },
    "fields by pattern": {
        "type": "object",
        "patternProperties": {"^[a-c][0-9]$": number(0, 9)},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 3,
    },
    "thirty fields": closed(**{f"field_{n}": number(n, n + 3) for n in range(30)}),
    "fifteen levels": closed(a=text(3)),
    "several types": closed(
        v={"type": ["integer", "null", "boolean"], "minimum": 0, "maximum": 9},
        w={"type": ["string", "null"], "maxLength": 4},
    ),
}
"""By what is hard about them."""

for _ in range(14):
    SCHEMAS["fifteen levels"] = closed(deeper=SCHEMAS["fifteen levels"])
