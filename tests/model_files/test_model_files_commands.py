"""Model files at the command line: what is said where, and how each command exits."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from curta.cli.models_pull import how_to_use
from curta.engine.files import held
from curta.engine.files.held import ModelFile
from curta.engine.process import package
from tests.cli.conftest import Curta, curta, terminal
from tests.model_files.conftest import ADDRESS, FILE, REPO
from tests.servers.hub import Hub, gguf_file

__all__ = ["curta", "terminal"]


def test_a_pull_says_what_came_and_who_vouches_for_it(curta: Curta, hub: Hub, model: bytes) -> None:
    done = curta("models", "pull", ADDRESS)
    assert done.code == 0
    assert done.out.startswith("Pulled tiny-Q8_0, 300 kB  /")
    assert hashlib.sha256(model).hexdigest() in done.out
    said = done.err.splitlines()
    assert said[0] == f"It is the SHA-256 that {hub.url} gave."
    assert said[-1] == "tiny-Q8_0 is the default model now. Try it: curta 'ten names for a pelican'"
    assert curta("models", "pull", ADDRESS).out.startswith("Here already: tiny-Q8_0")


def test_how_a_pull_fails_is_its_exit_code(curta: Curta, hub: Hub) -> None:
    hub.faults.hides_hash = hub.faults.hides_hash_in_list = True
    assert curta("models", "pull", ADDRESS).code == 4
    taken = curta("models", "pull", ADDRESS, "--no-verify")
    assert "Nobody says which SHA-256" in taken.err
    hub.faults.hides_hash = False
    hub.faults.flips.append(1000)
    assert curta("models", "pull", ADDRESS, "--name", "other").code == 3
    assert curta("models", "pull", "hf:no/where/x.gguf").code == 1
    assert curta("models", "pull", "nothing-like-it").code == 2


def test_on_a_terminal_a_pull_says_how_far_it_is(terminal: Any, hub: Hub) -> None:
    hub.faults.stall_after = 100_000
    shown = terminal("models", "pull", ADDRESS)
    shown.read_until(b" of 300 kB")
    hub.release.set()
    assert shown.wait() == 0
    assert b"Pulled tiny-Q8_0" in shown.screen


def test_removing_a_file_needs_a_yes(curta: Curta, terminal: Any, hub: Hub) -> None:
    curta("models", "pull", ADDRESS)
    refused = curta("models", "rm", "tiny-Q8_0")
    assert (refused.code, "--yes" in refused.err) == (2, True)
    shown = terminal("models", "rm", "tiny-Q8_0")
    shown.read_until(b"[y/N]")
    shown.press(b"y\n")
    assert shown.wait() == 0
    assert held.held() == {}


def test_a_model_that_was_added_is_still_removed_by_its_name(curta: Curta) -> None:
    curta("models", "add", "mine", "--url", "http://127.0.0.1:1/v1", "--model", "x")
    assert curta("models", "rm", "mine").err == "Removed mine.\n"


def test_verify_exits_with_3_when_a_file_has_changed(curta: Curta, hub: Hub) -> None:
    curta("models", "pull", ADDRESS)
    assert curta("models", "verify").out.startswith("tiny-Q8_0  ok")
    with held.require("tiny-Q8_0").path.open("ab") as file:
        file.write(b"!")
    done = curta("models", "verify", "--json")
    assert (done.code, done.json[0]["state"]) == (3, "changed")
    assert "tiny-Q8_0  changed" in curta("models", "verify", "tiny-Q8_0").out


def test_files_are_listed_with_what_is_unfinished(curta: Curta, hub: Hub, cache: Path) -> None:
    curta("models", "pull", ADDRESS)
    (cache / "blobs" / f"{'a' * 64}.incomplete").write_bytes(b"GGUF")
    listed = curta("models", "files", "--json").json
    assert listed["files"][0]["origin"] == f"{ADDRESS}@{hub.commits[REPO]}"
    assert [each["bytes"] for each in listed["unfinished"]] == [4]
    shown = curta("models", "files")
    assert "300 kB in all, 300 kB of it pulled by Curta." in shown.err
    assert ".incomplete, 4 bytes" in shown.err


def test_available_models_are_listed_as_data(curta: Curta) -> None:
    listed = {each["choice"]: each for each in curta("models", "available", "--json").json}
    assert {"small", "better", "open", "embedding"} <= listed.keys()
    assert listed["small"]["licence"] == "Apache-2.0"
    assert not listed["small"]["held"]


def test_text_of_others_commands_no_terminal(terminal: Any, home: Path) -> None:
    hostile = "\x1b]0;owned\x07"
    held.keep(ModelFile("x", Path("/nowhere/x.gguf"), "0" * 64, 1, origin=f"hf:{hostile}", licence=hostile))
    shown = terminal("models", "files")
    assert shown.wait() == 0
    assert b"\x1b]0;" not in shown.screen
    assert b"gone" in shown.screen


def test_a_pull_of_a_url_takes_a_hash_and_a_name(curta: Curta, hub: Hub) -> None:
    hub.files["anyone/anything", FILE] = other = gguf_file(b"other")
    digest = hashlib.sha256(other).hexdigest()
    url = f"{hub.storage}/stored/{digest}"
    done = curta("models", "pull", url, "--sha256", digest, "--name", "mine")
    assert done.out.startswith("Pulled mine, ")
    assert "that you gave" in done.err


@pytest.mark.parametrize(
    ("asked", "then"),
    [
        (["-m", "better", "Hi"], "curta models pull better"),
        (["-m", "hf:maker/models/x.gguf", "Hi"], "curta models pull hf:maker/models/x.gguf"),
        (["-m", "vectors", "Hi"], "vectors embeds texts: curta embed -m vectors"),
        (["embed", "-m", "embedding", "-c", "Hi"], "curta models pull embedding"),
        (["embed", "-m", "writer", "-c", "Hi"], "writer answers prompts: curta -m writer"),
    ],
    ids=lambda value: value[-2] if isinstance(value, list) else "",
)
def test_a_model_file_that_does_not_do_this_or_is_not_here_is_told_how(
    curta: Curta, tmp_path: Path, asked: list[str], then: str
) -> None:
    held.keep(ModelFile("vectors", tmp_path / "v.gguf", "0" * 64, 1, kind="embedding"))
    held.keep(ModelFile("writer", tmp_path / "w.gguf", "1" * 64, 1))
    done = curta(*asked)
    assert done.code == 2
    assert then in done.err


def test_each_name_is_completed_where_it_can_be_used(home: Path, tmp_path: Path) -> None:
    from curta.cli import completion_names

    held.keep(ModelFile("vectors", tmp_path / "v.gguf", "0" * 64, 1, kind="embedding"))
    held.keep(ModelFile("writer", tmp_path / "w.gguf", "1" * 64, 1))
    completion_names.refresh()
    kept = {tuple(line.split("\t")) for line in (home / completion_names.FILE).read_text().splitlines()}
    assert {kind for kind, name in kept if name == "vectors"} == {"embedder", "added", "held"}
    assert {kind for kind, name in kept if name == "writer"} == {"model", "added", "held"}


def test_a_pull_says_when_the_engine_is_not_there_yet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(package, "PACKAGE", "no_engine_of_this_name")
    how_to_use("tiny", "chat", is_default=False)
    first, second = capsys.readouterr().err.splitlines()
    assert first == "The engine for models on this computer is not installed. curta install 'curta[local]'"
    assert second == "Try it: curta -m tiny 'ten names for a pelican'"
