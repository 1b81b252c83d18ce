"""What stands on this machine: the walls around a program, and each language that can run, or what it lacks."""

import os
import sys
from typing import NamedTuple

from curta.errors import CurtaError
from curta.sandbox import cache, engines, walls


class Language(NamedTuple):
    """A language as `--lang` takes it. ready: compiled, so that a run begins at once. lacks: why it cannot run here.

    then: what would change that.
    """

    name: str
    ready: bool = False
    lacks: str = ""
    then: str = ""

    def told(self) -> str:
        if self.lacks:
            return f"{self.lacks} {self.then}".strip()
        return "compiled" if self.ready else "compiled at its first use"


class Standing(NamedTuple):
    """works: whether programs can be run. level: of Landlock, 0 for none. then: what would make it better."""

    works: bool
    level: int
    languages: tuple[Language, ...] = ()
    then: str = ""

    def told(self) -> str:
        if not self.works:
            return "cannot run a program here"
        return f"WebAssembly, Landlock (level {self.level}) and resource limits" if self.level else _ONE_WALL


_ONE_WALL = "WebAssembly and resource limits; no Landlock here"
_NEWER = "A kernel with Landlock (5.13 or later) adds a second wall, and C."


def standing() -> Standing:
    """Look, without starting or compiling anything."""
    level = walls.landlock_level()
    if os.name != "posix":
        return Standing(False, level, then="The sandbox needs Linux or macOS.")
    languages = tuple(_language(name, level) for name in engines.ENGINES)
    return Standing(True, level, languages, _NEWER if sys.platform == "linux" and not level else "")


def _language(name: str, level: int) -> Language:
    if name == "c" and not level:
        return Language(name, lacks="Its compiler can be closed in by Landlock only, which is not here.")
    try:
        return Language(name, ready=_is_ready(name))
    except CurtaError as error:
        return Language(name, lacks=error.what, then=error.then)


def _is_ready(name: str) -> bool:
    """Raises MissingExtra, SandboxError."""
    if name == "c":
        from curta.sandbox.languages import c

        return c.is_warm()
    if name == "data":
        from curta.sandbox.data import making

        return making.is_made()
    artefact = engines.ENGINES[name].artefact
    return artefact is not None and cache.is_compiled(artefact())
