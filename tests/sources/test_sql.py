"""Rows of SQLite databases, which are only read."""

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from curta.errors import CurtaError, SourceError, SourceNotFound, SourceNotText
from curta.sources import load, load_records
from curta.sources.records import Fields


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    database = sqlite3.connect("n.db")
    database.execute("CREATE TABLE notes (id, title, body, blob)")
    rows = [(1, "One", "words", b"\xff"), (2, None, None, None), (None, None, "more", b"bytes")]
    database.executemany("INSERT INTO notes VALUES (?, ?, ?, ?)", rows)
    database.commit()
    database.close()
    return tmp_path


def test_a_row_of_a_query_is_a_document(here: Path) -> None:
    problems = list[CurtaError]()
    found = list(load_records("sqlite:n.db?SELECT *, body AS text FROM notes", problem=problems.append))
    assert [(each.document.uri, each.document.title, each.document.text) for each in found] == [
        ("n.db#1", "One", "words"),
        ("n.db#row=3", "", "more"),
    ]
    assert found[1].metadata == {"body": "more", "blob": "bytes"}
    assert [error.what for error in problems] == ["n.db, row 2, has no text."]


def test_fields_name_the_columns(here: Path) -> None:
    (record,) = load_records("SQLite:n.db?SELECT * FROM notes WHERE id = 1", fields=Fields(text="body"))
    assert record.document.text == "words"


def test_a_prompt_may_read_rows_too(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[str]()
    monkeypatch.setattr("curta.errors.tell", told.append)
    assert [each.text for each in load("sqlite:n.db?SELECT body AS text FROM notes")] == ["words", "more"]
    assert told == ["n.db, row 2, has no text."]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "Its tables: notes."),
        ("SELECT * FROM nots", "no such table: nots. Its tables: notes."),
        ("SELECT 1 AS text; SELECT 2", "one statement at a time. Its tables"),
        ("DELETE FROM notes", "it may only read"),
        ("ATTACH 'x.db' AS x", "it may only read"),
        ("PRAGMA table_list", "it may only read"),
        ("SELECT load_extension('x') AS text", "it may only read"),
        ("SELECT * FROM notes", "It has: id, title, body, blob."),
    ],
)
def test_a_query_that_cannot_be_run(here: Path, query: str, why: str) -> None:
    before = Path("n.db").read_bytes()
    with pytest.raises(SourceError) as caught:
        load(f"sqlite:n.db?{query}")
    assert why in caught.value.why
    assert caught.value.then
    assert Path("n.db").read_bytes() == before
    assert [path.name for path in here.iterdir()] == ["n.db"]


def test_what_is_no_database(here: Path) -> None:
    Path("a.txt").write_text("words")
    with pytest.raises(SourceNotText, match=r"a\.txt is no SQLite database"):
        load("sqlite:a.txt?SELECT 1")
    with pytest.raises(SourceNotFound, match=r"no\.db"):
        load("sqlite:no.db?SELECT 1")
    Path("broken.db").write_bytes(b"SQLite format 3\0" + bytes(5_000))
    with pytest.raises(SourceError, match="cannot be run"):
        load("sqlite:broken.db?SELECT text FROM notes")


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_ctrl_c_ends_a_query_without_end(here: Path) -> None:
    query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT max(i) AS text FROM n"
    program = f"from curta.sources import load\nprint('on', flush=True)\nload('sqlite:n.db?{query}')"
    running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert running.stdout
        assert running.stdout.readline() == b"on\n"
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in running.communicate(timeout=20)[1]
    finally:
        running.kill()
