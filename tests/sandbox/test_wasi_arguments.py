"""Whatever a module hands to the system interface, it gets an error number, or it ends: the host goes on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.sandbox.namespace import Namespace
from curta.sandbox.overlay import Overlay, Quota
from curta.sandbox.wasi import MODULE, SIGNATURES, Exit, Late, Wasi, define

PAGES = 2
KINDS = {"i": "i32", "I": "i64"}
NAMES = [b"a", b"..", b"/etc/passwd", b"folder", b"folder/file", b"\xff\xfe", b"new", b"", b"a\0b", b"tmp", b"x" * 300]
NAMES_AT = 1024


def callable_system() -> bytes:
    """A module that hands on every function of the interface, so that its memory is the one that is meant."""
    imports, exports = [], []
    for name, letters in SIGNATURES.items():
        parameters = " ".join(f"(param {KINDS[letter]})" for letter in letters)
        result = "" if name == "proc_exit" else "(result i32)"
        handed = " ".join(f"(local.get {place})" for place in range(len(letters)))
        imports.append(f'(import "{MODULE}" "{name}" (func ${name} {parameters} {result}))')
        exports.append(f'(func (export "{name}") {parameters} {result} (call ${name} {handed}))')
    return bytes(
        wasmtime.wat2wasm(f'(module {" ".join(imports)} (memory (export "memory") {PAGES}) {" ".join(exports)})')
    )


ENGINE = wasmtime.Engine()
SYSTEM = wasmtime.Module(ENGINE, callable_system())

POINTERS = st.sampled_from([0, 8, NAMES_AT, PAGES * 65536 - 4, PAGES * 65536, -1, -(2**31), 2**31 - 1])
SMALL = st.integers(-2, 12)
WORDS = st.one_of(SMALL, POINTERS, st.integers(NAMES_AT, NAMES_AT + 400), st.integers(-(2**31), 2**31 - 1))
LONGS = st.one_of(SMALL, st.sampled_from([2**62, 2**63 - 1, -(2**63)]), st.integers(-(2**63), 2**63 - 1))


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, list[int]]:
    name = draw(st.sampled_from(sorted(SIGNATURES)))
    return name, [draw(WORDS if letter == "i" else LONGS) for letter in SIGNATURES[name]]


@contextmanager
def system(folder: Path) -> Iterator[tuple[Any, Any]]:
    scratch, work = folder / "scratch", folder / "work"
    scratch.mkdir()
    (work / "folder").mkdir(parents=True)
    (work / "folder" / "file").write_text("untouched")
    overlay = Overlay(work, scratch, Quota(1 << 16, 10), writable=True)
    namespace = Namespace({"/work": overlay, "/tmp": Overlay(None, scratch, Quota(1 << 16, 10), writable=True)})
    wasi = Wasi(namespace, ["main"], b"input", lambda data: None, lambda data: None)
    wasi.deadline = time.monotonic()
    store, linker = wasmtime.Store(ENGINE), wasmtime.Linker(ENGINE)
    define(linker, lambda: wasi)
    exports = linker.instantiate(store, SYSTEM).exports(store)
    memory: Any = exports["memory"]
    memory.write(store, b"".join(name.ljust(32, b"\0") for name in NAMES), NAMES_AT)
    try:
        yield store, exports
    finally:
        wasi.close()
        namespace.close()


@settings(max_examples=60)
@given(st.lists(calls(), min_size=1, max_size=40))
def test_any_call_is_answered_or_ends_the_program(sequence: list[tuple[str, list[int]]]) -> None:
    with TemporaryDirectory() as name, system(Path(name)) as (store, exports):
        for function, arguments in sequence:
            try:
                answer = exports[function](store, *arguments)
            except (Exit, Late):
                continue
            assert answer is None or 0 <= answer <= 76, (function, arguments)
        assert (Path(name) / "work" / "folder" / "file").read_text() == "untouched"


def test_every_function_of_the_interface_is_served() -> None:
    unserved = [name for name in SIGNATURES if not hasattr(Wasi, "_" + name)]
    assert unserved == ["fd_fdstat_set_rights", "proc_raise", "sock_accept", "sock_recv", "sock_send", "sock_shutdown"]
