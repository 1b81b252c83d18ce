"""What stands on this machine: whether the Python guest is built and compiled, and which walls it would have."""

import os
import sys
from typing import NamedTuple

from curta.errors import SandboxError
from curta.sandbox import cache, engines, walls


class Standing(NamedTuple):
    """works: whether a program can be run. level: of Landlock, 0 for none. compiled: whether the first run is fast.

    then: what would make it better.
    """

    works: bool
    level: int
    compiled: bool
    then: str = ""

    def told(self) -> str:
        if not self.works:
            return "cannot run a program here"
        second = f"Landlock (level {self.level}) and resource limits" if self.level else "resource limits"
        return f"WebAssembly, {second}; {'compiled' if self.compiled else 'compiled at its first use'}"


def standing() -> Standing:
    """Look, without starting or compiling anything."""
    level = walls.landlock_level()
    if os.name != "posix":
        return Standing(False, level, False, "The sandbox needs Linux or macOS.")
    try:
        artefact = engines.find("python").artefact
        compiled = artefact is not None and cache.is_compiled(artefact())
    except SandboxError as error:
        return Standing(False, level, False, error.then or error.what)
    weak = sys.platform == "linux" and not level
    return Standing(True, level, compiled, "A kernel with Landlock (5.13 or later) adds a second wall." if weak else "")
