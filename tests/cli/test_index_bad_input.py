"""What an index is given is not always good: it says so, keeps what is, and stays whole."""

import json
import os
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Curta
from tests.sources.pdfs import pdf


def documents(curta: Curta, name: str) -> list[str]:
    assert curta("index", "check", name).code == 0
    return [os.path.basename(row["uri"]) for row in curta("index", "info", name, "--documents", "--json").json]


def test_a_pdf_that_cannot_be_opened_is_named_and_the_others_are_added(curta: Curta, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    whole = pdf("The otter swims at night.", title="On otters", author="Ada Lutra")
    (folder / "good.pdf").write_bytes(whole)
    (folder / "locked.pdf").write_bytes(pdf("Secret.", password="hunter2"))
    (folder / "broken.pdf").write_bytes(whole[:200])
    (folder / "empty.pdf").write_bytes(b"")
    done = curta("index", "add", "papers", "papers", "--lexical")
    assert done.code == 1
    assert "1 added, 3 failed" in done.err
    assert "locked.pdf is encrypted" in done.err
    assert "broken.pdf is no PDF, or a broken one" in done.err
    assert documents(curta, "papers") == ["good.pdf"]
    found = curta("search", "papers", "otter")
    assert found.out.startswith(" 1  On otters  by Ada Lutra  ")
    assert "metadata" not in curta("search", "papers", "otter", "--json").json[0]


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="sockets in a folder are POSIX's")
def test_sockets_pipes_and_loops_of_links_are_passed_by(
    curta: Curta, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "odd"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "a.txt").write_text("The otter swims.")
    (folder / "inner" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "itself").symlink_to("itself")
    (folder / "nowhere.txt").symlink_to("gone.txt")
    os.mkfifo(folder / "pipe.txt")
    monkeypatch.chdir(folder)  # the path of a socket has to be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.txt")
        done = curta("index", "add", "odd", str(folder))
    assert done.code == 0, done.err
    assert documents(curta, "odd") == ["a.txt"]


def test_a_model_that_changes_its_vectors_midway_is_named_and_the_index_stays_whole(
    curta: Curta, tmp_path: Path, openai_server: Any
) -> None:
    rows = [{"id": str(number), "text": f"text {number}"} for number in range(150)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = curta("index", "add", "x", "rows.jsonl", "-m", f"{openai_server.url}#embed-changing")
    assert done.code == 1
    assert "gave a vector of 72 dimensions; 64 were expected" in done.err
    assert "another model" in done.err
    assert len(documents(curta, "x")) == 150
    assert curta("search", "x", "text 7", "--lexical").code == 0


def test_without_its_model_an_index_can_be_searched_by_words(curta: Curta, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The otter swims.")
    model = "http://127.0.0.1:1/v1#nomic"
    done = curta("index", "add", "x", "a.txt", "-m", model)
    assert (done.code, f"gets one by: curta index add x -m {model}" in done.err) == (1, True)
    assert len(curta("search", "x", "otter", "--json").json) == 1


def test_vectors_of_another_length_than_the_indexs_are_refused(
    curta: Curta, tmp_path: Path, openai_server: Any
) -> None:
    model = f"{openai_server.url}#embed-changing"
    (tmp_path / "a.txt").write_text("The otter swims.")
    (tmp_path / "b.txt").write_text("The badger digs.")
    assert curta("index", "add", "x", "a.txt", "-m", model).code == 0
    done = curta("index", "add", "x", "b.txt")
    assert done.code == 1
    assert "have 64 dimensions; this one has 72" in done.err
    asked = curta("search", "x", "who digs")
    assert asked.code == 1
    assert "have 64 dimensions, the one given 80" in asked.err


def test_an_index_of_another_model_is_refused_and_both_are_named(
    curta: Curta, tmp_path: Path, openai_server: Any
) -> None:
    first, second = (f"{openai_server.url}#{name}" for name in ("embed-one", "embed-two"))
    (tmp_path / "a.txt").write_text("The otter swims.")
    curta("index", "add", "x", "a.txt", "-m", first)
    done = curta("index", "add", "x", "a.txt", "-m", second)
    assert done.code == 1
    assert f"The index x was embedded with {first}, not with {second}." in done.err


def test_two_rows_with_one_id_are_reported(curta: Curta, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"id": "1", "text": "first"}\n{"id": "1", "text": "second"}\n')
    done = curta("index", "add", "x", "rows.jsonl", "--lexical")
    assert done.code == 1
    assert "rows.jsonl#1: Another document before it has the same id; that one was kept." in done.err
    assert curta("search", "x", "first", "--json").json[0]["text"] == "first"


@pytest.mark.parametrize(
    ("question", "found"),
    [("of them", 1), ("🦦", 0), ("the 🦦 of the", 1), ("otter " * 17_000, 1)],
    ids=["stop words", "emoji", "emoji and stop words", "100 KB"],
)
def test_odd_questions_are_answered(curta: Curta, tmp_path: Path, question: str, found: int) -> None:
    (tmp_path / "a.txt").write_text("Otters 🦦 swim, most of them. An otter sleeps.")
    curta("index", "add", "x", "a.txt", "--lexical")
    done = curta("search", "x", question, "--json")
    assert (done.code, len(done.json)) == (0, found)


def test_rows_of_a_database_are_kept_in_step_by_its_full_path(curta: Curta, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "notes.db") as db:
        db.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)")
        db.execute("INSERT INTO note (text) VALUES ('The otter swims.'), ('The badger digs.')")
    assert curta("index", "add", "x", "sqlite:notes.db?SELECT id, text FROM note", "--lexical").code == 0
    with sqlite3.connect(tmp_path / "notes.db") as db:
        db.execute("DELETE FROM note WHERE id = 2")
    (spec,) = curta("index", "info", "x", "--json").json["sources"]
    assert spec == f"sqlite:{tmp_path}/notes.db?SELECT id, text FROM note"
    (tmp_path / "notes.db").rename(tmp_path / "away.db")
    assert curta("index", "sync", "x").code == 1
    assert len(curta("index", "info", "x", "--documents", "--json").json) == 2
    (tmp_path / "away.db").rename(tmp_path / "notes.db")
    assert "1 unchanged, 1 removed" in curta("index", "sync", "x").err
