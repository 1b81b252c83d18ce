"""`curta models ps`, `stop`, `show` and `list` of models on this computer, and prompts to them, as typed."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import curta as library
from curta.engine import process
from curta.engine.files.held import ModelFile, keep
from curta.messages import sha256
from curta.text.sizes import size
from tests.engine.waiting import until

pytest.importorskip("xllamacpp", reason="the engine")

QUESTION = "Eva lost a red kite in Oslo. Ben has a blue drum in Lima. Where is Ben?"


def test_a_prompt_starts_the_engine_and_stop_ends_it(curta: Any, tiny_held: ModelFile) -> None:
    done = curta("-m", "tiny", QUESTION, "-o", "temperature", "0")
    assert (done.code, done.err) == (0, "")
    assert "Lima" in done.out
    (running,) = curta("models", "ps", "--json").json
    assert (running["name"], running["context"], running["sha256"]) == ("tiny", 2048, tiny_held.sha256)
    assert "key" not in running
    shown = curta("models", "ps").out
    assert f"tiny  process {running['process']} · " in shown
    assert "ends in 5 min unless asked" in shown
    assert curta("models", "stop", "tiny").err == "Ended: tiny.\n"
    assert curta("models", "ps", "--json").json == []
    assert curta("models", "stop").err == "None was running.\n"
    failed = curta("models", "stop", "tiny")
    assert failed.code == 2
    assert "No engine of 'tiny' is running" in failed.err


def test_commands_of_a_pipe_share_one_engine(curta: Any, tiny_held: ModelFile) -> None:
    first = curta("-m", "tiny", QUESTION, "-o", "temperature", "0")
    (before,) = process.running()
    second = curta("-m", "tiny", QUESTION, "-o", "temperature", "0", stdin=first.out)
    assert second.code == 0
    assert [each.address.process for each in process.running()] == [before.address.process]


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no signals that stop a process")
def test_ctrl_c_ends_the_pipe_and_not_the_engine(tiny_held: ModelFile, tmp_path: Path) -> None:
    """The engine stands still meanwhile, so that the answer is under way when Ctrl-C comes."""
    address = process.serve(tiny_held)
    os.kill(address.process, signal.SIGSTOP)
    try:
        asking = subprocess.Popen(
            [sys.executable, "-m", "curta", "-m", "tiny", QUESTION],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=tmp_path,
            start_new_session=True,
        )
        log = library.open_log()
        until(lambda: [call for call in log.calls() if call.status == "running"])
        os.killpg(asking.pid, signal.SIGINT)
        assert asking.wait(timeout=60) == 130
    finally:
        os.kill(address.process, signal.SIGCONT)
    assert log.call().status == "interrupted"
    assert process.serve(tiny_held) == address
    assert "Lima" in library.prompt(QUESTION, model="tiny", options={"temperature": 0}).text()


def test_list_and_show_say_whether_it_fits(curta: Any, tiny_held: ModelFile) -> None:
    listed = curta("models", "-q", "tiny").out
    assert f"tiny  this computer · {size(tiny_held.bytes)}, fits into memory · 2k context · free" in listed
    shown = curta("models", "show", "tiny").out
    assert f"file: {tiny_held.path}, {size(tiny_held.bytes)}" in shown
    assert tiny_held.sha256 in shown
    assert ": fits" in shown
    assert "<|im_start|>" in shown
    told = curta("models", "show", "tiny", "--json").json["local"]
    assert (told["quantisation"], told["trained_context"], told["fits"]) == ("F16", 2048, True)
    assert process.running() == []


def test_what_is_in_the_way_of_a_file_is_listed_with_it(curta: Any, tiny_held: ModelFile) -> None:
    keep(tiny_held._replace(name="gone", path=tiny_held.path.with_name("gone.gguf")))
    listed = {each["name"]: each for each in curta("models", "--json").json}
    assert listed["tiny"]["ready"]
    assert not listed["gone"]["ready"]
    assert "is not there" in listed["gone"]["needs"]
    failed = curta("-m", "gone", "hi")
    assert failed.code == 1
    assert "The file of gone is not there" in failed.err


def test_a_hostile_file_and_name_command_no_terminal(
    curta: Any, terminal: Any, tiny_held: ModelFile, tmp_path: Path
) -> None:
    """A template that would clear the screen."""
    data = tiny_held.path.read_bytes().replace(b"{% for message in", b"\x1b[2J\x1b]52;c;QQ", 1)
    hostile = tmp_path / "hostile.gguf"
    hostile.write_bytes(data)
    keep(ModelFile("hostile", hostile, sha256(data), len(data)))
    shown = terminal("models", "show", "hostile")
    shown.wait()
    assert b"\x1b[2J" not in shown.screen
    assert b"\x1b]52" not in shown.screen


def test_a_prompt_that_does_not_fit_is_an_error_with_numbers(curta: Any, tiny_held: ModelFile) -> None:
    done = curta("-m", "tiny", "Where is Ben?", "-f", "-", stdin="Eva lost a red kite in Oslo. " * 400)
    assert done.code == 2
    assert done.out == ""
    assert "more than fit" in done.err


def test_dry_run_starts_no_engine(curta: Any, tiny_held: ModelFile) -> None:
    done = curta("-m", "tiny", QUESTION, "--dry-run")
    assert done.code == 0
    assert QUESTION in done.out
    assert process.running() == []


def test_doctor_says_whether_the_engine_is_there(curta: Any, tiny_held: ModelFile) -> None:
    findings = {each["about"]: each for each in curta("doctor", "--json").json}
    assert findings["engine of local models"]["ok"]
    assert "xllamacpp 2" in findings["engine of local models"]["found"]
    assert "tiny" in findings["engine of local models"]["found"]
