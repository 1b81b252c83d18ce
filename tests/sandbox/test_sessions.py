"""A session keeps its state from cell to cell; when a cell ends it, it is rebuilt or says that it was not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from curta.sandbox import Limits, Sandbox, Session


@pytest.fixture(scope="module")
def sandbox(warm_home: Path) -> Iterator[Sandbox]:
    with Sandbox(limits=Limits(seconds=1, memory=96 << 20, disk=4 << 20)) as made:
        made.run("")
        yield made


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[Session]:
    made = sandbox.session()
    yield made
    made.close()


def test_cells_share_names_and_echo_their_last_value(session: Session) -> None:
    assert session.run("x = 20\ndef double(n): return 2 * n").value == ""
    assert session.run("double(x) + 2").value == "42"
    assert session.run("_").value == "42"


def test_an_error_ends_the_cell_and_not_the_session(session: Session) -> None:
    session.run("x = 1")
    result = session.run("y = 2\n1 / 0")
    assert 'File "cell 2", line 2' in result.error
    assert session.run("x + y").value == "3"


def test_a_traceback_goes_through_earlier_cells(session: Session) -> None:
    session.run("def f():\n    raise ValueError('deep')")
    error = session.run("f()").error
    assert 'File "cell 2", line 1' in error
    assert "    raise ValueError('deep')" in error


def test_files_are_put_in_and_taken_out(session: Session) -> None:
    data = bytes(range(256)) * 7_000
    session.put("/work/in.bin", data)
    assert session.run("data = open('in.bin', 'rb').read(); open('/tmp/out', 'wb').write(data[::-1]); len(data)").ok
    assert session.take("/tmp/out") == data[::-1]
    session.put("/work/in.bin", b"")
    assert session.take("/work/in.bin") == b""


def test_what_cannot_be_put_or_taken_is_the_guests_error(session: Session) -> None:
    with pytest.raises(FileNotFoundError):
        session.take("/work/missing")
    with pytest.raises(FileNotFoundError):
        session.take("/etc/passwd")
    session.put("/tmp/full", bytes(4 << 20))
    for _ in range(300):  # what failed is not left open
        with pytest.raises(OSError, match="space"):
            session.put("/tmp/more", b"x")
    assert session.run("1").ok


def test_a_module_that_was_missing_is_found_as_soon_as_it_is_there(session: Session) -> None:
    assert "No module named 'helper'" in session.run("import helper").error
    session.put("/work/helper.py", b"found = 1")
    assert session.run("import helper; helper.found").value == "1"
    assert session.run("open('other.py', 'w').write('made = 2'); import other; other.made").value == "2"


def test_a_deadline_ends_the_session_and_the_next_cell_finds_it_rebuilt(session: Session) -> None:
    session.put("/work/in.txt", b"kept")
    session.run("x = 41")
    ended = session.run("x = 0\nwhile True: pass")
    assert ended.status == "deadline"
    assert "next cell" in ended.note
    again = session.run("x + 1, open('in.txt').read()")
    assert (again.value, again.status) == ("(42, 'kept')", "ok")
    assert "rebuilt" in again.note
    assert session.run("x").note == ""


def test_files_alone_are_put_in_again(session: Session) -> None:
    session.put("/work/in.txt", b"kept")
    session.run("import os; os.abort()")
    again = session.run("open('in.txt').read()")
    assert (again.value, again.note) == (
        "'kept'",
        "The session had ended; it was rebuilt by putting its files in again.",
    )


def test_a_session_that_slept_too_long_is_rebuilt_too(session: Session) -> None:
    session.run("x = 1")
    assert session.run("import time; time.sleep(100)").status == "deadline"
    assert session.run("x").value == "1"


def test_a_session_whose_cells_were_dear_is_not_rebuilt_and_says_so(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curta.sandbox.session.CHEAP", 0.0)
    session.run("x = 1")
    session.run("import os; os.abort()")
    result = session.run("'x' in globals()")
    assert result.value == "False"
    assert "this is a new one" in result.note


def test_two_sessions_know_nothing_of_each_other(sandbox: Sandbox) -> None:
    one, other = sandbox.session(), sandbox.session()
    one.run("x = 1; open('/work/x', 'w').close()")
    assert other.run("import os; 'x' in globals(), os.listdir()").value == "(False, [])"
    one.close()
    other.close()


def test_a_session_shares_nothing_with_fresh_runs(sandbox: Sandbox, session: Session) -> None:
    session.run("x = 1")
    assert sandbox.run("print('x' in globals())").stdout == "False\n"


def test_effects_of_a_session_are_those_so_far(sandbox: Sandbox, session: Session) -> None:
    session.run("open('a', 'w').close()")
    result = session.run("open('b', 'w').write('b')")
    assert [each.path for each in result.effects["/work"].changes] == ["a", "b"]


def test_an_interrupted_cell_ends_the_guest_and_the_next_one_says_what_came_of_it(session: Session) -> None:
    def interrupt(_stream: str, _text: str) -> None:
        raise KeyboardInterrupt

    session.run("x = 41")
    with pytest.raises(KeyboardInterrupt):
        session.run("print('now', flush=True)\nwhile True: pass", on_output=interrupt)
    result = session.run("x + 1")
    assert (result.value, "rebuilt" in result.note) == ("42", True)


def test_a_session_in_sql_keeps_its_database(sandbox: Sandbox) -> None:
    session = sandbox.session("sql")
    first = session.run("create table t (a); insert into t values (41);")
    assert (first.status, "the database" in first.note) == ("ok", True)
    assert "42" in session.run("select a + 1 from t;").stdout
    assert not session.run("select a + 1 from t;").note
    assert sandbox.run("select * from t;", "sql").status == "error"
    session.close()


WRITES_JS = "var x; require('fs').writeFileSync('kept', '')"
READS_JS = "console.log(typeof x, require('fs').readdirSync('.'))"
WRITES_LUA, READS_LUA = "x = 1; io.open('kept', 'w'):write('')", "print(type(x), io.open('kept') and 'kept')"


@pytest.mark.parametrize(("language", "writes", "reads"), [("js", WRITES_JS, READS_JS), ("lua", WRITES_LUA, READS_LUA)])
def test_a_session_in_other_languages_keeps_files_and_says_so(
    sandbox: Sandbox, language: str, writes: str, reads: str
) -> None:
    session = sandbox.session(language)
    assert "no variables" in session.run(writes).note
    told = session.run(reads).stdout
    assert told.startswith(("undefined", "nil"))
    assert "kept" in told
    session.close()
