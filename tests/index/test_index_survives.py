"""What happens to an index when a process is killed, when two write at once, and when the disk is full."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

import curta.index
from curta.errors import IndexFileError
from curta.index import file
from curta.index.adding import Report, add
from curta.index.check import check
from curta.index.index import Index
from curta.messages import Document

ADD = """
import sys
import curta.index
from curta.messages import Document
with curta.index.open("notes", create=True) as index:
    print("ready", flush=True)
    for number in range(int(sys.argv[2])):
        text = f"{sys.argv[1]} {number}. " + "Words and more words. " * 400
        chunks = index.add(Document(text, f"{sys.argv[1]}{number}")).chunks
        index.put_vectors("m", [(chunk, [1.0, number]) for chunk in chunks])
        index.remove(f"{sys.argv[1]}{number - 3}")
"""


def adding(name: str, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", ADD, name, str(count)], stdout=subprocess.PIPE, text=True)


def sound(index: Index) -> bool:
    return not any(each.problem for each in check(index))


@pytest.mark.parametrize("moment", [0.01, 0.05, 0.13])
def test_a_killed_process_leaves_whole_documents(home: Path, moment: float) -> None:
    process = adding("a", 100_000)
    assert process.stdout
    process.stdout.readline()
    time.sleep(moment)
    process.kill()
    process.wait()
    process.stdout.close()
    with curta.index.open("notes") as index:
        assert sound(index)
        for row in index.documents():
            document = index.document(row.uri)
            assert document
            assert document.text.endswith("Words and more words. ")
        index.add(Document("And on it goes.", "b"))
        assert sound(index)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize(("moment", "later"), [(0.0, 0.0), (0.1, 0.01), (0.3, 0.05)])
def test_a_command_killed_while_it_heeds_ctrl_c_is_taken_up_where_it_was(
    home: Path, tmp_path: Path, moment: float, later: float
) -> None:
    rows, command = tmp_path / "rows.jsonl", [sys.executable, "-m", "curta", "index", "add", "notes"]
    rows.write_text("".join(json.dumps({"id": str(n), "text": f"Row {n} is here. " * 40}) + "\n" for n in range(1500)))
    process = subprocess.Popen([*command, str(rows), "--lexical"], stderr=subprocess.DEVNULL)
    while not curta.index.path_of("notes").exists() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(moment)
    process.send_signal(signal.SIGINT)
    time.sleep(later)
    process.kill()
    process.wait()
    with curta.index.open("notes") as index:
        assert sound(index)
        there = index.count()
        again = Report()
        for event in add(index, [str(rows)]):
            again.take(event)
        assert again.counts.get("unchanged", 0) == there
        assert index.count() == 1500
        assert sound(index)


def test_two_processes_add_at_once_from_the_first_moment(home: Path) -> None:
    both = [adding("a", 20), adding("b", 20)]
    for process in both:
        process.communicate(timeout=60)
        assert process.returncode == 0
    with curta.index.open("notes") as index:
        assert index.count() == 6
        assert sound(index)


FULL = """
import resource
import curta.index
from curta.errors import IndexFileError
from curta.messages import Document
index = curta.index.open("notes", create=True)
index.add(Document("The first one.", "first"))
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
try:
    for number in range(1000):
        index.add(Document(f"{number} " + "Words and more words. " * 3000, f"d{number}"))
except IndexFileError as error:
    print(error.what, error.why)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of the size of files are POSIX's")
def test_a_full_disk_is_said_and_loses_nothing_that_was_there(home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, timeout=60, env=os.environ)
    assert "cannot be used now" in done.stdout, done.stderr
    with curta.index.open("notes") as index:
        assert index.document("first") == Document("The first one.", "first")
        assert sound(index)
        assert index.add(Document("There is room again.", "later")).status == "added"


class WithoutFullText(sqlite3.Connection):
    """SQLite as it answers when it was built without FTS5."""

    def execute(self, sql: str, *values):  # type: ignore[no-untyped-def, override]
        if sql == "PRAGMA compile_options":
            return super().execute("SELECT column1 FROM (VALUES ('THREADSAFE=1'))")
        if "fts5" in sql:
            raise sqlite3.OperationalError("no such module: fts5")
        return super().execute(sql, *values)


def test_a_python_without_full_text_search_is_told_so(
    home: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file.sqlite3, "connect", partial(sqlite3.connect, factory=WithoutFullText))
    for name in ("notes", "new"):
        with pytest.raises(IndexFileError, match=r"no full-text search \(FTS5\)"):
            curta.index.open(name, create=True)
    assert curta.index.names() == ["notes"]
