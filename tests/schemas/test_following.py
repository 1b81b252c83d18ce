"""Whether an answer follows its schema, judged as the reference implementation judges it."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.errors import CheckFailed, SchemaNotFollowed, UsageError
from curta.schemas import checked, follow, problems, shorthand

CASES: list[tuple[dict[str, Any], list[Any], list[Any]]] = [
    ({"type": "integer"}, [1, 1.0, -0.0], [1.5, "1", True, None, float("1e400")]),
    ({"type": ["string", "null"]}, ["", None], [0, False]),
    ({"enum": [1, "a", None, [1]]}, [1, 1.0, "a", None, [1.0]], [True, [True], "b"]),
    ({"const": {"a": 1}}, [{"a": 1.0}], [{"a": True}, {}]),
    ({"required": ["a"]}, [{"a": 1}, "text"], [{}]),
    ({"properties": {"a": {"type": "string"}}}, [{"a": "x", "b": 1}, {}, 3], [{"a": 1}]),
    ({"properties": {"a": True}, "additionalProperties": False}, [{"a": 1}], [{"b": 1}]),
    ({"additionalProperties": {"type": "integer"}}, [{"a": 1}], [{"a": "x"}]),
    ({"patternProperties": {"^x": {"type": "integer"}}}, [{"x1": 1, "y": ""}], [{"x1": ""}]),
    ({"propertyNames": {"maxLength": 2}}, [{"ab": 1}], [{"abc": 1}]),
    ({"minProperties": 1, "maxProperties": 2}, [{"a": 1}], [{}, {"a": 1, "b": 1, "c": 1}]),
    ({"dependentRequired": {"a": ["b"]}}, [{}, {"a": 1, "b": 1}], [{"a": 1}]),
    ({"dependentSchemas": {"a": {"required": ["b"]}}}, [{"b": 1}], [{"a": 1}]),
    ({"items": {"type": "integer"}}, [[], [1]], [[1, "x"]]),
    ({"prefixItems": [{"type": "integer"}], "items": False}, [[1], []], [["x"], [1, 2]]),
    ({"contains": {"type": "integer"}, "maxContains": 1}, [[1, "x"]], [["x"], [1, 2], []]),
    ({"contains": {"type": "integer"}, "minContains": 0}, [[]], []),
    ({"minItems": 1, "maxItems": 2}, [[1]], [[], [1, 2, 3]]),
    ({"uniqueItems": True}, [[1, 2], [1, True], [{"a": 1}, {"a": 2}]], [[1, 1.0], [{"a": 1}, {"a": 1}]]),
    ({"minimum": 1, "exclusiveMaximum": 2}, [1, 1.5, "x"], [0.5, 2]),
    ({"multipleOf": 0.01}, [4.35, 1], [4.355]),
    ({"minLength": 1, "maxLength": 2}, ["👋🏽"[:2], "a"], ["", "abc"]),
    ({"pattern": "b"}, ["abc", 1], ["a"]),
    ({"anyOf": [{"type": "integer"}, {"minLength": 2}]}, [1, "ab"], ["a"]),
    ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, [1, 2.5], [3]),
    ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, [1], [3]),
    ({"not": {"type": "string"}}, [1], ["x"]),
    ({"if": {"type": "integer"}, "then": {"minimum": 2}, "else": {"minLength": 1}}, [2, "x"], [1, ""]),
    ({"$defs": {"a/b": {"type": "integer"}}, "$ref": "#/$defs/a~1b"}, [1], ["x"]),
    ({"properties": {"next": {"$ref": "#"}}, "required": ["v"]}, [{"v": 1, "next": {"v": 2}}], [{"v": 1, "next": {}}]),
    ({"format": "date"}, ["2026-02-28", 3], ["2026-02-30", "20260228"]),
    ({"format": "date-time"}, ["2026-02-28T10:00:00Z", "2026-02-28t10:00:00.123456789+01:00"], ["2026-02-28", "x"]),
    ({"format": "email"}, ["a@b"], ["ab", "a b@c"]),
    ({"format": "uuid"}, ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567"]),
    ({"format": "ipv4"}, ["127.0.0.1"], ["::1", "1.2.3"]),
    ({"format": "hostname"}, ["example.org"], ["-x", "a..b"]),
    ({"format": "something-new"}, ["anything"], []),
    ({}, [1, None, "x"], []),
]


@pytest.mark.parametrize(("schema", "good", "bad"), CASES, ids=lambda each: json.dumps(each)[:40])
def test_each_keyword(schema: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    assert checked(schema) == schema
    assert [value for value in good if problems(value, schema)] == []
    assert [value for value in bad if not problems(value, schema)] == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, 2.0]) | st.text("ab1", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abx"), inner, max_size=3),
    max_leaves=6,
)
SCHEMAS = st.sampled_from([schema for schema, _, _ in CASES if "format" not in schema and "multipleOf" not in schema])


@given(VALUES, st.lists(SCHEMAS, min_size=1, max_size=3), st.sampled_from(["allOf", "anyOf", "oneOf"]))
@settings(max_examples=300)
def test_the_reference_implementation_judges_the_same(value: Any, several: list[dict[str, Any]], how: str) -> None:
    several = [each for each in several if "$ref" not in json.dumps(each)]
    schema: dict[str, Any] = {how: several} if several else {}
    expected = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert (not problems(value, schema)) is expected


def test_a_problem_says_where_and_what() -> None:
    schema = shorthand("name, age int")
    with pytest.raises(SchemaNotFollowed) as caught:
        follow('{"age": "seven"}', schema, "The answer of a model")
    assert caught.value.what == "The answer of a model does not follow its schema."
    assert caught.value.why == """'name' is missing; at /age: "seven" is not a whole number."""
    assert caught.value.exit_code == CheckFailed.exit_code == 3


@pytest.mark.parametrize("text", ["", "Sure! Here it is:", "{", "[" * 100_000, '{"a": NaN}', "```json\n{}\n```"])
def test_what_is_no_json_follows_no_schema(text: str) -> None:
    with pytest.raises(SchemaNotFollowed, match="is not JSON"):
        follow(text, {})


def test_checking_ends_however_schema_and_answer_are_entangled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curta.schemas.following.STEPS", 20_000)
    loop = checked({"$ref": "#"})
    with pytest.raises(SchemaNotFollowed, match="too intricate"):
        problems(1, loop)
    forks = checked({"items": {"anyOf": [{"$ref": "#"}, {"$ref": "#"}, {"$ref": "#"}]}, "maxItems": 1, "type": "array"})
    deep: Any = "bottom"
    for _ in range(60):
        deep = [deep]
    with pytest.raises(SchemaNotFollowed, match="too intricate"):
        problems(deep, forks)


@pytest.mark.parametrize(
    ("schema", "named", "where"),
    [
        ({"requierd": ["a"]}, "'requierd'", "the top"),
        ({"properties": {"a": {"typ": "string"}}}, "'typ'", "/properties/a"),
        ({"unevaluatedProperties": False}, "'unevaluatedProperties'", "the top"),
        ({"type": "int"}, "'type'", "the top"),
        ({"items": [{"type": "string"}]}, "'items'", "the top"),
        ({"required": "a"}, "'required'", "the top"),
        ({"pattern": "("}, "'pattern'", "the top"),
        ({"anyOf": [{"$ref": "#/$defs/none"}]}, "'$ref'", "/anyOf/0"),
        ({"$ref": "https://example.org/schema"}, "'$ref'", "the top"),
        ({"minLength": -1}, "'minLength'", "the top"),
    ],
)
def test_a_keyword_that_nothing_would_enforce_is_named(schema: dict[str, Any], named: str, where: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked(schema)
    assert named.strip("'") in caught.value.what
    assert where in caught.value.why


def test_a_slip_in_a_keyword_gets_a_hint() -> None:
    with pytest.raises(UsageError, match="Did you mean 'required'"):
        checked({"requierd": ["a"]})


def test_words_for_people_and_for_other_programs_are_no_keywords() -> None:
    schema = {
        "title": "Dog",
        "description": "A dog",
        "x-order": 3,
        "default": {},
        "$schema": "https://json-schema.org/",
    }
    assert checked(schema) == schema


@pytest.mark.parametrize("schema", [[], "name", 3, None])
def test_a_schema_is_an_object(schema: Any) -> None:
    with pytest.raises(UsageError, match="is an object"):
        checked(schema)


def test_a_schema_of_endless_depth_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"items": deep}
    with pytest.raises(UsageError, match="levels deep"):
        checked(deep)


def test_a_whole_number_too_long_for_a_float_is_one() -> None:
    assert not problems(10**400, {"type": "integer", "minimum": 5})
    assert problems(10**400 + 1, {"multipleOf": 5})
