"""Which plugins are installed: distributions that declare entry points of the group `curta`, and the user's own files.

Distributions are found as `*.dist-info` folders on the path, as importlib.metadata finds them at ten times the price.
The folder the program was started from is not searched: what lies there may be anybody's.
"""

import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from curta import config
from curta.plugins.environment import site_folder
from curta.plugins.plugin import Origin, Plugin

GROUP = "curta"


def folders() -> list[str]:
    """Where plugins can be: the site folders of this Python, the user's own one, the user's `plugins` folder."""
    own = str(site_folder())
    return [*(each for each in _path() if each != own), own, str(files_folder())]


def files_folder() -> Path:
    """Where the user keeps plugins of one file."""
    return config.home() / "plugins"


def changed(path: str) -> int:
    """When a file or the list of a folder last changed, in ns; 0 when it is not there."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def declared() -> Iterator[Plugin]:
    """Every plugin that is installed, as it declares itself; the first of a name on the path has it."""
    *path, own, files = folders()
    seen: set[str] = set()
    for folder in [*path, own]:
        here = list(_declared_in(folder, "home" if folder == own else "environment"))
        yield from (each for each in here if each.name.lower() not in seen)
        seen |= {each.name.lower() for each in here}
    yield from (_of_file(path) for path in sorted(Path(files).glob("*.py")) if not path.name.startswith((".", "_")))


@cache
def _path() -> tuple[str, ...]:
    """The path this process started with: loading a plugin makes it longer."""
    first = 0 if sys.flags.safe_path else 1  # otherwise the folder of the program, or the one it was started in
    return tuple(each for each in dict.fromkeys(sys.path[first:]) if each and not _is_standard(each))


def _is_standard(folder: str) -> bool:
    """Whether `folder` is of Python's own library, or its archive."""
    return folder.endswith(".zip") or (folder.startswith(os.path.dirname(os.__file__)) and "-packages" not in folder)


def _declared_in(folder: str, origin: Origin) -> Iterator[Plugin]:
    for name in _dist_infos(folder):
        info = os.path.join(folder, name)
        if entries := _entries(os.path.join(info, "entry_points.txt")):
            distribution, version = _named(info, name)
            for entry in entries:
                yield Plugin(distribution, version, entry, folder, origin, changed(info))


def _dist_infos(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(".dist-info"))
    except OSError:
        return []


def _entries(path: str) -> list[str]:
    """What the entry points of our group name: `module` or `module:attribute`."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(1_000_000)
    except OSError:
        return []
    if f"[{GROUP}]" not in text:
        return []
    from configparser import ConfigParser, Error

    parser = ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except Error:
        return []
    return [value.partition("[")[0].strip() for value in parser[GROUP].values()] if GROUP in parser else []


def _named(info: str, folder_name: str) -> tuple[str, str]:
    """The name and version of a distribution, as it writes them itself."""
    name, _, version = folder_name.removesuffix(".dist-info").partition("-")
    try:
        with open(os.path.join(info, "METADATA"), encoding="utf-8", errors="replace") as file:
            head = file.read(100_000).partition("\n\n")[0]
    except OSError:
        return name, version
    written = dict(re.findall(r"^(Name|Version): *(\S+)", head, re.MULTILINE))
    return written.get("Name", name), written.get("Version", version)


def _of_file(path: Path) -> Plugin:
    stamp = changed(str(path))
    return Plugin(path.stem, "", str(path), str(path.parent), "file", stamp, {str(path): stamp})
