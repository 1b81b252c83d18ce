"""The pocket engine: CPython with its standard library as one WebAssembly component, started in a millisecond.

box.wit    the interface between host and guest      guest/      what runs inside
files.py   the host's side of the guest's files      build.py    makes the component, `box.wasm`
engine.py  runs cells in it                          binding.py  what of wasmtime that takes
"""
