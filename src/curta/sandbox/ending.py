"""How a cell ended: as wasmtime says it of a module that broke off, or as a guest's own Python tells it."""

from curta.sandbox import wasm
from curta.sandbox.engine import Outcome

LONGEST_TOLD = 100_000
"""Characters of a value or an error; a guest keeps to it too, while nobody has rewritten it."""

BROKEN = "The program broke its Python beyond catching: {}."


def reason(error: Exception) -> str:
    """What wasmtime says, in its last words."""
    return str(error).strip().rpartition("\n")[2].strip().removeprefix("wasm trap: ") or type(error).__name__


def broken(error: Exception, late: bool, what: str = BROKEN) -> Outcome:
    """The outcome of a guest that broke. late: its time is up. what: the sentence, with a place for the reason."""
    if late or reason(error) == wasm.INTERRUPTED:
        return Outcome("deadline", exit_code=1)
    return Outcome("ended", error=what.format(reason(error)), exit_code=1)


def told(status: str, value: str, error: str, code: int) -> Outcome:
    """What `pocket/guest/cells.py` tells of a cell."""
    value, error, code = value[:LONGEST_TOLD], error[:LONGEST_TOLD], code & 0xFF
    if status == "exit":
        return Outcome("error" if code else "ok", error=error, exit_code=code)
    if status == "error":
        raised = error.rstrip().rpartition("\n")[2].partition(":")[0]
        return Outcome("memory" if raised.endswith("MemoryError") else "error", error=error, exit_code=1)
    return Outcome("ok", value)
