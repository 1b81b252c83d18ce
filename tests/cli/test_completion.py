"""Completion in the real shells: what Tab offers, and that it starts nothing."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curta.models import registry
from tests.cli.conftest import Curta

# What is typed before Tab, and what must be among what is offered. A file is completed by the shell itself.
CASES = [
    ("curta mo", {"models"}),
    ("curta ", {"prompt", "check", "logs", "models", "aliases", "keys", "templates", "doctor", "completion"}),
    ("curta completion ", {"bash", "zsh", "fish"}),
    ("curta models ", {"list", "show", "add", "rm", "default"}),
    ("curta models sh", {"show"}),
    ("curta logs pr", {"prune"}),
    ("curta keys ", {"list", "set", "get", "rm", "path"}),
    ("curta --no-m", {"--no-markdown"}),
    ("curta --ver", {"--version"}),
    ("curta --color=a", {"--color=always", "--color=auto"}),
    ("curta models --q", {"--query", "--quiet"}),
    ("curta models list --js", {"--json"}),
    ("curta logs prune --ol", {"--older-than"}),
    ("curta logs --xl", {"--xl"}),
    ("curta doctor --", {"--json", "--debug"}),
    ("curta -m gpt-4.1-m", {"gpt-4.1-mini"}),
    ("curta --model extr", {"extractive"}),
    ("curta --model=extr", {"extractive"}),
    ("curta 'some question' -m be", {"best"}),
    ("curta -m llama3:8", {"llama3:8b"}),
    ("curta -m a/", {"a/b"}),
    ("curta logs -m llama3:8", {"llama3:8b"}),
    ("curta -t summ", {"summarize", "summarize-thread"}),
    ("curta -t my", {"my-own"}),
    ("curta --key op", {"openai"}),
    ("curta keys rm o", {"openai"}),
    ("curta aliases rm b", {"best"}),
    ("curta models rm l", {"llama3:8b"}),
    ("curta models show ex", {"extractive"}),
    ("curta templates edit my", {"my-own"}),
    ("curta logs --status f", {"failed"}),
    ("curta logs --status=f", {"failed"}),
    ("curta -f no", {"notes.txt"}),
    ("curta check no", {"notes.txt"}),
]
NOTHING = ["curta xy", "curta -m nonsense", "curta models rm extr", "curta -s ", "curta keys path "]

HARNESS = {
    "bash": """\
source "$1"
while IFS= read -r line; do
  COMP_LINE=$line COMP_POINT=${#line} COMPREPLY=()
  _curta
  printf '%s\\n' "${COMPREPLY[@]}" END
done < "$2"
""",
    "fish": """\
source $argv[1]
while read -l line
    complete -C $line
    echo END
end < $argv[2]
""",
}
ZSH = """\
PS1='ready> '; setopt no_beep; unsetopt zle_bracketed_paste 2>/dev/null
autoload -Uz compinit; compinit -u -D; source $script
compadd() {
  if [[ ${(j: :)@} == (*' '|)-[OAD]\\ * ]]; then builtin compadd "$@"; return; fi
  local -a offered; builtin compadd -O offered "$@"; print -rl -- $offered >> $offers
  builtin compadd "$@"
}
tab() { _main_complete; print END >> $offers; compstate[insert]='' compstate[list]=''; }
zle -C tab complete-word tab; bindkey '^I' tab
"""


@pytest.fixture
def scripts(curta: Curta, home: Path, tmp_path: Path) -> Callable[[str], Path]:
    """`scripts("bash")` is the file of the script, in a home with names of the user's own."""
    registry.add("llama3:8b", url="http://127.0.0.1:9/v1", model="x")
    assert curta("models", "add", "a/b", "--url", "http://127.0.0.1:9/v1", "--model", "x").code == 0
    assert curta("aliases", "set", "best", "extractive").code == 0
    assert curta("keys", "set", "openai", stdin="sk-secret").code == 0
    (home / "templates").mkdir()
    (home / "templates/my-own.yaml").write_text("prompt: Hi")
    (tmp_path / "notes.txt").write_text("A note.")

    def generate(shell: str) -> Path:
        done = curta("completion", shell)
        assert (done.code, done.err) == (0, "")
        path = tmp_path / f"curta.{shell}"
        path.write_text(done.out)
        return path

    return generate


@pytest.fixture
def offered(scripts: Callable[[str], Path], home: Path, tmp_path: Path) -> Callable[..., list[set[str]]]:
    """What a shell offers for each line, where every program it could start leaves a trace, and no other is there."""

    def complete(shell: str, lines: list[str], **variables: str) -> list[set[str]]:
        program = shutil.which(shell)
        if program is None:
            pytest.skip(f"{shell} is not installed")
        script = scripts(shell)
        environment = {"PATH": str(_traps(tmp_path)), "HOME": str(tmp_path), "CURTA_HOME": str(home), **variables}
        run = _in_zsh if shell == "zsh" else _in_process
        found = run(program, shell, script, lines, tmp_path, environment)
        assert not (tmp_path / "started").exists()
        return found

    return complete


def _traps(folder: Path) -> Path:
    traps = folder / "traps"
    traps.mkdir(exist_ok=True)
    for name in ("python", "python3", "curta", "sed", "awk", "cat", "grep"):
        (traps / name).write_text(f"#!/bin/sh\n: > {folder}/started\n")
        (traps / name).chmod(0o755)
    return traps


def _sets(printed: str) -> list[set[str]]:
    """The offers of each line: one a line, up to END; fish says after a tab what it is."""
    blocks = re.split(r"^END\n", printed, flags=re.MULTILINE)[:-1]
    return [{each.partition("\t")[0] for each in block.splitlines() if each} for block in blocks]


def _in_process(
    program: str, shell: str, script: Path, lines: list[str], folder: Path, environment: dict[str, str]
) -> list[set[str]]:
    (folder / "lines").write_text("".join(f"{line}\n" for line in lines))
    (folder / "harness").write_text(HARNESS[shell])
    clean = {"bash": ["--norc", "--noprofile"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [program, *clean, str(folder / "harness"), str(script), str(folder / "lines")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    return _sets(done.stdout)


def _in_zsh(
    program: str, _: str, script: Path, lines: list[str], folder: Path, environment: dict[str, str]
) -> list[set[str]]:
    offers = folder / "offers"
    offers.write_text("")
    (folder / "harness").write_text(ZSH)
    terminal = Shell([program, "-f", "-i"], folder, {**environment, "script": str(script), "offers": str(offers)})
    try:
        terminal.type(b". ./harness\n")
        terminal.until(lambda: terminal.screen.endswith(b"ready> ") or b"ready> \x1b" in terminal.screen)
        for number, line in enumerate(lines, 1):
            terminal.type(line.encode() + b"\t")
            terminal.until(lambda number=number: offers.read_text().count("END\n") >= number)  # type: ignore[misc]
            terminal.type(b"\x15")
        return _sets(offers.read_text())
    finally:
        terminal.close()


class Shell:
    """An interactive shell on a pseudo-terminal."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.screen = b""
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env={**environment, "TERM": "xterm"},
            start_new_session=True,
        )
        os.close(slave)

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def until(self, reached: Callable[[], bool], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < end, self.screen.decode(errors="replace")
            if select.select([self._master], [], [], 0.02)[0]:
                self.screen += os.read(self._master, 65536)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)


def _after(line: str, word: str) -> list[str]:
    typed = line.rpartition(" ")[2]
    return [typed[: typed.rindex(mark) + 1] + word for mark in ":=" if mark in typed]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_tab_offers_commands_options_and_names_and_starts_nothing(shell: str, offered: Any) -> None:
    cases = [case for case in CASES if shell != "bash" or case[1] != {"notes.txt"}]
    results = offered(shell, [line for line, _ in cases])
    for (line, expected), found in zip(cases, results, strict=True):
        # bash leaves out what is on the line before a colon or `=`, fish repeats the option
        whole = {each for word in found for each in (word, word.partition("=")[2], *_after(line, word))}
        missing = expected - whole
        assert not missing, f"{line!r} offers {sorted(found)}"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_tab_offers_nothing_where_nothing_fits(shell: str, offered: Any) -> None:
    results = offered(shell, NOTHING)
    assert dict(zip(NOTHING, results, strict=True)) == {line: set() for line in NOTHING}


def test_bash_completes_files_and_words_at_a_real_tab(scripts: Any, home: Path, tmp_path: Path) -> None:
    path = scripts("bash")
    environment = {"PATH": str(_traps(tmp_path)), "HOME": str(tmp_path), "CURTA_HOME": str(home), "PS1": "ready> "}
    shell = Shell([shutil.which("bash") or "/bin/bash", "--norc", "--noprofile", "-i"], tmp_path, environment)
    try:
        shell.type(f"source {path.name}\n".encode())
        for typed, becomes in (
            (b"curta mod", b"curta models "),
            (b"curta -f no", b"curta -f notes.txt "),
            (b"curta -m llama3:", b"curta -m llama3:8b "),
            (b"set -u; true | X=1 curta --no-m", b"curta --no-markdown "),
            (b"curta keys set open; echo 'models x' | curta keys ", b"curta keys "),
            (b"IFS=x; curta templates sh", b"curta templates show "),
        ):
            shell.type(typed + b"\t")
            shell.until(lambda becomes=becomes: becomes in shell.screen)  # type: ignore[misc]
            shell.type(b"\x15")
    finally:
        shell.close()
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_names_that_a_shell_would_run_are_never_offered(shell: str, curta: Curta, offered: Any, home: Path) -> None:
    for name in ("zz$(touch started)", "zz`touch started`", "zz;touch", "zz y", "zz'y"):
        assert curta("models", "add", name, "--url", "http://127.0.0.1:9/v1", "--model", "x").code == 0
    assert offered(shell, ["curta -m zz"]) == [set()]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_without_a_list_of_names_tab_still_offers_commands(shell: str, offered: Any) -> None:
    found = offered(shell, ["curta mod", "curta -m ex"], CURTA_HOME="/nonexistent")
    assert found == [{"models"}, set()]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_without_curta_home_the_names_are_in_the_platforms_folder(
    shell: str, offered: Any, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    for elsewhere in ({"XDG_DATA_HOME": str(tmp_path / "data")}, {"XDG_DATA_HOME": ""}):
        folder = tmp_path / ("data" if elsewhere["XDG_DATA_HOME"] else ".local/share") / "curta"
        folder.mkdir(parents=True)
        (folder / "completion.txt").write_text("model\there-it-is\n")
        assert offered(shell, ["curta -m her"], CURTA_HOME="", **elsewhere) == [{"here-it-is"}]


def test_commands_keep_the_names_up_to_date(curta: Curta, home: Path, tmp_path: Path) -> None:
    def kept() -> set[str]:
        return set((home / "completion.txt").read_text().splitlines())

    curta("models", "add", "mine", "--url", "http://127.0.0.1:9/v1", "--model", "x")
    assert {"model\tmine", "added\tmine", "model\textractive"} <= kept()
    curta("aliases", "set", "m", "mine")
    assert {"model\tm", "alias\tm"} <= kept()
    curta("keys", "set", "openai", stdin="sk-secret")
    assert "key\topenai" in kept()
    assert "sk-secret" not in (home / "completion.txt").read_text()
    curta("templates", "edit", "letter", EDITOR="true")
    assert "template\tletter" in kept()
    for command in (["aliases", "rm", "m"], ["keys", "rm", "openai"], ["models", "rm", "mine"]):
        assert curta(*command).code == 0
    assert not {"model\tmine", "added\tmine", "model\tm", "alias\tm", "key\topenai"} & kept()


def test_each_script_says_how_to_install_it(curta: Curta) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert f"curta completion {shell} > " in curta("completion", shell).out


def test_every_command_and_option_is_in_every_script(curta: Curta) -> None:
    from curta.cli.completion_words import levels

    scripts = {shell: curta("completion", shell).out for shell in ("bash", "zsh", "fish")}
    for level in levels():
        for shell, script in scripts.items():
            assert all(command in script for command in level.commands), (shell, level.path)
            for option in level.options:
                name = option.names[-1]
                assert (f"-l {name[2:].partition('=')[0]} " if shell == "fish" else name) in script
