"""Our part of wasmtime's C interface is what wasmtime's own bindings say of the installed library."""

import ctypes
from pathlib import Path
from typing import Any

import pytest
from wasmtime import _ffi

from curta.sandbox import engines, wasm
from curta.sandbox.pocket import binding

POINTERS = (ctypes.c_void_p, ctypes.c_char_p)


def shape(kind: Any) -> Any:
    """What the calling convention sees of a type; of a function, all it takes."""
    if kind is None:
        return None
    if issubclass(kind, ctypes._CFuncPtr):
        return (shape(kind._restype_), *map(shape, kind._argtypes_))
    if kind in POINTERS or issubclass(kind, ctypes._Pointer):
        return "pointer"
    return kind


@pytest.mark.parametrize("name", sorted(binding.SIGNATURES))
def test_a_function_has_the_signature_that_wasmtime_gives_it(name: str) -> None:
    theirs = getattr(_ffi.dll, name)
    result, *arguments = binding.SIGNATURES[name]
    assert [shape(result), *map(shape, arguments)] == [shape(theirs.restype), *map(shape, theirs.argtypes)]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (binding.Bytes, _ffi.wasm_byte_vec_t),
        (binding.Value, _ffi.wasmtime_component_val),
        (binding.Field, _ffi.wasmtime_component_valrecord_entry),
        (binding.Function, _ffi.wasmtime_component_func),
        (binding.InstanceHandle, _ffi.wasmtime_component_instance),
    ],
)
def test_a_value_is_as_large_as_there(ours: Any, theirs: Any) -> None:
    assert ctypes.sizeof(ours) == ctypes.sizeof(theirs)
    assert ctypes.alignment(ours) == ctypes.alignment(theirs)


@pytest.mark.parametrize(
    ("ours", "theirs", "names"),
    [
        (binding.Bytes, _ffi.wasm_byte_vec_t, {"size": "size", "data": "data"}),
        (binding.Value, _ffi.wasmtime_component_val, {"kind": "kind", "of": "of"}),
        (binding.Field, _ffi.wasmtime_component_valrecord_entry, {"name": "name", "value": "val"}),
    ],
)
def test_its_fields_lie_where_they_lie_there(ours: Any, theirs: Any, names: dict[str, str]) -> None:
    assert {getattr(ours, name).offset for name in names} == {getattr(theirs, name).offset for name in names.values()}


def test_kinds_of_values_have_the_numbers_they_have_there() -> None:
    assert (_ffi.WASMTIME_COMPONENT_STRING.value, _ffi.WASMTIME_COMPONENT_S32.value) == (binding.STRING, binding.S32)


def test_a_closed_instance_is_an_error_and_no_crash(warm_home: Path) -> None:
    (code,) = engines.find("python").files(None)
    component = binding.Component(code, wasm.configure, {"call": lambda *_: "-52"})
    instance = binding.Instance(component, 256 << 20, 1000, lambda _: None, lambda _: None)
    run = instance.function(component.export(b"run"))
    assert instance.call(run, ("6 * 7", "main", "")) == ["ok", "42", "", 0]
    instance.close()
    instance.close()
    with pytest.raises(binding.WasmtimeError, match="closed"):
        instance.call(run, ("6 * 7", "main", ""))
    with pytest.raises(binding.WasmtimeError, match="no such function"):
        component.export(b"walk")
