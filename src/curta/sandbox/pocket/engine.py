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
        self._spare: Instance | None = None
        wasm.start_clock(self.component.increment_epoch)

    def open(self, namespace: Namespace, limits: Limits, stdout: Sink, stderr: Sink) -> "PocketGuest":
        instance, self._spare = self._spare or self._instance(limits, stdout, stderr), None
        return PocketGuest(self, instance, Files(namespace))

    def prepare(self, limits: Limits, stdout: Sink, stderr: Sink) -> None:
        """Make the next guest, and have it run nothing once, which copies the pages that every run writes to."""
        self.files = None
        spare = self._instance(limits, stdout, stderr)
        try:
            spare.call(spare.function(self.run), ("", "main", ""))
        except WasmtimeError:  # it has too little memory even for that, as the next run will find
            spare.close()
        else:
            self._spare = spare

    def _instance(self, limits: Limits, stdout: Sink, stderr: Sink) -> Instance:
        """Raises MemoryError when its memory is not enough to begin."""
        try:
            return Instance(self.component, limits.memory, wasm.ticks(STARTING), stdout, stderr)
        except WasmtimeError as error:
            raise (MemoryError(str(error)) if "memory limits" in str(error) else error) from error

    def _answer(self, name: str, arguments: str) -> str:
        room, _, what = name.partition(".")
        return self.files.answer(what, arguments) if room == "fs" and self.files else "-52"


class PocketGuest:
    """One Python, with the state its cells leave in it."""

    def __init__(self, pocket: Pocket, instance: Instance, files: Files) -> None:
        self.alive = True
        self._pocket, self._instance, self._files = pocket, instance, files
        self._run = instance.function(pocket.run)

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
        self.alive = False
        self._instance.close()
