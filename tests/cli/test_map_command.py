"""`curta map`: rows in, rows with answers out; typed again it goes on; Ctrl-C, kill and closed pipes lose nothing."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from curta.store import open_log
from tests.cli.conftest import PROGRAM
from tests.servers.crowd import Crowd, wait_for
from tests.servers.openai import Failure

ASK = ("map", "-m", "crowd")


@pytest.fixture
def rows(tmp_path: Path) -> str:
    path = tmp_path / "rows.csv"
    path.write_text("id,text\n" + "".join(f"{number},row {number}\n" for number in range(8)))
    return path.name


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_rows_come_out_on_stdout_and_what_came_of_it_on_stderr(curta: Any, crowd: Crowd, rows: str) -> None:
    done = curta(*ASK, "Say $text", rows)
    assert [row["answer"] for row in lines(done.out)] == [f"Answer to Say row {number}" for number in range(8)]
    assert done.err.startswith("8 rows: 8 answered")
    assert done.code == 0


def test_a_file_is_written_in_the_form_of_its_name(curta: Any, crowd: Crowd, rows: str, tmp_path: Path) -> None:
    crowd.answer = lambda words: Failure(400, "No.") if words == "row 1" else f"{words}, said"
    done = curta(*ASK, "$text", rows, "-o", "out.csv", "--limit", "2", "--as", "said")
    first, second, third = (tmp_path / "out.csv").read_text().splitlines()
    assert first == "id,text,said,call,error"
    assert second.startswith('0,row 0,"row 0, said",')
    assert third.startswith("1,row 1,,")
    assert "No." in third
    assert (done.code, done.out) == (1, "")
    assert "1 failed" in done.err
    assert "--retry-failed" in done.err


def test_the_file_may_be_the_one_that_is_read(curta: Any, crowd: Crowd, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "one"}\n')
    curta(*ASK, "$text", "rows.jsonl", "-o", "rows.jsonl")
    assert lines(path.read_text())[0]["answer"] == "Answer to one"


def test_lines_and_objects_are_piped_in(curta: Any, crowd: Crowd) -> None:
    assert lines(curta(*ASK, "$text", stdin="one\n\ntwo\n").out)[1]["answer"] == "Answer to two"
    assert lines(curta(*ASK, "$name", stdin='{"name": "Ada"}\n').out)[0]["answer"] == "Answer to Ada"
    assert lines(curta(*ASK, "$a", "--format", "csv", stdin="a,b\n1,2\n").out)[0]["answer"] == "Answer to 1"


def test_the_output_of_one_is_the_input_of_the_next(curta: Any, crowd: Crowd, rows: str) -> None:
    first = curta(*ASK, "$text", rows, "--limit", "1").out
    (row,) = lines(curta(*ASK, "again: $answer", "--as", "second", stdin=first).out)
    assert row["second"] == "Answer to again: Answer to row 0"
    assert row["call"] != lines(first)[0]["call"]


def test_a_template_needs_no_prompt(curta: Any, crowd: Crowd, rows: str, home: Path) -> None:
    (home / "templates").mkdir(parents=True)
    (home / "templates/shout.yaml").write_text("prompt: Shout $text\n")
    done = curta(*ASK, "-t", "shout", rows, "--limit", "1")
    assert lines(done.out)[0]["answer"] == "Answer to Shout row 0"


def test_typed_again_it_goes_on_where_it_was(curta: Any, crowd: Crowd, rows: str) -> None:
    curta(*ASK, "$text", rows, "--limit", "3")
    done = curta(*ASK, "$text", rows)
    assert done.err.startswith("Going on: 3 of 8 done.\n8 rows: 8 answered (3 earlier)")
    assert set(crowd.asked.values()) == {1}
    assert "Nothing was asked" in curta(*ASK, "$text", rows).err


def test_what_failed_is_asked_again_when_that_is_wanted(curta: Any, crowd: Crowd, rows: str) -> None:
    crowd.answer = lambda words: Failure(400, "No.") if words == "row 1" else words
    assert curta(*ASK, "$text", rows).code == 1
    crowd.answer = lambda words: words
    assert "Going on: 7 of 8 done, 1 failed." in curta(*ASK, "$text", rows).err
    assert curta(*ASK, "$text", rows, "--retry-failed").code == 0
    assert crowd.asked["row 1"] == 2
    assert crowd.asked["row 0"] == 1


def test_an_estimate_is_the_result_and_asks_nothing(curta: Any, crowd: Crowd, rows: str) -> None:
    done = curta(*ASK, "$text", rows, "--estimate")
    assert done.out.startswith("8 rows: 8 calls to make.\nAbout ")
    assert "price unknown" in done.out
    assert not crowd.asked


def test_a_misspelt_column_is_named_with_those_there_are(curta: Any, crowd: Crowd, rows: str) -> None:
    done = curta(*ASK, "$txt", rows)
    assert done.code == 2
    assert "has no column 'txt'. Did you mean $text?\n  It has: id, text." in done.err
    assert not crowd.asked


def test_nothing_to_ask_about_is_said(curta: Any, crowd: Crowd) -> None:
    assert "There are no rows." in curta(*ASK, "$text").err


def test_a_budget_ends_it_with_what_was_done(curta: Any, crowd: Crowd, rows: str, tmp_path: Path) -> None:
    curta("models", "price", "crowd", "--input", "1000", "--output", "1000", "--date", "2020-01-01")
    limits = ("--option", "max_tokens", "50", "--max-cost", "0.1", "-j", "1")
    done = curta(*ASK, "$text", rows, *limits, "-o", "out.jsonl")
    assert done.code == 4
    assert "could cost" in done.err
    assert 0 < len(lines((tmp_path / "out.jsonl").read_text())) < 8


def test_a_run_that_got_nothing_leaves_an_earlier_file_as_it_was(
    curta: Any, crowd: Crowd, rows: str, tmp_path: Path
) -> None:
    (tmp_path / "out.jsonl").write_text("earlier")
    crowd.key = "the right one"
    done = curta(*ASK, "$text", rows, "-o", "out.jsonl")
    assert "refused the key" in done.err
    assert (done.code, (tmp_path / "out.jsonl").read_text()) == (1, "earlier")


def test_where_logging_is_off_nothing_can_go_on_and_that_is_said(curta: Any, crowd: Crowd, rows: str) -> None:
    curta("logs", "off")
    assert "will be asked again" in curta(*ASK, "$text", rows, "--limit", "1").err
    assert "Going on" not in curta(*ASK, "$text", rows, "--limit", "1", "-n").err
    assert crowd.asked["row 0"] == 2


def test_a_file_that_cannot_be_written_is_named(curta: Any, crowd: Crowd, rows: str) -> None:
    done = curta(*ASK, "$text", rows, "-o", "no/such/folder.jsonl")
    assert done.code == 1
    assert "Cannot write" in done.err
    assert not crowd.asked


def test_a_form_that_is_not_written_is_refused(curta: Any, crowd: Crowd, rows: str, tmp_path: Path) -> None:
    done = curta(*ASK, "$text", rows, "-o", "out.xlsx")
    assert done.code == 2
    assert "not as .xlsx" in done.err
    assert not crowd.asked
    assert not (tmp_path / "out.xlsx").exists()


# Interruptions, each of a process of its own


def start(tmp_path: Path, *arguments: str) -> "subprocess.Popen[str]":
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*PROGRAM, *ASK, *arguments], cwd=tmp_path, env=os.environ, text=True, **pipes)


@pytest.fixture
def third(crowd: Crowd) -> tuple[threading.Event, threading.Event]:
    """The server waits with the answer to the third row. Gives: it was asked for, and: give it."""
    asked, given = threading.Event(), threading.Event()

    def answer(words: str) -> str:
        if words == "row 2" and crowd.asked[words] == 1:
            asked.set()
            wait_for(given)
        return words

    crowd.answer = answer
    return asked, given


def test_ctrl_c_waits_for_what_is_under_way(
    curta: Any, crowd: Crowd, rows: str, tmp_path: Path, third: tuple[threading.Event, threading.Event]
) -> None:
    asked, given = third
    process = start(tmp_path, "$text", rows, "-j", "1", "-o", "out.jsonl")
    wait_for(asked)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "Waiting for an answer" in process.stderr.readline()
    given.set()
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Stopped: 3 of 8 done. The same command goes on" in told
    assert len(lines((tmp_path / "out.jsonl").read_text())) == 3
    assert curta(*ASK, "$text", rows, "-j", "1").code == 0
    assert set(crowd.asked.values()) == {1}


def test_a_second_ctrl_c_gives_up_on_it(
    curta: Any, crowd: Crowd, rows: str, tmp_path: Path, third: tuple[threading.Event, threading.Event]
) -> None:
    asked, given = third
    process = start(tmp_path, "$text", rows, "-j", "1")
    wait_for(asked)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "Waiting" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    given.set()
    assert process.returncode == 130
    assert "Traceback" not in told
    assert [call.status for call in open_log().calls()] == ["interrupted", "ok", "ok"]
    assert curta(*ASK, "$text", rows).code == 0
    assert crowd.asked["row 1"] == 1
    assert crowd.asked["row 2"] == 2


def test_a_reader_that_has_enough_ends_it_quietly(crowd: Crowd, rows: str, tmp_path: Path) -> None:
    process = start(tmp_path, "$text", rows, "-j", "1")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 0
    assert "Traceback" not in told


def test_the_same_command_twice_at_once_is_refused(
    curta: Any, crowd: Crowd, rows: str, tmp_path: Path, third: tuple[threading.Event, threading.Event]
) -> None:
    asked, given = third
    process = start(tmp_path, "$text", rows, "-j", "1")
    wait_for(asked)
    done = curta(*ASK, "$text", rows)
    given.set()
    assert done.code == 2
    assert "being done just now" in done.err
    assert len(lines(process.communicate(timeout=30)[0])) == 8


def test_a_terminal_is_shown_how_far_it_is(crowd: Crowd, rows: str, terminal: Any, tmp_path: Path) -> None:
    held = threading.Event()
    crowd.answer = lambda words: (wait_for(held) or words) if words == "row 7" else words
    shown = terminal(*ASK, "$text", rows, "-o", "out.jsonl", "-j", "1")
    shown.read_until(b" of 8")
    held.set()
    assert shown.wait() == 0
    assert b"8 rows: 8 answered" in shown.screen
