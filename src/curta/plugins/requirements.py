"""What the user asked to have installed, as it is kept on record for the next Python (`plugins.json`)."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from curta import config
from curta.errors import UsageError
from curta.plugins.environment import normalised

FILE = "plugins.json"
_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?")


class Wanted(NamedTuple):
    """Something to install. requirement: as pip takes it: a name, with a version or not, a path or a URL.

    editable: a path that stays where it is, and is used from there.
    """

    requirement: str
    editable: bool = False

    def arguments(self) -> list[str]:
        return ["--editable", self.requirement] if self.editable else [self.requirement]

    @property
    def path(self) -> str | None:
        """The file or folder that is meant, if one is, without `[extras]`."""
        bare = self.requirement.partition("[")[0]
        return bare if os.path.isabs(bare) and os.path.exists(bare) else None

    @property
    def name(self) -> str | None:
        """The name of the distribution, where the requirement says it."""
        where = os.path.basename(self.path).partition("-")[0] if self.path and self.path.endswith(".whl") else ""
        if self.path and not where:
            return None
        named = _NAME.match(where or self.requirement)
        return normalised(named[0]) if named and "://" not in self.requirement.partition("@")[0] else None


def read(requirement: str, *, editable: bool = False) -> Wanted:
    """`requirement` as it can be kept: a path is made absolute. Raises UsageError for what is no requirement."""
    bare, bracket, extras = requirement.partition("[")
    is_path = editable or os.sep in bare or "/" in bare or bare.startswith(".") or os.path.isfile(bare)
    if is_path and "://" not in requirement and " @ " not in requirement:
        bare = os.path.expanduser(bare)
        if not os.path.exists(bare):
            raise UsageError(f"There is nothing at {bare}.", then="Name a folder with a pyproject.toml, or a wheel.")
        return Wanted(str(Path(bare).absolute()) + bracket + extras, editable)
    if requirement.startswith("-") or not requirement.strip() or not requirement.isprintable():
        raise UsageError(f"{requirement!r} is nothing that can be installed.", then="Name a package, a path or a URL.")
    return Wanted(requirement.strip(), editable)


def wanted() -> dict[str, Wanted]:
    """What was asked for, by the name of the distribution."""
    return {name: Wanted(**what) for name, what in config.read(FILE).get("installed", {}).items()}


def keep(more: dict[str, Wanted]) -> None:
    """Put what was asked for on record."""
    with config.changing(FILE) as record:
        record["installed"] = {**record.get("installed", {}), **{name: each._asdict() for name, each in more.items()}}


def forget(names: Iterable[str]) -> None:
    """Take what is not wanted any more from the record."""
    gone = set(names)
    with config.changing(FILE) as record:
        record["installed"] = {name: what for name, what in record.get("installed", {}).items() if name not in gone}
