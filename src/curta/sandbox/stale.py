"""Compiled code that nobody will load again: each is some tens of megabytes or more, so new code clears old code away.

What is removed bears a name that only `cache.py` and its engines give, was not used for an hour, and

- was made by this Python of the artefact of which a file of the same kind has just been made: an older version of it,
- or of an artefact that is no longer there: its installation is gone,
- or was not used for months, or is no file that `cache.py` vouches for, such as the draft of a killed process.
"""

import json
import re
import sys
import time
from contextlib import suppress
from pathlib import Path

RECENT, LONG_AGO = 3600, 90 * 86_400
"""Seconds since the last use."""

_OURS = re.compile(r"(data-\w+-)?[0-9a-f]{32}\.(cwasm|bin)(\.\d+\.draft)?")


def sweep(new: Path, artefact: Path) -> None:
    """Remove what is stale beside `new`, which was just made of `artefact`."""
    with suppress(OSError):
        for each in list(new.parent.iterdir()):
            if each != new and _OURS.fullmatch(each.name) and _is_stale(each, new, artefact):
                _remove(each)


def _is_stale(code: Path, new: Path, artefact: Path) -> bool:
    seal = code.with_suffix(".json")
    idle = _idle(seal if seal.exists() else code)
    if idle < RECENT:
        return False
    try:
        told = json.loads(seal.read_text(encoding="utf-8"))
        source, python = str(told["of"]), str(told["by"])
    except (OSError, ValueError, LookupError, TypeError):
        return True
    superseded = (source, python, _kind(code)) == (str(artefact), sys.prefix, _kind(new))
    return superseded or idle > LONG_AGO or not Path(source).exists()


def _kind(code: Path) -> str:
    found = _OURS.fullmatch(code.name)
    return (found[1] or "") if found else ""


def _idle(path: Path) -> float:
    """Seconds since a file was last used; none for one that has gone meanwhile."""
    try:
        return time.time() - path.lstat().st_mtime
    except OSError:
        return 0.0


def _remove(code: Path) -> None:
    """The seal first: without it nobody loads what is about to go."""
    for path in (code.with_suffix(".json"), code, code.with_suffix(".lock")):
        with suppress(OSError):
            path.unlink()
