"""wasmtime's C interface, as much of it as the pocket engine needs: one component, whose one function is called.

wasmtime's own Python bindings are of all of it, and to import them costs more than everything else a short program
does. Layouts and signatures are those of wasmtime's `component/*.h`, `wasi.h` and `store.h`; a test compares them with
its bindings. Nothing here knows what the guest is for.
"""

import ctypes
import errno
from collections.abc import Callable, Sequence
from ctypes import byref, c_bool, c_char_p, c_int32, c_int64, c_size_t, c_ssize_t, c_uint8, c_uint64, c_void_p
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

STRING, S32 = 12, 5
"""Kinds of values: `WASMTIME_COMPONENT_STRING`, `WASMTIME_COMPONENT_S32`."""


class Bytes(ctypes.Structure):
    """`wasm_byte_vec_t`."""

    _fields_ = [("size", c_size_t), ("data", c_void_p)]

    def __bytes__(self) -> bytes:
        return ctypes.string_at(self.data, self.size) if self.size else b""


class _Record(ctypes.Structure):
    """`wasmtime_component_valrecord_t`; its data are `Field`s."""

    _fields_ = [("size", c_size_t), ("data", c_void_p)]


class _Of(ctypes.Union):
    """`wasmtime_component_valunion_t`: what of it is used here, and room for the rest."""

    _fields_ = [("s32", c_int32), ("string", Bytes), ("record", _Record), ("_room", c_uint64 * 3)]


class Value(ctypes.Structure):
    """`wasmtime_component_val_t`."""

    _fields_ = [("kind", c_uint8), ("of", _Of)]


class Field(ctypes.Structure):
    """`wasmtime_component_valrecord_entry_t`."""

    _fields_ = [("name", Bytes), ("value", Value)]


Function = c_uint64 * 4  # wasmtime_component_func_t
InstanceHandle = c_uint64 * 2  # wasmtime_component_instance_t
OnWrite = ctypes.CFUNCTYPE(c_ssize_t, c_void_p, c_void_p, c_size_t)
OnCall = ctypes.CFUNCTYPE(
    c_size_t, c_void_p, c_void_p, c_void_p, ctypes.POINTER(Value), c_size_t, ctypes.POINTER(Value), c_size_t
)
OnEnd = ctypes.CFUNCTYPE(None, c_void_p)

SIGNATURES: dict[str, tuple[Any, ...]] = {
    "wasm_byte_vec_delete": (None, c_void_p),
    "wasm_byte_vec_new": (None, c_void_p, c_size_t, c_char_p),
    "wasm_config_new": (c_void_p,),
    "wasm_engine_new_with_config": (c_void_p, c_void_p),
    "wasi_config_new": (c_void_p,),
    "wasi_config_set_stdout_custom": (None, c_void_p, OnWrite, c_void_p, OnEnd),
    "wasi_config_set_stderr_custom": (None, c_void_p, OnWrite, c_void_p, OnEnd),
    "wasmtime_error_new": (c_void_p, c_char_p),
    "wasmtime_error_message": (None, c_void_p, c_void_p),
    "wasmtime_error_delete": (None, c_void_p),
    "wasmtime_engine_increment_epoch": (None, c_void_p),
    "wasmtime_store_new": (c_void_p, c_void_p, c_void_p, OnEnd),
    "wasmtime_store_context": (c_void_p, c_void_p),
    "wasmtime_store_limiter": (None, c_void_p, *[c_int64] * 5),
    "wasmtime_store_delete": (None, c_void_p),
    "wasmtime_context_set_wasi": (c_void_p, c_void_p, c_void_p),
    "wasmtime_context_set_epoch_deadline": (None, c_void_p, c_uint64),
    "wasmtime_component_deserialize_file": (c_void_p, c_void_p, c_char_p, c_void_p),
    "wasmtime_component_get_export_index": (c_void_p, c_void_p, c_void_p, c_char_p, c_size_t),
    "wasmtime_component_linker_new": (c_void_p, c_void_p),
    "wasmtime_component_linker_add_wasip2": (c_void_p, c_void_p),
    "wasmtime_component_linker_root": (c_void_p, c_void_p),
    "wasmtime_component_linker_instance_add_func": (c_void_p, c_void_p, c_char_p, c_size_t, OnCall, c_void_p, OnEnd),
    "wasmtime_component_linker_instance_delete": (None, c_void_p),
    "wasmtime_component_linker_instantiate": (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    "wasmtime_component_instance_get_func": (c_bool, c_void_p, c_void_p, c_void_p, c_void_p),
    "wasmtime_component_func_call": (c_void_p, *[c_void_p] * 3, c_size_t, c_void_p, c_size_t),
    "wasmtime_component_val_delete": (None, c_void_p),
}
"""What each function returns, and takes."""


class WasmtimeError(Exception):
    """What wasmtime says of what went wrong."""


def _loaded() -> ctypes.CDLL:
    """The library that comes with the package `wasmtime`. Raises ImportError without it."""
    found = PathFinder.find_spec("wasmtime")
    if found is None or found.origin is None:
        raise ImportError("wasmtime is not installed", name="wasmtime")
    library = ctypes.CDLL(str(next(Path(found.origin).parent.glob("*/_libwasmtime.*"))))
    for name, (result, *arguments) in SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


library: Any = _loaded()
_NOTHING = OnEnd()


class Component:
    """A component from its compiled code, and its imports: functions that take strings and return one.

    configure: sets up the configuration at a pointer. Raises WasmtimeError.
    """

    def __init__(
        self, code: Path, configure: Callable[[Any, Any], None], imports: dict[str, Callable[..., str]]
    ) -> None:
        config = library.wasm_config_new()
        configure(library, c_void_p(config))
        self._engine = library.wasm_engine_new_with_config(config)
        pointer = c_void_p()
        _check(library.wasmtime_component_deserialize_file(self._engine, str(code).encode(), byref(pointer)))
        self.pointer, self.linker = pointer, library.wasmtime_component_linker_new(self._engine)
        _check(library.wasmtime_component_linker_add_wasip2(self.linker))
        self._imports = {name.encode(): OnCall(_answering(function)) for name, function in imports.items()}
        root = library.wasmtime_component_linker_root(self.linker)
        for name, called in self._imports.items():
            _check(library.wasmtime_component_linker_instance_add_func(root, name, len(name), called, None, _NOTHING))
        library.wasmtime_component_linker_instance_delete(root)

    def increment_epoch(self) -> None:
        library.wasmtime_engine_increment_epoch(self._engine)

    def new_store(self) -> int:
        store: int = library.wasmtime_store_new(self._engine, None, _NOTHING)
        return store

    def export(self, name: bytes) -> int:
        """Where an exported function is found. Raises WasmtimeError when it is not."""
        index: int | None = library.wasmtime_component_get_export_index(self.pointer, None, name, len(name))
        if not index:
            raise WasmtimeError("the component has no such function")
        return index


class Instance:
    """A component with memory of its own. deadline: in ticks of the engine's epoch, from now. Raises WasmtimeError."""

    def __init__(
        self,
        component: Component,
        memory: int,
        deadline: int,
        stdout: Callable[[bytes], None],
        stderr: Callable[[bytes], None],
    ) -> None:
        self._component = component
        self._store = component.new_store()
        self._streams = (OnWrite(_writing(stdout)), OnWrite(_writing(stderr)))
        library.wasmtime_store_limiter(self._store, memory, -1, -1, -1, -1)
        system = library.wasi_config_new()
        library.wasi_config_set_stdout_custom(system, self._streams[0], None, _NOTHING)
        library.wasi_config_set_stderr_custom(system, self._streams[1], None, _NOTHING)
        _check(library.wasmtime_context_set_wasi(self._context(), system))
        self.set_deadline(deadline)
        self._instance = InstanceHandle()
        linker, pointer = component.linker, component.pointer
        failed = library.wasmtime_component_linker_instantiate(linker, self._context(), pointer, byref(self._instance))
        if failed:
            self.close()
        _check(failed)

    def _context(self) -> int:
        """What the store's functions take. Raises WasmtimeError when it is closed, and its memory gone."""
        if not self._store:
            raise WasmtimeError("the instance is closed")
        context: int = library.wasmtime_store_context(self._store)
        return context

    def set_deadline(self, ticks: int) -> None:
        library.wasmtime_context_set_epoch_deadline(self._context(), ticks)

    def function(self, index: int) -> Any:
        """The exported function that `Component.export` found."""
        found = Function()
        context, instance = self._context(), byref(self._instance)
        if not library.wasmtime_component_instance_get_func(instance, context, index, byref(found)):
            raise WasmtimeError("the component has no such function")
        return found

    def call(self, function: Any, texts: Sequence[str]) -> list[str | int]:
        """Call a function that takes strings and returns a record of strings and numbers: its fields."""
        data = [text.encode("utf-8", "replace") for text in texts]
        arguments = (Value * len(data))(*(_string(each) for each in data))
        result = Value()
        context, count = self._context(), len(data)
        _check(library.wasmtime_component_func_call(byref(function), context, arguments, count, byref(result), 1))
        try:
            fields = (Field * result.of.record.size).from_address(result.of.record.data)
            return [_plain(field.value) for field in fields]
        finally:
            library.wasmtime_component_val_delete(byref(result))

    def close(self) -> None:
        if self._store:
            library.wasmtime_store_delete(self._store)
            self._store = 0


def _string(data: bytes) -> Value:
    """A string that lies in `data`, which must outlive it."""
    return Value(STRING, _Of(string=Bytes(len(data), ctypes.cast(c_char_p(data), c_void_p))))


def _plain(value: Value) -> str | int:
    if value.kind == S32:
        return int(value.of.s32)
    return bytes(value.of.string).decode()


def _answering(function: Callable[..., str]) -> Callable[..., int]:
    """`function` as wasmtime calls it: strings in, a string out."""

    def answer(_data: int, _context: int, _type: int, arguments: Any, count: int, results: Any, _count: int) -> int:
        try:
            reply = function(*(bytes(arguments[n].of.string).decode() for n in range(count))).encode()
            library.wasm_byte_vec_new(byref(results[0].of.string), len(reply), reply)
            results[0].kind = STRING
            return 0
        except Exception as error:  # it cannot pass through the guest
            return int(library.wasmtime_error_new(type(error).__name__.encode()))

    return answer


def _writing(sink: Callable[[bytes], None]) -> Callable[..., int]:
    """`sink` as wasmtime calls it: it takes all there is."""

    def write(_data: int, at: int, count: int) -> int:
        try:
            sink(ctypes.string_at(at, count))
            return count
        except Exception:  # it cannot pass through the guest
            return -errno.EIO

    return write


def _check(error: int | None) -> None:
    """Raises WasmtimeError with what an error says."""
    if error:
        message = Bytes()
        library.wasmtime_error_message(error, byref(message))
        text = bytes(message).decode("utf-8", "replace")
        library.wasm_byte_vec_delete(byref(message))
        library.wasmtime_error_delete(error)
        raise WasmtimeError(text)
