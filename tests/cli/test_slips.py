"""Slips of a hurried hand: each gets one sentence that helps, costs nothing, and shows no secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PROGRAM, Curta

NOTES = "The ferry leaves at nine in the morning. Dogs travel free."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["keys", "set", "openai", "sk-PASTED-123"], "paste it when asked"),
        (["two", "words"], "quotation marks"),
        (["notes.txt"], "-f notes.txt"),
        (["pull", "small"], "curta models pull"),
        (["ps"], "curta models ps"),
        (["https://example.org/a"], "-f https://example.org/a"),
        (["-m", "hello", ""], "no prompt"),
        (["-m", "hello", "  "], "no prompt"),
        (["-o", "temperature=1", "x"], "-o temperature 1"),
        (["-p", "n", "5", "hi"], "-t"),
        (["--color=sometimes", "models"], "always, never or auto"),
        (["--schema", "[1]", "hi"], "object"),
        (["check", "a", "b"], "more words"),
        (["check", "--fix", "--json"], "one of them"),
        (["check", "-", "--against", "-"], "as a file"),
        (["aliases", "set", "gpt-5", "extractive"], "name of a model"),
        (["logs", "export", "notes.txt"], "exists already"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_slip_is_told_and_nothing_is_sent(added: Curta, tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "notes.txt").write_text(NOTES)
    done = added(*arguments)
    assert done.code == 2
    assert says in done.err
    assert "PASTED" not in done.err + done.out
    assert added("logs", "--json").json == []


def test_a_misspelt_key_is_not_sent_as_a_key(added: Curta) -> None:
    done = added("-m", "gpt-5", "--key", "nosuch", "hi")
    assert done.code == 1
    assert "no saved key named 'nosuch'" in done.err


def test_quotation_marks_around_a_pasted_key_are_dropped(curta: Curta) -> None:
    curta("keys", "set", "openai", stdin='"sk-abc"\n')
    assert curta("keys", "get", "openai").out == "sk-abc\n"


def test_a_piped_text_alone_is_summarised(curta: Curta) -> None:
    assert "The ferry leaves at nine in the morning." in curta(stdin=NOTES).out


def test_a_piped_answer_is_what_is_checked(curta: Curta, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(NOTES)
    curta("-f", "notes.txt", "-m", "extractive", "When does the ferry leave?")
    assert curta("check").code == 0
    assert curta("check", stdin='"This is nowhere at all in it."').code == 3


def test_an_export_never_replaces_a_device(curta: Curta, tmp_path: Path) -> None:
    curta("-m", "extractive", "When does it leave?", stdin=NOTES)
    (tmp_path / "link").symlink_to(tmp_path / "kept.jsonl")
    assert curta("logs", "export", "link").code == 0
    assert (tmp_path / "link").is_symlink()
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", "pipe"], cwd=tmp_path, stdout=subprocess.PIPE)
    assert curta("logs", "export", "pipe").code == 0
    assert reader.communicate(timeout=30)[0] == (tmp_path / "kept.jsonl").read_bytes()
    assert curta("logs", "export", ".").code == 1


def test_an_endless_answer_is_refused_by_the_check(curta: Curta, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(NOTES)
    assert curta("check", "/dev/zero", "--against", "notes.txt").code == 1


def test_what_could_not_be_shown_is_said_to_be_in_the_log_only_when_it_is(added: Curta, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    for flags, kept in ((["-n"], False), ([], True)):
        line = f"{' '.join([*PROGRAM, *flags])} -m hello hi > /dev/full"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=tmp_path, timeout=60)
        assert ("in the log" in done.stderr) is kept


def test_ctrl_c_while_starting_shows_no_traceback() -> None:
    program = """
import signal, sys
class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "curta.cli.output":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupted())
sys.argv = ["curta", "models"]
from curta.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (130, b"")
