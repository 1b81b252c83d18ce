"""--schema in every form, answers that do not follow it, `curta schemas`, `curta logs --data`."""

import json
from pathlib import Path

import pytest

import curta as api
from curta.errors import SchemaNotFollowed
from curta.schemas import shorthand
from tests.cli.conftest import Curta

DOG = "name, age int"


def test_the_shorthand_is_a_schema(added: Curta) -> None:
    assert added("-m", "schema", "--schema", DOG, "A dog").json == {"name": "text", "age": 1}
    assert added("-m", "schema", "--schema-multi", DOG, "Dogs").json == {"items": [{"name": "text", "age": 1}]}


def test_a_schema_is_found_by_file_name_id_and_template(added: Curta, tmp_path: Path, home: Path) -> None:
    (tmp_path / "dog.json").write_text(json.dumps(shorthand(DOG)))
    added("schemas", "save", "dog", DOG)
    (home / "templates").mkdir()
    (home / "templates" / "kennel.yaml").write_text(f"schema_object: {json.dumps(shorthand(DOG))}")
    (listed,) = added("schemas", "--json").json
    for spec in ("dog.json", "dog", listed["id"], listed["id"][:6], "t:kennel", json.dumps(shorthand(DOG))):
        assert added("schemas", "show", spec).json == shorthand(DOG), spec
    assert api.schema("dog", multi=True)["required"] == ["items"]


@pytest.mark.parametrize(
    ("spec", "named"),
    [
        ("nosuch.json", "is no file, no schema"),
        ("", "is no file, no schema"),
        ("{", "not valid JSON"),
        ("[1]", "is an object"),
        ('{"requierd": []}', "'requierd'"),
        ("name, age integer", "'integer'"),
        ("t:summarize", "has no schema"),
        ("t:nosuch", "no template"),
    ],
)
def test_what_names_no_schema_is_said_and_nothing_is_sent(added: Curta, openai_server, spec: str, named: str) -> None:  # type: ignore[no-untyped-def]
    done = added("-m", "schema", "--schema", spec, "A dog")
    assert (done.code, named in done.err, openai_server.requests) == (2, True, [])


def test_an_answer_that_does_not_follow_its_schema_ends_with_3_and_is_kept(added: Curta, openai_server) -> None:  # type: ignore[no-untyped-def]
    openai_server.script('{"name": "Rex", "age": "seven"}')
    done = added("-m", "schema", "--schema", DOG, "A dog")
    assert done.code == 3
    assert json.loads(done.out) == {"name": "Rex", "age": "seven"}
    assert 'at /age: "seven" is not a whole number' in done.err
    assert "seven" in added("logs", "-r").out
    assert added("-m", "hello", "--schema", DOG, "A dog").code == 3


def test_from_python_json_is_what_the_schema_says_or_an_error(openai_server, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-for-nobody")
    assert api.prompt("A dog", model="openai/schema", schema=DOG).json() == {"name": "text", "age": 1}
    openai_server.script('{"name": "Rex"}')
    with pytest.raises(SchemaNotFollowed, match="'age' is missing"):
        api.prompt("A dog", model="openai/schema", schema=shorthand(DOG)).json()


def test_schemas_lists_what_is_kept_and_what_was_used(added: Curta) -> None:
    added("-m", "schema", "--schema", DOG, "A dog")
    added("-m", "schema", "--schema", DOG, "Another")
    added("schemas", "save", "place", "city, country")
    named, used = (json.loads(line) for line in added("schemas", "--nl").out.splitlines())
    assert (named["name"], named["times_used"], named["recently_used"]) == ("place", 0, None)
    assert (used["content"], used["times_used"]) == (shorthand(DOG), 2)
    shown = added("schemas", "-q", "age").out
    assert "{name, age}" in shown
    assert "2 times" in shown
    assert "city" not in shown
    assert '"type": "integer"' in added("schemas", "--full").out
    assert added("schemas", "rm", "place").code == 0
    assert added("schemas", "rm", "place").code == 2


def test_a_used_schema_keeps_the_order_of_its_fields(added: Curta, openai_server) -> None:  # type: ignore[no-untyped-def]
    added("-m", "schema", "--schema", "reason, answer", "Why?")
    (listed,) = added("schemas", "--json").json
    added("-m", "schema", "--schema", listed["id"], "Why?")
    sent = openai_server.requests[-1].body["response_format"]["json_schema"]["schema"]
    assert list(sent["properties"]) == ["reason", "answer"]


def test_dsl_spells_the_shorthand_out(curta: Curta) -> None:
    assert curta("schemas", "dsl", DOG).json == shorthand(DOG)
    assert curta("schemas", "dsl", DOG, "--multi").json["required"] == ["items"]
    assert curta("schemas", "dsl", "name, age years").code == 2


def test_data_is_what_the_answers_hold(added: Curta) -> None:
    added("-m", "schema", "--schema", DOG, "A dog")
    added("-m", "schema", "--schema-multi", DOG, "Dogs")
    added("-m", "hello", "no data")
    dog = {"name": "text", "age": 1}
    assert [json.loads(line) for line in added("logs", "--data").out.splitlines()] == [dog, {"items": [dog]}]
    assert added("logs", "--schema", DOG, "--data-array").json == [dog]
    assert added("logs", "--schema-multi", DOG, "--data-array", "--data-key", "items").json == [dog]
    (found,) = added("logs", "--schema", DOG, "--data-array", "--data-ids").json
    assert found["response_id"] == added("logs", "--schema", DOG, "--json").json[0]["id"]
    assert added("logs", "--schema", "other, fields", "--data-array").json == []
