"""A damaged log of `llm` is read as far as it can be, the rest is named, and no command fails for it."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from curta import llm_home
from curta.api import prompting
from curta.llm_home.past_log import past_log
from curta.store import Filter
from tests.cli.conftest import Curta
from tests.llm_home.directories import OLD_TABLES

CALLS = 3000


@pytest.fixture
def many(empty_llm_folder: Path) -> Path:
    """A log of the older form with thousands of calls, as large rows on many pages."""
    path = empty_llm_folder / "logs.db"
    connection = sqlite3.connect(path)
    connection.executescript(OLD_TABLES)
    connection.executemany(
        "INSERT INTO responses (id, model, prompt, response, conversation_id, datetime_utc)"
        " VALUES (?, 'm', ?, ?, ?, ?)",
        [
            (f"01j00000000000000000{n:06}", f"question {n}", "answer " * 40, f"01j00000000000000000{n:06}",
             f"2024-06-10T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}+00:00")
            for n in range(CALLS)
        ],
    )  # fmt: skip
    connection.commit()
    connection.close()
    return path


def spoil(path: Path, page: int) -> None:
    with open(path, "r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xa5" * 4096)


def leaf_of(path: Path, prompt: str) -> int:
    """The page that holds this text."""
    return path.read_bytes().index(prompt.encode()) // 4096


def test_a_whole_log_of_thousands_is_read_by_pages(many: Path) -> None:
    assert [call.prompt for call in past_log().calls(Filter(limit=2))] == ["question 2999", "question 2998"]
    assert sum(1 for _ in past_log().calls()) == CALLS
    assert [call.prompt for call in past_log().calls(Filter(oldest_first=True, limit=1))] == ["question 0"]
    assert past_log().count(Filter(query="question")) == CALLS


def test_calls_on_both_sides_of_the_damage_are_read(many: Path, curta: Curta) -> None:
    spoil(many, leaf_of(many, "question 1500"))
    found = [call.prompt for call in past_log().calls()]
    assert "question 2999" in found
    assert "question 0" in found
    assert "question 1500" not in found
    assert len(found) > CALLS - 30
    assert len(set(found)) == len(found)
    done = curta("logs", "-n", "0", "-s")
    assert done.code == 0
    assert "question 0 " in done.out
    assert f"{many} of llm cannot be read in full" in done.err


def test_a_damaged_index_of_words_is_searched_without_it(many: Path) -> None:
    connection = sqlite3.connect(many)
    connection.execute("DELETE FROM responses_fts_data WHERE id > 10")
    connection.commit()
    connection.close()
    assert [call.prompt for call in past_log().calls(Filter(query="question 2999"))] == ["question 2999"]


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 5000, bytes(8192)])
def test_what_is_no_log_reads_as_an_empty_one(empty_llm_folder: Path, curta: Curta, content: bytes) -> None:
    (empty_llm_folder / "logs.db").write_bytes(content)
    curta("-m", "extractive", "What now?", stdin="It is raining now.")
    for arguments in (
        ["logs"],
        ["logs", "-q", "raining"],
        ["-c", "What?"],
        ["logs", "show"],
        ["plugins", "import-llm", "--logs"],
    ):
        done = curta(*arguments)
        assert done.code == 0, done.err
        assert "foresee" not in done.err
    assert "raining" in curta("logs").out


def test_a_log_cut_in_half_is_read_as_far_as_it_goes(many: Path, curta: Curta) -> None:
    with open(many, "r+b") as file:
        file.truncate(many.stat().st_size // 8192 * 4096)
    assert curta("logs").code == 0
    done = curta("logs", "-n", "0", "-s")
    assert done.code == 0
    assert "cannot be read in full" in done.err


def test_a_write_ahead_log_is_read_from_a_copy(many: Path) -> None:
    """The last calls of an `llm` that was killed in write-ahead mode stand beside the database."""
    program = f"""if True:
        import os, sqlite3
        connection = sqlite3.connect({str(many)!r})
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO responses (id, model, prompt, response, datetime_utc)"
                           " VALUES ('01k00000000000000000000000', 'm', 'the last', '', '2025-01-01T00:00:00')")
        connection.commit()
        os._exit(0)
    """
    subprocess.run([sys.executable, "-c", program], check=True)
    beside = {path.name: path.read_bytes() for path in many.parent.iterdir()}
    assert "logs.db-wal" in beside
    assert next(past_log().calls()).prompt == "the last"
    assert {path.name: path.read_bytes() for path in many.parent.iterdir()} == beside


def test_a_hot_journal_is_undone_in_a_copy(many: Path) -> None:
    """An `llm` that was killed while it wrote leaves half a change and the journal to undo it."""
    program = f"""if True:
        import os, sqlite3
        connection = sqlite3.connect({str(many)!r}, isolation_level=None)
        connection.execute("PRAGMA cache_size = 5")
        connection.execute("BEGIN")
        connection.execute("UPDATE responses SET response = 'half written'")
        os._exit(0)
    """
    subprocess.run([sys.executable, "-c", program], check=True)
    beside = {path.name: path.read_bytes() for path in many.parent.iterdir()}
    assert "logs.db-journal" in beside
    assert next(past_log().calls()).response.startswith("answer")
    assert {path.name: path.read_bytes() for path in many.parent.iterdir()} == beside


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_log_that_may_not_be_read_is_named(many: Path, curta: Curta) -> None:
    many.chmod(0)
    done = curta("logs")
    assert done.code == 0
    assert "cannot be read" in done.err


def test_a_ring_of_messages_ends(empty_llm_folder: Path) -> None:
    connection = sqlite3.connect(empty_llm_folder / "logs.db")
    connection.executescript(
        "CREATE TABLE messages (hash TEXT PRIMARY KEY, parent_hash TEXT, role TEXT, provider_metadata TEXT);"
        "CREATE TABLE parts (id INTEGER PRIMARY KEY, message_hash TEXT, position INTEGER, type TEXT, tool_name TEXT,"
        " text TEXT, payload TEXT);"
        "CREATE TABLE turns (id TEXT PRIMARY KEY, thread_id TEXT, parent_message_hash TEXT, tip_message_hash TEXT,"
        " model TEXT, resolved_model TEXT, options_json TEXT, schema_id TEXT, input_tokens INTEGER,"
        " output_tokens INTEGER, token_details TEXT, duration_ms INTEGER, datetime_utc TEXT);"
        "INSERT INTO messages VALUES ('a', 'b', 'user', NULL), ('b', 'a', 'assistant', NULL);"
        "INSERT INTO parts VALUES (1, 'a', 0, 'text', NULL, 'round', NULL), (2, 'b', 0, 'tool_call', 'x', NULL, '{'),"
        " (3, 'b', 1, 'nonsense', NULL, NULL, '{\"text_ref\": 7}'), (4, 'b', 2, 'tool_result', NULL, NULL, '[]');"
        "INSERT INTO turns VALUES ('01j00000000000000000000000', 'thread', 'a', 'b', NULL, NULL, '[1]', 'none', -5,"
        " 'many', '{', 'long', 'some day');"
    )
    connection.commit()
    connection.close()
    (call,) = past_log().calls()
    assert call.model == ""
    assert call.options == {}
    assert call.input_tokens is None
    assert [message.role for message in call.messages()] == ["user", "assistant"]
    assert prompting.logs().call(call.id).id == call.id
    assert llm_home.trouble() is not None
