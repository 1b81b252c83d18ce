"""The commands beside the prompt, and the rules that hold for all of them."""

import json
import stat
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from curta.cli.app import COMMANDS
from tests.cli.conftest import PROGRAM, Curta


def every_command() -> list[tuple[str, click.Command]]:
    """Each command and subcommand with the words that call it."""
    found = []
    for name, entry in COMMANDS.items():
        command = getattr(import_module(f"curta.cli.{entry.module}"), name.replace("-", "_"))
        found.append((name, command))
        if isinstance(command, click.Group):
            found += [(f"{name} {sub}", each) for sub, each in command.commands.items()]
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_of_commands_is_true(name: str) -> None:
    command = getattr(import_module(f"curta.cli.{COMMANDS[name].module}"), name.replace("-", "_"))
    assert isinstance(command, click.Command)
    assert command.name == name


@pytest.mark.parametrize(("name", "command"), every_command(), ids=[name for name, _ in every_command()])
def test_every_command_and_option_has_help(name: str, command: click.Command) -> None:
    assert command.help
    for parameter in command.params:
        assert isinstance(parameter, click.Argument) or parameter.help, f"{name} {parameter.name}"  # type: ignore[attr-defined]


def test_help_shows_examples_commands_and_exit_codes(curta: Curta) -> None:
    done = curta("--help")
    assert done.code == 0
    assert all(name in done.out for name in COMMANDS)
    assert "Examples:" in done.out
    assert "3 a check failed" in done.out
    assert curta("-h").out == done.out


def test_version(curta: Curta) -> None:
    assert curta("--version").out == curta("-V").out
    assert curta("--version").out.startswith("curta ")


def test_a_subcommand_that_is_almost_one_gets_a_hint(curta: Curta) -> None:
    done = curta("models", "defualt")
    assert done.code == 2
    assert "`default`" in done.err


def test_a_command_word_can_be_sent_as_a_prompt(curta: Curta, openai_server: Any) -> None:
    done = curta("-m", "echo", "--", "logs", OPENAI_BASE_URL=openai_server.url, OPENAI_API_KEY="k")
    assert "user: logs" in done.out


def test_models_are_added_shown_chosen_and_removed(curta: Curta) -> None:
    assert curta("models", "add", "mine", "--url", "http://127.0.0.1:9/v1", "--model", "llama").code == 0
    shown = {each["name"]: each for each in curta("models", "--json").json}
    assert shown["mine"]["facts"]["where"] == "this computer"
    assert shown["mine"]["ready"]
    assert shown["extractive"]["default"]
    assert not shown["gpt-5"]["ready"]
    assert curta("models", "default", "mine").code == 0
    assert curta("models", "default").out == "mine\n"
    assert "* mine" in curta("models").out
    assert curta("models", "default", "nonsense").code == 2
    assert curta("models", "default", "--reset").code == 0
    assert curta("models", "rm", "mine").code == 0
    assert "mine" not in curta("models", "list").out


def test_a_model_is_described(curta: Curta) -> None:
    shown = curta("models", "show", "extractive", "--json").json
    assert shown["facts"]["where"] == "this computer"
    assert "this computer" in curta("models", "show", "extractive").out


def test_keys_are_piped_in_listed_by_name_and_kept_private(curta: Curta, home: Path) -> None:
    done = curta("keys", "set", "openai", stdin="sk-secret\n")
    assert done.code == 0
    assert "sk-secret" not in done.out + done.err
    assert stat.S_IMODE((home / "keys.json").stat().st_mode) == 0o600
    assert curta("keys").out == "openai\n"
    assert curta("keys", "get", "openai").out == "sk-secret\n"
    assert curta("keys", "path").out.strip() == str(home / "keys.json")
    assert curta("keys", "rm", "openai").code == 0
    assert curta("keys", "get", "openai").code == 1
    assert curta("keys", "set", "openai").code == 2


def test_aliases(curta: Curta) -> None:
    assert curta("aliases", "set", "e", "extractive").code == 0
    assert curta("aliases", "--json").json["e"] == "extractive"
    assert "frozen" in curta("-m", "e", "What was frozen?", stdin="The whole pond was frozen in March.").out
    assert curta("aliases", "set", "f", "nonsense").code == 2
    assert curta("aliases", "rm", "e").code == 0
    assert curta("aliases", "rm", "e").code == 2


def test_templates_are_listed_shown_and_edited(curta: Curta, home: Path, tmp_path: Path) -> None:
    listed = curta("templates", "--json").json
    assert "summarize-thread" in [each["name"] for each in listed]
    assert "discussion" in curta("templates").out
    assert curta("templates", "show", "summarize").out.startswith("description:")
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho 'prompt: Edited' > \"$1\"\n")
    editor.chmod(0o755)
    assert curta("templates", "edit", "mine", EDITOR=str(editor)).code == 0
    assert (home / "templates/mine.yaml").read_text() == "prompt: Edited\n"
    assert curta("templates", "path").out.strip() == str(home / "templates")


def test_a_broken_template_is_listed_with_its_fault_and_hides_no_other(curta: Curta, home: Path) -> None:
    (home / "templates").mkdir(parents=True)
    (home / "templates/bad.yaml").write_text("prompt: a\nwrong: b\n")
    done = curta("templates")
    assert "line 2" in done.out
    assert "summarize" in done.out
    done = curta("-t", "bad", "hi")
    assert (done.code, "bad.yaml, line 2" in done.err) == (2, True)


def test_doctor_says_what_is_there_and_what_is_not(curta: Curta, home: Path) -> None:
    done = curta("doctor")
    assert done.code == 0
    assert str(home) in done.out
    (home / "keys.json").write_text("{}")
    (home / "keys.json").chmod(0o644)
    done = curta("doctor")
    assert done.code == 1
    assert "chmod 600" in done.out
    findings = {each["about"]: each for each in curta("doctor", "--json").json}
    assert findings["keys"]["ok"] is False
    assert findings["log"]["ok"] is True


def test_a_password_in_a_proxy_is_not_shown(curta: Curta) -> None:
    assert "secret" not in curta("doctor", HTTPS_PROXY="http://me:secret@proxy.example:3128").out


@pytest.mark.parametrize("command", [["models"], ["templates"], ["aliases"], ["doctor"], ["logs"]])
def test_a_listing_without_a_reader_ends_quietly(command: list[str], home: Path) -> None:
    line = f"{' '.join([*PROGRAM, *command])} | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, timeout=60)
    assert "rror" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [["models", "--json"], ["templates", "--json"], ["aliases", "--json"], ["doctor", "--json"], ["keys", "--json"]],
)
def test_json_is_never_coloured(curta: Curta, command: list[str]) -> None:
    json.loads(curta(*command, FORCE_COLOR="1").out)


def test_colour_is_wanted_or_not(curta: Curta) -> None:
    assert "\x1b[" not in curta("models").out
    assert "\x1b[" in curta("models", "--color=always").out
    assert "\x1b[" not in curta("models", "--color=never", FORCE_COLOR="1").out


def test_a_home_that_is_a_file_is_an_error_with_a_next_step(curta: Curta, home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("in the way")
    done = curta("keys", "set", "openai", stdin="k")
    assert done.code == 1
    assert "CURTA_HOME" in done.err


def test_debug_shows_the_details(curta: Curta) -> None:
    assert "Traceback" in curta("-m", "nonsense", "hi", "--debug").err
    assert "Traceback" not in curta("-m", "nonsense", "hi").err


def test_closed_streams_are_no_reason_to_fail(home: Path) -> None:
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        done = subprocess.run(["bash", "-c", f"{' '.join(PROGRAM)} models {closed}"], capture_output=True, timeout=60)
        assert done.returncode == 0
        assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_told(home: Path) -> None:
    line = f"{' '.join(PROGRAM)} models > /dev/full"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
