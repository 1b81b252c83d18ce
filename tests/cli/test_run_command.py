"""`curta run`: a program from the command line, in the sandbox."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.boxes import _box_home, box
from tests.cli.conftest import PROGRAM, Curta

__all__ = ["_box_home", "box"]

pytestmark = pytest.mark.usefixtures("box")


@pytest.fixture
def home(box: Path, tmp_path: Path) -> Path:
    return box


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return name


def test_a_program_from_a_pipe(curta: Curta) -> None:
    done = curta("run", "-", stdin="print(sum(range(10)))")
    assert (done.code, done.out, done.err) == (0, "45\n", "")


def test_what_is_piped_in_is_the_programs_input(curta: Curta, tmp_path: Path) -> None:
    write(tmp_path, "upper.py", "print(input().upper())")
    assert curta("run", "upper.py", stdin="grüße\n").out == "GRÜSSE\n"


def test_the_exit_code_is_the_programs(curta: Curta, tmp_path: Path) -> None:
    write(tmp_path, "a.py", "import sys; print('out'); sys.exit(7)")
    assert (curta("run", "a.py").code, curta("run", "a.py").out) == (7, "out\n")
    assert curta("run", "-", stdin="1 / 0").code == 1


def test_a_limit_is_a_sentence_and_exit_1(curta: Curta) -> None:
    done = curta("run", "-", "--timeout", "0.3", stdin="print('before', flush=True)\nwhile True: pass")
    assert (done.code, done.out) == (1, "before\n")
    assert "the limit on time" in done.err


def test_a_folder_to_work_in_stays_as_it_is(curta: Curta, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    write(folder, "a.txt", "a")
    done = curta("run", "-", "--work", "notes", stdin="import os; os.rename('a.txt', 'b.txt')")
    assert "would be renamed: a.txt -> b.txt" in done.err
    assert os.listdir(folder) == ["a.txt"]


def test_files_are_granted_as_copies_and_folders_to_be_read(curta: Curta, tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "1,2")
    folder = tmp_path / "texts"
    folder.mkdir()
    write(folder, "b.txt", "b")
    program = "print(open('a.csv').read(), open('/read/texts/b.txt').read()); open('a.csv', 'w').write('gone')"
    done = curta("run", "-", "-f", "a.csv", "--read", "texts", stdin=program)
    assert done.out == "1,2 b\n"
    assert (tmp_path / "a.csv").read_text() == "1,2"


# Files that it made

MAKES = """
import os
os.makedirs("charts/.git/hooks")
names = ["a.txt", "charts/b.txt", ".bashrc", "charts/.git/hooks/post-commit", "-rf", "x\\u202etxt.exe", "a b", "c."]
for name in names:
    open(name, "w").write(name)
"""
MISLEADING = {".bashrc", "charts/.git/hooks/post-commit", "-rf", "x\u202etxt.exe", "c."}


def test_files_stay_inside_unless_somebody_agrees(curta: Curta, tmp_path: Path) -> None:
    done = curta("run", "-", "--out", "made", stdin=MAKES)
    assert done.code == 5
    assert "-y agrees beforehand" in done.err
    assert "charts/b.txt" in done.err
    assert not (tmp_path / "made").exists()


def test_files_with_harmless_names_are_copied_and_the_others_named(curta: Curta, tmp_path: Path) -> None:
    done = curta("run", "-", "--out", "made", "-y", stdin=MAKES)
    found = {str(path.relative_to(tmp_path / "made")) for path in (tmp_path / "made").rglob("*") if path.is_file()}
    assert found == {"a.txt", "charts/b.txt", "a b"}
    assert done.code == 1
    assert done.err.count("Not copied") == len(MISLEADING)
    assert "\u202e" not in done.err


def test_nothing_is_replaced_and_no_link_is_followed(curta: Curta, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "outside").mkdir()
    write(tmp_path, "victim.txt", "mine")
    (tmp_path / "made/a.txt").symlink_to(tmp_path / "victim.txt")
    (tmp_path / "made/charts").symlink_to(tmp_path / "outside")
    program = "import os; os.mkdir('charts'); open('a.txt', 'w').write('x'); open('charts/b.txt', 'w').write('x')"
    done = curta("run", "-", "--out", "made", "-y", stdin=program)
    assert done.code == 1
    assert (tmp_path / "victim.txt").read_text() == "mine"
    assert not os.listdir(tmp_path / "outside")


def test_a_person_is_asked_and_sees_what_would_be_replaced(terminal: Any, tmp_path: Path) -> None:
    write(tmp_path, "p.py", "open('a.txt', 'w').write('new')")
    write(tmp_path, "a.txt", "old")
    running = terminal("run", "p.py", "--out", ".")
    running.read_until(b"replacing a.txt? y or n")
    running.type(b"y\r")
    running.read_until(b"Copied to")
    assert (tmp_path / "a.txt").read_text() == "new"


# The log


def test_a_run_is_logged_shown_and_repeated(curta: Curta, tmp_path: Path) -> None:
    write(tmp_path, "p.py", "print('hello')\nopen('a.txt', 'w').write('x')")
    id = curta("run", "p.py", "--json").json["id"]
    assert id in curta("logs", "runs").out
    shown = curta("logs", "runs", id[:20]).out
    assert "print('hello')" in shown
    assert "/work/a.txt (1 bytes)" in shown
    assert curta("logs", "runs", id, "-x").out == "print('hello')\nopen('a.txt', 'w').write('x')\n"
    again = curta("run", "--again", id)
    assert (again.code, again.out) == (0, "hello\n")
    assert "The same as then." in again.err


def test_a_run_that_comes_to_something_else_is_exit_3(curta: Curta) -> None:
    id = curta("run", "-", "--json", stdin="import random; print(random.random())").json["id"]
    again = curta("run", "--again", id)
    assert again.code == 3
    assert "differs from the logged run in output" in again.err


def test_nothing_is_logged_with_n_or_when_logging_is_off(curta: Curta) -> None:
    curta("run", "-", "-n", stdin="1")
    curta("logs", "off")
    curta("run", "-", stdin="1")
    assert curta("logs", "runs", "--json").json == []


def test_a_log_that_cannot_be_written_costs_no_result(curta: Curta, home: Path) -> None:
    (home / "log.db").write_bytes(b"this is no database, and it is long enough to be looked at" * 20)
    done = curta("run", "-", stdin="print(1)")
    assert (done.code, done.out) == (0, "1\n")
    assert "not logged" in done.err


def test_secrets_leave_the_log_of_runs_too(curta: Curta) -> None:
    curta("run", "-", stdin="print('pa' + 'ssword-17'); key = 'password-17'")
    assert "password-17" in curta("logs", "runs", "--json").out
    assert curta("logs", "redact", "password-17", "--yes").code == 0
    assert "password-17" not in curta("logs", "runs", "--json").out
    assert "[redacted]" in curta("logs", "runs", "--json").out


def test_json_has_the_whole_result(curta: Curta) -> None:
    found = curta("run", "-", "--json", stdin="import sys; print('a'); print('b', file=sys.stderr); open('c','w')").json
    assert (found["status"], found["stdout"], found["stderr"]) == ("ok", "a\n", "b\n")
    assert [file["path"] for file in found["files"]] == ["/work/c"]
    assert "webassembly" in found["walls"]


# What people do


def test_escape_sequences_do_not_reach_a_terminal(terminal: Any, tmp_path: Path) -> None:
    write(tmp_path, "p.py", r"print('\x1b]52;c;aGk=\x07 done')")
    running = terminal("run", "p.py")
    assert b"\x1b]52" not in running.read_until(b"done")


def test_ctrl_c_ends_it_with_130_and_keeps_what_was_printed(home: Path, tmp_path: Path) -> None:
    write(tmp_path, "p.py", "print('begun', flush=True)\nwhile True: pass")
    process = subprocess.Popen(
        [*PROGRAM, "run", "p.py", "--timeout", "60"], cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    from curta.store import open_log

    (run,) = open_log().runs()
    assert (run.status, run.stdout) == ("interrupted", "begun\n")


def test_head_ends_it_quietly(home: Path, tmp_path: Path) -> None:
    write(tmp_path, "p.py", "while True: print('line', flush=True)")
    command = f"'{PROGRAM[0]}' -m curta run p.py --timeout 60 | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=30, stdin=-3)
    assert (done.stdout, done.stderr) == ("line\n", "")


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (["run"], b"", "Which program?"),
        (["run", "absent.py"], b"", "No such file"),
        (["run", "print(1)"], b"", "echo 'print(1)' | curta run -"),
        (["run", "-", "--timeout", "1e308"], b"1", "at most 86400"),
        (["run", "-"], b"\xff\xfe", "not UTF-8"),
        (["run", "-"], b"#" * 50_000_000, "too long for a program"),
        (["run", "-", "--lang", "cobol"], b"1", "does not run 'cobol'"),
        (["run", "-", "--read", "absent"], b"1", "no folder"),
        (["run", "-", "-f", "absent"], b"1", "Cannot read absent"),
        (["run", "-", "--wheel", "absent.whl"], b"1", "absent.whl"),
        (["run", "-", "--timeout", "nan"], b"1", "seconds"),
        (["run", "--again", "zzz"], b"", "No logged run"),
    ],
)
def test_what_cannot_be_is_one_sentence(curta: Curta, arguments: list[str], stdin: bytes, says: str) -> None:
    done = curta(*arguments, stdin=stdin)
    assert done.code in (1, 2)
    assert says in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("source", ["", "\x00", "\ufeffprint(1)", "# -*- coding: latin-1 -*-\nprint(1)", "ö = 1"])
def test_odd_programs_have_a_result(curta: Curta, source: str) -> None:
    assert curta("run", "-", stdin=source).code in (0, 1)


def test_a_program_that_misses_pandas_is_told_of_what_has_it(curta: Curta) -> None:
    assert "--data runs it with pandas." in curta("run", "-", stdin="import pandas.api").err
    assert "--data" not in curta("run", "-", stdin="import nonesuch").err
