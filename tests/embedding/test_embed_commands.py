"""`curta embed`, `embed-multi`, `similar`, `collections`, `embed-models`, as a user runs them."""

import json
import os
import signal
import sqlite3
import struct
import subprocess
import time
from base64 import b64decode
from pathlib import Path

import pytest

from tests.cli.conftest import PROGRAM, Curta, curta, terminal
from tests.servers import embeddings

__all__ = ["curta", "terminal"]


@pytest.fixture
def model(openai_server) -> str:
    return f"{openai_server.url}#embed"


def floats(data: bytes) -> list[float]:
    return list(struct.unpack(f"<{len(data) // 4}f", data))


def test_a_vector_is_printed_in_each_form(curta: Curta, model: str, tmp_path: Path) -> None:
    expected = pytest.approx(embeddings.vector("hi there"), abs=1e-6)
    assert curta("embed", "-m", model, "-c", "hi there").json == expected
    assert floats(b64decode(curta("embed", "-m", model, "-c", "hi there", "-f", "base64").out)) == expected
    assert floats(bytes.fromhex(curta("embed", "-m", model, "-c", "hi there", "-f", "hex").out)) == expected
    with (tmp_path / "blob").open("wb") as file:
        command = [*PROGRAM, "embed", "-m", model, "-c", "hi there", "-f", "blob"]
        subprocess.run(command, stdout=file, stdin=subprocess.DEVNULL, check=True)
    assert floats((tmp_path / "blob").read_bytes()) == expected


def test_bytes_are_not_printed_on_a_terminal(terminal, model: str) -> None:
    running = terminal("embed", "-m", model, "-c", "hi", "-f", "blob")
    assert running.wait() == 2
    assert b"Bytes are nothing to look at" in running.screen


def test_it_is_said_where_texts_go_and_only_when_they_leave(curta: Curta, model: str) -> None:
    assert "goes" not in curta("embed", "-m", model, "-c", "hi").err
    done = curta("embed", "-m", "3-small", "-c", "hi")
    assert done.code == 1
    assert "What is embedded goes to api.openai.com." in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("embed", "things"),
        ("embed", "--store", "-c", "x"),
        ("embed", "things", "a", "-c", "x", "--metadata", "[1]"),
        ("embed", "things", "a", "-c", "x", "--metadata", "{"),
        ("embed", "-i", "nowhere.txt"),
        ("embed",),
        ("embed-multi", "things"),
        ("embed-multi", "things", "rows.csv"),
        ("embed-multi", "things", "--files", ".", "*.md", "--format", "csv"),
        ("embed-multi", "things", "--sql", "select"),
        ("embed-multi", "things", "--sql", "select 1"),
        ("embed-multi", "things", "--sql", "select 1, 2", "--attach", "x", "nowhere.db"),
        ("similar", "things", "-c", "x"),
        ("similar", "things"),
        ("collections", "delete", "things"),
        ("collections", "list", "-d", "nowhere.db"),
        ("embed-models", "rm", "nobody"),
    ],
)
def test_a_slip_is_told_in_a_sentence_and_leaves_nothing(curta: Curta, words: tuple[str, ...], model: str) -> None:
    chosen = ("-m", model) if words[0].startswith("embed") and words[0] != "embed-models" else ()
    done = curta(*words, *chosen)
    assert done.code in (1, 2)
    assert done.err.startswith("curta: ")
    assert "did not foresee" not in done.err
    assert curta("collections", "--json").json == []


def test_a_query_reads_and_never_writes(curta: Curta, model: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "own.db") as own:
        own.execute("CREATE TABLE t (id, a, b)")
        own.execute("INSERT INTO t VALUES (1, 'red', 2.5), ('b', NULL, x'ff')")
    attached = ("--attach", "own", "own.db", "-m", model)
    assert curta("embed-multi", "things", "--sql", "DELETE FROM own.t RETURNING id, a", *attached).code == 1
    assert curta("embed-multi", "things", "--sql", "SELECT * FROM own.t", "--store", *attached).code == 0
    found = [json.loads(line) for line in curta("similar", "things", "-c", "red").out.splitlines()]
    assert {each["id"]: each["content"] for each in found} == {"1": "red 2.5", "b": " \N{REPLACEMENT CHARACTER}"}


def test_vectors_go_into_the_database_they_come_from(curta: Curta, model: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "own.db") as own:
        own.execute("CREATE TABLE t (id, a)")
        own.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"text {n}") for n in range(300)])
    own.close()
    done = curta("embed-multi", "things", "-d", "own.db", "--sql", "SELECT id, a FROM t", "-m", model)
    assert (done.code, done.err) == (0, "Embedded 300.\n")


def test_a_killed_run_goes_on_where_it_was(curta: Curta, model: str, home: Path, tmp_path: Path, openai_server) -> None:
    rows = "".join(f"{n},text {n}\n" for n in range(800))
    (tmp_path / "rows.csv").write_text("id,text\n" + rows)
    command = [*PROGRAM, "embed-multi", "things", "rows.csv", "-m", model, "--batch-size", "20"]
    process = subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len(openai_server.requests) < 8 and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.wait()
    done = curta("embed-multi", "things", "rows.csv", "-m", model)
    assert done.code == 0
    assert "unchanged" in done.err
    assert curta("collections", "--json").json[0]["num_embeddings"] == 800
    assert curta("index", "check", "things").code == 0
    assert sum(len(each.body["input"]) for each in openai_server.requests) <= 820


def test_ctrl_c_ends_a_run_and_says_that_it_goes_on(terminal, model: str, tmp_path: Path, openai_server) -> None:
    (tmp_path / "rows.csv").write_text("id,text\n" + "".join(f"{n},text {n}\n" for n in range(20_000)))
    running = terminal("embed-multi", "things", "rows.csv", "-m", model, "--batch-size", "10")
    running.read_until(b"Embedding 30 of 20,000")
    running.interrupt()
    assert running.wait() == 130
    assert b"goes on from there" in running.screen


def test_two_at_once_both_end_well(curta: Curta, model: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("id,text\n" + "".join(f"{name}{n},{name} {n}\n" for n in range(300)))
    started = [
        subprocess.Popen([*PROGRAM, "embed-multi", "things", f"{name}.csv", "-m", model], cwd=tmp_path)
        for name in ("a", "b")
    ]
    assert [each.wait(60) for each in started] == [0, 0]
    assert curta("collections", "--json").json[0]["num_embeddings"] == 600


def test_text_of_others_is_made_safe_on_a_terminal(curta: Curta, terminal, model: str) -> None:
    assert curta("embed", "things", "evil\x1b[2J", "-c", "a\x1b]52;c;AAAA\x07b", "--store", "-m", model).code == 0
    running = terminal("similar", "things", "-c", "b", "--plain")
    assert running.wait() == 0
    assert b"\x1b[2J" not in running.screen
    assert b"\x1b]52" not in running.screen


def test_what_was_embedded_is_no_conversation_to_go_on_with(curta: Curta, model: str, openai_server) -> None:
    from curta.models import registry

    registry.add("echo", url=openai_server.url, model="echo")
    curta("-m", "echo", "Hello")
    curta("embed", "-m", model, "-c", "something else")
    assert "Hello" in curta("-c", "Again").out


def test_no_log_leaves_no_trace(curta: Curta, model: str) -> None:
    curta("embed", "-m", model, "-c", "secret words", "--no-log")
    assert curta("logs", "--json").json == []


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_what_is_kept_is_for_its_owner_alone(curta: Curta, model: str, home: Path, tmp_path: Path) -> None:
    curta("embed", "things", "a", "-c", "x", "-m", model)
    curta("embed", "things", "a", "-c", "x", "-m", model, "-d", "own.db")
    for path in (home / "indexes/things.db", home / "embedding-cache.db", tmp_path / "own.db"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_closed_pipe_ends_it_quietly(model: str, curta: Curta, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,text\n" + "".join(f"{n},{n}\n" for n in range(500)))
    curta("embed-multi", "things", "rows.csv", "-m", model)
    line = f"{' '.join(PROGRAM)} similar things 1 -n 500 | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True)
    assert (done.returncode in (0, -signal.SIGPIPE), done.stderr) == (True, "")
