"""What the catalogue offers, beside what this computer has: is it here, does it fit?"""

from typing import Any, NamedTuple

from curta import memory
from curta.engine.files import catalogue, held
from curta.engine.files.catalogue import Entry


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
