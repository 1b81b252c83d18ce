"""An index can be taken elsewhere, and made again: nothing of it is lost on the way."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet
import pytest

import curta.index
from curta.errors import ConfigError, UsageError
from curta.index import export, restoring
from curta.index.index import Index
from curta.index.search import Recipe
from curta.index.stores import address
from curta.index.stores.postgres import PostgresIndex
from curta.index.stores.store import Store
from curta.messages import Document, Span

if TYPE_CHECKING:
    from tests.servers.postgres import PostgresServer

LONG = "\n\n# Title\n\n" + "\n\n".join(f"Paragraph {n}\tholds \\N and 100 % of it. " * 30 for n in range(6)) + "\n"


@pytest.fixture
def notes(index: Index) -> Index:
    """Two documents with vectors, one without."""
    index.add(Document("It's small.", "a'b\\c", "Ä title", (Span(0, 4, "Ada", "p1"),)), vectors={"m": [[1, 2, 2]]})
    chunks = index.add(Document(LONG, "long.md"), metadata={"year": 1999, "tags": ["x"]}).chunks
    index.put_vectors("m", [(chunk, [3, chunk, 1]) for chunk in chunks])
    index.add(Document("No vector: 熊.", "c"))
    return index


def contents(store: Store, model: str | None = "m") -> list[object]:
    """All there is in an index, to be compared."""
    return [
        (each.document, each.row.metadata, each.row.sha256, [(*piece[:3], _rounded(piece[3])) for piece in each.pieces])
        for each in store.kept(model)
    ]


def _rounded(vector: list[float] | None) -> list[float] | None:
    return vector and [round(value, 2) for value in vector]


@pytest.fixture
def other(home: Path) -> Iterator[Index]:
    with curta.index.open("other", create=True) as opened:
        yield opened


def test_lines_of_json_make_the_same_index_again(notes: Index, other: Index, tmp_path: Path) -> None:
    export.write(notes, tmp_path / "notes.jsonl")
    events = list(restoring.restore(other, restoring.read(tmp_path / "notes.jsonl")))
    assert [event.status for event in events] == ["added"] * 3
    assert contents(other) == contents(notes)
    again = list(restoring.restore(other, restoring.read(tmp_path / "notes.jsonl")))
    assert [event.status for event in again] == ["unchanged"] * 3


def test_a_line_of_json_holds_a_document_its_passages_and_vectors(notes: Index) -> None:
    first, *_ = (json.loads(line) for line in export.lines(notes))
    assert set(first) == {
        "uri", "title", "sha256", "language", "trust", "metadata", "spans", "text", "model", "passages"
    }  # fmt: skip
    assert first["model"] == "m"
    assert first["passages"] == [
        {"start": 0, "end": 11, "header": "", "vector": pytest.approx([1 / 3, 2 / 3, 2 / 3], abs=1e-3)}
    ]


def test_what_is_no_export_or_was_changed_is_named(other: Index, notes: Index, tmp_path: Path) -> None:
    lines = list(export.lines(notes))
    changed = lines[0].replace("small", "large")
    path = tmp_path / "x.jsonl"
    path.write_bytes("".join([changed, "{}\n", "[]\n", "no json\n", lines[2], "\n"]).encode() + b"\xff\n")
    events = list(restoring.restore(other, restoring.read(path)))
    assert [event.status for event in events] == ["failed"] * 4 + ["added", "failed"]
    assert "changed after it was exported" in events[0].why
    assert other.count() == 1


def test_vectors_of_other_passages_are_left_out_and_that_is_said(other: Index) -> None:
    saved = restoring.Saved(Document(LONG, "long.md"), None, [(0, 3), (3, 9)], [[1.0], [1.0]], "m")
    (event,) = restoring.restore(other, [saved])
    assert event.status == "added"
    assert "its vectors were left out" in event.why
    assert other.models() == []


def test_parquet_has_a_row_for_each_passage(notes: Index, tmp_path: Path) -> None:
    export.write(notes, tmp_path / "notes.parquet", "parquet")
    rows = pyarrow.parquet.read_table(tmp_path / "notes.parquet").to_pylist()
    text = {document.uri: document.text for document in (each.document for each in notes.kept())}
    assert len(rows) == notes.info().chunks
    assert all(row["text"] == text[row["uri"]][row["start"] : row["end"]] for row in rows)
    assert [len(row["vector"]) for row in rows if row["vector"]] == [3] * notes.models()[0].size
    assert json.loads(rows[-1]["metadata"]) == {"year": 1999, "tags": ["x"]}


def test_a_failed_export_leaves_the_old_file(notes: Index, tmp_path: Path) -> None:
    path = tmp_path / "notes.sql"
    path.write_text("old")
    notes.add(Document("a\0b", "zero"))
    with pytest.raises(UsageError, match="NUL"):
        export.write(notes, path, "pgvector")
    with pytest.raises(UsageError, match="no vectors of other"):
        export.write(notes, path, model="other")
    with pytest.raises(UsageError, match="cannot be exported as 'xml'"):
        export.write(notes, path, "xml")
    with pytest.raises(ConfigError):
        export.write(notes, tmp_path / "nowhere" / "x.jsonl")
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


@pytest.fixture
def in_database(home: Path, postgres: "PostgresServer") -> Iterator[Callable[[], PostgresIndex]]:
    """Opens the index `notes` that was put into the database; it is removed afterwards."""
    with ExitStack() as stack:

        def opened() -> PostgresIndex:
            there = stack.enter_context(PostgresIndex("notes", address.parse(postgres.url)))
            stack.callback(there.remove)
            return there

        yield opened


def test_sql_is_loaded_by_psql_as_the_same_index(
    notes: Index, postgres: "PostgresServer", in_database: Callable[[], PostgresIndex]
) -> None:
    postgres.sql("".join(export.lines(notes, "pgvector")))
    there, by_words = in_database(), Recipe(lexical=True)
    assert contents(there) == contents(notes)
    found = [[hit[2:] for hit in store.search("small paragraph", recipe=by_words)] for store in (notes, there)]
    assert found[0] == [(pytest.approx(hit[0], rel=1e-2), *hit[1:]) for hit in found[1]]
    assert there.upsert(Document("One more.", "d"), vectors={"m": [[1, 1, 1]], "n": [[1]]}).status == "added"
    assert there.info().vectors == {"m": notes.models()[0].size + 1, "n": 1}


def test_an_index_is_copied_into_a_database_and_back(
    notes: Index, other: Index, postgres: "PostgresServer", in_database: Callable[[], PostgresIndex]
) -> None:
    assert [event.status for event in export.into(notes, postgres.url)] == ["added"] * 3
    there = in_database()
    assert contents(there) == contents(notes)
    assert [event.status for event in restoring.copy(there, other, "m")] == ["added"] * 3
    assert contents(other) == contents(notes)
