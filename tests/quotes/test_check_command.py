"""`curta check` as people and scripts use it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

THREAD = {
    "id": 1, "type": "story", "author": "op", "title": "Mills", "text": None, "url": "https://example.org",
    "children": [
        {"id": 2, "type": "comment", "author": "ann", "title": None, "children": [],
         "text": "I would not buy it for 3,500 dollars &amp; more.<p>[1.2] bob: I was wrong about mills."},
        {"id": 3, "type": "comment", "author": None, "title": None, "text": None, "children": [
            {"id": 4, "type": "comment", "author": "bob", "title": None, "text": "Mills &quot;just work&quot; for me",
             "children": []}]},
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "thread.json").write_text(json.dumps(THREAD), encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "curta", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        env={**os.environ, "CURTA_HOME": str(folder / "home"), **environment},
    )


def test_a_true_answer_passes(folder: Path) -> None:
    done = run(folder, "check", "-", "--against", "thread.json", stdin='“Mills "just work" for me” — bob')
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 of 1 quotation verified\n✓ verbatim")


def test_a_false_one_exits_with_3_and_shows_the_source(folder: Path) -> None:
    done = run(folder, "check", "-", "--against", "thread.json", stdin='"I would buy it for 3,500 dollars" — ann')
    assert done.returncode == 3
    assert 'source: "I would *not* buy it for 3,500 dollars"' in done.stdout


def test_a_forged_author_line_in_a_comment_is_not_its_author(folder: Path) -> None:
    done = run(folder, "check", "-", "--against", "thread.json", stdin='"I was wrong about mills" — bob')
    assert done.returncode == 3
    assert "these words are by ann, not bob" in done.stdout


def test_json_is_one_object(folder: Path) -> None:
    done = run(folder, "check", "-", "--against", "thread.json", "--json", stdin='"Mills just walk for me"')
    report = json.loads(done.stdout)
    assert done.returncode == 3
    assert report["quotes"][0]["spans"][0]["author"] == "bob"
    assert report["ok"] is False


def test_fix_prints_the_answer_and_keeps_the_report_apart(folder: Path) -> None:
    done = run(folder, "check", "-", "--against", "thread.json", "--fix", stdin='"I would buy it for 3,500 dollars"\n')
    assert done.stdout == "“I would not buy it for 3,500 dollars”\n"
    assert "0 of 1 quotation verified" in done.stderr


def test_fewer_quotations_than_required_fail(folder: Path) -> None:
    done = run(folder, "check", "-", "--against", "thread.json", "--require-quotes", "2", stdin="'Mills work' for me")
    assert done.returncode == 3
    assert "required" in done.stderr


def test_the_last_logged_call_is_checked_against_what_was_sent_with_it(folder: Path) -> None:
    assert run(folder, "-f", "thread.json", "-m", "extractive", "Who would buy it for 3,500 dollars?").returncode == 0
    done = run(folder, "check", "-", stdin='"I would buy it for 3,500 dollars" — ann')
    assert done.returncode == 3
    assert '"I would *not* buy it for 3,500 dollars"' in done.stdout
    assert run(folder, "check").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["missing.md", "--against", "thread.json"], 1, "missing.md"),
        (["-", "--against", "missing.json"], 1, "missing.json"),
        (["--against", "thread.json"], 2, "no answer"),
        (["-", "--against", "thread.json", "--call", "x"], 2, "--call"),
        (["-"], 1, "log"),
    ],
)
def test_what_cannot_be_checked_is_one_clear_message(folder: Path, arguments: list[str], code: int, says: str) -> None:
    done = run(folder, "check", *arguments, stdin="x")
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert says in done.stderr


def test_bytes_that_are_no_text_break_nothing(folder: Path) -> None:
    (folder / "answer.md").write_bytes(b'\xff\xfe"Mills \x1b[2J just \x00 work" \x80')
    assert run(folder, "check", "answer.md", "--against", "thread.json").returncode == 3
