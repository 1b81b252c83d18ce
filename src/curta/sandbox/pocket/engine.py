"""The pocket engine: Python cells in the component that `build.py` makes."""

import time
from pathlib import Path
from typing import Any

from curta.sandbox import wasm
from curta.sandbox.engine import Outcome, Sink
from curta.sandbox.limits import Limits
from curta.sandbox.namespace import Namespace
from curta.sandbox.pocket.files import Files

STARTING = 30.0
LONGEST_TOLD = 100_000
"""Characters of a value or an error; the guest keeps to it too, while nobody has rewritten it."""

BROKEN = "The program broke its Python beyond catching: {}."


class Pocket:
    """Loaded from compiled code. One linker serves every guest, so only one guest may run at a time."""

    def __init__(self, code: Path) -> None:
        from wasmtime import component

        self.engine = wasm.make_engine()
        self.component = component.Component.deserialize_file(self.engine, str(code))
        self.linker = component.Linker(self.engine)
        self.linker.add_wasip2()
        self.files: Files | None = None
        with self.linker.root() as root:
            root.add_func("call", self._answer)
        wasm.start_clock(self.engine)

    def open(self, namespace: Namespace, limits: Limits, stdout: Sink, stderr: Sink) -> "PocketGuest":
        return PocketGuest(self, Files(namespace), limits, stdout, stderr)

    def _answer(self, _store: Any, name: str, arguments: str) -> str:
        room, _, what = name.partition(".")
        return self.files.answer(what, arguments) if room == "fs" and self.files else "-52"


class PocketGuest:
    """One Python, with the state its cells leave in it."""

    def __init__(self, pocket: Pocket, files: Files, limits: Limits, stdout: Sink, stderr: Sink) -> None:
        import wasmtime

        self.alive = True
        self._pocket, self._files = pocket, files
        self._store = wasmtime.Store(pocket.engine)
        self._store.set_limits(memory_size=limits.memory)
        system = wasmtime.WasiConfig()
        system.stdout_custom, system.stderr_custom = stdout, stderr
        self._store.set_wasi(system)
        self._store.set_epoch_deadline(wasm.ticks(STARTING))
        self._run: Any = self._instance().get_func(self._store, "run")

    def _instance(self) -> Any:
        """Raises MemoryError when the guest's memory is not even enough to begin."""
        import wasmtime

        try:
            return self._pocket.linker.instantiate(self._store, self._pocket.component)
        except wasmtime.WasmtimeError as error:
            raise (MemoryError(str(error)) if "memory limits" in str(error) else error) from error

    def run(self, source: str, name: str, seconds: float, stdin: str) -> Outcome:
        import wasmtime

        began = time.monotonic()
        self._pocket.files = self._files
        self._store.set_epoch_deadline(wasm.ticks(seconds))
        try:
            told = self._run(self._store, source, name, stdin)
            if hasattr(self._run, "post_return"):
                self._run.post_return(self._store)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            self.alive = False
            return _broken(error, time.monotonic() - began >= seconds)
        return _outcome(told)

    def close(self) -> None:
        self._store.close()


def _outcome(told: Any) -> Outcome:
    value, error, code = told.value[:LONGEST_TOLD], told.error[:LONGEST_TOLD], told.code & 0xFF
    if told.status == "exit":
        return Outcome("error" if code else "ok", error=error, exit_code=code)
    if told.status == "error":
        out_of_memory = error.rstrip().rpartition("\n")[2].startswith("MemoryError")
        return Outcome("memory" if out_of_memory else "error", error=error, exit_code=1)
    return Outcome("ok", value)


def _broken(error: Exception, late: bool) -> Outcome:
    reason = str(error).strip().rpartition("\n")[2].strip().removeprefix("wasm trap: ")
    if late or reason == wasm.INTERRUPTED:
        return Outcome("deadline", exit_code=1)
    return Outcome("ended", error=BROKEN.format(reason), exit_code=1)
