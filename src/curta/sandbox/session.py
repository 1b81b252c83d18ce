"""A guest that keeps its state from cell to cell, and what is done when a cell has ended it."""

from dataclasses import replace

from curta.errors import SandboxError
from curta.sandbox.process import OnOutput
from curta.sandbox.result import Result
from curta.sandbox.runner import Runner

KEPT = {
    "JavaScript": "In JavaScript, what stays from cell to cell is files, no variables.",
    "Lua": "In Lua, what stays from cell to cell is files, no variables.",
    "PHP": "In PHP, what stays from cell to cell is files, no variables.",
    "Ruby": "In Ruby, what stays from cell to cell is files, no variables.",
    "C": "In C, each cell is a whole program; what stays from cell to cell is files.",
    "SQL": "In SQL, what stays from cell to cell is the database, and no setting of the shell.",
}
"""By engine: what a cell of a session finds of those before it, where that is not everything."""

CHEAP = 2.0
"""Seconds of processor time that all cells together may have taken, to be run again unasked."""


class Session:
    """Cells that share one guest. When a cell ended it (a deadline, a crash), the next one finds it rebuilt.

    Rebuilt means: the earlier cells are run again, and files that were put in are put in again, if that is cheap. What
    cells did outside of the guest's own folders cannot repeat itself: there is no outside. Otherwise the guest is a new
    one. Either way the Result says so in `note`. A cell that ended the guest is not among those run again.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._done: list[str | tuple[str, bytes]] = []  # cells, and files that were put in
        self._number = 0
        self._spent = 0.0

    def run(self, source: str, *, on_output: OnOutput | None = None) -> Result:
        """Run a cell; the repr of a trailing expression is the Result's `value`."""
        note = self._rebuilt() or ("" if self._number else KEPT.get(self._runner.engine.name, ""))
        self._number += 1
        result = self._runner.run(source, f"cell {self._number}", fresh=False, on_output=on_output)
        if self._runner.alive:
            self._done.append(source)
            self._spent += result.usage.cpu
        elif result.status != "error":  # what could not even be compiled has ended nothing
            note = " ".join(
                filter(None, (note, "This ended the session; the next cell finds it rebuilt, or a new one."))
            )
        return replace(result, note=note)

    @property
    def alive(self) -> bool:
        """Whether the next cell finds the guest that the last one left, and not one that was rebuilt."""
        return self._runner.alive

    def put(self, path: str, data: bytes) -> None:
        """Write a file of the guest. Raises OSError."""
        self._rebuilt()
        self._runner.put(path, data)
        self._done.append((path, data))

    def take(self, path: str) -> bytes:
        """Read a file of the guest. Raises OSError."""
        self._rebuilt()
        return self._runner.take(path)

    def close(self) -> None:
        self._runner.close()

    def _rebuilt(self) -> str:
        """Do again what was done, when the guest was lost and that is cheap; the sentence that says what came of it."""
        if self._runner.alive or not self._done:
            return ""
        done, self._done = self._done, []
        spent, self._spent = self._spent, 0.0
        cells = sum(isinstance(each, str) for each in done)
        if spent > CHEAP:
            return f"The session had ended, and its {cells} cells took too long to be run again: this is a new one."
        if not all(self._did_again(each, number) for number, each in enumerate(done, 1)):
            self._runner.close()
            return "The session had ended, and could not be rebuilt: this is a new one."
        self._done, self._spent = done, spent
        return f"The session had ended; it was rebuilt by {_steps(cells)} again."

    def _did_again(self, step: str | tuple[str, bytes], number: int) -> bool:
        if isinstance(step, str):
            self._runner.run(step, f"cell {number}", fresh=False)
        else:
            try:
                self._runner.put(*step)
            except (OSError, SandboxError):
                return False
        return self._runner.alive


def _steps(cells: int) -> str:
    """What is done to rebuild a session of so many cells."""
    return f"running its {cells} earlier cell{'s' * (cells > 1)}" if cells else "putting its files in"
