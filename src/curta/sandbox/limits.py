"""What a guest may use up. Each limit that is reached is an ordinary result that says so, never an end of the host."""

from typing import NamedTuple

from curta.errors import UsageError

MB = 1 << 20


class Limits(NamedTuple):
    """seconds: of a run, on the clock. memory, output, disk: bytes; output is what is kept of each stream, disk what
    may be written in all. files: how many may be made. There are no processes, no network and no environment.
    """

    seconds: float = 10
    memory: int = 256 * MB
    output: int = 1 * MB
    disk: int = 64 * MB
    files: int = 20_000

    def checked(self) -> "Limits":
        """These limits. Raises UsageError for one that cannot be."""
        for name, value in self._asdict().items():
            if not value > 0 or value == float("inf"):
                raise UsageError(f"The limit {name!r} takes a number above 0, not {value!r}.")
            if value > getattr(MOST, name):
                raise UsageError(f"The limit {name!r} takes at most {getattr(MOST, name)}, not {value!r}.")
        return self


MOST = Limits(seconds=86_400, memory=4096 * MB, output=1024 * MB, disk=1 << 40, files=10_000_000)
"""A day; what 32 bits address, which is all that WebAssembly does here; and what is certainly a mistake."""
