"""Rows become requests and come out with their answers; what can be known to be wrong is refused beforehand."""

import asyncio
import csv
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import curta
from curta.errors import SourceError, SourceNotText, TooExpensive, UsageError
from curta.mapping.writing import writer
from curta.messages import Document
from curta.sources.tables import count, read_table
from tests.servers.crowd import Crowd
from tests.servers.openai import Failure

ROWS = [{"id": 1, "text": "one"}, {"id": 2, "text": "two"}]


def mapped(words: str, rows: Any = ROWS, **how: Any) -> list[dict[str, Any]]:
    found = list(curta.map(words, rows, **{"model": "crowd", **how}))
    for row in found:
        row.pop("call", None)
    return found


def written(path: Path, rows: list[Any]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


# What is asked


def test_columns_are_put_into_the_words(crowd: Crowd) -> None:
    rows = [{"a": 1, "first name": "Ada", "on": True, "none": None, "list": [1, "é"]}]
    mapped("$a ${first name} $on $none ${list} $$a $5", rows)
    assert list(crowd.asked) == ['1 Ada true  [1, "é"] $a $5']


def test_each_row_comes_out_with_its_answer(crowd: Crowd) -> None:
    assert mapped("Say $text") == [{**row, "answer": f"Answer to Say {row['text']}"} for row in ROWS]


def test_a_prompt_that_names_no_column_is_asked_about_the_text_as_a_document() -> None:
    rows = [{"id": "mill-7", "text": "The mill was built in 1794."}]
    (row,) = curta.map("When was the mill built?", rows, model="extractive")
    assert row["answer"] == "The mill was built in 1794."
    assert curta.open_log().call(row["call"]).documents == (Document("The mill was built in 1794.", "rows#mill-7"),)


def test_any_column_can_be_sent_as_a_document() -> None:
    rows = [{"title": "Mill", "body": "The mill was built in 1794."}]
    (row,) = curta.map("When was the $title built?", rows, model="extractive", documents=["body"])
    assert row["answer"] == "The mill was built in 1794."


def test_the_only_column_needs_no_name() -> None:
    (row,) = curta.map("When was the mill built?", [{"note": "The mill was built in 1794."}], model="extractive")
    assert row["answer"] == "The mill was built in 1794."


def test_the_inputs_of_a_template_are_columns_and_those_given_are_the_same_for_all(crowd: Crowd, home: Path) -> None:
    (home / "templates").mkdir(parents=True)
    (home / "templates/pet.yaml").write_text("prompt: $count names for a $pet in $tone\ndefaults: {tone: earnest}\n")
    mapped("", [{"pet": "pelican"}, {"pet": "crow"}], template="pet", inputs={"count": "3"})
    assert set(crowd.asked) == {"3 names for a pelican in earnest", "3 names for a crow in earnest"}
    assert {call.template for call in curta.open_log().calls()} == {"pet"}


def test_the_system_prompt_may_have_columns(crowd: Crowd) -> None:
    mapped("$text", system="You are $id.")
    assert {request.body["messages"][0]["content"] for request in crowd.requests} == {"You are 1.", "You are 2."}


def test_the_fields_of_a_schema_become_columns(crowd: Crowd) -> None:
    crowd.answer = lambda words: json.dumps({"name": words, "age": 7})
    assert mapped("$text", schema="name, age int")[0] == {"id": 1, "text": "one", "name": "one", "age": 7}
    kept = mapped("$text", schema="name, age int", answer="found", again=True)
    assert kept[0] == {"id": 1, "text": "one", "found": {"name": "one", "age": 7}}


def test_async_code_iterates_over_the_rows_too(crowd: Crowd) -> None:
    async def ask() -> list[Any]:
        return [row["answer"] async for row in curta.map("$text", ROWS, model="crowd")]

    assert asyncio.run(ask()) == ["Answer to one", "Answer to two"]


# What goes wrong


@pytest.mark.parametrize(
    ("words", "how", "what"),
    [
        ("Say $txet", {}, r"no column 'txet'. Did you mean \$text"),
        ("Say $text", {"documents": ["body"]}, "no column 'body'"),
        ("", {}, "no prompt"),
        ("$text", {"answer": "id"}, "the rows have already"),
        ("$text", {"schema": "id, age int"}, "the rows have already"),
        ("Say", {"rows": [{"a": 1, "b": 2}]}, "names no column"),
        ("$text", {"concurrency": 0}, "At least one"),
    ],
)
def test_what_can_be_known_to_be_wrong_is_refused_before_anything_is_asked(
    crowd: Crowd, words: str, how: dict[str, Any], what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        mapped(words, **how)
    assert not crowd.asked


def test_a_row_that_fails_says_so_and_the_others_go_on(crowd: Crowd) -> None:
    crowd.answer = lambda words: Failure(400, "Nonsense.") if words == "one" else words
    first, second = mapped("$text")
    assert first.keys() == {"id", "text", "error"}
    assert "Nonsense." in first["error"]
    assert second["answer"] == "two"


def test_a_row_that_lacks_a_column_is_not_asked_about(crowd: Crowd) -> None:
    rows = [{"text": "one"}, {"id": 2}, {"text": "three"}]
    assert mapped("$text", rows)[1] == {"id": 2, "error": "rows, row 2, has no 'text'."}
    assert sorted(crowd.asked) == ["one", "three"]


def test_a_broken_line_is_a_row_with_an_error_in_its_place(crowd: Crowd, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "one"}\nbroken\n{"text": "three"}\n[4]\n')
    found = mapped("$text", str(path))
    assert [row.get("answer") for row in found] == ["Answer to one", None, "Answer to three", None]
    assert "line 2, is not JSON" in found[1]["error"]
    assert "line 4, is no JSON object" in found[3]["error"]


def test_a_file_of_which_nothing_can_be_read_is_refused(tmp_path: Path, crowd: Crowd) -> None:
    binary, broken = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    binary.write_bytes(bytes(range(256)) * 20)
    broken.write_text("no\njson\n")
    with pytest.raises(SourceNotText):
        mapped("$text", str(binary))
    with pytest.raises(SourceError, match="line 1, is not JSON"):
        mapped("$text", str(broken))


def test_no_rows_are_no_mistake(crowd: Crowd, tmp_path: Path) -> None:
    assert mapped("$text", []) == []
    assert mapped("$text", written(tmp_path / "empty.jsonl", [])) == []


# Again


def test_the_same_call_again_asks_nothing(crowd: Crowd) -> None:
    first = mapped("$text")
    again = curta.map("$text", ROWS, model="crowd")
    assert again.open() == (2, 0)
    assert [row["answer"] for row in again] == [row["answer"] for row in first]
    assert again.progress.reused == 2
    mapped("$text", again=True)
    assert set(crowd.asked.values()) == {2}


def test_rows_that_were_added_are_all_that_is_asked(crowd: Crowd, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    mapped("$text", written(path, ROWS))
    mapped("$text", written(path, [{"id": 3, "text": "three"}, *ROWS]))
    assert crowd.asked == {"one": 1, "two": 1, "three": 1}


def test_other_words_begin_anew(crowd: Crowd) -> None:
    mapped("$text")
    assert curta.map("Now $text", ROWS, model="crowd").open() == (0, 0)


def test_without_a_log_nothing_is_kept(crowd: Crowd) -> None:
    for _ in range(2):
        mapped("$text", log=False)
    assert crowd.asked["one"] == 2
    assert curta.open_log().count() == 0


def test_only_some_rows_at_first_and_the_others_later(crowd: Crowd) -> None:
    assert len(mapped("$text", limit=1)) == 1
    assert len(mapped("$text")) == 2
    assert crowd.asked == {"one": 1, "two": 1}


def test_an_estimate_counts_what_is_left_and_asks_nothing(crowd: Crowd) -> None:
    from curta.models import price_table
    from curta.models.prices import Price

    price_table.set_own("crowd", Price(1_000, 1_000, "2020-01-01"))
    mapped("$text", limit=1)
    rows = [*ROWS, {"text": "two"}, {"id": 4}]
    found = curta.map("$text", rows, model="crowd", options={}).estimate()
    assert (found.rows, found.calls, found.reused, found.bad) == (4, 1, 2, 1)
    assert found.input > 0
    assert found.cost
    assert sum(crowd.asked.values()) == 1


def test_what_it_may_cost_is_kept_to(crowd: Crowd) -> None:
    with pytest.raises(TooExpensive, match="price of crowd is unknown"):
        mapped("$text", max_cost=1)
    assert not crowd.asked


# Forms of rows


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.jsonl", '{"id": "1", "text": "one"}\n\n{"id": "2", "text": "two, too"}\n'),
        ("rows.csv", 'id,text\n1,one\n2,"two, too"\n'),
        ("rows.tsv", "id\ttext\n1\tone\n2\ttwo, too\n"),
        ("rows.json", '[{"id": "1", "text": "one"}, {"id": "2", "text": "two, too"}]'),
    ],
)
def test_rows_are_read_from_files_of_every_form(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    path = str(tmp_path / name)
    assert [dict(row.values) for row in read_table(path)] == [
        {"id": "1", "text": "one"},
        {"id": "2", "text": "two, too"},
    ]
    assert count(path) == 2


def test_lines_of_a_text_are_rows_too(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_bytes("one\r\n\nzwölf\n".encode())
    assert [row.values for row in read_table(str(tmp_path / "names.txt"))] == [{"text": "one"}, {"text": "zwölf"}]


def test_rows_are_read_from_a_query(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.execute("CREATE TABLE mail (id, subject)")
        database.executemany("INSERT INTO mail VALUES (?, ?)", [(1, "one"), (2, "two")])
    rows = read_table(f"sqlite:{tmp_path / 'shop.db'}?SELECT subject FROM mail ORDER BY id DESC")
    assert [row.values for row in rows] == [{"subject": "two"}, {"subject": "one"}]


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20)


@given(rows=st.lists(st.fixed_dictionaries({"a": CELLS, "b": CELLS}), min_size=1, max_size=5))
def test_what_is_written_is_read_back(rows: list[dict[str, str]]) -> None:
    for form, delimiter in (("csv", ","), ("tsv", "\t")):
        header, as_text = writer(form, ("a", "b"))  # type: ignore[arg-type]
        lines = (header + "".join(map(as_text, rows))).split("\n")
        assert list(csv.DictReader([line + "\n" for line in lines[:-1]], delimiter=delimiter)) == rows
    _, as_json = writer("jsonl", ())
    assert [json.loads(as_json(row)) for row in rows] == rows
