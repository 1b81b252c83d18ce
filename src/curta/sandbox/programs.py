"""The engine of programs for WASI: an interpreter that is given a source file, or a program that was compiled.

Each run has an instance of its own. A source lies at `/program/main.EXT`, which the guest can read and nobody grants.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from curta.sandbox import ending, wasm
from curta.sandbox.engine import Outcome, Sink
from curta.sandbox.limits import Limits
from curta.sandbox.namespace import Namespace
from curta.sandbox.shelf import Shelf
from curta.sandbox.wasi import Exit, Late, Wasi, define

BROKEN = "The program broke off beyond catching: {}."
NO_MODULE = "The program is no WebAssembly that can run here: {}."
PROGRAM, MAIN = "/program", "main"
IN_MEMORY, OF_A_SESSION = ":memory:", "/tmp/session.db"
NEARLY = 0.75
"""A program that failed with this much of its memory in use is taken to have failed for want of it."""


class WasiHost:
    """What runs modules that want WASI. One linker serves them all, so only one may run at a time: `system` is its."""

    def __init__(self) -> None:
        import wasmtime

        self.engine = wasm.make_engine()
        self.linker = wasmtime.Linker(self.engine)
        self.system: Wasi | None = None
        define(self.linker, self._current)
        wasm.start_clock(self.engine.increment_epoch)

    def prepare(self, limits: Limits, stdout: Sink, stderr: Sink) -> None:
        """An instance begins with its run."""

    def _current(self) -> Wasi:
        assert self.system is not None
        return self.system


class Programs(WasiHost):
    """Loaded from compiled code.

    arguments: of the interpreter; `{}` is where its source lies. beside: other files that it finds there.
    """

    suffix: ClassVar[str]
    arguments: ClassVar[Sequence[str]]
    beside: ClassVar[Mapping[str, bytes]] = {}

    def __init__(self, code: Path) -> None:
        import wasmtime

        super().__init__()
        self._module = wasmtime.Module.deserialize_file(self.engine, str(code))

    def open(self, namespace: Namespace, limits: Limits, stdout: Sink, stderr: Sink) -> "Program":
        return Program(self, namespace, limits, stdout, stderr)

    def given(self, source: str, name: str) -> tuple[Any, Sequence[str], Mapping[str, bytes]]:
        """What runs a source: a module, its arguments, and the files of `/program`. name: `MAIN`, or a cell's."""
        file = f"main{self.suffix}"
        arguments = [each.replace("{}", f"{PROGRAM}/{file}") for each in self.arguments]
        return self._module, arguments, {**self.beside, file: source.encode()}


class JavaScript(Programs):
    suffix = ".js"
    arguments = ("javascript", "{}")


class Lua(Programs):
    suffix = ".lua"
    arguments = ("lua", "{}")


class Sql(Programs):
    suffix = ".sql"
    arguments = (
        *("sqlite3", "-batch", "-bail", "-header", "-column"),
        *("-init", f"{PROGRAM}/none", IN_MEMORY, ".read {}"),
    )
    beside: ClassVar[Mapping[str, bytes]] = {"none": b""}  # else it looks for settings in a home that is not there

    def given(self, source: str, name: str) -> tuple[Any, Sequence[str], Mapping[str, bytes]]:
        """A program begins in memory; the cells of a session have a database of their own, in a file."""
        module, arguments, files = super().given(source, name)
        database = IN_MEMORY if name == MAIN else OF_A_SESSION
        return module, [database if each == IN_MEMORY else each for each in arguments], files


class Php(Programs):
    suffix = ".php"
    arguments = ("php", "-q", "-d", "html_errors=0", "-d", "display_errors=stderr", "{}")


class Ruby(Programs):
    suffix = ".rb"
    arguments = ("ruby", "--disable=gems", "{}")


class Compiled(Programs):
    """Programs that come as WebAssembly: a source is a module, one character for each byte."""

    def __init__(self) -> None:
        WasiHost.__init__(self)

    def given(self, source: str, name: str) -> tuple[Any, Sequence[str], Mapping[str, bytes]]:
        import wasmtime

        return wasmtime.Module(self.engine, source.encode("latin-1")), ["main"], {}


class Program:
    """A place for one program: each `run` is a new instance in the same namespace."""

    def __init__(self, programs: Programs, namespace: Namespace, limits: Limits, stdout: Sink, stderr: Sink) -> None:
        self.alive = True
        self._programs, self._namespace, self._limits = programs, namespace, limits
        self._stdout, self._stderr = stdout, stderr
        self._used = 0

    def run(self, source: str, name: str, seconds: float, stdin: str) -> Outcome:
        import wasmtime

        deadline = time.monotonic() + seconds
        try:
            module, arguments, files = self._programs.given(source, name)
        except (wasmtime.WasmtimeError, UnicodeError) as error:
            return Outcome("error", error=NO_MODULE.format(ending.reason(error)), exit_code=1)
        self._namespace.place(PROGRAM, Shelf(files))
        system = Wasi(self._namespace, arguments, stdin.encode(), self._stdout, self._stderr)
        return self._run(module, system, deadline)

    def close(self) -> None:
        """An instance ends with its run."""

    def _run(self, module: Any, system: Wasi, deadline: float) -> Outcome:
        import wasmtime

        store = wasmtime.Store(self._programs.engine)
        store.set_limits(memory_size=self._limits.memory)
        store.set_epoch_deadline(wasm.ticks(max(0.0, deadline - time.monotonic())))
        system.deadline = deadline
        self._programs.system = system
        self._used = 0
        try:
            self._start(store, module)
            outcome = Outcome("ok")
        except Exit as exit:
            outcome = Outcome("error" if exit.code else "ok", exit_code=exit.code)
        except Late:
            outcome = Outcome("deadline", exit_code=1)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            outcome = ending.broken(error, False, BROKEN)
        except (KeyError, TypeError, AttributeError) as error:  # it exports no `_start`, no memory, or something else
            outcome = Outcome("error", error=NO_MODULE.format(ending.reason(error)), exit_code=1)
        finally:
            system.close()
            store.close()
        return self._judged(outcome, deadline)

    def _start(self, store: Any, module: Any) -> None:
        exports: Any = self._programs.linker.instantiate(store, module).exports(store)
        try:
            exports["_start"](store)
        finally:
            self._used = exports["memory"].data_len(store)

    def _judged(self, outcome: Outcome, deadline: float) -> Outcome:
        if outcome.status == "ok":
            return outcome
        if time.monotonic() >= deadline:
            return Outcome("deadline", exit_code=1)
        if self._used > NEARLY * self._limits.memory:
            return Outcome("memory", exit_code=1)
        return outcome
