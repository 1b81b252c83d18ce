"""Languages other than Python: interpreters in C, compiled to WebAssembly when Curta is built, and C itself.

Rules:
1. What is compiled in is pinned: a release, its SHA-256, its licence (`sources.py`).
2. Nothing here is needed to run a program but what the wheel carries: `*.wasm.xz`, and for C the extra `c`.

sources.py  the releases, fetched and checked    build.py  makes the modules (`make guests`, and the wheel's build)
c.py        C, compiled on this machine          compiling_c.py  the closed-in process that does
guest/      what is ours in the modules: the console and files of JavaScript
"""
