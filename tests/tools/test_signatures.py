"""A Python signature as the schema a model is told, and a model's arguments as the values the function gets."""

import datetime
import functools
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, Optional, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.errors import ToolError, UsageError
from curta.tools import of
from curta.tools.forms import form
from curta.tools.signature import signature


class Colour(Enum):
    RED = "red"
    GREEN = "green"


@dataclass
class Point:
    x: int
    y: int = 0


class Named(TypedDict, total=False):
    name: str


UserId = NewType("UserId", int)


def property_of(annotation: Any) -> Any:
    return dict(form(annotation).schema)


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (list, {"type": "array", "items": {}}),
        (dict, {"type": "object"}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (tuple[int, str], {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
                           "minItems": 2, "maxItems": 2}),
        (set[str], {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Optional[int], {"anyOf": [{"type": "integer"}, {"type": "null"}]}),  # noqa: UP045
        (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal["a", 1], {"enum": ["a", 1]}),
        (Colour, {"type": "string", "enum": ["red", "green"]}),
        (Annotated[int, "how many"], {"type": "integer", "description": "how many"}),
        (datetime.date, {"type": "string", "format": "date"}),
        (Path, {"type": "string"}),
        (UserId, {"type": "integer"}),
        (Any, {}),
        (Point, {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
                 "required": ["x"], "additionalProperties": False}),
    ],
)  # fmt: skip
def test_each_type_has_its_schema(annotation: Any, schema: Any) -> None:
    assert property_of(annotation) == schema


@pytest.mark.parametrize(
    ("annotation", "sent", "got"),
    [
        (str, 5, "5"),
        (int, "5", 5),
        (int, 5.0, 5),
        (float, "1.5", 1.5),
        (float, 2, 2.0),
        (bool, "true", True),
        (bool, "False", False),
        (list[int], ["1", 2], [1, 2]),
        (tuple[int, str], [1, "a"], (1, "a")),
        (set[str], ["a", "a"], {"a"}),
        (int | str, "5", "5"),
        (int | str, 5, 5),
        (int | None, None, None),
        (Literal["a", "b"], "b", "b"),
        (Literal[1, 2], "2", 2),
        (Colour, "green", Colour.GREEN),
        (datetime.date, "2026-11-22", datetime.date(2026, 11, 22)),
        (Path, "a/b", Path("a/b")),
        (Point, {"x": "3"}, Point(3)),
        (list[Point], [{"x": 1, "y": 2}], [Point(1, 2)]),
        (Named, {"name": "Ada"}, {"name": "Ada"}),
    ],
)
def test_what_can_be_meant_in_one_way_is_read_that_way(annotation: Any, sent: Any, got: Any) -> None:
    read = form(annotation).read(sent)
    assert read == got
    assert type(read) is type(got)


@pytest.mark.parametrize(
    ("annotation", "sent", "complaint"),
    [
        (int, "five", "should be a whole number, not 'five'"),
        (int, True, "should be a whole number, not True"),
        (int, 1.5, "should be a whole number, not 1.5"),
        (bool, 1, "should be true or false, not 1"),
        (bool, "yes", "should be true or false"),
        (str, ["a"], "should be a text"),
        (Literal["a", "b"], "c", "should be one of 'a', 'b', not 'c'"),
        (Literal[1], True, "should be one of 1, not True"),
        (list[int], [1, "x"], "at [1] should be a whole number, not 'x'"),
        (dict[str, list[int]], {"a": [None]}, "at .a at [0] should be a whole number, not None"),
        (Point, {}, "lacks x"),
        (Point, {"x": 1, "z": 2}, "has nothing called z; it has x, y"),
        (int | None, "x", "should be a whole number, not 'x' or should be null, not 'x'"),
        (datetime.date, "tomorrow", "should be a date as ISO 8601 has it"),
        (str, {"a": "b" * 1000}, "…"),
    ],
)
def test_anything_else_is_an_error_a_model_can_act_on(annotation: Any, sent: Any, complaint: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the words are compared
        form(annotation).read(sent)
    assert complaint in str(raised.value)
    assert len(str(raised.value)) < 300


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON_VALUES)
@pytest.mark.parametrize(
    "annotation",
    [int, float, bool, str, list[int], dict[str, float], int | None, Literal["a", 1, True], Colour, Point, Named,
     datetime.datetime, tuple[int, str], set[str]],
    ids=str,
)  # fmt: skip
def test_reading_gives_a_value_or_a_value_error(annotation: Any, sent: Any) -> None:
    with suppress(ValueError):
        form(annotation).read(sent)


def weather(city: str, days: int = 1, *, unit: Literal["C", "F"] = "C") -> str:
    """Say the weather.

    From a place that knows.

    Args:
        city: the name of the city,
            as people there write it
        days (int): how many days ahead

    Returns:
        a sentence
    """
    return f"{city} {days} {unit}"


def test_a_docstring_describes_the_function_and_its_arguments() -> None:
    tool = signature(weather).tool
    assert tool.name == "weather"
    assert tool.description == "Say the weather.\n\nFrom a place that knows.\n\nReturns:\n    a sentence"
    assert tool.parameters == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "the name of the city, as people there write it"},
            "days": {"type": "integer", "description": "how many days ahead", "default": 1},
            "unit": {"type": "string", "enum": ["C", "F"], "default": "C"},
        },
        "required": ["city"],
        "additionalProperties": False,
    }


def test_sphinx_docstrings_are_understood_too() -> None:
    def add(a: int, b: int) -> int:
        """Add.

        :param a: the first
        :param int b: the second
        """
        return a + b

    tool = signature(add).tool
    assert tool.description == "Add."
    assert [each["description"] for each in tool.parameters["properties"].values()] == ["the first", "the second"]


def test_every_wrong_argument_is_named_at_once() -> None:
    with pytest.raises(ToolError) as raised:
        signature(weather).bind({"days": "soon", "town": "Rome"})
    assert str(raised.value) == (
        "The arguments of weather do not fit: days should be a whole number, not 'soon'; "
        "there is no argument 'town'; it takes city, days, unit; city is missing."
    )


def test_all_kinds_of_parameters_can_be_filled() -> None:
    def every(a: int, /, b: int, *, c: int = 3, **more: Any) -> Any:
        return a, b, c, more

    (function,) = of(every)
    assert function.call(a="1", b=2, d=[4]) == (1, 2, 3, {"d": [4]})
    assert "additionalProperties" not in function.tool.parameters


def test_partials_lambdas_and_objects_that_can_be_called_are_functions() -> None:
    class Greeter:
        def __call__(self, name: str) -> str:
            """Greet."""
            return f"Hello {name}"

    partial = functools.partial(weather, days=3)
    functools.update_wrapper(partial, weather)
    assert of(Greeter())[0].tool.description == "Greet."
    assert of(Greeter())[0].call(name="Ada") == "Hello Ada"
    assert of(partial)[0].call(city="Rome") == "Rome 3 C"


def test_what_no_json_can_fill_is_refused_with_its_name() -> None:
    def draw(canvas: bytearray) -> None: ...

    with pytest.raises(UsageError, match="canvas of draw has a type a model cannot fill in: bytearray"):
        of(draw)


def test_types_that_cannot_be_found_are_refused() -> None:
    def lost(a: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(UsageError, match="The types of lost cannot be read"):
        of(lost)


@pytest.mark.parametrize("name", ["grösse", "a b", "", "x" * 65, "1a"])
def test_names_that_some_provider_refuses_are_refused_here(name: str) -> None:
    def tool() -> None: ...

    tool.__name__ = name
    with pytest.raises(UsageError, match="cannot be the name of a tool"):
        of(tool)
