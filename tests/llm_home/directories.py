"""Directories of `llm`: one made by the real program talking to a loopback server, one of the older form by hand."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.servers.openai import OpenAIServer

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000050001"
    "0d0a2db40000000049454e44ae426082"
)
EXTRA = """\
- model_id: {name}
  model_name: {name}
  api_base: "{url}"
  can_stream: true
  supports_schema: true
  supports_tools: true
  vision: true
  aliases: [my-{name}]
"""
TOOL = "def shout(word: str) -> str:\n    'Say it louder'\n    return word.upper() + '!'\n"


RUN_ALL = """
import json, sys
from click.testing import CliRunner
from llm.cli import cli
for arguments in json.load(sys.stdin):
    done = CliRunner().invoke(cli, arguments)
    if done.exit_code:
        sys.exit(f"llm {arguments}: {done.output} {done.exception!r}")
"""


def run_llm(folder: Path, *commands: Sequence[str]) -> None:
    """Run commands of the real `llm`, one after the other, in one process: its start is most of what it costs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "LLM_"))}
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL],
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        env={**kept, "LLM_USER_PATH": str(folder), "LLM_LOAD_PLUGINS": ""},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def made_by_llm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, OpenAIServer]]:
    """A directory in which `llm` was used for a while, and the server it talked to."""
    pytest.importorskip("llm")
    folder = tmp_path_factory.mktemp("llm")
    with OpenAIServer() as server:
        models = ("hello", "echo", "schema", "tools", "reasoning")
        extra = "".join(EXTRA.format(name=name, url=server.url) for name in models)
        (folder / "extra-openai-models.yaml").write_text(extra)
        _use(folder)
        yield folder, server


def _use(folder: Path) -> None:
    notes, picture = folder / "notes.txt", folder / "pixel.png"
    notes.write_text("The boat sails at noon.")
    picture.write_bytes(PIXEL)
    run_llm(
        folder,
        ("keys", "set", "openai", "--value", "sk-from-llm-0123456789abcdef"),
        ("aliases", "set", "greeter", "hello"),
        ("models", "options", "set", "echo", "temperature", "0.5"),
        ("-m", "hello", "-s", "Be kind", "Say hi to Aristotle"),
        ("-m", "echo", "-f", str(notes), "When does it sail?", "--save", "sailing"),
        ("-m", "echo", "-f", str(notes), "When does it sail?"),
        ("-m", "echo", "-c", "And where?"),
        ("-m", "tools", "--functions", TOOL, "Shout the word"),
        ("-m", "schema", "--schema", "name, age int", "A dog"),
        ("-m", "echo", "-a", str(picture), "What is this?"),
        ("fragments", "set", "boat", str(notes)),
    )


@pytest.fixture
def llm_folder(
    made_by_llm: tuple[Path, OpenAIServer], tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A copy of that directory, where LLM_USER_PATH points; changing it changes nothing for other tests."""
    folder = tmp_path / "llm"
    shutil.copytree(made_by_llm[0], folder)
    monkeypatch.setenv("LLM_USER_PATH", str(folder))
    return folder


@pytest.fixture
def empty_llm_folder(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "llm"
    folder.mkdir()
    monkeypatch.setenv("LLM_USER_PATH", str(folder))
    return folder


OLD_TABLES = """
CREATE TABLE _llm_migrations (name TEXT PRIMARY KEY, applied_at TEXT);
CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
CREATE TABLE schemas (id TEXT PRIMARY KEY, content TEXT);
CREATE TABLE responses (
    id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT, options_json TEXT, response TEXT,
    response_json TEXT, conversation_id TEXT REFERENCES conversations(id), duration_ms INTEGER, datetime_utc TEXT,
    input_tokens INTEGER, output_tokens INTEGER, token_details TEXT, schema_id TEXT REFERENCES schemas(id),
    resolved_model TEXT);
CREATE VIRTUAL TABLE responses_fts USING FTS5 (prompt, response, content=responses);
CREATE TRIGGER responses_ai AFTER INSERT ON responses BEGIN
  INSERT INTO responses_fts (rowid, prompt, response) VALUES (new.rowid, new.prompt, new.response);
END;
CREATE TABLE attachments (id TEXT PRIMARY KEY, type TEXT, path TEXT, url TEXT, content BLOB);
CREATE TABLE prompt_attachments (response_id TEXT, attachment_id TEXT, "order" INTEGER,
    PRIMARY KEY (response_id, attachment_id));
CREATE TABLE fragments (id INTEGER PRIMARY KEY, hash TEXT, content TEXT, datetime_utc TEXT, source TEXT);
CREATE TABLE fragment_aliases (alias TEXT PRIMARY KEY, fragment_id INTEGER);
CREATE TABLE prompt_fragments (response_id TEXT, fragment_id INTEGER, "order" INTEGER,
    PRIMARY KEY (response_id, fragment_id, "order"));
CREATE TABLE system_fragments (response_id TEXT, fragment_id INTEGER, "order" INTEGER,
    PRIMARY KEY (response_id, fragment_id, "order"));
CREATE TABLE tools (id INTEGER PRIMARY KEY, hash TEXT, name TEXT, description TEXT, input_schema TEXT, plugin TEXT);
CREATE TABLE tool_responses (tool_id INTEGER, response_id TEXT, PRIMARY KEY (tool_id, response_id));
CREATE TABLE tool_calls (id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, arguments TEXT,
    tool_call_id TEXT);
CREATE TABLE tool_instances (id INTEGER PRIMARY KEY, plugin TEXT, name TEXT, arguments TEXT);
CREATE TABLE tool_results (id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, output TEXT,
    tool_call_id TEXT, instance_id INTEGER, exception TEXT);
CREATE TABLE tool_results_attachments (tool_result_id INTEGER, attachment_id TEXT, "order" INTEGER,
    PRIMARY KEY (tool_result_id, attachment_id));
"""

APPLIED = (
    "m001_initial", "m002_id_primary_key", "m003_chat_id_foreign_key", "m004_column_order", "m004_drop_provider",
    "m005_debug", "m006_new_logs_table", "m007_finish_logs_table", "m008_reply_to_id_foreign_key",
    "m008_fix_column_order_in_logs", "m009_delete_logs_table_if_empty", "m010_create_new_log_tables",
    "m011_fts_for_responses", "m012_attachments_tables", "m013_usage", "m014_schemas", "m015_fragments_tables",
    "m016_fragments_table_pks", "m017_tools_tables", "m017_tools_plugin", "m018_tool_instances",
    "m019_resolved_model", "m020_tool_results_attachments", "m021_tool_results_exception",
)  # fmt: skip
"""The migrations that 0.31 had made."""

FIRST, SECOND, THIRD = (f"01j0000000000000000000000{n}" for n in "123")
TALK = "01j00000000000000000000000"


@pytest.fixture
def old_log(empty_llm_folder: Path) -> Path:
    """A log as `llm` 0.31 left it: a conversation of three calls with everything that hangs on them."""
    path = empty_llm_folder / "logs.db"
    connection = sqlite3.connect(path)
    connection.executescript(OLD_TABLES)
    connection.executemany("INSERT INTO _llm_migrations VALUES (?, '')", [(name,) for name in APPLIED])
    connection.execute("INSERT INTO conversations VALUES (?, 'Ducks', 'gpt-4o')", (TALK,))
    connection.execute("INSERT INTO schemas VALUES ('abc', ?)", (json.dumps({"type": "object"}),))
    for id, prompt, system, response, details in (
        (FIRST, "Name a duck", "Be brief", "Donald", '{"prompt_tokens_details": {"cached_tokens": 7}}'),
        (SECOND, "Quack how often?", "Be brief", "", "{}"),
        (THIRD, "", None, "Three times", ""),
    ):
        connection.execute(
            "INSERT INTO responses (id, model, prompt, system, options_json, response, conversation_id, duration_ms,"
            " datetime_utc, input_tokens, output_tokens, token_details, resolved_model)"
            " VALUES (?, 'gpt-4o', ?, ?, '{\"temperature\": 0.5}', ?, ?, 120, ?, 10, 5, ?, 'gpt-4o-2024')",
            (id, prompt, system, response, TALK, f"2024-06-10T12:00:0{id[-1]}.000001+00:00", details),
        )
    connection.execute("INSERT INTO fragments VALUES (1, 'feed', 'All about ducks.', '', 'ducks.txt')")
    connection.execute("INSERT INTO fragment_aliases VALUES ('ducks', 1)")
    connection.execute("INSERT INTO prompt_fragments VALUES (?, 1, 0)", (FIRST,))
    connection.execute("INSERT INTO attachments VALUES ('a1', 'image/png', NULL, NULL, ?)", (PIXEL,))
    connection.execute("INSERT INTO prompt_attachments VALUES (?, 'a1', 0)", (FIRST,))
    connection.execute("INSERT INTO tools VALUES (1, 'h', 'quack', 'Count', '{\"type\": \"object\"}', NULL)")
    connection.execute("INSERT INTO tool_responses VALUES (1, ?)", (SECOND,))
    connection.execute("INSERT INTO tool_calls VALUES (1, ?, 1, 'quack', '{\"loud\": true}', 'call_a')", (SECOND,))
    connection.execute("INSERT INTO tool_results VALUES (1, ?, 1, 'quack', '3', 'call_a', NULL, NULL)", (THIRD,))
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def untouched(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing in the directory of `llm` is changed, added or removed by the test."""
    folder = Path(os.environ["LLM_USER_PATH"])
    before = _snapshot(folder)
    yield
    assert _snapshot(folder) == before


def _snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
