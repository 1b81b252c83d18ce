"""The engines that run, and how they are ended."""

import os
import signal
import time
from contextlib import suppress
from typing import Any, NamedTuple

from curta.engine.process import state
from curta.engine.process.starting import clear_away
from curta.engine.process.state import Address, Place
from curta.errors import UnknownModel
from curta.memory import used_by

PATIENCE = 5.0
"""Seconds that an engine gets to end by itself before it is killed."""


class Running(NamedTuple):
    """An engine that runs. until: when it ends unless it is asked, in seconds since 1970. memory: bytes it has now."""

    address: Address
    until: float
    memory: int | None

    def to_dict(self) -> dict[str, Any]:
        """For JSON: without the key."""
        known = {name: value for name, value in self.address._asdict().items() if name != "key"}
        return {**known, "until": self.until, "memory": self.memory}


def running() -> list[Running]:
    """The engines of this user that run, by name. What crashed ones left is removed."""
    found = [_running(place) for place in state.places()]
    return sorted((each for each in found if each), key=lambda each: each.address.name)


def _running(place: Place) -> Running | None:
    if clear_away(place) or (address := state.read(place)) is None:
        return None
    try:
        until = place.state.stat().st_mtime
    except OSError:
        return None  # it ended just now
    return Running(address, until, used_by(address.process))


def stop(name: str | None = None) -> list[str]:
    """End the engines of the model `name`, or all; the names of those that ran. Answers that are under way break off.

    Raises UnknownModel when none of this name runs.
    """
    ended = [address.name for place in state.places() if (address := _ended(place, name))]
    if name is not None and not ended:
        raise UnknownModel(f"No engine of {name!r} is running.", then="`curta models ps` lists those that are.")
    return sorted(ended)


def _ended(place: Place, name: str | None) -> Address | None:
    address = state.read(place)
    if address is None or (name is not None and address.name != name) or clear_away(place):
        return None
    deadline = time.monotonic() + PATIENCE
    _signal(address, signal.SIGTERM)
    while state.is_alive(place):
        if time.monotonic() > deadline:
            _signal(address, getattr(signal, "SIGKILL", signal.SIGTERM))
            deadline += PATIENCE
        time.sleep(0.005)
    state.remove(place, address)
    return address


def _signal(address: Address, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(address.process, number)
