"""The guest: a whole CPython with its standard library, frozen into one WebAssembly component; it runs cells.

This file runs in the guest. What is imported here is imported once, when the component is built, and is there at no
cost in every sandbox. The files of the guest are those of `files.py`, which is put in place before anything else so
that every module of the library uses it.
"""

import files  # first: see above

files.install()

import ast
import contextlib
import gc
import importlib
import io
import linecache
import sys
import traceback
from collections.abc import Iterator

import wit_world

UNUSABLE = frozenset(
    "test idlelib tkinter turtle turtledemo lib2to3 ensurepip venv pip multiprocessing concurrent asyncio antigravity "
    "this pydoc pydoc_data pdb webbrowser dbm sqlite3 ctypes curses wsgiref xmlrpc ssl".split()
)
SUBMODULES = (
    "collections.abc email.message email.mime.text email.parser email.policy encodings.ascii encodings.cp1251 "
    "encodings.cp1252 encodings.cp437 encodings.cp850 encodings.hex_codec encodings.idna encodings.iso8859_1 "
    "encodings.iso8859_15 encodings.iso8859_2 encodings.latin_1 encodings.mac_roman encodings.punycode "
    "encodings.raw_unicode_escape encodings.rot_13 encodings.unicode_escape encodings.utf_16 encodings.utf_16_be "
    "encodings.utf_16_le encodings.utf_32 encodings.utf_7 encodings.utf_8_sig html.entities html.parser "
    "http.cookies importlib.resources json.decoder os.path string.templatelib unittest.mock urllib.parse "
    "xml.etree.ElementTree zipfile._path"
).split()


def freeze() -> None:
    """Import the standard library into the snapshot. What cannot be imported here is not there in the guest either."""
    names = [name for name in sorted(sys.stdlib_module_names) if name[0] != "_" and name not in UNUSABLE]
    for name in [*names, *SUBMODULES]:
        with contextlib.suppress(BaseException):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a collection would touch, and so copy, every page of the snapshot


freeze()
PACKAGES, WORK = "/packages", "/work"
OURS = {__file__, files.__file__, ast.__file__}
RESERVE = 1 << 16
"""Bytes kept back so that there is memory to say that there is none."""

reserve: list[bytearray] = []
world = {"__name__": "__main__", "__builtins__": __builtins__}


class WitWorld(wit_world.WitWorld):
    """The exports of `box.wit`."""

    def run(self, source: str, name: str, input: str) -> wit_world.Outcome:
        start()
        reserve[:] = [bytearray(RESERVE)]
        sys.stdin = io.StringIO(input)
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        try:
            value = execute(source, name)
            return wit_world.Outcome("ok", value, "", 0)
        except SystemExit as error:
            return wit_world.Outcome("exit", "", legible(message_of(error)), code_of(error))
        except BaseException as error:
            reserve.clear()
            return wit_world.Outcome("error", "", legible(told(error)), 1)
        finally:
            flush()


def start() -> None:
    """What cannot be in the snapshot: the host's files, and streams that never fail on a character."""
    if not files.live:
        files.live = True
        sys.dont_write_bytecode = True
        sys.argv = ["main.py"]
        sys.stdout = sys.__stdout__ = stream(1)
        sys.stderr = sys.__stderr__ = stream(2)
        sys.path[:] = ["", PACKAGES]
        files.chdir(WORK)
        seed()


class Whole(io.FileIO):
    """A descriptor whose `write` writes all it is given: the host takes 8 KiB at a time."""

    def write(self, data: bytes) -> int:
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            done += super().write(view[done:])
        return done


def stream(descriptor: int) -> io.TextIOWrapper:
    """Standard output or error: nothing waits in it, for a guest may end at any moment."""
    raw = Whole(descriptor, "w", closefd=False)
    return io.TextIOWrapper(raw, "utf-8", "backslashreplace", newline="", write_through=True)


def seed() -> None:
    """The state of `random` is in the snapshot, and would be the same in every sandbox."""
    import random

    random.seed()


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
    shown = traceback.TracebackException.from_exception(error)
    for each in causes(shown):
        each.stack[:] = [frame for frame in each.stack if frame.filename not in OURS]
    return "".join(shown.format())


def causes(shown: "traceback.TracebackException | None") -> "Iterator[traceback.TracebackException]":
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
    """`text` as the interface can carry it: no lone surrogates, and no more than anybody reads."""
    return text[:100_000].encode("utf-8", "backslashreplace").decode()


def flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
