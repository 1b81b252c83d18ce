"""A guest that keeps its state from cell to cell, and what is done when a cell has ended it."""

from dataclasses import replace

from curta.sandbox.process import OnOutput
from curta.sandbox.result import Result
from curta.sandbox.runner import Runner

CHEAP = 2.0
"""Seconds of processor time that all cells together may have taken, to be run again unasked."""


class Session:
    """Cells that share one guest. When a cell ended it (a deadline, a crash), the next one finds it rebuilt.

    Rebuilt means: the earlier cells are run again, if that is cheap and each had gone well. What they did outside of
    the guest's own folders cannot repeat itself: there is no outside. Otherwise the guest is a new one. Either way the
    Result says so in `note`.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._cells: list[str] = []
        self._number = 0
        self._spent = 0.0
        self._lost = False

    def run(self, source: str, *, on_output: OnOutput | None = None) -> Result:
        """Run a cell; the repr of a trailing expression is the Result's `value`."""
        note = self._rebuilt() if self._lost else ""
        self._number += 1
        result = self._runner.run(source, f"cell {self._number}", fresh=False, on_output=on_output)
        self._lost = not self._runner.alive
        self._spent += result.usage.cpu
        if not self._lost:
            self._cells.append(source)
        return replace(result, note=note or self._told())

    def put(self, path: str, data: bytes) -> None:
        """Write a file of the guest. Raises OSError."""
        self._runner.put(path, data)

    def take(self, path: str) -> bytes:
        """Read a file of the guest. Raises OSError."""
        return self._runner.take(path)

    def close(self) -> None:
        self._runner.close()

    def _told(self) -> str:
        return "This ended the session; the next cell finds it rebuilt, or a new one." if self._lost else ""

    def _rebuilt(self) -> str:
        """Run the earlier cells again, if that is cheap; the sentence that says what was done."""
        cells, self._cells, self._lost = self._cells, [], False
        if self._spent > CHEAP:
            self._spent = 0.0
            return (
                f"The session had ended, and its {len(cells)} cells took too long to be run again: this is a new one."
            )
        for number, cell in enumerate(cells, 1):
            self._runner.run(cell, f"cell {number}", fresh=False)
            if not self._runner.alive:
                self._spent = 0.0
                return "The session had ended, and could not be rebuilt: this is a new one."
        self._cells = cells
        return (
            f"The session had ended; it was rebuilt by running its {len(cells)} earlier cells again." if cells else ""
        )
