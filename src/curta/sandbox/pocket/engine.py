"""The pocket engine: Python cells in the component that `build.py` makes."""

import time
from pathlib import Path
from typing import Any

from curta.sandbox import ending, wasm
from curta.sandbox.engine import Outcome, Sink
from curta.sandbox.limits import Limits
from curta.sandbox.namespace import Namespace
from curta.sandbox.pocket.files import Files

STARTING = 30.0


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
            return ending.broken(error, time.monotonic() - began >= seconds)
        return ending.told(told.status, told.value, told.error, told.code)

    def close(self) -> None:
        self._store.close()
