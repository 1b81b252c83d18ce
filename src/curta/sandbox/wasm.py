"""What all engines share of wasmtime: one configuration, its compiled code on disk, and a clock that interrupts.

Compiled code is machine code that will be run: it is kept in a folder only its owner can enter, named by the digest of
what it was compiled from and of how, and loaded only while its file is the very one that was written.
"""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

TICK = 0.02
INTERRUPTED = "interrupt"
"""What wasmtime says when its epoch has come; with rounding, that may be a little before the time is up."""

STACK = 24 << 20
THREAD_STACK = 64 << 20


def make_engine() -> Any:
    """A wasmtime engine, configured."""
    import wasmtime
    from wasmtime import _ffi

    config = wasmtime.Config()
    configure(_ffi.dll, config.ptr())
    return wasmtime.Engine(config)


def configure(library: Any, config: Any) -> None:
    """Set up a configuration (`wasm_config_t*`) of wasmtime's library, the same for all engines.

    Epochs interrupt a guest; when it recurses deeply, it has room to make a RecursionError of it. wasmtime wants its
    asynchronous stack, which nothing uses, at least as large.
    """
    from ctypes import c_bool, c_size_t

    for name in ("epoch_interruption", "wasm_component_model", "wasm_simd", "wasm_exceptions"):
        getattr(library, f"wasmtime_config_{name}_set")(config, c_bool(True))
    for name in ("async_stack_size", "max_wasm_stack"):
        getattr(library, f"wasmtime_config_{name}_set")(config, c_size_t(STACK))


def start_clock(increment_epoch: Callable[[], None]) -> None:
    """Advance an engine's epoch every `TICK` seconds, from a thread that ends with the process."""

    def tick() -> None:
        while True:
            time.sleep(TICK)
            increment_epoch()

    threading.Thread(target=tick, name="epochs", daemon=True).start()


def ticks(seconds: float) -> int:
    return max(1, int(seconds / TICK) + 1)


def compiled_name(digest: str) -> str:
    """The name of the compiled code of an artefact, for this wasmtime and this configuration."""
    import hashlib

    machine = os.uname().machine if hasattr(os, "uname") else os.name
    how = f"{digest} {_wasmtime()} stack={STACK} exceptions {machine}"
    return hashlib.sha256(how.encode()).hexdigest()[:32] + ".cwasm"


def _wasmtime() -> str:
    """The installed wasmtime, by the name of its metadata folder: to read the metadata costs a start 30 ms."""
    from importlib.machinery import PathFinder

    found = PathFinder.find_spec("wasmtime")
    folder = Path(found.origin).parents[1] if found and found.origin else Path()
    if names := sorted(each.name for each in folder.glob("wasmtime-*.dist-info")):
        return names[-1]
    from importlib.metadata import version

    return version("wasmtime")


def compile_to(artefact: Path, target: Path, *, component: bool, sha256: str = "") -> None:
    """Compile `artefact` (`.wasm`, or `.wasm.xz`) and put the code at `target`. Raises ValueError when it is not what
    `sha256` says, if it says anything.
    """
    import hashlib

    import wasmtime
    from wasmtime import component as components

    data = artefact.read_bytes()
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{artefact} is not what its package says; install it again")
    if artefact.suffix == ".xz":
        import lzma

        data = lzma.decompress(data)
    engine = make_engine()
    kind = components.Component if component else wasmtime.Module
    code = bytes(kind(engine, data).serialize())
    write_whole(target, lambda file: file.write(code))


def write_whole(target: Path, write: Callable[[BinaryIO], object]) -> None:
    """Put what `write` writes at `target`, all at once or not at all."""
    draft = target.with_name(f"{target.name}.{os.getpid()}.draft")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
