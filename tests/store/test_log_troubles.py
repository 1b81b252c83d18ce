"""A log that cannot be written or read: the answer is never lost, the file is never touched, people are told."""

import json
import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import pytest

from curta.errors import LogCorrupt, LogError, LogTooNew, LogUnavailable
from curta.events import UsageReport
from curta.messages import Document, Message, Reasoning, Request, Text, user
from curta.store import Entry, Filter, Log, Outcome, database, open_log

Say = Callable[..., Entry]

ANSWER = Outcome(
    "ok",
    Message("assistant", (Reasoning("hm"), Text("an answer"))),
    "m-1",
    UsageReport(3, 4),
    0.5,
    "stop",
    None,
    10,
    20,
)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process has the log and does not let go of it."""
    code = (
        f"import sqlite3; c = sqlite3.connect({str(path)!r}); c.execute('BEGIN EXCLUSIVE'); print(flush=True); input()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as process:  # type: ignore[call-overload]
        process.stdout.readline()
        yield
        process.kill()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "TIMEOUT", 0.1)
    monkeypatch.setattr(database.connect, "__defaults__", (0.1,))


def spooled(home: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_text()) for path in sorted((home / "spool").glob("*.json"))]


@pytest.mark.usefixtures("impatient")
def test_call_to_a_locked_log_is_spooled_and_taken_in(log: Log, say: Say, home: Path) -> None:
    say("before")
    log.close()
    document = Document("the text", "a.txt")
    with locked(log.path):
        entry = log.begin(Request("m", (user(document, "during"),), {"temperature": 1}), template="t", caller="map")
        entry.checkpoint("an", "h")
        entry.write_checkpoint()
        assert spooled(home)[0]["outcome"] is None
        assert spooled(home)[0]["partial"] == Message("assistant", (Reasoning("h"), Text("an"))).to_dict()
        entry.finish(ANSWER)
        assert log.record_check(entry.id, {"quotes": []}) == []
    assert len(entry.warnings) == 1
    assert "locked" in entry.warnings[0]
    assert str(home / "spool") in entry.warnings[0]
    file = next((home / "spool").iterdir())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert log.status().spooled == 1
    after = say("after")
    assert after.warnings == []
    assert not (home / "spool").exists()
    expected = {
        "conversation_id": entry.id,
        "model": "m",
        "resolved_model": "m-1",
        "reasoning": "hm",
        "prompt": "during",
        "response": "an answer",
        "options": {"temperature": 1},
        "template": "t",
        "caller": "map",
        "duration_ms": 20,
        "first_token_ms": 10,
        "input_tokens": 3,
        "output_tokens": 4,
        "cost": 0.5,
        "finish": "stop",
        "quotes": {"quotes": []},
        "documents": [{"uri": "a.txt", "title": "", "sha256": document.sha256, "characters": 8}],
    }
    logged = log.call(entry.id).to_dict()
    assert {name: logged[name] for name in expected} == expected
    assert [call.prompt for call in log.calls()] == ["after", "during", "before"]


@pytest.mark.usefixtures("impatient")
def test_log_that_is_locked_while_the_answer_arrives_loses_nothing(log: Log, home: Path) -> None:
    entry = log.begin(Request("m", (user("?"),)))
    log.close()
    with locked(log.path):
        entry.finish(ANSWER)
        assert len(entry.warnings) == 1
    log.close()
    open_log().settle()
    call = log.call(entry.id)
    assert (call.status, call.response, call.cost) == ("ok", "an answer", 0.5)
    assert [call.id for call in log.calls(Filter(query="answer"))] == [entry.id]


@pytest.mark.usefixtures("impatient")
def test_spooled_call_is_not_taken_in_while_it_runs(log: Log, say: Say, home: Path) -> None:
    say("before")
    log.close()
    with locked(log.path):
        entry = log.begin(Request("m", (user("?"),)))
    say("other")
    assert len(spooled(home)) == 1
    entry.finish(ANSWER)
    log.settle()
    assert spooled(home) == []
    assert log.call(entry.id).status == "ok"


def test_spooled_call_of_a_dead_process_is_interrupted(log: Log, say: Say, home: Path) -> None:
    home.mkdir()
    (home / "log.db").mkdir()
    code = """
from curta.messages import Request, user
from curta.store import open_log
import os
entry = open_log().begin(Request("m", (user("?"),)))
entry.checkpoint("half an")
entry.write_checkpoint()
os._exit(1)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    (home / "log.db").rmdir()
    log.settle()
    assert [(call.status, call.response) for call in log.calls()] == [("interrupted", "half an")]


@pytest.mark.usefixtures("impatient")
def test_taking_in_twice_changes_nothing(log: Log, say: Say, home: Path) -> None:
    say("before")
    log.close()
    with locked(log.path):
        entry = log.begin(Request("m", (user("during"),)))
        entry.finish(ANSWER)
    copy = shutil.copytree(home / "spool", home / "copy")
    log.settle()
    (home / "spool").mkdir()
    for file in copy.iterdir():
        shutil.move(file, home / "spool" / file.name)
    log.settle()
    assert [call.id for call in log.calls(Filter(query="during"))] == [entry.id]
    with log._database.reading() as connection:
        connection.execute("INSERT INTO call_search (call_search, rank) VALUES ('integrity-check', 1)")


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"curta": 1}', '{"curta": 99, "id": "x"}', "\0\xff"])
def test_spool_file_that_is_no_call_is_left_alone(log: Log, say: Say, home: Path, content: str) -> None:
    (home / "spool").mkdir(parents=True)
    file = home / "spool" / "x.json"
    file.write_bytes(content.encode("latin-1"))
    assert say("hello").warnings == []
    log.settle()
    assert file.read_bytes() == content.encode("latin-1")


def test_half_understood_spool_file_leaves_no_half_call(log: Log, say: Say, home: Path) -> None:
    say("before")
    (home / "spool").mkdir()
    value = {
        "curta": 1,
        "id": "01m80hp7s930cgknhpknhn2af8",
        "conversation": "01m80hp7s930cgknhpknhn2af8",
        "caller": "x",
    }
    rest = {"template": None, "resolved_model": None, "started": 1, "verdict": None, "partial": None}
    request = Request("m", (user("half"),)).to_dict()
    file = home / "spool" / "01m80hp7s930cgknhpknhn2af8.json"
    file.write_text(json.dumps({**value, **rest, "request": request, "outcome": {"status": "ok"}}))
    log.settle()
    assert [call.prompt for call in log.calls()] == ["before"]
    assert file.exists()


def test_when_nothing_can_be_written_the_answer_is_still_finished(home: Path) -> None:
    home.write_text("a file where the folder should be")
    entry = open_log().begin(Request("m", (user("?"),)))
    entry.checkpoint("an")
    entry.write_checkpoint()
    tip = entry.finish(ANSWER)
    assert tip.length == 1
    assert "not logged" in entry.warnings[0]
    assert "curta logs status" in entry.warnings[0]
    assert home.read_text() == "a file where the folder should be"


FULL = """
import resource, sys
from curta.messages import Request, assistant, user
from curta.store import Outcome, open_log
log = open_log()
for number in range(30):
    entry = log.begin(Request("m", (user("first"),)))
    entry.finish(Outcome("ok", assistant(f"short {number}")))
entry = log.begin(Request("m", (user("second"),)))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
entry.finish(Outcome("ok", assistant("long " * 40_000)))
print(entry.warnings)
"""


@pytest.mark.parametrize(("room", "told"), [(400_000, "in the log yet"), (1000, "is not logged")])
def test_full_disk_spools_or_says_so(log: Log, home: Path, room: int, told: str) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(room)], capture_output=True, text=True, check=True)
    assert told in done.stdout
    log.settle()
    responses = [call.response for call in log.calls()]
    assert len(responses) == 31
    assert responses[0] == ("long " * 40_000 if told == "in the log yet" else "")
    assert log.call().status == ("ok" if told == "in the log yet" else "interrupted")


@pytest.mark.parametrize("damage", ["header", "middle", "short"])
def test_damaged_log_is_named_and_kept(log: Log, say: Say, home: Path, damage: str) -> None:
    for number in range(20):
        say(f"prompt {number}", answer="word " * 500)
    log.close()
    content = bytearray(log.path.read_bytes())
    if damage == "header":
        content[:100] = b"not a database at all" + bytes(79)
    elif damage == "middle":
        content[4096:] = os.urandom(len(content) - 4096)
    else:
        del content[len(content) // 3 :]
    log.path.write_bytes(content)
    with pytest.raises(LogCorrupt) as caught:
        list(open_log().calls())
    assert str(log.path) in str(caught.value)
    assert "mv " in caught.value.then
    entry = open_log().begin(Request("m", (user("precious"),)))
    entry.finish(ANSWER)
    assert str(log.path) in entry.warnings[0]
    assert log.path.read_bytes() == content
    log.path.rename(home / "log.db.damaged")
    say("a new log")
    assert "precious" in [call.prompt for call in log.calls()]


def test_file_of_another_program_is_left_alone(log: Log, home: Path) -> None:
    home.mkdir()
    foreign = sqlite3.connect(home / "log.db")
    foreign.execute("CREATE TABLE message (body)")
    foreign.close()
    before = log.path.read_bytes()
    with pytest.raises(LogCorrupt, match="not a log of Curta"):
        log.call()
    entry = log.begin(Request("m", (user("?"),)))
    entry.finish(ANSWER)
    assert entry.warnings
    assert log.path.read_bytes() == before


def test_log_of_a_newer_curta_is_not_touched(log: Log, say: Say, home: Path) -> None:
    say("before")
    with log._database.writing() as connection:
        connection.execute("INSERT INTO migration VALUES ('store', 99, 0)")
    log.close()
    with pytest.raises(LogTooNew, match=r"log\.db"):
        open_log().call()
    entry = open_log().begin(Request("m", (user("?"),)))
    entry.finish(ANSWER)
    assert "newer Curta" in entry.warnings[0]
    assert len(spooled(home)) == 1


def test_migrations_of_other_rooms_run_once_even_in_parallel(log: Log, say: Say, home: Path) -> None:
    say("before")
    code = """
from curta.store import migrations, open_log
script = "CREATE TABLE bed (x); INSERT INTO bed VALUES (';')"
migrations.register("garden", [script, lambda connection: connection.execute("INSERT INTO bed VALUES (2)")])
with open_log()._database.writing() as connection:
    print(connection.execute("SELECT count(*) FROM bed").fetchone()[0])
"""
    processes = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(8)]
    assert [process.communicate()[0] for process in processes] == ["2\n"] * 8
    assert log.call().prompt == "before"


def test_migration_that_fails_changes_nothing(log: Log, say: Say) -> None:
    from curta.store import migrations

    say("before")
    try:
        migrations.register("broken", ["CREATE TABLE half (x)", "INSERT INTO nowhere VALUES (1)"])
        with pytest.raises(LogError):
            log.call()
    finally:
        del migrations._rooms["broken"]
    with log._database.reading() as connection:
        assert connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchone() is None


def test_log_moved_away_under_a_running_program_begins_anew(log: Log, say: Say, home: Path) -> None:
    say("old")
    log.path.rename(home / "old.db")
    say("new")
    assert [call.prompt for call in log.calls()] == ["new"]


READ_ONLY = """
import os, urllib.parse  # what is imported later may be out of reach
from curta.messages import Request, user
from curta.store import Outcome, open_log
os.setgid(65534); os.setuid(65534)
log = open_log()
log_calls = [call.prompt for call in log.calls()]
entry = log.begin(Request("m", (user("?"),)))
entry.finish(Outcome("ok"))
print(log_calls, entry.warnings)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody who may not write")
def test_log_in_a_folder_that_cannot_be_written_is_still_read(log: Log, say: Say, home: Path, tmp_path: Path) -> None:
    say("before")
    log.close()
    for path in (home, *home.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for folder in takewhile(lambda folder: folder != Path(tempfile.gettempdir()), home.parents):
        folder.chmod(folder.stat().st_mode | 0o055)
    done = subprocess.run([sys.executable, "-c", READ_ONLY], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("['before']"), done.stderr
    assert "is not logged" in done.stdout


def test_every_error_of_the_log_says_what_to_do(log: Log, say: Say, home: Path) -> None:
    say("x")
    error = database.explain(_sqlite_error("SELECT * FROM nothing"), log.path)
    assert isinstance(error, LogCorrupt)
    assert error.then
    assert isinstance(LogUnavailable("x"), LogError)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0


def _sqlite_error(statement: str) -> sqlite3.Error:
    try:
        sqlite3.connect(":memory:").execute(statement)
    except sqlite3.Error as error:
        return error
    raise AssertionError
