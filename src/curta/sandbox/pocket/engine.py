"""The pocket engine: Python cells in the component that `build.py` makes."""

import time
from pathlib import Path

from curta.sandbox import ending, wasm
from curta.sandbox.engine import Outcome, Sink
from curta.sandbox.limits import Limits
from curta.sandbox.namespace import Namespace
from curta.sandbox.pocket.binding import Component, Instance, WasmtimeError
from curta.sandbox.pocket.files import Files

STARTING = 30.0


class Pocket:
    """Loaded from compiled code. One linker serves every guest, so only one guest may run at a time."""

    def __init__(self, code: Path) -> None:
        self.component = Component(code, wasm.configure, {"call": self._answer})
        self.run = self.component.export(b"run")
        self.files: Files | None = None
        wasm.start_clock(self.component.increment_epoch)

    def open(self, namespace: Namespace, limits: Limits, stdout: Sink, stderr: Sink) -> "PocketGuest":
        return PocketGuest(self, Files(namespace), limits, stdout, stderr)

    def _answer(self, name: str, arguments: str) -> str:
        room, _, what = name.partition(".")
        return self.files.answer(what, arguments) if room == "fs" and self.files else "-52"


class PocketGuest:
    """One Python, with the state its cells leave in it. Raises MemoryError when its memory is not enough to begin."""

    def __init__(self, pocket: Pocket, files: Files, limits: Limits, stdout: Sink, stderr: Sink) -> None:
        self.alive = True
        self._pocket, self._files = pocket, files
        try:
            self._instance = Instance(pocket.component, limits.memory, wasm.ticks(STARTING), stdout, stderr)
        except WasmtimeError as error:
            raise (MemoryError(str(error)) if "memory limits" in str(error) else error) from error
        self._run = self._instance.function(pocket.run)

    def run(self, source: str, name: str, seconds: float, stdin: str) -> Outcome:
        began = time.monotonic()
        self._pocket.files = self._files
        self._instance.set_deadline(wasm.ticks(seconds))
        try:
            status, value, error, code = self._instance.call(self._run, (source, name, stdin))
        except WasmtimeError as failed:
            self.alive = False
            return ending.broken(failed, time.monotonic() - began >= seconds)
        return ending.told(str(status), str(value), str(error), int(code))

    def close(self) -> None:
        self._instance.close()
