"""Runs cells in a world of their own, and tells what came of them. The guests of both Python engines do it with this.

This file runs in the guest.
"""

import ast
import contextlib
import io
import linecache
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from typing import NamedTuple

OURS = {__file__, ast.parse.__code__.co_filename}
"""The files of which no frame is shown."""

RESERVE = 1 << 16
"""Bytes kept back so that there is memory to say that there is none."""

reserve = [bytearray(RESERVE)]
main = sys.modules["__main__"] = types.ModuleType("__main__")
world = main.__dict__


class Told(NamedTuple):
    """status: `ok`, `error` (an exception) or `exit` (SystemExit). value: the repr of a last expression."""

    status: str
    value: str = ""
    error: str = ""
    code: int = 0


def run(source: str, name: str, input: str, finish: Callable[[], None] = lambda: None) -> Told:
    """Run a cell. name: what tracebacks call it. input: what it reads. finish: what is done when it came to its end."""
    if not reserve:
        reserve.append(bytearray(RESERVE))
    sys.stdin = io.StringIO(input)
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    try:
        return ran(source, name, finish)
    except BaseException as error:
        reserve.clear()
        return Told("error", error=legible(told(error)), code=1)
    finally:
        flush()


def ran(source: str, name: str, finish: Callable[[], None]) -> Told:
    try:
        outcome = Told("ok", execute(source, name))
    except SystemExit as error:
        outcome = Told("exit", error=legible(message_of(error)), code=code_of(error))
    finish()
    return outcome


def execute(source: str, name: str) -> str:
    """Run a cell; the repr of its last expression."""
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), world)
    if last is None:
        return ""
    value = eval(compile(ast.Expression(last.value), name, "eval"), world)
    world["_"] = value
    return "" if value is None else legible(repr(value))


def told(error: BaseException) -> str:
    """The traceback, without the frames of the sandbox's own files."""
    shown = traceback.TracebackException.from_exception(error, lookup_lines=False)
    for each in causes(shown):
        each.stack[:] = [frame for frame in each.stack if frame.filename not in OURS]
    return "".join(shown.format())


def causes(shown: traceback.TracebackException | None) -> Iterator[traceback.TracebackException]:
    """An exception and whatever it came of."""
    while shown is not None:
        yield shown
        shown = shown.__cause__ or shown.__context__


def code_of(error: SystemExit) -> int:
    if error.code is None:
        return 0
    return error.code & 0xFF if isinstance(error.code, int) else 1


def message_of(error: SystemExit) -> str:
    return "" if error.code is None or isinstance(error.code, int) else str(error.code)


def legible(text: str) -> str:
    """`text` as it can leave the guest: no lone surrogates, and no more than anybody reads."""
    return text[:100_000].encode("utf-8", "backslashreplace").decode()


def stream(raw: io.RawIOBase) -> io.TextIOWrapper:
    """Standard output or error: it never fails on a character, and nothing waits in it: a guest may end any moment."""
    return io.TextIOWrapper(raw, "utf-8", "backslashreplace", newline="", write_through=True)


def flush() -> None:
    for each in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            each.flush()
