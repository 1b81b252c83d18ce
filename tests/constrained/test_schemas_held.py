"""Answers of local models in JSON: held to the schema by a grammar, refused by name where none can hold, checked."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.conversations import Conversation
from curta.engine.constraints import json_values
from curta.engine.constraints.formats import PATTERNS
from curta.engine.constraints.patterns import UnwritableError, translated
from curta.engine.constraints.recursion import DEEPEST, bounded
from curta.engine.files.held import ModelFile
from curta.errors import BrokenAnswer, UnsupportedRequest
from curta.models.local import Local
from curta.schemas import checked, problems
from curta.schemas.following import FORMATS
from tests.tiny.fixtures import MODEL
from tests.tiny.hard_schemas import SCHEMAS, closed

VOCABULARY = json.loads((MODEL / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
QUOTE_OR_BACKSLASH = [str(VOCABULARY[mark]) for mark in ('"', "\\")]

WILD = {"temperature": 1.8, "top_p": 1, "min_p": 0, "top_k": 0}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_hard_schema_is_one_that_can_be_enforced(name: str) -> None:
    assert json_values.grammar(checked(SCHEMAS[name])).startswith("%llguidance {}\nstart: %json {")


def test_a_wild_model_keeps_to_hard_schemas(tiny_held: ModelFile) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="a second opinion")
    model = Local(tiny_held)
    for number, schema in enumerate(SCHEMAS.values()):
        answer = Conversation(model).prompt("Give Eva as JSON.", schema=schema, options={**WILD, "seed": number})
        value = answer.json()
        jsonschema.validate(value, schema)
        assert answer.finish == "stop"
        assert "\n" not in answer.text()  # compact: no page of white space


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, "'uniqueItems'"),
        ({"type": "string", "not": {"const": "a"}}, "'not'"),
        ({"if": {"type": "integer"}, "then": {"minimum": 1}}, "'if'"),
        ({"type": "object", "properties": {"a": {"dependentRequired": {"b": ["c"]}}}}, "'dependentRequired'"),
        ({"type": "array", "contains": {"const": 1}}, "'contains'"),
        ({"type": "string", "pattern": "^(?!no)"}, "looks around"),
        ({"type": "string", "pattern": r"^(a)\1$"}, r"\\1"),
        ({"type": "object", "patternProperties": {r"\bx": {}}}, r"\\b"),
        ({"const": {"said": 'He said "I will not go there" and left.'}}, "quotation marks or backslashes"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "'oneOf'"),
        ({"type": "array", "items": {}, "maxItems": 100_000_000}, "'maxItems' with 100000000"),
        ({"type": "integer", "multipleOf": 1_000_003}, "'multipleOf'"),
        ({"type": "number", "multipleOf": 1.000003}, "'multipleOf'"),
    ],
)
def test_what_the_engine_would_ignore_is_refused_by_name(schema: dict[str, Any], named: str) -> None:
    with pytest.raises(UnsupportedRequest, match=named) as refused:
        json_values.grammar(checked(schema))
    assert "-m" in refused.value.then


@pytest.mark.parametrize("schema", [{"multipleOf": 0.01}, {"multipleOf": 1e-6}, {"maxItems": 10_000}])
def test_what_the_engine_can_count_to_is_no_refusal(schema: dict[str, Any]) -> None:
    assert json_values.grammar(checked(schema))


def test_a_refusal_says_where_the_keyword_stands() -> None:
    schema = closed(tags={"type": "array", "items": {"type": "object", "not": {}}})
    with pytest.raises(UnsupportedRequest, match="/properties/tags/items"):
        json_values.grammar(schema)


def test_a_grammar_that_the_engine_drops_is_an_error_and_no_answer(tiny_held: ModelFile) -> None:
    """Two limits that exclude each other: no grammar, and the engine answers anything, with status 200."""
    impossible = {"type": "integer", "minimum": 5, "maximum": 3}
    answer = Conversation(Local(tiny_held)).prompt("Give Eva as JSON.", schema=impossible, options={"seed": 1})
    with pytest.raises(BrokenAnswer, match="did not hold"):
        answer.text()
    assert answer.status == "failed"
    assert answer.partial()


def test_what_a_class_leaves_out_is_not_said_by_an_escape(tiny_held: ModelFile) -> None:
    """The engine lets an escaped mark through a class with control characters, so `[^"]` is sent without them."""
    model, wild = Local(tiny_held), {**WILD, "logit_bias": dict.fromkeys(QUOTE_OR_BACKSLASH, 6)}
    for seed, pattern in enumerate(['^[^"]{20,40}$', r"^[^é\\]{20,40}$", r'^[^"\\]{20,40}$'] * 2):
        schema = {"type": "string", "pattern": pattern}
        answer = Conversation(model).prompt("Give Eva as JSON.", schema=schema, options={**wild, "seed": seed})
        assert re.search(pattern, answer.json())


def test_annotations_and_unknown_formats_say_nothing() -> None:
    schema = {"type": "string", "title": "T", "description": "d", "default": "x", "format": "slug", "x-own": 1}
    assert json_values.enforceable(schema) == {"type": "string"}


def test_fields_that_nobody_listed_are_not_invented() -> None:
    listed = {"type": "object", "properties": {"a": {}}}
    assert json_values.enforceable(listed)["additionalProperties"] is False
    for open_ended in ({"additionalProperties": True}, {"patternProperties": {"^b": {}}}, {"required": ["b"]}):
        assert json_values.enforceable({**listed, **open_ended}).get("additionalProperties") is not False


def test_what_must_follow_several_schemas_is_left_open() -> None:
    both = {"allOf": [{"type": "object", "properties": {"a": {}}}, {"type": "object", "properties": {"b": {}}}]}
    assert "additionalProperties" not in json.dumps(json_values.enforceable(both))


# Patterns and formats


@given(text=st.text(alphabet="aZ0_ é-.\n(", max_size=6))
@pytest.mark.parametrize(
    "pattern", [r"^\d+$", r"\w", r"^[\w.-]*$", r"\s|a", r"^\D\S*$", r"[^\d\s]{2}", r"^\x61\u00e9?$", r"\.|\("]
)
def test_a_translated_pattern_means_the_same(pattern: str, text: str) -> None:
    """Judged by Python without its ASCII flag, as the engine reads classes. Control characters may be left out."""
    there = re.search(re.sub(r"\\x\{(\w+)\}", lambda code: re.escape(chr(int(code[1], 16))), translated(pattern)), text)
    here = re.search(pattern, text, re.ASCII)
    assert bool(there) <= bool(here)
    assert bool(there) == bool(here) or "\n" in text


@pytest.mark.parametrize("pattern", ["a++", "(?i:a)", r"\p{L}", "a{,3}", "a^b", "$a", r"\Aa", "(?P<n>a)"])
def test_a_pattern_with_another_meaning_there_is_refused(pattern: str) -> None:
    with pytest.raises(UnwritableError):
        translated(pattern)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_that_is_checked_has_a_pattern(name: str) -> None:
    assert name in PATTERNS


@pytest.mark.parametrize("name", sorted(PATTERNS))
@settings(max_examples=20)
@given(data=st.data())
def test_what_a_pattern_allows_the_format_accepts(name: str, data: st.DataObject) -> None:
    value = data.draw(st.from_regex(re.compile(PATTERNS[name], re.ASCII), fullmatch=True))
    assert FORMATS[name](value.removesuffix("\n"))


def test_leap_days_can_be_said() -> None:
    dates = re.compile(PATTERNS["date"])
    assert dates.match("2024-02-29")
    assert dates.match("2000-02-29")
    assert not dates.match("2023-02-29")
    assert not dates.match("1900-02-29")
    assert not dates.match("2026-06-31")


# Schemas that refer to themselves


def nested(depth: int) -> dict[str, Any]:
    return {"next": nested(depth - 1) if depth else None}


def test_what_refers_to_itself_ends() -> None:
    schema = closed(next={"anyOf": [{"type": "null"}, {"$ref": "#"}]})
    held = bounded(schema)
    assert not problems(nested(DEEPEST), held)
    assert problems(nested(DEEPEST + 1), held)
    assert not problems(nested(DEEPEST + 1), schema)


def test_what_can_never_end_is_left_as_it_is() -> None:
    endless = closed(next={"$ref": "#"})
    assert bounded(endless) == endless


def test_an_endless_schema_behind_another_ends_too() -> None:
    tree = closed(kids={"type": "array", "items": {"$ref": "#/$defs/tree"}})
    schema = closed(a={"$ref": "#/$defs/wrap"}) | {
        "$defs": {"wrap": closed(tree={"$ref": "#/$defs/tree"}), "tree": tree}
    }
    value: dict[str, Any] = {"kids": []}
    for _ in range(DEEPEST + 2):
        value = {"kids": [value]}
    assert not problems({"a": {"tree": value}}, schema)
    assert problems({"a": {"tree": value}}, bounded(schema))
