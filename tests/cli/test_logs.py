"""`curta logs`, as it is typed."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curta.events import UsageReport
from curta.messages import Attachment, Document, Message, Reasoning, Request, Text, assistant, system, user
from curta.store import Log, Outcome, open_log
from tests.cli.conftest import PROGRAM

Curta = Callable[..., Any]


@pytest.fixture
def log(home: Path) -> Log:
    """Three calls: one about a file, a failed one, and the second turn of the first."""
    log = open_log()
    document = Document("It rained all day.", "diary.txt", "A diary")
    first = Request("small", (system("Be brief."), user(document, "What was the weather?")), {"temperature": 0})
    entry = log.begin(first, template="weather")
    answer = Message("assistant", (Reasoning("Look."), Text("Rain:\n```text\nrained\n```\nand\n```\nall day\n```\n")))
    tip = entry.finish(Outcome("ok", answer, "small-1", UsageReport(1200, 34), 0.0125, "stop", None, 250, 1500))
    log.record_check(entry.id, {"quotes": [{"ok": True}, {"ok": False}, {"ok": None}]})
    log.begin(Request("large", (user("Is \x1b[31mred\x1b[0m a colour?"),))).finish(
        Outcome("failed", error="no network")
    )
    messages = (*first.messages, answer, user("And the day after?"))
    later = log.begin(Request("small", messages), conversation=entry.conversation, base=tip)
    later.finish(Outcome("ok", assistant("Nobody knows.")))
    log.close()
    return log


def prompts(done: Any) -> list[str]:
    return [call["prompt"] for call in done.json]


@pytest.mark.usefixtures("log")
def test_latest_calls_are_listed_oldest_first(curta: Curta) -> None:
    done = curta("logs")
    assert done.code == 0
    assert done.err == ""
    assert done.out.index("What was the weather?") < done.out.index("Is ") < done.out.index("And the day after?")
    for shown in (
        "model: small (small-1)",
        "status: failed: no network",
        "document: diary.txt “A diary”, 18 characters",
        "checked: 1 of 2 quotations verified",
        "template: weather",
        "option: temperature 0",
        "## System\n\nBe brief.",
        "## Reasoning\n\nLook.",
        "(no answer)",
    ):
        assert shown in done.out


@pytest.mark.usefixtures("log")
def test_json_has_the_documented_shape(curta: Curta) -> None:
    calls = curta("logs", "--json").json
    assert [call["status"] for call in calls] == ["ok", "failed", "ok"]
    assert {"id", "model", "prompt", "system", "response", "conversation_id", "duration_ms"} <= calls[0].keys()
    assert {"datetime_utc", "input_tokens", "output_tokens", "status", "error", "cost", "quotes"} <= calls[0].keys()
    assert calls[0]["documents"][0]["uri"] == "diary.txt"
    assert calls[2]["conversation_id"] == calls[0]["id"]
    assert curta("logs", "--json", "-q", "nowhere").json == []


@pytest.mark.usefixtures("log")
def test_filters(curta: Curta) -> None:
    assert prompts(curta("logs", "--json", "-n", "1")) == ["And the day after?"]
    assert prompts(curta("logs", "--json", "-m", "large")) == ["Is \x1b[31mred\x1b[0m a colour?"]
    assert prompts(curta("logs", "--json", "-c")) == ["What was the weather?", "And the day after?"]
    assert prompts(curta("logs", "--json", "-q", "weather rain*")) == ["What was the weather?"]
    assert prompts(curta("logs", "list", "--json", "--status", "failed")) == ["Is \x1b[31mred\x1b[0m a colour?"]
    assert len(prompts(curta("logs", "--json", "-n", "0"))) == 3
    first = curta("logs", "--json", "-n", "0").json[0]["id"]
    assert prompts(curta("logs", "--json", "--cid", first[:24])) == ["What was the weather?", "And the day after?"]


@pytest.mark.usefixtures("log")
def test_only_the_answer_or_a_part_of_it(curta: Curta) -> None:
    assert curta("logs", "-r").out == "Nobody knows.\n"
    assert curta("logs", "-x", "-n", "0").out == "rained\n"
    assert curta("logs", "--xl", "-q", "weather").out == "all day\n"
    none = curta("logs", "-x")
    assert (none.code, none.out) == (1, "")
    assert "fenced code block" in none.err


@pytest.mark.usefixtures("log")
def test_short_listing_is_a_line_for_each_call(curta: Curta) -> None:
    lines = curta("logs", "-s", "-u").out.splitlines()
    assert len(lines) == 3
    assert "What was the weather?" in lines[0]
    assert "in 1,200 out 34 tokens, $0.0125, 1.50 s, first token 0.25 s" in lines[0]
    assert "failed" in lines[1]


@pytest.mark.usefixtures("log")
def test_show_one_call(curta: Curta) -> None:
    id = curta("logs", "--json", "-n", "0").json[0]["id"]
    shown = curta("logs", "show", id[:25])
    assert "What was the weather?" in shown.out
    assert "usage: in 1,200" in shown.out
    whole = curta("logs", "show", id, "--json").json
    assert Request.from_dict(whole["request"]).documents[0].text == "It rained all day."
    assert "And the day after?" in curta("logs", "show").out
    unknown = curta("logs", "show", "zzz")
    assert (unknown.code, unknown.out) == (1, "")
    assert "No logged call has the id 'zzz'." in unknown.err


@pytest.mark.usefixtures("log")
def test_terminal_is_not_commanded_by_what_is_logged(terminal: Any) -> None:
    shown = terminal("logs", "-m", "large", "--color=never")
    shown.wait()
    assert b"\x1b[31m" not in shown.screen
    assert "␛[31mred".encode() in shown.screen


def test_empty_log_says_what_to_do(curta: Curta, home: Path) -> None:
    done = curta("logs")
    assert (done.code, done.out) == (0, "")
    assert "The log is empty" in done.err
    assert curta("logs", "--json").json == []
    assert curta("logs", "path").out == f"{home / 'log.db'}\n"
    assert not (home / "log.db").exists()


@pytest.mark.usefixtures("log")
def test_switch_and_status(curta: Curta, home: Path) -> None:
    status = curta("logs", "status", "--json").json
    assert (status["on"], status["calls"], status["spooled"]) == (True, {"failed": 1, "ok": 2}, 0)
    assert status["path"] == str(home / "log.db")
    assert curta("logs", "off").code == 0
    assert "Logging is off." in curta("logs", "status").out
    assert "3 calls: 1 failed, 2 ok" in curta("logs", "status").out
    assert curta("logs", "on").code == 0
    assert curta("logs", "status", "--json").json["on"] is True


@pytest.mark.usefixtures("log")
def test_backup_and_export(curta: Curta, tmp_path: Path) -> None:
    assert curta("logs", "backup", "copy.db").code == 0
    assert len(list(open_log(tmp_path / "copy.db").calls())) == 3
    assert curta("logs", "backup", "copy.db").code == 2
    lines = curta("logs", "export").out.splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["ok", "failed", "ok"]
    assert curta("logs", "export", "calls.jsonl").err == "Exported 3 calls to calls.jsonl.\n"
    assert (tmp_path / "calls.jsonl").read_text().splitlines() == lines
    assert curta("logs", "export", "nowhere/calls.jsonl").code == 1


@pytest.mark.usefixtures("log")
def test_what_cannot_be_undone_wants_yes(curta: Curta) -> None:
    id = curta("logs", "--json", "-n", "1").json[0]["id"]
    for command in (("rm", id), ("prune", "--older-than", "0d"), ("redact", "rained")):
        refused = curta("logs", *command)
        assert refused.code == 2, refused
        assert "--yes" in refused.err
        preview = curta("logs", *command, "--dry-run")
        assert preview.code == 0
        assert "Nothing was changed" in preview.err
    assert len(curta("logs", "--json").json) == 3
    assert curta("logs", "rm", id, "--yes").code == 0
    assert len(curta("logs", "--json").json) == 2


@pytest.mark.usefixtures("log")
def test_redact_and_prune(curta: Curta, home: Path) -> None:
    done = curta("logs", "redact", "rained", "--yes")
    assert done.code == 0
    assert "Backups and exports made earlier still have the text." in done.err
    assert b"rained" not in (home / "log.db").read_bytes()
    assert curta("logs", "redact", "rained").err == "The log does not have this text.\n"
    assert curta("logs", "redact", "(", "--regex").code == 2
    assert curta("logs", "prune", "--older-than", "30d").err == "No call is older than 30d.\n"
    assert curta("logs", "prune", "--older-than", "soon").code == 2
    assert curta("logs", "prune", "--older-than", "0d", "--yes").code == 0
    assert curta("logs", "--json").json == []


@pytest.mark.usefixtures("log")
def test_asked_on_a_terminal(terminal: Any, log: Log) -> None:
    asked = terminal("logs", "prune", "--older-than", "0d")
    asked.read_until(b"[y/N]")
    asked.type(b"n\n")
    assert asked.wait() == 1
    assert len(list(log.calls())) == 3


def test_pictures_are_named(curta: Curta, home: Path) -> None:
    request = Request("m", (user("What is this?", Attachment("image/png", b"\x89PNG", "cat.png")),))
    open_log().begin(request).finish(Outcome("ok", assistant("A cat.")))
    assert "attachment: cat.png (image/png)" in curta("logs").out


@pytest.mark.usefixtures("log")
def test_reader_that_stops_early_is_no_error(curta: Curta) -> None:
    log = open_log()
    for number in range(300):
        log.begin(Request("m", (user("word " * 100 + str(number)),))).finish(Outcome("ok", assistant("x " * 500)))
    log.close()
    process = subprocess.Popen(
        [*PROGRAM, "logs", "-n", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""


def test_damaged_log_is_named(curta: Curta, home: Path) -> None:
    home.mkdir()
    (home / "log.db").write_bytes(b"this is no database" * 100)
    done = curta("logs")
    assert (done.code, done.out) == (1, "")
    assert str(home / "log.db") in done.err
    assert "mv " in done.err
    assert (home / "log.db").read_bytes() == b"this is no database" * 100
