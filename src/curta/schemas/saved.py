"""Schemas kept under a name, in `schemas.json` in Curta's home."""

import re
from collections.abc import Mapping

from curta import config
from curta.errors import UsageError
from curta.messages import JSON
from curta.schemas.keywords import checked

FILE = "schemas.json"
_NAME = re.compile(r"[^\W\d][\w.-]*")


def saved() -> dict[str, dict[str, JSON]]:
    """Every kept schema by its name, in the order in which they were kept."""
    return config.read(FILE)


def save(name: str, schema: Mapping[str, JSON]) -> None:
    """Keep `schema` as `name`, in place of what had the name. Raises UsageError for what cannot be a name."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of a schema.", then="Begin with a letter; use letters, digits, - _ and dots."
        )
    with config.changing(FILE) as kept:
        kept[name] = checked(schema)


def remove(name: str) -> None:
    """Forget the schema kept as `name`. Raises UsageError when there is none."""
    with config.changing(FILE) as kept:
        if kept.pop(name, None) is None:
            raise UsageError(f"No schema is kept as {name!r}.", then="`curta schemas` lists them.")
