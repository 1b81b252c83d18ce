"""The seam between the worker and what runs a language.

An engine is loaded once in a worker; `Engine.open` makes a guest, in which nothing of an earlier one is left. A guest
lives until it breaks: an `Outcome` whose status is `deadline`, `memory` or `ended` may have broken it (`alive` tells).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from curta.sandbox.limits import Limits
from curta.sandbox.namespace import Namespace

if TYPE_CHECKING:
    from curta.sandbox.result import Status

Sink = Callable[[bytes], None]


class Outcome(NamedTuple):
    """How a cell ended, as the guest tells it, or as the engine does when the guest no longer can."""

    status: "Status"
    value: str = ""
    error: str = ""
    exit_code: int = 0


class Guest(Protocol):
    """One instance with its own state."""

    alive: bool

    def run(self, source: str, name: str, seconds: float, stdin: str) -> Outcome:
        """Run a cell. name: what tracebacks call it. Never raises for what the guest does."""

    def close(self) -> None:
        """Give back the guest's memory. Twice is once."""


class Engine(Protocol):
    """What can run one language."""

    def open(self, namespace: Namespace, limits: Limits, stdout: Sink, stderr: Sink) -> Guest:
        """A new guest. Raises MemoryError when `limits` leave too little memory for any."""

    def prepare(self, limits: Limits, stdout: Sink, stderr: Sink) -> None:
        """Do beforehand what the next `open` would, as far as it helps: nobody waits just now."""
