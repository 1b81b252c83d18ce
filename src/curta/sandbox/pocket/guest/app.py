"""The guest: a whole CPython with its standard library, frozen into one WebAssembly component; it runs cells.

This file runs in the guest. What is imported here is imported once, when the component is built, and is there at no
cost in every sandbox. The files of the guest are those of `files.py`, which is put in place before anything else so
that every module of the library uses it.
"""

import files  # first: see above

files.install()

import contextlib
import importlib
import io
import random
import sys

import cells
import snapshot
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


PACKAGES, WORK = "/packages", "/work"
cells.OURS.update((__file__, files.__file__))
seeded: list[bool] = []


class WitWorld(wit_world.WitWorld):
    """The exports of `box.wit`."""

    def run(self, source: str, name: str, input: str) -> wit_world.Outcome:
        seed()
        return wit_world.Outcome(*cells.run(source, name, input))


def seed() -> None:
    """Once: the state of `random` is in the snapshot, and would be the same in every sandbox."""
    if not seeded:
        seeded.append(True)
        random.seed()


class Whole(io.FileIO):
    """A descriptor whose `write` writes all it is given: the host takes 8 KiB at a time."""

    def write(self, data: bytes) -> int:
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            done += super().write(view[done:])
        return done


def settle() -> None:
    """The files are the host's from here on, and the streams such that they never fail on a character."""
    files.start(WORK)
    sys.dont_write_bytecode = True
    sys.argv = ["main.py"]
    sys.stdout = sys.__stdout__ = cells.stream(Whole(1, "w", closefd=False))
    sys.stderr = sys.__stderr__ = cells.stream(Whole(2, "w", closefd=False))
    sys.path[:] = ["", PACKAGES]


freeze()
settle()
snapshot.warm(lambda *cell: wit_world.Outcome(*cells.run(*cell)))
snapshot.pack()
