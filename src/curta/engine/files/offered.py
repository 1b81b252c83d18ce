"""What the catalogue offers, beside what this computer has: is it here, does it fit?"""

from shlex import quote
from typing import Any, NamedTuple

from curta import memory
from curta.engine.files import catalogue, held
from curta.engine.files.catalogue import Entry
from curta.errors import ConfigError


class Offer(NamedTuple):
    """A model that can be pulled. held: it is here. fits: in the memory that is to spare now; None when
    nobody knows."""

    entry: Entry
    held: bool
    fits: bool | None

    def to_dict(self) -> dict[str, Any]:
        return {**self.entry._asdict(), "held": self.held, "fits": self.fits}


def offered() -> list[Offer]:
    """The models of the catalogue in use, in its order."""
    here, spare = held.held(), memory.free()
    return [
        Offer(each, each.id in here, None if not each.ram or spare is None else each.ram <= spare)
        for each in catalogue.in_use().entries
    ]


def how_to_use(name: str) -> str:
    """What to type where a model file was asked for what it does not do, or is not here; empty for other names."""
    if file := held.find(name):
        use = "embeds texts: curta embed -m" if file.kind == "embedding" else "answers prompts: curta -m"
        return f"{name} {use} {quote(name)}"
    if name.startswith("hf:") or _is_offered(name):
        return f"To have it on this computer: curta models pull {quote(name)}"
    return ""


def _is_offered(name: str) -> bool:
    try:
        return catalogue.find(name) is not None
    except ConfigError:  # which the commands of the catalogue tell
        return False
