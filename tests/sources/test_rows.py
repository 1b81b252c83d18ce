"""Files of records: one Document for each row, and a bad row loses nothing but itself."""

import csv
import io
import json
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.errors import CurtaError, SourceError, SourceNotText
from curta.sources import lines, load, load_records, stream
from curta.sources.records import Fields, NoTextField, Record
from curta.sources.rows import read_rows


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(data: bytes | str, kind: str = "csv", fields: Fields = Fields()) -> tuple[list[Record], list[str]]:  # noqa: B008
    problems = list[CurtaError]()
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return list(read_rows(file, kind, "f", fields, problems.append)), [str(error) for error in problems]  # type: ignore[arg-type]


def texts(data: bytes | str, kind: str = "csv") -> list[tuple[str, str]]:
    return [(record.document.uri, record.document.text) for record in rows(data, kind)[0]]


def test_a_row_is_a_document_and_its_other_fields_are_metadata(here: Path) -> None:
    Path("a.jsonl").write_text('{"id": 7, "title": "T", "text": "words", "year": 2026, "tags": ["a"]}\n')
    ((document, metadata),) = load_records("a.jsonl")
    assert (document.uri, document.title, document.text) == ("a.jsonl#7", "T", "words")
    assert metadata == {"year": 2026, "tags": ["a"]}
    assert list(stream("a.jsonl")) == [document]


def test_for_reading_a_table_is_one_text(here: Path) -> None:
    for name in ("a.jsonl", "a.csv", "a.json"):
        Path(name).write_text('[{"id": 7,\n"text": "words"}]')
        (document,) = load(name)
        assert document.text == '[{"id": 7,\n"text": "words"}]'


def test_which_fields_are_meant_can_be_said() -> None:
    found, _ = rows('{"_id": "x", "head": "T", "body": "words", "id": 3}', "jsonl", Fields("_id", "head", "body"))
    assert found[0].document.uri == "f#x"
    assert found[0].metadata == {"id": 3}


def test_rows_without_an_id_are_named_by_their_line() -> None:
    assert texts('{"text": "a"}\n\n{"text": "b", "id": null}', "jsonl") == [("f#line=1", "a"), ("f#line=3", "b")]
    assert texts('text\n"a\nb"\nc\n') == [("f#line=2", "a\nb"), ("f#line=4", "c")]


def test_two_rows_of_one_id_are_both_given() -> None:
    assert texts("id,text\n1,a\n1,b\n") == [("f#1", "a"), ("f#1", "b")]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("nope", "f, line 2, is not JSON.\nExpecting value at character 1."),
        ("[1]", "f, line 2, is no JSON object."),
        ('{"id": 1}', "f, line 2, has no field 'text'.\nIt has: id.\nSay which one holds the text: --text-field NAME"),
        ('{"text": " "}', "f, line 2, has no text."),
        ("[" * 100_000, "f, line 2, is not JSON."),
    ],
)
def test_a_bad_line_of_json_loses_only_itself(row: str, problem: str) -> None:
    found, problems = rows('{"text": "a"}\n' + row + '\n{"text": "b"}\n', "jsonl")
    assert [record.document.text for record in found] == ["a", "b"]
    assert problems[0].startswith(problem)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("1,a,b", "f, line 3, has 3 columns, and the header 2.\nA comma in a text needs quotation marks"),
        ('1,"a\n2,b', "f, line 3, has a quotation mark that is never closed."),
        ("1", "f, line 3, has no field 'text'.\nIt has: id."),
    ],
)
def test_a_bad_row_of_csv_loses_only_itself(row: str, problem: str) -> None:
    found, problems = rows(f"id,text\n0,first\n{row}\n3,last\n")
    assert [record.document.text for record in found][-1] == "last"
    assert problems[0].startswith(problem)


def test_without_a_listener_the_first_problem_is_raised() -> None:
    with pytest.raises(SourceError, match="line 2, is not JSON"):
        list(read_rows(io.BytesIO(b'{"text": "a"}\nnope'), "jsonl", "f"))


@pytest.mark.parametrize(("kind", "data"), [("csv", "id,body\n1,a\n" * 50), ("jsonl", '{"id": 1, "body": "a"}\n' * 50)])
def test_a_table_without_the_field_is_one_error_that_names_those_it_has(kind: str, data: str) -> None:
    with pytest.raises(NoTextField) as caught:
        rows(data, kind)
    assert str(caught.value) == (
        "f has no field 'text'.\nIt has: id, body.\nSay which one holds the text: --text-field NAME"
    )


@pytest.mark.parametrize(
    "data",
    [
        "id;text\r\n1;a,b\r\n",
        "id\ttext\n1\ta,b\n",
        'id|text\n1|"a,b"\n',
        '\ufeffid,text\r1,"a,b"\r',
        "id,text\n1,\"a,b\"".encode("utf-16"),
    ],
)  # fmt: skip
def test_separators_line_ends_and_marks(data: str | bytes) -> None:
    assert texts(data) == [("f#1", "a,b")]


def test_encodings() -> None:
    assert texts("text\ncafé\n".encode("cp1252")) == [("f#line=2", "café")]
    assert texts("text\ncafé and tea and more é\n".encode() + b"caf\xe9\n")[-1] == ("f#line=3", "caf\ufffd")
    with pytest.raises(SourceNotText, match="a picture"):
        rows(b"\x89PNG\r\n\x1a\n\0\0")


def test_empty_tables() -> None:
    for data in ("", "\n\n", "id,text\n"):
        assert rows(data) == ([], [])
        assert rows("" if "," in data else data, "jsonl") == ([], [])


def test_a_line_without_end_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 40)
    found, problems = rows('{"text": "a"}\n{"text": "' + "x" * 200 + '"}\n{"text": "b"}', "jsonl")
    assert [record.document.text for record in found] == ["a", "b"]
    assert problems == ["f, line 2, is longer than 0 million characters."]
    found, problems = rows("text\na\n" + "x" * 200 + "\nb\n")
    assert [record.document.text for record in found] == ["a", "b"]


def test_an_array_of_objects_is_a_table_and_other_json_is_not(here: Path) -> None:
    Path("a.json").write_text('[{"id": 1, "text": "a"}, 5, {"text": "b"}]')
    Path("b.json").write_text('{"text": "a"}')
    problems = list[CurtaError]()
    assert [document.uri for document in stream("a.json", problem=problems.append)] == ["a.json#1", "a.json#/2"]
    assert [error.what for error in problems] == ["a.json, item 2, is no object."]
    assert list(stream("b.json")) == load("b.json")


_CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from('\n",\t'), max_size=12)


@settings(max_examples=60)
@given(st.lists(st.tuples(_CELL, _CELL.filter(str.strip)), max_size=6))
def test_what_csv_writes_is_read(written: list[tuple[str, str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([("title", "text"), *written])
    found, problems = rows(file.getvalue())
    assert [record.document.text for record in found] == [text for _, text in written]
    assert not problems


@settings(max_examples=60)
@given(st.binary(max_size=300), st.sampled_from(["csv", "tsv", "jsonl"]))
def test_whatever_is_in_it_nothing_else_is_raised(data: bytes, kind: str) -> None:
    with suppress(SourceError):
        rows(b"text\n" * (kind != "jsonl") + data, kind)


def test_a_large_file_is_read_in_the_memory_of_a_row(here: Path) -> None:
    with open("a.jsonl", "w") as file:
        file.writelines(json.dumps({"id": i, "text": "words " * 200}) + "\n" for i in range(2_500))
    tracemalloc.start()
    try:
        assert sum(1 for _ in stream("a.jsonl")) == 2_500
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
