"""Compiles one C program, closed in: `python -m curta.sandbox.languages.compiling_c COMPILER CACHE FOLDER SECONDS`.

A program can name any file of the host (`#include`, `#embed`, `.incbin`), so this process can open nothing but the
compiler, its cache, and a folder that holds the program, `main.c`, and takes the module, `main.wasm`. It needs
Landlock for that, and refuses to compile where there is none.
"""

import os
import resource
import sys
from pathlib import Path

from curta.sandbox import walls

MEMORY = 2 << 30
LARGEST_FILE = 64 << 20
TARGET = ["-target", "wasm32-wasi", "-mcpu=generic+simd128", "-O2", "-s", "-Wl,-z,stack-size=8388608"]
EMULATED = [f"-D_WASI_EMULATED_{name}" for name in ("SIGNAL", "PROCESS_CLOCKS", "MMAN", "GETPID")]
LIBRARIES = [f"-lwasi-emulated-{name}" for name in ("signal", "process-clocks", "mman", "getpid")]
COMMAND = ["cc", *TARGET, *EMULATED, "-fno-color-diagnostics", "main.c", "-lm", *LIBRARIES, "-o", "main.wasm"]


def main(compiler: str, cache: str, folder: str, seconds: str) -> None:
    os.chdir(folder)
    readable = [Path(compiler), Path("/dev/null")]
    standing = walls.close_in(
        readable, (), MEMORY, programs=[Path(compiler) / "zig"], workshops=[Path(cache), Path(folder)]
    )
    if "landlock" not in standing:
        sys.exit("C is compiled only where the compiler can be closed in, by Landlock; this system has none.")
    for which, most in ((resource.RLIMIT_CPU, int(seconds)), (resource.RLIMIT_FSIZE, LARGEST_FILE)):
        resource.setrlimit(which, (most, most))
    environment = {"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": f"{folder}/cache", "TMPDIR": folder}
    os.execve(f"{compiler}/zig", ["zig", *COMMAND], environment)


if __name__ == "__main__":
    main(*sys.argv[1:])
