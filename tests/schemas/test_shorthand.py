"""The shorthand for schemas, as users of llm know it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.errors import UsageError
from curta.schemas import checked, id_of, items_of, shorthand, summary


def test_a_field_is_a_name_a_type_and_a_description() -> None:
    assert shorthand("name, age int, weight float, tame bool, bio: short bio") == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "age": {"type": "integer"},
            "weight": {"type": "number"},
            "tame": {"type": "boolean"},
            "bio": {"type": "string", "description": "short bio"},
        },
        "required": ["name", "age", "weight", "tame", "bio"],
    }


def test_fields_on_lines_of_their_own_may_have_commas_in_their_descriptions() -> None:
    schema = shorthand("\nname: the dog's name\nbio: short, at most three sentences\n")
    assert schema["properties"]["bio"]["description"] == "short, at most three sentences"
    assert list(schema["properties"]) == ["name", "bio"]


def test_fields_keep_their_order() -> None:
    assert list(shorthand("reason, answer, doubt")["properties"]) == ["reason", "answer", "doubt"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("age integer", "'integer'"),
        ("name, name", "twice"),
        (": a description", "no name"),
        ("", "no fields"),
        (" , ,", "no fields"),
        ("name str short bio", "more than a name and a type"),
    ],
)
def test_what_is_no_shorthand_is_named(text: str, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        shorthand(text)


def test_several_stand_in_a_list_called_items() -> None:
    schema = items_of(shorthand("name"))
    assert schema["properties"]["items"] == {"type": "array", "items": shorthand("name")}
    assert schema["required"] == ["items"]


def test_a_summary_shows_names_and_nesting() -> None:
    assert summary(items_of(shorthand("name, age int"))) == "{items: [{name, age}]}"
    assert summary({"type": "string"}) == "string"
    assert summary({}) == "any"


def test_a_schema_inside_itself_has_a_summary_that_ends() -> None:
    endless: dict[str, object] = {"type": "object"}
    endless["properties"] = {"again": endless}
    assert summary(endless).endswith("…}}}}}}}}}")


def test_the_id_does_not_depend_on_the_order_of_fields() -> None:
    assert id_of({"a": 1, "b": 2}) == id_of({"b": 2, "a": 1})
    assert len(id_of(shorthand("name"))) == 32


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, unique=True))
def test_every_shorthand_is_a_schema_that_can_be_enforced(names: list[str]) -> None:
    schema = shorthand(", ".join(names))
    assert checked(schema) == schema
    assert schema["required"] == names
