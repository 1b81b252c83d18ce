"""A program judged by another one, the test, in a fresh guest: what a program says of itself proves nothing.

The test finds the program as `/work/program.py` (or `.js`, ...), what it printed as `/work/stdout.txt`, and the files
it made in `/work/made`; in JavaScript and Lua the program stands before it. A Python test imports `program`, asserts,
and may define functions called `test_...`, which are then called. It has passed when it came to its end: a program that
ends the process while it is imported has not.
"""

import secrets
from dataclasses import replace

from curta.errors import UsageError
from curta.sandbox import engines
from curta.sandbox.process import OnOutput
from curta.sandbox.record import opened
from curta.sandbox.result import Result
from curta.sandbox.sandbox import Sandbox
from curta.sandbox.session import Session

_CALLS_TESTS = """

for _name, _test in sorted(globals().items()):
    if _name.startswith("test_") and callable(_test):
        _test()
"""

_WITHOUT_MODULES = ("javascript", "lua")

_NOT_THE_END = (
    "The test ended before its last line: something in it, or in the program, ended the process."
    " (With unittest, write unittest.main(exit=False).)"
)


def judge(
    sandbox: Sandbox,
    program: str,
    result: Result,
    test: str,
    test_language: str = "python",
    language: str = "python",
    on_output: OnOutput | None = None,
) -> Result:
    """What the test says of `program`, which came to `result`. Not ok when it fails, or does not come to its end.

    sandbox: where the test runs, in a guest of its own; what it did to files is forgotten.
    Raises UsageError when there is too much to be put into it.
    """
    session = sandbox.session(test_language)
    try:
        _lay_out(session, program, result, language)
        judged = _judged(session, program, test, (language, test_language), on_output)
    finally:
        session.close()
    return replace(judged, effects={})


def _judged(
    session: Session, program: str, test: str, languages: tuple[str, str], on_output: OnOutput | None
) -> Result:
    language, test_language = languages
    if engines.written_in(test_language) != "python":
        joined = f"{program}\n{test}" if test_language == language in _WITHOUT_MODULES else test
        return session.run(joined, on_output=on_output)
    mark = secrets.token_hex(16)
    judged = session.run(f"{test}\n{_CALLS_TESTS}\n{mark!r}\n", on_output=on_output)
    return _without_mark(judged, mark)


def _lay_out(session: Session, program: str, result: Result, language: str) -> None:
    """Give the test what it judges."""
    try:
        session.put(f"/work/program{suffix_of(language)}", program.encode("utf-8", "replace"))
        session.put("/work/stdout.txt", result.stdout.encode("utf-8", "replace"))
        for path, content in result.files.items():
            with open(opened(content), "rb") as file:
                session.put(path.replace("/work/", "/work/made/", 1), file.read())
    except OSError as error:
        raise UsageError(f"The test cannot be given the files of the program: {error}.") from error


def suffix_of(language: str) -> str:
    """How the names of programs in this language end: `.py`."""
    written = engines.written_in(language)
    return next((each for each, name in engines.SUFFIXES.items() if name == written), "")


def _without_mark(judged: Result, mark: str) -> Result:
    if judged.ok and judged.value != repr(mark):
        return replace(judged, status="error", error=_NOT_THE_END, value="", exit_code=1)
    return replace(judged, value="") if judged.value == repr(mark) else judged
